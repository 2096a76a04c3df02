"""Environments: the substructures that a count fingerprint counts, each with its atoms.

With them, a fingerprint without some of the atoms is known: of every substructure that has none of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from rdkit.Chem.rdFingerprintGenerator import FingerprintGenerator64
from scipy.sparse import csr_matrix

Shape = Literal["circle", "pair", "path"]
"""Of a substructure: atoms within a radius of one, two atoms, or atoms in a row."""


@dataclass(frozen=True, slots=True, eq=False)
class Environments:
    """The e substructures of one molecule with a atoms.

    Attributes
    ----------
    column : (e,) int64
        Of the folded fingerprint, where each is counted.
    member : (e, a) bool
        Which atoms it is made of.
    width : int
        Columns of the fingerprint.

    References
    ----------
    Riniker & Landrum, J. Cheminf. 5, 43 (2013), doi:10.1186/1758-2946-5-43 (fingerprints without an atom).

    Examples
    --------
    >>> pairs = rdFingerprintGenerator.GetAtomPairGenerator(fpSize=64)
    >>> found = Environments.of(Chem.MolFromSmiles("CCO"), pairs, "pair")
    >>> found.counts(np.array([[False, False, False], [True, False, False]])).sum(axis=1).ravel().tolist()
    [[3, 1]]
    """

    column: NDArray[np.int64]
    member: NDArray[np.bool_]
    width: int

    @classmethod
    def of(cls, mol: Chem.Mol, generator: FingerprintGenerator64, shape: Shape) -> Self:
        """Of a molecule, by an RDKit generator of substructures of this shape.

        Raises
        ------
        ValueError
            RDKit does not tell where all of them are: the generator is of another kind.
        """
        told = rdFingerprintGenerator.AdditionalOutput()
        told.AllocateBitInfoMap()
        told.AllocateBitPaths()
        counted = generator.GetCountFingerprint(mol, additionalOutput=told).GetTotalVal()
        found = told.GetBitPaths() if shape == "path" else told.GetBitInfoMap()
        near = Chem.GetDistanceMatrix(mol)
        column = [each for each, places in found.items() for _ in places]
        member = [
            near[place[0]] <= place[1] if shape == "circle" else _flags(place, len(near))
            for places in found.values()
            for place in places
        ]
        if len(column) != counted:
            raise ValueError(f"'{shape}': RDKit tells where {len(column)} of {counted} substructures are")
        return cls(
            np.array(column, np.int64),
            np.array(member, bool).reshape(-1, len(near)),
            int(generator.GetOptions().fpSize),
        )

    def counts(self, hidden: NDArray[np.bool_]) -> csr_matrix:
        """Counts (v, width) for v variants of the molecule, each without its `hidden` (v, a) atoms."""
        has_hidden = hidden.astype(np.float32) @ self.member.T.astype(np.float32) > 0  # (v, e)
        row, place = np.nonzero(~has_hidden)
        ones = np.ones(len(row), np.int64)
        return csr_matrix((ones, (row, self.column[place])), shape=(len(hidden), self.width))


def _flags(atoms: Iterable[int], n: int) -> NDArray[np.bool_]:
    flags = np.zeros(n, bool)
    flags[list(atoms)] = True
    return flags
