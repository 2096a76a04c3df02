"""A slow, plain featuriser, written from the description alone: the oracle of `molscreen.graphs`.

It shares no code with the package. It parses in full, asks RDKit about one atom and one bond at
a time, and spells every vocabulary out again.
"""

from __future__ import annotations

import re

import numpy as np
from rdkit import Chem

ELEMENTS = ["H", "B", "C", "N", "O", "F", "Si", "P", "S", "Cl", "As", "Se", "Br", "I", "Te"]


def reference(smiles: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give x (a, 6), edge_index (2, 2b) and edge_attr (2b, 2) of one SMILES."""
    mol = Chem.MolFromSmiles(re.sub(r"\[\d+", "[", smiles))  # an isotope is its element
    x = [atom_row(atom) for atom in mol.GetAtoms()]
    bonds = {}
    for bond in mol.GetBonds():
        i, j = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        bonds[min(i, j), max(i, j)] = bond_row(bond)
    forwards = sorted(bonds)
    backwards = [(j, i) for i, j in forwards]
    attributes = [bonds[pair] for pair in forwards]
    return (
        np.array(x, np.uint8).reshape(len(x), 6),
        np.array(forwards + backwards, np.int32).reshape(-1, 2).T,
        np.array(attributes + attributes, np.uint8).reshape(-1, 2),
    )


def atom_row(atom: Chem.Atom) -> list[int]:
    symbol = atom.GetSymbol()
    element = ELEMENTS.index(symbol) if symbol in ELEMENTS else 15
    degree = atom.GetTotalDegree()
    if degree > 6:
        degree = 6
    charge = atom.GetFormalCharge()
    if charge < -2:
        charge = -2
    if charge > 2:
        charge = 2
    hydrogens = atom.GetTotalNumHs() + sum(n.GetAtomicNum() == 1 for n in atom.GetNeighbors())
    if hydrogens > 4:
        hydrogens = 4
    ring = 0
    if atom.IsInRing():
        ring = 1
    if atom.GetIsAromatic():
        ring = 2
    label = atom.GetProp("_CIPCode") if atom.HasProp("_CIPCode") else ""
    chirality = {"R": 1, "S": 2}.get(label, 0)
    return [element, degree, charge + 2, hydrogens, ring, chirality]


def bond_row(bond: Chem.Bond) -> list[int]:
    kinds = [Chem.BondType.SINGLE, Chem.BondType.DOUBLE, Chem.BondType.TRIPLE, Chem.BondType.AROMATIC]
    kind = bond.GetBondType()
    order = kinds.index(kind) if kind in kinds else 4
    stereo = 0
    if bond.GetStereo() == Chem.BondStereo.STEREOE:
        stereo = 1
    if bond.GetStereo() == Chem.BondStereo.STEREOZ:
        stereo = 2
    return [order, stereo]
