"""Analogues: the compounds one small step away, each with the name of the step, as matched pairs have it.

A step is what a chemist would try next: a group at the end of a bond exchanged for another, put in a
hydrogen's place, or taken away (`substituent`), or one atom of a ring exchanged (`ring_atom`). Everything
else of the compound stays as it is, stereocentres included.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from rdkit import Chem, DataStructs, rdBase
from rdkit.Chem import rdFingerprintGenerator

from molscreen.chem.analogues.fate import gains_one
from molscreen.chem.analogues.ring_atom import exchange_ring_atoms
from molscreen.chem.analogues.substituent import exchange_substituents
from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Rejection, read_key
from molscreen.chem.label import without_labels

LIMIT = 200
LARGEST = 100  # heavy atoms; beyond them one step changes nothing, and thousands of them take seconds


class Analogue(NamedTuple):
    """A compound one step away from another.

    Attributes
    ----------
    key : str
        A compound key.
    change : str
        The step, for example ``Cl → CN``.
    similarity : float
        Tanimoto similarity on ECFP4 to the compound that it comes from, in [0, 1], three decimals.
    """

    key: str
    change: str
    similarity: float


def analogues(key: str, limit: int = LIMIT) -> list[Analogue]:
    """The analogues of a compound, the most similar first.

    Each compound is there once, under one step that leads to it, and the parent never; none has a group that
    does not last, is another tautomer, or reacts, unless the parent has it (`fate`). The order depends on the
    compound alone: similarity, then the text of the product.

    Parameters
    ----------
    key : str
        A compound key. One of more than `LARGEST` heavy atoms has no analogues here.
    limit : int
        At most so many.

    Raises
    ------
    ValueError
        `key` is no SMILES, or `limit` is not positive.

    References
    ----------
    Leach et al., J. Med. Chem. 49, 6672 (2006), doi:10.1021/jm0605233 (matched molecular pairs).

    Examples
    --------
    >>> [(each.key, each.change) for each in analogues("CCO")][:2]
    [('CCC', 'OH → CH3'), ('OCCO', 'CH3 → CH2OH')]
    """
    if limit < 1:
        raise ValueError(f"limit is {limit}, expected at least 1")
    mol = read_key(key)
    if mol.GetNumHeavyAtoms() > LARGEST:
        return []
    found: dict[str, Analogue] = {}
    with rdBase.BlockLogs():
        for similarity, text, change in _ranked(mol):
            compound = standardize(text)
            if isinstance(compound, Rejection) or compound.key == key or compound.key in found:
                continue
            made = read_key(compound.key)
            if compound.key != text:  # drawn otherwise, for example as a zwitterion
                [similarity] = _similarities(mol, [made])
            if not gains_one(made, mol):
                found[compound.key] = Analogue(compound.key, change, similarity)
            if len(found) == limit:
                break
    return sorted(found.values(), key=lambda each: -each.similarity)


def _ranked(mol: Chem.Mol) -> list[tuple[float, str, str]]:
    """Similarity, SMILES and step of every product that is a molecule, the most similar first."""
    products: dict[str, tuple[str, Chem.Mol]] = {}
    for change, raw in _steps(mol):
        product = _sanitized(raw)
        if product is not None:
            products.setdefault(Chem.MolToSmiles(product), (change, product))
    similar = _similarities(mol, [product for _, product in products.values()])
    rows = zip(similar, products.items(), strict=True)
    ranked = [(similarity, text, change) for similarity, (text, (change, _)) in rows]
    return sorted(ranked, key=lambda row: (-row[0], row[1]))


def _similarities(mol: Chem.Mol, others: Sequence[Chem.Mol]) -> list[float]:
    """Tanimoto, on ECFP4 as models see a compound, of a molecule to each of the others; three decimals."""
    ecfp4 = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    parent, *prints = [ecfp4.GetFingerprint(without_labels(each)) for each in (mol, *others)]
    return [round(each, 3) for each in DataStructs.BulkTanimotoSimilarity(parent, prints)]


def _steps(mol: Chem.Mol) -> Iterator[tuple[str, Chem.Mol]]:
    return chain(exchange_substituents(mol), exchange_ring_atoms(mol))


def _sanitized(raw: Chem.Mol) -> Chem.Mol | None:
    """The product as a molecule; None for one that cannot be, such as a ring that is no longer aromatic."""
    try:
        Chem.SanitizeMol(raw)
        return Chem.RemoveHs(raw)
    except Chem.MolSanitizeException:
        return None
