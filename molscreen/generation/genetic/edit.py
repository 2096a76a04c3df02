"""Edits of a molecular graph: what they start from, which bonds they may make, and what they must leave."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from rdkit import Chem

T = TypeVar("T")

LARGEST = 100  # heavy atoms, as in `molscreen.chem.analogues.analogues`; a narrower size is a gate's business
HALOGENS = frozenset((9, 17, 35, 53))
REFUSED = (
    "[R]=[R]=[R]",  # an allene in a ring
    "[r3,r4]=;@[r3,r4]",  # a double bond in a ring of three or four
    "[r3,r4,r5,r6,r7]#;@[r3,r4,r5,r6,r7]",  # an alkyne in a ring of less than eight
    "[#16;v4,v6;!H0]",  # S–H of a sulfoxide or sulfone, which is another tautomer
    "[#15;!H0]",  # P–H, which oxygen of the air oxidises
)
"""What no product may have; the first two are refused by Jensen's graph GA too, doi:10.1039/C8SC05372C."""

_BRACKET = re.compile(r"\[(?!nH\]|[CS]@@?H?\])")  # any other atom in brackets may be charged, or a radical


class Edit(NamedTuple):
    """A molecule made from another, or from two.

    Attributes
    ----------
    step : str
        What was done, in a chemist's words.
    mol : Mol
        From a move a raw product; from `mutate` and `cross` a sanitised molecule.
    """

    step: str
    mol: Chem.Mol


def opened(mol: Chem.Mol) -> Chem.RWMol:
    """A copy whose atoms and bonds can be changed one by one; atoms and bonds keep their indices.

    Its rings have alternating bonds and are not marked aromatic, and every atom's hydrogens follow from its
    bonds, so that no edit leaves a radical.
    """
    graph = Chem.RWMol(mol)
    Chem.Kekulize(graph, clearAromaticFlags=True)
    for atom in graph.GetAtoms():
        atom.SetNoImplicit(False)
        atom.SetNumExplicitHs(0)
    return graph


def closed(product: Chem.Mol) -> Chem.Mol | None:
    """The molecule that an edit made, read again from its SMILES; None where it is none to keep.

    Refused: what RDKit cannot read, several fragments, radicals, a charge without an opposite one beside
    it (nitro groups and N-oxides stay), `REFUSED` structures, and more than `LARGEST` heavy atoms.

    Examples
    --------
    >>> graph = opened(Chem.MolFromSmiles("c1ccccc1"))
    >>> graph.ReplaceAtom(0, Chem.Atom(7))
    >>> Chem.MolToSmiles(closed(graph))
    'c1ccncc1'
    """
    if product.GetNumAtoms() > LARGEST:
        return None
    try:
        product.UpdatePropertyCache(strict=True)
    except Chem.AtomValenceException:
        return None
    smiles = Chem.MolToSmiles(product)
    mol = None if "." in smiles else Chem.MolFromSmiles(smiles)
    if mol is None or (_BRACKET.search(smiles) and any(map(_is_radical_or_ion, mol.GetAtoms()))):
        return None
    return None if any(map(mol.HasSubstructMatch, _refused())) else mol


def forget_stereo(graph: Chem.RWMol, *places: int) -> None:
    """Atoms lose their configuration, and that of their double bonds, which a change of their bonds ends."""
    for place in places:
        graph.GetAtomWithIdx(place).SetChiralTag(Chem.ChiralType.CHI_UNSPECIFIED)
        forget_double_bonds(graph, place)


def forget_double_bonds(graph: Chem.RWMol, place: int) -> None:
    """The double bonds of an atom are neither E nor Z any more."""
    for bond in graph.GetAtomWithIdx(place).GetBonds():
        bond.SetStereo(Chem.BondStereo.STEREONONE)


def may_bond(first: int, second: int) -> bool:
    """Whether an edit may bind two elements, given as atomic numbers.

    Never O to O or S, P to P or S, nor a halogen to a heteroatom: peroxides, sulfenates and N-halogens react.

    Examples
    --------
    >>> may_bond(6, 17), may_bond(8, 7), may_bond(8, 8), may_bond(7, 17)
    (True, True, False, False)
    """
    pair = {first, second}
    return pair not in ({8}, {8, 16}, {15}, {15, 16}) and (not HALOGENS & pair or 6 in pair)


def pick(rng: np.random.Generator, choices: Sequence[T]) -> T | None:
    """One of `choices`, each with the same chance; None where there are none."""
    return choices[int(rng.integers(len(choices)))] if len(choices) else None


def label(atom: Chem.Atom) -> str:
    """An atom of a molecule with its hydrogens, as a chemist writes it: ``CH2``, ``OH``, ``Cl``."""
    return hydride(atom.GetSymbol(), atom.GetTotalNumHs())


def hydride(symbol: str, hydrogens: int) -> str:
    """An element with so many hydrogens."""
    return symbol + ("H" if hydrogens else "") + (str(hydrogens) if hydrogens > 1 else "")


def _is_radical_or_ion(atom: Chem.Atom) -> bool:
    charge = atom.GetFormalCharge()
    if atom.GetNumRadicalElectrons() or not charge:
        return bool(atom.GetNumRadicalElectrons())
    return all(charge * other.GetFormalCharge() >= 0 for other in atom.GetNeighbors())


@functools.cache
def _refused() -> tuple[Chem.Mol, ...]:
    return tuple(map(Chem.MolFromSmarts, REFUSED))
