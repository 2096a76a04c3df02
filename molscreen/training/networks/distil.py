"""Distil: a narrow network learns what a blend of experts says of molecules that nobody measured.

It then answers for the blend where a library has millions of rows. Its teacher is fitted without fold 0, and
so is the student, which can therefore be calibrated there.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from scipy.special import expit

from molscreen.aloud import Tell
from molscreen.endpoint import Endpoint, are_labels
from molscreen.graphs.pack import PackedGraphs, from_blobs
from molscreen.models.network import Network, NetworkSpec
from molscreen.models.rounding import rounded
from molscreen.prediction.blend.council import Council
from molscreen.storage import replacing
from molscreen.training.folds import Folds
from molscreen.training.networks.batches import Examples
from molscreen.training.networks.fit import FitConfig, fit
from molscreen.training.networks.unlabelled import LibraryShare, read_unlabelled

BLOCK = 2048  # molecules that the teacher is asked about at a time
PROBES = 64  # molecules by whose answers a teacher is known again


@dataclass(frozen=True, slots=True, kw_only=True)
class DistilConfig:
    """The ``[distil]`` table of a training file.

    Attributes
    ----------
    library : tuple of LibraryShare
        What the teacher is asked about; test compounds of the training's data sets are left out.
    network, fit : tables
        Of the student.
    """

    library: tuple[LibraryShare, ...]
    network: NetworkSpec = field(default_factory=lambda: NetworkSpec(width=96, depth=4, hidden=192))
    fit: FitConfig = field(default_factory=FitConfig)


def distil(
    teacher: Council,
    keys: Sequence[str],
    examples: Examples,
    folds: Folds,
    endpoints: Sequence[Endpoint],
    config: DistilConfig,
    *,
    leave_out: Sequence[str],
    tested: Sequence[str],
    seed: int,
    scratch: Path,
    data_root: str | Path | None,
    progress: Tell,
) -> Network:
    """Fit a student to what a teacher says of libraries, and to the measured compounds outside fold 0.

    Of these it learns what was measured; where an endpoint was not, what the teacher says.

    Parameters
    ----------
    teacher : Council
        Fitted without fold 0; only its weights, a number for each expert and endpoint, were chosen there too.
    keys, examples, folds
        Of all n compounds.
    endpoints : sequence of t Endpoint
    config : DistilConfig
    leave_out : sequence of str
        Cards whose test compounds the teacher is not asked about.
    tested : sequence of str
        Keys of other compounds that it is not asked about.
    seed : int
    scratch : Path
        Of the training; finished epochs are kept there.
    data_root : path, optional
    progress : callable

    Returns
    -------
    Network
        In eval mode, rounded as it ships.

    References
    ----------
    Hinton, Vinyals & Dean, arXiv:1503.02531 (distillation).
    """
    fitting, stopping = folds.others(0)
    lessons = _ask_about_libraries(
        teacher, endpoints, config,
        leave_out=leave_out, tested=tested, seed=seed, scratch=scratch, data_root=data_root,
        progress=progress,
    )  # fmt: skip
    taught, stop = (
        _with_opinions(teacher, endpoints, [keys[i] for i in rows], examples.take(rows))
        for rows in (fitting, stopping)
    )
    train = Examples(
        PackedGraphs.concatenate([lessons.graphs, taught.graphs]),
        np.concatenate([lessons.value, taught.value]),
        np.concatenate([lessons.relation, taught.relation]),
    )
    torch.manual_seed(seed)
    kinds = tuple(endpoint.kind for endpoint in endpoints)
    network = Network(dataclasses.replace(config.network, kinds=kinds))
    network.standardise(train.value)
    fit(
        network, train, stop, config=config.fit, seed=seed,
        checkpoint=scratch / f"student-{_digest(config, leave_out, tested)}.safetensors",
        progress=lambda epoch: progress(f"student, {epoch.line(config.fit.epochs)}"),
    )  # fmt: skip
    return rounded(network)


def _ask_about_libraries(
    teacher: Council,
    endpoints: Sequence[Endpoint],
    config: DistilConfig,
    *,
    leave_out: Sequence[str],
    tested: Sequence[str],
    seed: int,
    scratch: Path,
    data_root: str | Path | None,
    progress: Tell,
) -> Examples:
    """Molecules of libraries, and what the teacher says of them: kept in `scratch`, for a run that is cut."""
    molecules = read_unlabelled(
        config.library,
        leave_out=leave_out, tested=tested, seed=seed, data_root=data_root, progress=progress,
    )  # fmt: skip
    graphs = from_blobs([each.graph for each in molecules])
    keys = [str(each.key) for each in molecules]
    some = np.arange(min(PROBES, len(keys)))
    probe = _answer(teacher, endpoints, [keys[i] for i in some], graphs.take(some))
    path = scratch / f"lessons-{_digest(keys, probe.tobytes())}.safetensors"
    if path.exists():
        said = load_file(path)["said"]
    else:
        said = np.empty((len(keys), len(endpoints)), np.float32)
        for start in range(0, len(keys), BLOCK):
            rows = np.arange(start, min(start + BLOCK, len(keys)))
            said[rows] = _answer(teacher, endpoints, [keys[i] for i in rows], graphs.take(rows))
            progress(f"teacher, {rows[-1] + 1:,} of {len(keys):,} molecules")
        with replacing(path) as draft:
            save_file({"said": said}, draft)
    return Examples(graphs, said, np.zeros(said.shape, np.int8))


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _with_opinions(
    teacher: Council, endpoints: Sequence[Endpoint], keys: Sequence[str], examples: Examples
) -> Examples:
    """The examples, with the teacher's word where nothing was measured."""
    said = _answer(teacher, endpoints, keys, examples.graphs)
    unknown = np.isnan(examples.value)
    return Examples(
        examples.graphs,
        np.where(unknown, said, examples.value).astype(np.float32),
        np.where(unknown, 0, examples.relation).astype(np.int8),
    )


def _answer(
    teacher: Council, endpoints: Sequence[Endpoint], keys: Sequence[str], graphs: PackedGraphs
) -> NDArray[np.float32]:
    """What a teacher says (m, t): on the fitted scale, or probabilities."""
    mean, _ = teacher.conclude(keys, graphs)
    return np.asarray(np.where(are_labels(endpoints), expit(mean), mean), np.float32)
