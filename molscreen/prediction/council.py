"""Council: networks, kernel and trees, heard together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from molscreen.graphs.pack import PackedGraphs
from molscreen.models.network import Network
from molscreen.prediction.blend import Blend, Matrix
from molscreen.prediction.described import Described
from molscreen.prediction.ensemble import BATCH_ATOMS, run_networks
from molscreen.prediction.expert import Expert

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
        """Mean and std (n, t) for n compounds, before calibration; an expert without weight is not asked.

        Where nobody has a weight, nobody is asked, the networks neither: all is NaN.
        """
        if not self.blend.weight.any():
            unknown = np.full((len(keys), len(self.blend.offset)), np.nan)
            return unknown, unknown
        output = run_networks(self.networks, graphs, batch_atoms=self.batch_atoms)
        opinions: dict[str, Matrix] = {NETWORKS: output.mean.astype(np.float64)}
        compounds = Described(keys)
        for name, weight in zip(self.blend.experts, self.blend.weight, strict=True):
            if name in self.experts and weight.any():
                opinions[name] = self.experts[name].opine(compounds)
        mean, spread = self.blend.combine(opinions)
        return mean, blended_std(spread, output.std)


def blended_std(spread: NDArray[np.floating], doubt: NDArray[np.floating]) -> Matrix:
    """How unsure a blend is (n, t): its experts differ by `spread`, its networks doubt by `doubt` or NaN."""
    return np.asarray(np.hypot(spread, np.nan_to_num(np.asarray(doubt, np.float64))))
