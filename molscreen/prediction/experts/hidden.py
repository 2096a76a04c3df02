"""Hidden: compounds of which some atoms are hidden from the experts, one row for each way to hide them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.label import read_elements
from molscreen.prediction.experts.described import Described

if TYPE_CHECKING:
    from rdkit import Chem
    from rdkit.Chem.rdFingerprintGenerator import FingerprintGenerator64
    from scipy.sparse import csr_matrix

    from molscreen.chem.features.count_fingerprint import Kind
    from molscreen.chem.features.environments import Shape


@dataclass(frozen=True, eq=False)
class Hidden(Described):
    """v variants of n compounds.

    Counts of substructures are of those that have no hidden atom, as in the similarity maps of Riniker &
    Landrum. What is said of a molecule as a whole (descriptors, ErG, Avalon) is that of the whole compound.

    Attributes
    ----------
    keys : sequence of v str
        Of the compound of each variant; those of one compound stand together.
    whole : Described
        The n compounds.
    atoms : sequence of n (v_i, a_i) bool
        Of each compound, the atoms that are hidden in each of its variants.

    References
    ----------
    Riniker & Landrum, J. Cheminf. 5, 43 (2013), doi:10.1186/1758-2946-5-43.

    Examples
    --------
    >>> one_by_one = Hidden.of(Described(["CCO"]), [np.eye(3, dtype=bool)])
    >>> one_by_one.counts["ecfp4"].shape[0], int(Described(["CCO"]).counts["ecfp4"].sum())
    (3, 6)
    >>> one_by_one.counts["ecfp4"].sum(axis=1).ravel().tolist()  # the middle one is in all but two
    [[3, 2, 3]]
    """

    whole: Described
    atoms: Sequence[NDArray[np.bool_]]

    @classmethod
    def of(cls, whole: Described, atoms: Sequence[NDArray[np.bool_]]) -> Hidden:
        """Variants of compounds."""
        keys = [key for key, ways in zip(whole.keys, atoms, strict=True) for _ in ways]
        return cls(keys, whole, atoms)

    @property
    def place(self) -> NDArray[np.intp]:
        """(v,) Which of the n compounds each variant is of."""
        return np.repeat(np.arange(len(self.atoms)), [len(ways) for ways in self.atoms])

    @cached_property
    def counts(self) -> Mapping[Kind, csr_matrix]:
        """Count fingerprints (v, WIDTH) of every kind, without the hidden atoms."""
        from molscreen.chem.features.count_fingerprint import KINDS, MOST, SHAPES, generator_of

        found: dict[Kind, csr_matrix] = {}
        for kind in KINDS:
            if kind not in SHAPES:
                found[kind] = self.whole.counts[kind][self.place]
                continue
            counts = self._counts(generator_of(kind), SHAPES[kind])
            counts.sort_indices()
            counts.data = counts.data.clip(max=MOST).astype(np.uint8)
            found[kind] = counts
        return found

    @cached_property
    def descriptors(self) -> NDArray[np.float32]:
        """Descriptors (v, d), of the whole compounds."""
        return self.whole.descriptors[self.place]

    @cached_property
    def features(self) -> NDArray[np.float32]:
        """Features (v, WIDTH): ECFP4 counts without the hidden atoms, the others of the whole compounds."""
        from molscreen.chem.features.tabular import ECFP, ecfp_generator

        rows = self.whole.features[self.place]
        rows[:, :ECFP] = self._counts(ecfp_generator(), "circle").toarray()
        return rows

    def _counts(self, generator: FingerprintGenerator64, shape: Shape) -> csr_matrix:
        """Of every variant (v, width), without its hidden atoms."""
        from scipy.sparse import csr_matrix, vstack

        from molscreen.chem.features.environments import Environments

        pairs = zip(self._mols, self.atoms, strict=True)
        return csr_matrix(
            vstack([Environments.of(mol, generator, shape).counts(ways) for mol, ways in pairs])
        )

    @cached_property
    def _mols(self) -> list[Chem.Mol]:
        return [read_elements(key) for key in self.whole.keys]
