"""How often a compound has each substructure, in five ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from molscreen.chem.label import read_elements

if TYPE_CHECKING:  # bundles are read without RDKit
    from rdkit import Chem
    from rdkit.Chem.rdFingerprintGenerator import FingerprintGenerator64

    from molscreen.chem.features.environments import Shape

Kind = Literal["ecfp4", "fcfp6", "atom-pair", "torsion", "erg"]
KINDS: tuple[Kind, ...] = get_args(Kind)
WIDTH = 8192  # columns that substructures are folded to
MOST = 255  # times that a substructure is counted
_ERG_STEPS = 10  # counts to 1 of an ErG feature, which are no whole numbers


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
    counters = {kind: _counter(kind) for kind in kinds}
    found: dict[Kind, list[NDArray[np.int64]]] = {kind: [] for kind in kinds}  # of each, n of (2, nonzero)
    for key in keys:
        mol = read_elements(key)
        for kind, counter in counters.items():
            found[kind].append(counter(mol))
    return {kind: _stack(rows) for kind, rows in found.items()}


def _stack(rows: Sequence[NDArray[np.int64]]) -> csr_matrix:
    """One matrix (n, WIDTH) of n rows of columns and counts."""
    start = np.cumsum([0, *(row.shape[1] for row in rows)])
    column, count = np.concatenate([np.empty((2, 0), np.int64), *rows], axis=1)
    return csr_matrix((count.clip(max=MOST).astype(np.uint8), column, start), shape=(len(rows), WIDTH))


SHAPES: dict[Kind, Shape] = {"ecfp4": "circle", "fcfp6": "circle", "atom-pair": "pair", "torsion": "path"}
"""Of the substructures of a kind; ErG has none, but features of the whole molecule."""


def generator_of(kind: Kind) -> FingerprintGenerator64:
    """What counts the substructures of a kind; of ``erg``, which counts none, there is no generator.

    Raises
    ------
    ValueError
        The kind is unknown, or ErG.
    """
    from rdkit.Chem import rdFingerprintGenerator

    if kind == "ecfp4":
        return rdFingerprintGenerator.GetMorganGenerator(radius=2, includeChirality=True, fpSize=WIDTH)
    if kind == "fcfp6":
        features = rdFingerprintGenerator.GetMorganFeatureAtomInvGen()
        return rdFingerprintGenerator.GetMorganGenerator(
            radius=3, fpSize=WIDTH, atomInvariantsGenerator=features
        )
    if kind == "atom-pair":
        return rdFingerprintGenerator.GetAtomPairGenerator(fpSize=WIDTH)
    if kind == "torsion":
        return rdFingerprintGenerator.GetTopologicalTorsionGenerator(fpSize=WIDTH)
    raise ValueError(f"unknown fingerprint '{kind}'. Known: {', '.join(KINDS)}; erg has no generator")


def _counter(kind: Kind) -> Callable[[Chem.Mol], NDArray[np.int64]]:
    """From a molecule to its columns and counts (2, nonzero), columns rising."""
    if kind == "erg":
        return _count_erg
    generator = generator_of(kind)
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
