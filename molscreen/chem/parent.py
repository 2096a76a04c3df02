"""The full recipe: from a molecule as drawn to its neutral, normalised parent."""

from __future__ import annotations

import functools

from rdkit import Chem
from rdkit.Chem.MolStandardize import rdMolStandardize

from molscreen.chem.charges import neutral_form
from molscreen.chem.compound import Note
from molscreen.chem.refusal import Fault, element_name
from molscreen.chem.salt import choose_part

ELEMENTS: frozenset[int] = frozenset((1, 5, 6, 7, 8, 9, 14, 15, 16, 17, 33, 34, 35, 53))
"""Atomic numbers that the networks know: H B C N O F Si P S Cl As Se Br I."""

_COUNTER_METALS = frozenset((3, 11, 19, 37, 55, 12, 20, 38, 56, 13, 30))  # Li–Cs, Mg–Ba, Al, Zn
_SALT_METALS = frozenset((3, 11, 19, 37, 55, 12, 20, 38, 56))  # bound to O or a halogen: a salt as drawn
_SALT_PARTNERS = frozenset((8, 9, 17, 35, 53))
_CLUSTER_BONDS = 3  # B–B bonds from which boron is a cluster


def find_parent(mol: Chem.Mol, *, largest: bool, tautomer: bool) -> tuple[Chem.Mol, tuple[Note, ...]] | Fault:
    """Clean up, keep the parent of a salt or solvate, take charges away where hydrogens can.

    Parameters
    ----------
    mol : Mol
        Sanitised.
    largest : bool
        Of a mixture, keep the largest part; otherwise a mixture is a `Fault`.
    tautomer : bool
        End with RDKit's canonical tautomer, which costs some 5 ms.

    Returns
    -------
    (Mol, tuple of Note) or Fault
        The parent with what was removed from it, or why there is none: "mixture", or a metal that is
        no counter-ion ("element_outside_training").
    """
    if fault := _foreign_metal(mol):
        return fault
    mol = _clean(mol)
    notes: tuple[Note, ...] = ()
    parts = Chem.GetMolFrags(mol, asMols=True)
    if len(parts) > 1:
        chosen = choose_part(parts, largest=largest)
        if isinstance(chosen, Fault):
            return chosen
        mol, notes = chosen
    mol = neutral_form(mol)
    if tautomer:
        mol = _tautomers().Canonicalize(mol)
    return mol, notes


def _clean(mol: Chem.Mol) -> Chem.Mol:
    """RDKit's ``Cleanup``, unless it leaves a molecule that RDKit itself cannot read.

    It does so with mesoionic rings: it moves the charges of a sydnone together, as if the ring had
    a form without them. Such molecules stay as they were drawn.
    """
    try:
        cleaned = rdMolStandardize.Cleanup(mol)
    except Chem.MolSanitizeException:
        return mol
    return mol if Chem.MolFromSmiles(Chem.MolToSmiles(cleaned)) is None else cleaned


@functools.cache
def _tautomers() -> rdMolStandardize.TautomerEnumerator:
    return rdMolStandardize.TautomerEnumerator()  # kept: making one takes 3 ms


def _foreign_metal(mol: Chem.Mol) -> Fault | None:
    """Metals that are more than the counter-ion of a salt; `Cleanup` would cut their bonds."""
    for atom in mol.GetAtoms():
        number = atom.GetAtomicNum()
        if number in ELEMENTS or number == 0:
            continue
        salt = number in _SALT_METALS and all(n.GetAtomicNum() in _SALT_PARTNERS for n in atom.GetNeighbors())
        if not (salt or (number in _COUNTER_METALS and atom.GetDegree() == 0)):
            return _outside(atom)
    return None


def foreign_element(mol: Chem.Mol) -> Fault | None:
    """Refuse a parent with an element outside `ELEMENTS`, or with a cluster of boron."""
    for atom in mol.GetAtoms():
        if atom.GetAtomicNum() == 0:
            return Fault("unsupported", "dummy_atom", f"attachment point at atom {atom.GetIdx() + 1}")
        if atom.GetAtomicNum() not in ELEMENTS:
            return _outside(atom)
    bonds = sum(b.GetBeginAtom().GetAtomicNum() == b.GetEndAtom().GetAtomicNum() == 5 for b in mol.GetBonds())
    if bonds >= _CLUSTER_BONDS:
        reason = f"a boron cluster ({bonds} boron-boron bonds) is unlike anything the models have seen"
        return Fault("unsupported", "element_outside_training", reason)
    return None


def _outside(atom: Chem.Atom) -> Fault:
    name = element_name(atom.GetAtomicNum())
    reason = (
        f"{name} ({atom.GetSymbol()}) at atom {atom.GetIdx() + 1} is an element that the models do not know"
    )
    return Fault("unsupported", "element_outside_training", reason)
