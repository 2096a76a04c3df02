"""Ensemble: several networks that were fitted alike and are believed together."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from molscreen.arguments import as_sequence
from molscreen.endpoint import Endpoint
from molscreen.graphs.pack import PackedGraphs
from molscreen.models.batch import collate, cut_batches
from molscreen.models.network import Network
from molscreen.prediction.certainty.calibration import Calibration
from molscreen.prediction.certainty.domain import EmbeddingDomain
from molscreen.prediction.certainty.torch_calibration import TorchCalibration
from molscreen.prediction.predictor import Prediction

BATCH_ATOMS = 4096  # about 150 drug-like molecules: enough of their atoms are alike, and 26 MiB do
GPU_BATCH_ATOMS = 131072  # about 5,000 molecules; a batch that does not fit is halved
IN_FLIGHT = 2  # batches on a GPU: it computes one while the host sends the next

Finish = Callable[[Tensor, Tensor, Tensor, Tensor], Sequence[Tensor]]  # of what `Output` holds, of a batch


class Output(NamedTuple):
    """What the networks themselves say of n compounds, before any calibration.

    Attributes
    ----------
    mean : (n, t) float32
        Mean of the members. Regression: on the fitted scale. Classification: logit.
    std : (n, t) float32
        Regression: square root of the members' variance plus the mean noise variance they expect,
        on the fitted scale. Classification: spread of the members' logits, NaN for one member.
    noise : (n, t) float32
        The part of `std` that any member alone would tell: square root of the mean noise variance;
        classification: NaN.
    embedding : (n, d) float32
        Last hidden layer of the first member.
    """

    mean: NDArray[np.float32]
    std: NDArray[np.float32]
    noise: NDArray[np.float32]
    embedding: NDArray[np.float32]


@dataclass(frozen=True, eq=False, kw_only=True)
class Ensemble:
    """A `Predictor` over k networks, with their calibration and domain.

    Attributes
    ----------
    networks : tuple of k Network
        In eval mode, on one device: that is where predictions are made.
    endpoints : tuple of t Endpoint
    calibration : Calibration
        Fitted on the output of exactly these networks.
    domain : EmbeddingDomain
        Of the first network.
    batch_atoms : int
        Atoms of one forward pass. Memory grows with it; results differ in the last bits.
    """

    networks: tuple[Network, ...]
    endpoints: tuple[Endpoint, ...]
    calibration: Calibration
    domain: EmbeddingDomain
    batch_atoms: int = BATCH_ATOMS

    def __post_init__(self) -> None:
        kinds = tuple(endpoint.kind for endpoint in self.endpoints)
        for place, network in enumerate(self.networks):
            if network.spec.kinds != kinds:
                raise ValueError(f"network {place} gives {network.spec.kinds}, the endpoints are {kinds}")

    def predict(self, keys: Sequence[str], graphs: PackedGraphs | None = None) -> Prediction:
        """Predict n compounds, row i for ``keys[i]``; see `Predictor`."""
        keys = as_sequence(keys)
        graphs = graphs_of(keys, graphs)
        on_gpu = self.networks[0].shift.device.type == "cuda"
        calibrated = self._calibrated_there if on_gpu else self._calibrated_here
        mean, std, low, high, distance = calibrated(graphs)
        return Prediction(
            self.endpoints,
            mean=mean,
            std=std,
            low=low,
            high=high,
            distance=distance,
            in_domain=distance <= 1,
        )

    def _calibrated_here(self, graphs: PackedGraphs) -> Sequence[NDArray[np.float32]]:
        """Mean, std, low, high (n, t) and distance (n,), calibrated in numpy."""
        output = run_networks(self.networks, graphs, batch_atoms=self.batch_atoms)
        distance = self.domain.distance(output.embedding)  # (n,)
        calibrated = self.calibration.apply(output.mean, output.std, distance[:, None])
        return [*(part.astype(np.float32) for part in calibrated), distance]

    def _calibrated_there(self, graphs: PackedGraphs) -> Sequence[NDArray[np.float32]]:
        """The same, calibrated where the networks are: the same numbers up to rounding."""
        t = len(self.endpoints)
        shapes = ((t,), (t,), (t,), (t,), ())

        def finish(mean: Tensor, std: Tensor, _: Tensor, embedding: Tensor) -> Sequence[Tensor]:
            return self._torch_calibration.apply(mean, std, embedding)

        return _run(self.networks, graphs, finish, shapes, batch_atoms=self.batch_atoms)

    @cached_property
    def _torch_calibration(self) -> TorchCalibration:
        return TorchCalibration.of(self.calibration, self.domain, self.networks[0].shift.device)


def graphs_of(keys: Sequence[str], graphs: PackedGraphs | None) -> PackedGraphs:
    """The graphs of n keys, made where they are not given.

    Raises
    ------
    ValueError
        They are those of another number of compounds.
    """
    if graphs is None:
        from molscreen.graphs.features import featurize_batch  # needs RDKit; networks do not

        graphs = featurize_batch(keys)
    if len(graphs) != len(keys):
        raise ValueError(f"{len(keys)} keys, but {len(graphs)} graphs")
    return graphs


def run_networks(
    networks: Sequence[Network],
    graphs: PackedGraphs,
    *,
    batch_atoms: int = BATCH_ATOMS,
    atom_weight: NDArray[np.float32] | None = None,
) -> Output:
    """What networks say of n graphs, in batches of at most `batch_atoms` atoms, in order.

    A batch that does not fit into a GPU's memory is halved, down to single molecules.

    Parameters
    ----------
    networks : sequence of Network
        In eval mode, on one device, of one spec.
    graphs : PackedGraphs
    batch_atoms : int
    atom_weight : (A,) float32, optional
        Weight of every atom of all graphs; 0 hides it from the networks, 1 is its usual weight.

    Raises
    ------
    ValueError
        There is no network, or one is in training mode: its dropout would make every answer
        another one.

    References
    ----------
    Lakshminarayanan et al., NeurIPS 2017, arXiv:1612.01474 (mean and variance of a deep ensemble).
    """
    if not networks or any(network.training for network in networks):
        raise ValueError(f"expected networks in eval mode, got {len(networks)}; call .eval() on each")
    t, d = len(networks[0].spec.kinds), networks[0].spec.hidden
    rows = _run(
        networks,
        graphs,
        lambda *said: said,
        ((t,), (t,), (t,), (d,)),
        batch_atoms=batch_atoms,
        atom_weight=atom_weight,
    )
    return Output(*rows)


def _run(
    networks: Sequence[Network],
    graphs: PackedGraphs,
    finish: Finish,
    shapes: Sequence[tuple[int, ...]],
    *,
    batch_atoms: int,
    atom_weight: NDArray[np.float32] | None = None,
) -> list[NDArray[np.float32]]:
    """What `finish` makes of each batch, of n graphs: one array (n, *shape) for each of its results."""
    first_atom, first_bond = (_edges(counts) for counts in (graphs.n_atoms, graphs.n_bonds))
    whole = [np.empty((len(graphs), *shape), np.float32) for shape in shapes]
    waiting = deque(cut_batches(graphs.n_atoms, batch_atoms))
    sent: deque[tuple[slice, _Sent]] = deque()
    while waiting or sent:
        if waiting and len(sent) < IN_FLIGHT:
            part = waiting.popleft()
            atoms, bonds = (slice(edge[part.start], edge[part.stop]) for edge in (first_atom, first_bond))
            batch = PackedGraphs(
                graphs.n_atoms[part],
                graphs.n_bonds[part],
                graphs.atom[atoms],
                graphs.ends[bonds],
                graphs.bond[bonds],
            )
            weight = None if atom_weight is None else atom_weight[atoms]
            try:
                sent.append((part, _Sent(_forward(networks, batch, weight, finish))))
            except torch.OutOfMemoryError:
                if part.stop - part.start == 1:
                    raise
                middle = (part.start + part.stop) // 2
                waiting.extendleft((slice(middle, part.stop), slice(part.start, middle)))
            continue
        part, results = sent.popleft()
        for rows, values in zip(whole, results.fetch(), strict=True):
            rows[part] = values
    return whole


class _Sent:
    """Results on their way to the host: the GPU copies them there when it has computed them."""

    def __init__(self, results: Sequence[Tensor]) -> None:
        self._there = None
        self._rows = results
        if results[0].device.type == "cuda":
            self._rows = [torch.empty_like(each, device="cpu", pin_memory=True) for each in results]
            for row, each in zip(self._rows, results, strict=True):
                row.copy_(each, non_blocking=True)
            self._there = torch.cuda.current_stream(results[0].device).record_event()

    def fetch(self) -> list[NDArray[np.float32]]:
        """The results, as soon as they are there."""
        if self._there is not None:
            self._there.synchronize()
        return [row.cpu().numpy() for row in self._rows]


@torch.inference_mode()
def _forward(
    networks: Sequence[Network],
    graphs: PackedGraphs,
    atom_weight: NDArray[np.float32] | None,
    finish: Finish,
) -> Sequence[Tensor]:
    """`finish` of mean, std and noise (n, t) and embedding (n, d) of one batch."""
    device = networks[0].shift.device
    batch = collate(graphs, device)
    weight = None if atom_weight is None else torch.from_numpy(atom_weight).to(device)
    outputs = [network(batch, weight) for network in networks]
    said = torch.stack(
        [out.raw * member.scale + member.shift for out, member in zip(outputs, networks, strict=True)]
    )  # (k, n, t)
    noise = torch.stack(
        [out.log_variance.exp() * member.scale**2 for out, member in zip(outputs, networks, strict=True)]
    ).mean(dim=0)  # (n, t)
    spread = said.var(dim=0, correction=0)  # (n, t)
    is_label = torch.tensor([kind == "classification" for kind in networks[0].spec.kinds], device=device)
    unknown = spread if len(networks) > 1 else torch.full_like(spread, torch.nan)
    std = torch.where(is_label, unknown, spread + noise).sqrt()
    expected = torch.where(is_label, torch.nan, noise).sqrt()
    return finish(said.mean(dim=0), std, expected, outputs[0].embedding.float())


def _edges(counts: NDArray[np.integer]) -> list[int]:
    """Where each of n runs of these lengths begins, and where the last one ends (n + 1)."""
    return [0, *np.cumsum(counts, dtype=np.int64).tolist()]
