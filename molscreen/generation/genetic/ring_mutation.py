"""Mutation of rings: one closed, one opened, one made aromatic or saturated, and a group moved along one."""

from __future__ import annotations

import functools

import numpy as np
from rdkit import Chem

from molscreen.generation.genetic.edit import Edit, forget_stereo, label, may_bond, opened, pick

RING_SIZES = range(3, 8)  # of rings that are closed
ELEMENTS = frozenset((6, 7))  # of saturated rings that are made aromatic


def close_ring(mol: Chem.Mol, rng: np.random.Generator) -> Edit | None:
    """A single bond between two atoms with hydrogens; an aromatic ring is bridged at neighbours only."""
    atoms = [atom for atom in mol.GetAtoms() if atom.GetTotalNumHs()]
    first = pick(rng, atoms)
    if first is None:
        return None
    size = Chem.GetDistanceMatrix(mol)[first.GetIdx()].astype(int) + 1  # (a,) of the ring, by the other end
    second = pick(rng, [atom for atom in atoms if size[atom.GetIdx()] in RING_SIZES])
    if second is None or not may_bond(first.GetAtomicNum(), second.GetAtomicNum()):
        return None
    places = first.GetIdx(), second.GetIdx()
    if _bridges_aromatic(mol, Chem.GetShortestPath(mol, *places)):
        return None
    graph = opened(mol)
    graph.AddBond(*places, Chem.BondType.SINGLE)
    forget_stereo(graph, *places)
    return Edit(f"close a ring of {size[second.GetIdx()]}", graph)


def _bridges_aromatic(mol: Chem.Mol, path: tuple[int, ...]) -> bool:
    """Whether a path goes through an aromatic ring from an atom to one that is not its neighbour."""
    info = mol.GetRingInfo()
    return any(
        mol.GetAtomWithIdx(middle).GetIsAromatic()
        and info.NumAtomRings(middle) == 1
        and info.AreAtomsInSameRing(before, after)
        for before, middle, after in zip(path, path[1:], path[2:], strict=False)
    )


def open_ring(mol: Chem.Mol, rng: np.random.Generator) -> Edit | None:
    """A single bond of a ring cut, of one that is not aromatic."""
    bonds = [bond for bond in mol.GetBonds() if bond.IsInRing()]
    bond = pick(rng, [each for each in bonds if each.GetBondType() == Chem.BondType.SINGLE])
    if bond is None:
        return None
    places = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
    size = mol.GetRingInfo().MinBondRingSize(bond.GetIdx())
    graph = opened(mol)
    graph.RemoveBond(*places)
    forget_stereo(graph, *places)
    return Edit(f"open a ring of {size}", graph)


def change_saturation(mol: Chem.Mol, rng: np.random.Generator) -> Edit | None:
    """An aromatic ring saturated, or a saturated ring of six made aromatic; fused ones are left alone."""
    info = mol.GetRingInfo()
    bonds = pick(rng, [ring for ring in info.BondRings() if all(info.NumBondRings(b) == 1 for b in ring)])
    if bonds is None:
        return None
    types = {mol.GetBondWithIdx(bond).GetBondType() for bond in bonds}
    graph = opened(mol)
    ring = [graph.GetBondWithIdx(bond) for bond in bonds]
    if types == {Chem.BondType.AROMATIC}:
        for bond in ring:
            bond.SetBondType(Chem.BondType.SINGLE)
        return Edit("aromatic ring → saturated", graph)
    if types == {Chem.BondType.SINGLE} and len(ring) == 6 and _may_be_aromatic(mol, bonds):
        for bond in ring[::2]:  # the bonds of a ring are told one after another
            bond.SetBondType(Chem.BondType.DOUBLE)
        return Edit("saturated ring → aromatic", graph)
    return None


def _may_be_aromatic(mol: Chem.Mol, bonds: tuple[int, ...]) -> bool:
    """Whether each atom of a saturated ring is C or N and has a hydrogen to lose."""
    atoms = [
        atom
        for b in bonds
        for atom in (mol.GetBondWithIdx(b).GetBeginAtom(), mol.GetBondWithIdx(b).GetEndAtom())
    ]
    return all(atom.GetAtomicNum() in ELEMENTS and atom.GetTotalNumHs() for atom in atoms)


def move_group(mol: Chem.Mol, rng: np.random.Generator) -> Edit | None:
    """What hangs on an atom of a ring moved to the next atom of that ring, as from ortho to meta."""
    matches = mol.GetSubstructMatches(_hanging(), uniquify=False)
    chosen = pick(rng, matches)
    if chosen is None:
        return None
    old, new, group = map(mol.GetAtomWithIdx, chosen)
    if not may_bond(new.GetAtomicNum(), group.GetAtomicNum()):
        return None
    graph = opened(mol)
    graph.RemoveBond(old.GetIdx(), group.GetIdx())
    graph.AddBond(new.GetIdx(), group.GetIdx(), Chem.BondType.SINGLE)
    forget_stereo(graph, old.GetIdx(), new.GetIdx(), group.GetIdx())
    return Edit(f"move {label(group)} along its ring", graph)


@functools.cache
def _hanging() -> Chem.Mol:
    """An atom of a ring, its neighbour there with a hydrogen, and what hangs on it: in this order."""
    return Chem.MolFromSmarts("[R](@[!H0])-!@*")
