"""Described: compounds with what experts ask of them, each thing computed once for all, when it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from molscreen.chem.features.count_fingerprint import Kind


@dataclass(frozen=True, eq=False)
class Described:
    """n compounds.

    Attributes
    ----------
    keys : sequence of n str
    """

    keys: Sequence[str]

    @classmethod
    def with_features(cls, keys: Sequence[str], features: NDArray[np.float32]) -> Described:
        """Compounds whose `features` (n, WIDTH) are known already, and with them their descriptors."""
        from molscreen.chem.features.panel import PANEL

        compounds = cls(keys)
        compounds.__dict__.update(features=features, descriptors=features[:, -len(PANEL) :])
        return compounds

    def take(self, rows: NDArray[np.integer]) -> Described:
        """The compounds at `rows`, in that order, with all that is computed of them."""
        taken = Described([self.keys[i] for i in rows])
        for name, value in self.__dict__.items():
            if name == "counts":
                taken.__dict__[name] = {kind: each[rows] for kind, each in value.items()}
            elif name != "keys":
                taken.__dict__[name] = value[rows]
        return taken

    @cached_property
    def counts(self) -> Mapping[Kind, csr_matrix]:
        """Count fingerprints (n, WIDTH) of every kind; see `molscreen.chem.features.count_fingerprint`."""
        from molscreen.chem.features.count_fingerprint import count_fingerprints  # imports scipy

        return count_fingerprints(self.keys)

    @cached_property
    def descriptors(self) -> NDArray[np.float32]:
        """Descriptors (n, d); see `molscreen.chem.features.panel`."""
        from molscreen.chem.features.panel import panel  # imports RDKit

        return panel(self.keys)

    @cached_property
    def features(self) -> NDArray[np.float32]:
        """Counts and descriptors in one table (n, WIDTH); see `molscreen.chem.features.tabular`."""
        from molscreen.chem.features.tabular import tabular

        return tabular(self.keys, self.descriptors)
