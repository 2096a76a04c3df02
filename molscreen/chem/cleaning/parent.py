"""The full recipe: from a molecule as drawn to its neutral, normalised parent."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from importlib import resources

from rdkit import Chem
from rdkit.Chem.MolStandardize import rdMolStandardize

from molscreen.chem.cleaning.charges import neutral_form
from molscreen.chem.cleaning.refusal import Fault, element_name
from molscreen.chem.cleaning.salt import SALT_PARTNERS, choose_part
from molscreen.chem.compound import Note

ELEMENTS: frozenset[int] = frozenset((1, 5, 6, 7, 8, 9, 14, 15, 16, 17, 33, 34, 35, 53))
"""Atomic numbers that the networks know: H B C N O F Si P S Cl As Se Br I."""

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
        End with the canonical tautomer, which costs some 0.6 ms.

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
        mol, lost = _canonical_tautomer(mol)
        notes += lost
    return mol, notes


@functools.cache
def _sulfur_salts() -> rdMolStandardize.MetalDisconnector:
    """``Cleanup`` cuts the bonds of these metals to O, N and F alone."""
    disconnector = rdMolStandardize.MetalDisconnector()
    disconnector.SetMetalNon(Chem.MolFromSmarts("[Li,Na,K,Rb,Cs,Mg,Ca,Sr,Ba]~[S]"))
    return disconnector


def _clean(mol: Chem.Mol) -> Chem.Mol:
    """RDKit's ``Cleanup``, unless it leaves a molecule that RDKit itself cannot read.

    It does so with mesoionic rings: it moves the charges of a sydnone together, as if the ring had
    a form without them. Such molecules stay as they were drawn.
    """
    try:
        if any(atom.GetAtomicNum() in SALT_PARTNERS and atom.GetDegree() for atom in mol.GetAtoms()):
            mol = _sulfur_salts().Disconnect(mol)
        cleaned = rdMolStandardize.Cleanup(mol)
    except Chem.MolSanitizeException:
        return mol
    return mol if Chem.MolFromSmiles(Chem.MolToSmiles(cleaned)) is None else cleaned


def _canonical_tautomer(mol: Chem.Mol) -> tuple[Chem.Mol, tuple[Note, ...]]:
    """RDKit's, among those that differ in the place of a hydrogen at N, O or S; and what stereo that took.

    RDKit's own list moves hydrogens of carbon as well: it takes the configuration of naproxen and makes
    testosterone the isomer without a conjugated enone.
    """
    found = _tautomers().Canonicalize(mol)
    if not (lost := _stereo_bonds(mol) - _stereo_bonds(found)):
        return found, ()
    bonds = f"{lost} double bond{'s' * (lost > 1)}"
    return found, (Note("stereo_dropped", f"E and Z of {bonds}, which the tautomers have in other places"),)


def _stereo_bonds(mol: Chem.Mol) -> int:
    return sum(bond.GetStereo() > Chem.BondStereo.STEREOANY for bond in mol.GetBonds())


@functools.cache
def _tautomers() -> rdMolStandardize.TautomerEnumerator:
    settings = rdMolStandardize.CleanupParameters()
    settings.tautomerRemoveSp3Stereo = False  # type: ignore[assignment]
    settings.tautomerRemoveBondStereo = False  # type: ignore[assignment]
    table = resources.files("molscreen.chem.cleaning").joinpath("heteroatom_shifts.tsv")
    with resources.as_file(table) as path:
        settings.tautomerTransformsFile = str(path)  # type: ignore[assignment]
        return rdMolStandardize.TautomerEnumerator(settings)  # kept: making one takes 3 ms


def _foreign_metal(mol: Chem.Mol) -> Fault | None:
    """Metals that are more than the counter-ion of a salt; `Cleanup` would cut their bonds."""
    for atom in mol.GetAtoms():
        number = atom.GetAtomicNum()
        if number in ELEMENTS or number == 0:
            continue
        if number not in SALT_PARTNERS:
            return _outside(atom)
        others = {n.GetSymbol() for n in atom.GetNeighbors() if n.GetAtomicNum() not in SALT_PARTNERS[number]}
        if others:
            return _bound(atom, others)
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


def _bound(atom: Chem.Atom, others: Iterable[str]) -> Fault:
    name, listed = element_name(atom.GetAtomicNum()), " and ".join(sorted(others))
    place = f"{name} ({atom.GetSymbol()}) at atom {atom.GetIdx() + 1}"
    reason = f"{place} is bound to {listed}; it is known as the counter-ion of a salt only"
    return Fault("unsupported", "element_outside_training", reason)
