"""Pre-train: a graph network learns descriptors and fingerprints of unlabelled molecules.

    python -m molscreen.training.networks.pretrain RECIPE.toml OUT

Nothing has to be measured for that, so there is no end of examples; and a network that can tell logP,
charges and substructures from a graph has less to learn from a hundred measurements.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from molscreen.aloud import Tell, unheard
from molscreen.chem.features.fingerprint import ecfp_bits
from molscreen.chem.features.panel import PANEL, panel
from molscreen.chem.guarded.guard import Casualty
from molscreen.chem.guarded.guards import Guards
from molscreen.config import read_toml, to_dataclass
from molscreen.errors import ConfigError, UsageError
from molscreen.graphs.pack import PackedGraphs, from_blobs
from molscreen.metrics import auroc, r2
from molscreen.models.network import Network, NetworkSpec
from molscreen.models.pretrained import save_encoder
from molscreen.prediction.blend.ensemble import run_networks
from molscreen.prediction.threads import single_thread
from molscreen.storage import replacing
from molscreen.training.networks.batches import Examples
from molscreen.training.networks.fit import FitConfig, fit
from molscreen.training.networks.unlabelled import LibraryShare, read_unlabelled

WINSOR = 6.0  # standard deviations: a descriptor farther from its mean is drawn in to there


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainRecipe:
    """A pre-training file.

    Attributes
    ----------
    name, description : str
        Of the encoder.
    library : tuple of LibraryShare
    leave_out : tuple of str
        Cards whose official test compounds are no example, whatever their stereochemistry: what is measured
        on them later is measured on structures never seen. A card without an official test fold has none.
    n_bits : int
        Of the ECFP4 that is predicted, folded.
    hidden : float
        Share of all targets that is hidden from the loss.
    validation : float
        Share of the molecules that stops the fit, and tells how much was learnt.
    seed : int
    network, fit : tables
    """

    name: str
    description: str = ""
    library: tuple[LibraryShare, ...]
    leave_out: tuple[str, ...] = ()
    n_bits: int = 512
    hidden: float = 0.15
    validation: float = 0.02
    seed: int = 0
    network: NetworkSpec = field(default_factory=NetworkSpec)
    fit: FitConfig = field(default_factory=FitConfig)

    def __post_init__(self) -> None:
        for name in ("hidden", "validation"):
            if not 0 < getattr(self, name) < 1:
                raise ConfigError(f"{name} must be between 0 and 1, got {getattr(self, name)}")
        if self.network.kinds:
            raise ConfigError("[network] kinds is not yours to set: the targets are descriptors and bits")


def pretrain(
    source: Path,
    *,
    out: Path,
    data_root: str | Path | None = None,
    progress: Tell = unheard,
) -> None:
    """Train an encoder by a pre-training file and write it; a killed call is continued by the same.

    Parameters
    ----------
    source : Path
        A TOML file with the keys of `PretrainRecipe`.
    out : Path
        The encoder's directory; it must not exist. Unfinished work lies in ``<out>.training``.
    data_root : path, optional
        Where the files of dataset cards lie; without it ``$MOLSCREEN_DATA``.
    progress : callable
        Called with one line per step or epoch.

    Raises
    ------
    UsageError
        A key, a card or a value is wrong, or `out` exists.
    """
    if out.exists():
        raise UsageError(f"'{out}' exists; name a new directory, or remove it first")
    recipe = to_dataclass(PretrainRecipe, read_toml(source), where=str(source))
    scratch = out.with_name(f"{out.name}.training")
    scratch.mkdir(parents=True, exist_ok=True)
    blobs, target = _examples(recipe, scratch / "examples.npz", data_root, progress)
    kinds = ("regression",) * len(PANEL) + ("classification",) * recipe.n_bits
    order = np.random.default_rng([recipe.seed, 1]).permutation(len(target))
    n_validation = max(1, round(recipe.validation * len(order)))
    graphs = from_blobs(blobs)
    validation, train = (
        _example_set(graphs, target, np.sort(rows)) for rows in np.split(order, [n_validation])
    )
    truth = validation.value.copy()
    torch.manual_seed(recipe.seed)
    network = Network(NetworkSpec.from_json({**recipe.network.to_json(), "kinds": list(kinds)}))
    network.standardise(train.value)
    centre, spread = (part.numpy() for part in (network.shift, network.scale))
    for part in (train, validation):
        np.clip(part.value, centre - WINSOR * spread, centre + WINSOR * spread, out=part.value)
    _hide(train.value, recipe.hidden, np.random.default_rng([recipe.seed, 2]))
    with single_thread():
        fit(
            network, train, validation, config=recipe.fit, seed=recipe.seed,
            checkpoint=scratch / "member-0.safetensors",
            progress=lambda epoch: progress(epoch.line(recipe.fit.epochs)),
        )  # fmt: skip
        said = run_networks([network], validation.graphs).mean
    about = {
        "recipe": asdict(recipe),
        "molecules": len(target),
        "targets": {"descriptors": len(PANEL), "ECFP4 bits": recipe.n_bits},
        "held out": _learnt(truth, said, kinds),
    }
    save_encoder(network, out, name=recipe.name, about=about)


def _examples(
    recipe: PretrainRecipe, cache: Path, data_root: str | Path | None, progress: Tell
) -> tuple[list[bytes], NDArray[np.float32]]:
    """Packed graphs of the molecules, and their targets (n, t): made once, then read from `cache`."""
    label = f"{asdict(recipe)['library']} {recipe.leave_out} {recipe.n_bits} {recipe.seed} {PANEL}"
    if cache.exists():
        with np.load(cache, allow_pickle=False) as kept:
            if str(kept["label"]) == label:
                ends = np.cumsum(kept["size"])
                whole = kept["graphs"].tobytes()
                return [whole[e - s : e] for e, s in zip(ends, kept["size"], strict=True)], kept["target"]
    prepared = read_unlabelled(
        recipe.library, leave_out=recipe.leave_out, seed=recipe.seed, data_root=data_root, progress=progress
    )
    progress(f"{len(prepared):,} molecules: computing {len(PANEL)} descriptors and {recipe.n_bits} bits")
    target = _targets([str(each.key) for each in prepared], recipe.n_bits)
    usable = np.flatnonzero(~np.isnan(target).all(axis=1))
    blobs, target = [prepared[i].graph for i in usable.tolist()], target[usable]
    with replacing(cache) as draft, draft.open("wb") as file:  # to a name, numpy would add its ending
        np.savez(
            file, label=label, target=target, size=[len(each) for each in blobs],
            graphs=np.frombuffer(b"".join(blobs), np.uint8),
        )  # fmt: skip
    return blobs, target


def _targets(keys: Sequence[str], n_bits: int) -> NDArray[np.float32]:
    """Descriptors and bits (n, t); a row of NaN for a molecule that has none."""
    width = len(PANEL) + n_bits
    target = np.full((len(keys), width), np.nan, np.float32)
    with Guards(functools.partial(_describe, n_bits=n_bits), timeout=30.0) as guards:
        for row, each in enumerate(guards.each(keys)):
            if not isinstance(each, Casualty):
                target[row] = each
    return target


def _describe(key: str, *, n_bits: int) -> NDArray[np.float32]:
    bits = np.unpackbits(ecfp_bits([key], n_bits=n_bits), axis=1)
    return np.asarray(np.concatenate([panel([key]), bits.astype(np.float32)], axis=1)[0])


def _example_set(graphs: PackedGraphs, target: NDArray[np.float32], rows: NDArray[np.intp]) -> Examples:
    return Examples(graphs.take(rows), target[rows], np.zeros((len(rows), target.shape[1]), np.int8))


def _hide(value: NDArray[np.float32], share: float, rng: np.random.Generator) -> None:
    """Make a share of all values NaN, row by row: as a whole the mask would take as much room again."""
    for row in value:
        row[rng.random(len(row)) < share] = np.nan


def _learnt(truth: NDArray[np.float32], said: NDArray[np.float32], kinds: Sequence[str]) -> dict[str, float]:
    """Median over the descriptors of R2, and over the bits of AUROC, on held-out molecules."""
    of_kind = {"regression": r2, "classification": auroc}
    found: dict[str, list[float]] = {kind: [] for kind in of_kind}
    for column, kind in enumerate(kinds):
        known = np.isfinite(truth[:, column])
        if len(np.unique(truth[known, column])) > 1:
            found[kind].append(float(of_kind[kind](truth[known, column], said[known, column])))
    return {
        "descriptors, median R2": float(np.median(found["regression"])),
        "bits, median AUROC": float(np.median(found["classification"])),
    }
