"""Council: networks, kernel and trees, heard together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from molscreen.graphs.pack import PackedGraphs
from molscreen.models.network import Network
from molscreen.prediction.blend.blend import Blend, Matrix
from molscreen.prediction.blend.ensemble import BATCH_ATOMS, Output, run_networks
from molscreen.prediction.experts.described import Described
from molscreen.prediction.experts.expert import Expert
from molscreen.prediction.experts.hidden import Hidden

NETWORKS = "networks"  # the expert that every council has


@dataclass(frozen=True, eq=False, kw_only=True)
class Council:
    """Who is heard, and how far each counts.

    Attributes
    ----------
    networks : tuple of Network
        One expert together; in eval mode, on one device.
    experts : mapping of str to Expert
        The others, by name.
    blend : Blend
    batch_atoms : int
        Atoms of one forward pass of the networks.
    """

    networks: tuple[Network, ...]
    experts: Mapping[str, Expert]
    blend: Blend
    batch_atoms: int = BATCH_ATOMS

    def restricted_to(self, asked: NDArray[np.bool_]) -> Council:
        """The same for those endpoints where `asked` (t,), each as before; the others are NaN."""
        blend = self.blend.restricted_to(asked)
        heard = [name for name, weight in zip(blend.experts, blend.weight, strict=True) if weight.any()]
        experts = {name: self.experts[name].restricted_to(asked) for name in heard if name in self.experts}
        return replace(self, experts=experts, blend=blend)

    def conclude(self, keys: Sequence[str], graphs: PackedGraphs) -> tuple[Matrix, Matrix]:
        """Mean and std (n, t) for n compounds, before calibration; an expert without weight is not asked."""
        networks = self._networks_on(graphs)
        mean, spread = self._hear(networks.mean, Described(keys))
        return mean, blended_std(self.blend, spread, networks.noise)

    def conclude_without(self, hidden: Hidden, graphs: PackedGraphs) -> Matrix:
        """Mean (v, t) for v variants of n compounds, each with some atoms hidden; before calibration.

        Parameters
        ----------
        hidden : Hidden
        graphs : PackedGraphs
            Of the n compounds, as they are.
        """
        shown = np.concatenate([np.empty(0, bool), *(~ways.ravel() for ways in hidden.atoms)])
        copies = graphs.take(hidden.place)
        return self._hear(self._networks_on(copies, shown.astype(np.float32)).mean, hidden)[0]

    def _networks_on(self, graphs: PackedGraphs, atom_weight: NDArray[np.float32] | None = None) -> Output:
        """What the networks say; NaN where they have no weight for any endpoint, and need not be run."""
        if not self.blend.weight_of(NETWORKS).any():
            unknown = np.full((len(graphs), len(self.blend.offset)), np.nan, np.float32)
            return Output(unknown, unknown, unknown, unknown)
        return run_networks(self.networks, graphs, batch_atoms=self.batch_atoms, atom_weight=atom_weight)

    def _hear(self, networks: NDArray[np.float32], compounds: Described) -> tuple[Matrix, Matrix]:
        """The blend's mean and spread (n, t), from what the networks said and what the others say."""
        opinions: dict[str, Matrix] = {NETWORKS: networks.astype(np.float64)}
        for name in self.experts:
            if self.blend.weight_of(name).any():
                opinions[name] = self.experts[name].opine(compounds)
        return self.blend.combine(opinions)


def blended_std(blend: Blend, spread: NDArray[np.floating], noise: NDArray[np.floating]) -> Matrix:
    """How unsure a blend is (n, t): its experts differ by `spread`, its networks expect `noise`, or NaN.

    The noise is that of a measurement, and is asked for where the networks have a weight. How far the
    networks differ among themselves is left out: where a blend is calibrated, each compound was asked of one.
    """
    heeded = np.where(blend.weight_of(NETWORKS) > 0, np.nan_to_num(np.asarray(noise, np.float64)), 0.0)
    return np.asarray(np.hypot(spread, heeded))
