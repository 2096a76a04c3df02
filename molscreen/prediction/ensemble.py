"""Ensemble: several networks that were fitted alike and are believed together."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from molscreen.endpoint import Endpoint
from molscreen.graphs.features import featurize_batch
from molscreen.graphs.pack import PackedGraphs
from molscreen.models.batch import collate, cut_batches
from molscreen.models.network import Network
from molscreen.prediction.calibration import Calibration
from molscreen.prediction.domain import EmbeddingDomain
from molscreen.prediction.predictor import Prediction

BATCH_ATOMS = 8192  # about 300 drug-like molecules: the more, the more of their atoms are alike
GPU_BATCH_ATOMS = 131072  # about 5,000 molecules; a batch that does not fit is halved


class Output(NamedTuple):
    """What the networks themselves say of n compounds, before any calibration.

    Attributes
    ----------
    mean : (n, t) float32
        Mean of the members. Regression: on the fitted scale. Classification: logit.
    std : (n, t) float32
        Regression: square root of the members' variance plus the mean noise variance they expect,
        on the fitted scale. Classification: spread of the members' logits, NaN for one member.
    embedding : (n, d) float32
        Last hidden layer of the first member.
    """

    mean: NDArray[np.float32]
    std: NDArray[np.float32]
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
        packed = featurize_batch(keys) if graphs is None else graphs
        if len(packed) != len(keys):
            raise ValueError(f"{len(keys)} keys, but {len(packed)} graphs")
        output = self.run(packed)
        calibrated = self.calibration.apply(output.mean, output.std)
        distance = self.domain.distance(output.embedding)  # (n,)
        mean, std, low, high = (part.astype(np.float32) for part in calibrated)
        return Prediction(
            self.endpoints,
            mean=mean,
            std=std,
            low=low,
            high=high,
            distance=distance,
            in_domain=distance <= 1,
        )

    def run(self, graphs: PackedGraphs, atom_weight: NDArray[np.float32] | None = None) -> Output:
        """What the networks say of n graphs; see `run_networks`."""
        return run_networks(self.networks, graphs, batch_atoms=self.batch_atoms, atom_weight=atom_weight)

    def mean(
        self, graphs: PackedGraphs, atom_weight: NDArray[np.float32] | None = None
    ) -> NDArray[np.float64]:
        """Calibrated means (n, t) alone, with atoms hidden where `atom_weight` (A,) is 0."""
        output = self.run(graphs, atom_weight)
        return self.calibration.apply(output.mean, output.std).mean


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
    first_atom = np.concatenate([[0], np.cumsum(graphs.n_atoms, dtype=np.int64)])
    t, d = len(networks[0].spec.kinds), networks[0].spec.hidden
    output = Output(*(np.empty((len(graphs), width), np.float32) for width in (t, t, d)))
    parts = deque(cut_batches(graphs.n_atoms, batch_atoms))
    while parts:
        part = parts.popleft()
        weight = None if atom_weight is None else atom_weight[first_atom[part.start] : first_atom[part.stop]]
        try:
            rows = [each.cpu().numpy() for each in _forward(networks, _take(graphs, part), weight)]
        except torch.OutOfMemoryError:
            if part.stop - part.start == 1:
                raise
            middle = (part.start + part.stop) // 2
            parts.extendleft((slice(middle, part.stop), slice(part.start, middle)))
            continue
        for whole, values in zip(output, rows, strict=True):
            whole[part] = values
    return output


@torch.inference_mode()
def _forward(
    networks: Sequence[Network], graphs: PackedGraphs, atom_weight: NDArray[np.float32] | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Mean (n, t), std (n, t) and embedding (n, d) of one batch."""
    device = networks[0].shift.device
    batch = collate(graphs).to(device)
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
    return said.mean(dim=0), std, outputs[0].embedding


def _take(graphs: PackedGraphs, part: slice) -> PackedGraphs:
    """The consecutive graphs of one batch."""
    if part == slice(0, len(graphs)):
        return graphs
    return graphs.take(np.arange(part.start, part.stop))
