"""How often a compound has each substructure, in five ways, and the min-max similarity of such counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

if TYPE_CHECKING:  # similarities, and bundles, are read without RDKit
    from rdkit import Chem

Kind = Literal["ecfp4", "fcfp6", "atom-pair", "torsion", "erg"]
KINDS: tuple[Kind, ...] = get_args(Kind)
WIDTH = 8192  # columns that substructures are folded to
MOST = 255  # times that a substructure is counted
_ERG_STEPS = 10  # counts to 1 of an ErG feature, which are no whole numbers

_STEP = 128  # queries unfolded at once: 2 to 6 MB, which a processor keeps near


def count_fingerprints(keys: Sequence[str], kinds: Sequence[Kind] = KINDS) -> dict[Kind, csr_matrix]:
    """How often each compound has each substructure: folded, sparse counts of one or more kinds.

    A compound is parsed once for all kinds. Where two substructures fold to one column, their counts add up.

    Parameters
    ----------
    keys : sequence of n str
        SMILES that RDKit can read, such as compound keys.
    kinds : sequence of str
        ``ecfp4``: circular substructures of radius 2, with chirality. ``fcfp6``: of radius 3, where atoms are
        told apart by what they do (donor, acceptor, aromatic, halogen, acid, base) instead of by element.
        ``atom-pair``: two atoms and the number of bonds between them. ``torsion``: four atoms in a row.
        ``erg``: two pharmacophore features and the distance between them, in tenths.

    Returns
    -------
    dict of (n, WIDTH) uint8 csr_matrix
        One for each kind, in the order of `kinds`; columns of a row rise, counts are 1 to `MOST`.

    Raises
    ------
    ValueError
        A key is no SMILES, or a kind is unknown.

    References
    ----------
    Rogers & Hahn, J. Chem. Inf. Model. 50, 742 (2010), doi:10.1021/ci100050t (ECFP, FCFP).
    Carhart et al., J. Chem. Inf. Comput. Sci. 25, 64 (1985), doi:10.1021/ci00046a002 (atom pairs).
    Nilakantan et al., J. Chem. Inf. Comput. Sci. 27, 82 (1987), doi:10.1021/ci00054a008 (torsions).
    Stiefl et al., J. Chem. Inf. Model. 46, 208 (2006), doi:10.1021/ci050457y (ErG).

    Examples
    --------
    >>> int(count_fingerprints(["CCCC"], ["torsion"])["torsion"].sum())  # butane has one
    1
    """
    from rdkit import Chem

    counters = {kind: _counter(kind) for kind in kinds}
    found: dict[Kind, list[NDArray[np.int64]]] = {kind: [] for kind in kinds}  # of each, n of (2, nonzero)
    for key in keys:
        mol = Chem.MolFromSmiles(key)
        if mol is None:
            raise ValueError(f"'{key}' is no SMILES; standardize it first")
        for kind, counter in counters.items():
            found[kind].append(counter(mol))
    return {kind: _stack(rows) for kind, rows in found.items()}


def minmax(a: csr_matrix, b: csr_matrix) -> NDArray[np.float32]:
    """Sum of the smaller over sum of the larger counts, for every pair of rows: count Tanimoto, Ruzicka.

    From 0 to 1; it is a positive definite kernel. Two rows without any count have similarity 0: nothing
    shared is known.

    Parameters
    ----------
    a : (n, d) csr_matrix of uint8
    b : (m, d) csr_matrix of uint8

    Returns
    -------
    (n, m) float32

    Raises
    ------
    ValueError
        The widths differ.

    References
    ----------
    Ralaivola et al., Neural Networks 18, 1093 (2005), doi:10.1016/j.neunet.2005.07.009.

    Examples
    --------
    >>> alkanes = count_fingerprints(["CCCCC", "CCCCCC"], ["torsion"])["torsion"]
    >>> round(float(minmax(alkanes, alkanes)[0, 1]), 2)  # hexane has one more, in its middle
    0.67
    """
    return Unary.of(b).similarity(a).T


@dataclass(frozen=True, slots=True, eq=False)
class Unary:
    """Counts of r compounds, each count v as v ones, so that similarities to them are matrix products.

    With a column for "at least once", one for "at least twice" and so on, the sum of the smaller counts is
    the number of columns that both have; the sum of the larger ones follows from the totals.

    Attributes
    ----------
    width : int
        Of the counts.
    column : (c,) int64
        Which ``MOST * column + count - 1`` occur, rising.
    ones : (r, c) csr_matrix
        Of uint16, or uint32 where a total does not fit.
    total : (r,) int64
        Sum of the counts of each compound.
    """

    width: int
    column: NDArray[np.int64]
    ones: csr_matrix
    total: NDArray[np.int64]

    @classmethod
    def of(cls, counts: csr_matrix) -> Unary:
        """From counts (r, d) of uint8."""
        row, code = _unfold(counts)
        occurs = np.zeros(counts.shape[1] * MOST, bool)
        occurs[code] = True
        place = (occurs.cumsum() - 1)[code]
        total = np.bincount(row, minlength=counts.shape[0])
        exact = np.uint16 if total.max(initial=0) <= np.iinfo(np.uint16).max else np.uint32
        start = np.concatenate([[0], total.cumsum()])
        column = np.flatnonzero(occurs)
        ones = csr_matrix((np.ones(len(code), exact), place, start), shape=(len(total), len(column)))
        return cls(counts.shape[1], column, ones, total)

    def similarity(self, counts: csr_matrix) -> NDArray[np.float32]:
        """`minmax` of the r compounds (rows) and n others (columns), of whom counts (n, d) are given.

        Whole numbers are added and then divided once, so a column does not depend on the others.

        Returns
        -------
        (r, n) float32
        """
        if counts.shape[1] != self.width:
            raise ValueError(f"fingerprints of different widths, {counts.shape[1]} and {self.width} columns")
        similarity = np.zeros((len(self.total), counts.shape[0]), np.float32)
        if len(self.column):
            for start in range(0, counts.shape[0], _STEP):
                similarity[:, start : start + _STEP] = self._block(counts[start : start + _STEP])
        return similarity

    def _block(self, counts: csr_matrix) -> NDArray[np.float32]:
        row, code = _unfold(counts)
        place = np.searchsorted(self.column, code).clip(max=len(self.column) - 1)
        known = self.column[place] == code
        dense = np.zeros((len(self.column), counts.shape[0]), self.ones.dtype)
        dense[place[known], row[known]] = 1
        # Whole numbers below 2^24 are exact in float32.
        shared: NDArray[np.float32] = (self.ones @ dense).astype(np.float32)  # (r, n)
        total = np.bincount(row, minlength=counts.shape[0])
        union = np.add.outer(self.total.astype(np.float32), total.astype(np.float32))
        union -= shared
        np.maximum(union, 1, out=union)
        return np.divide(shared, union, out=shared)


def _unfold(counts: csr_matrix) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row, and ``MOST * column + k``, of every k below every count, row by row."""
    times = counts.data.astype(np.int64)
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    first = np.repeat(times.cumsum() - times, times)
    below = np.arange(len(first)) - first
    return np.repeat(row, times), np.repeat(counts.indices.astype(np.int64) * MOST, times) + below


def _stack(rows: Sequence[NDArray[np.int64]]) -> csr_matrix:
    """One matrix (n, WIDTH) of n rows of columns and counts."""
    start = np.cumsum([0, *(row.shape[1] for row in rows)])
    column, count = np.concatenate([np.empty((2, 0), np.int64), *rows], axis=1)
    return csr_matrix((count.clip(max=MOST).astype(np.uint8), column, start), shape=(len(rows), WIDTH))


def _counter(kind: Kind) -> Callable[[Chem.Mol], NDArray[np.int64]]:
    """From a molecule to its columns and counts (2, nonzero), columns rising."""
    from rdkit.Chem import rdFingerprintGenerator

    if kind == "erg":
        return _count_erg
    if kind == "ecfp4":
        generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, includeChirality=True, fpSize=WIDTH)
    elif kind == "fcfp6":
        features = rdFingerprintGenerator.GetMorganFeatureAtomInvGen()
        generator = rdFingerprintGenerator.GetMorganGenerator(
            radius=3, fpSize=WIDTH, atomInvariantsGenerator=features
        )
    elif kind == "atom-pair":
        generator = rdFingerprintGenerator.GetAtomPairGenerator(fpSize=WIDTH)
    elif kind == "torsion":
        generator = rdFingerprintGenerator.GetTopologicalTorsionGenerator(fpSize=WIDTH)
    else:
        raise ValueError(f"unknown fingerprint '{kind}'. Known: {', '.join(KINDS)}")
    return lambda mol: np.array(
        sorted(generator.GetCountFingerprint(mol).GetNonzeroElements().items()), np.int64
    ).reshape(-1, 2).T  # fmt: skip


def _count_erg(mol: Chem.Mol) -> NDArray[np.int64]:
    from rdkit import Chem
    from rdkit.Chem import rdReducedGraphs

    # RDKit would read the distances that atom pairs left on the molecule, past their end: its own are larger.
    fresh = Chem.Mol(mol)
    fresh.ClearComputedProps(includeRings=False)
    tenths = np.rint(rdReducedGraphs.GetErGFingerprint(fresh) * _ERG_STEPS).astype(np.int64)
    column = np.flatnonzero(tenths)
    return np.stack([column, tenths[column]])
