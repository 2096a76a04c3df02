"""Mutation: one small change of a molecule, with its name in a chemist's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from rdkit import Chem, rdBase

from molscreen.chem.analogues.ring_atom import exchange_ring_atoms
from molscreen.chem.analogues.substituent import exchange_substituents
from molscreen.generation.genetic.edit import (
    Edit,
    closed,
    forget_stereo,
    hydride,
    label,
    may_bond,
    opened,
    pick,
)
from molscreen.generation.genetic.ring_mutation import change_saturation, close_ring, move_group, open_ring

Move = Callable[[Chem.Mol, np.random.Generator], Edit | None]

ATTEMPTS = 10
ENDS = "C" * 35 + "=" * 28 + "O" * 19 + "F" * 6 + "N" * 5 + "L" * 5 + "S" * 2
"""What `append_atom` puts in a hydrogen's place, in hundredths: the shares among the end atoms of the 1,707
approved drugs of `molscreen.data.drugs` (``=`` a carbonyl oxygen, ``L`` Cl; S, hardly there, has 2)."""
INSIDE = "C" * 72 + "O" * 16 + "N" * 10 + "S" * 2
"""What `insert_atom` puts into a bond: the shares among the atoms of those drugs with two single bonds."""
VALENCE = {"C": 4, "N": 3, "O": 2, "S": 2, "F": 1, "Cl": 1, "Br": 1}
PHOSPHORUS = {"P": 3}  # in the place of an atom with three bonds alone, on the way to a phosphine oxide
BONDS = {1: Chem.BondType.SINGLE, 2: Chem.BondType.DOUBLE, 3: Chem.BondType.TRIPLE}
SIGNS = {1: "–", 2: "=", 3: "≡"}


def mutate(mol: Chem.Mol, rng: np.random.Generator, *, attempts: int = ATTEMPTS) -> Edit | None:
    """A molecule one move of `MOVES` away, or None where no attempt gave one.

    A stereocentre at which a bond is made or cut loses its configuration, unless the new part takes the
    place of the old; all others keep theirs.

    Parameters
    ----------
    mol : Mol
        Sanitised; it is not changed.
    rng : Generator
    attempts : int

    Returns
    -------
    Edit or None
        A sanitised molecule, see `molscreen.generation.genetic.edit.closed`; by symmetry it may be `mol`
        again.

    References
    ----------
    Atoms and bonds appended, inserted, deleted and changed: Jensen, Chem. Sci. 10, 3567 (2019),
    doi:10.1039/C8SC05372C. Groups and ring atoms: Leach et al., J. Med. Chem. 49, 6672 (2006),
    doi:10.1021/jm0605233 (matched pairs).

    Examples
    --------
    >>> edit = mutate(Chem.MolFromSmiles("c1ccccc1"), np.random.default_rng(1))
    >>> edit.step, Chem.MolToSmiles(edit.mol)
    ('H → CH3', 'Cc1ccccc1')
    """
    with rdBase.BlockLogs():
        for _ in range(attempts):
            move = pick(rng, MOVES)
            edit = move(mol, rng) if move else None
            made = closed(edit.mol) if edit else None
            if edit and made:
                return Edit(edit.step, made)
    return None


def append_atom(mol: Chem.Mol, rng: np.random.Generator) -> Edit | None:
    """One atom in the place of a hydrogen, or an oxygen in that of two of a carbon, or on a phosphine."""
    end = ENDS[rng.integers(len(ENDS))].replace("L", "Cl")
    if end == "=":
        return _append(mol, pick(rng, [atom for atom in mol.GetAtoms() if _takes_oxo(atom)]), "O", 2)
    return _append(mol, pick(rng, [atom for atom in mol.GetAtoms() if atom.GetTotalNumHs()]), end, 1)


def _append(mol: Chem.Mol, at: Chem.Atom | None, symbol: str, order: int) -> Edit | None:
    atom = Chem.Atom(symbol)
    if at is None or not may_bond(at.GetAtomicNum(), atom.GetAtomicNum()):
        return None
    graph = opened(mol)
    graph.AddBond(at.GetIdx(), graph.AddAtom(atom), BONDS[order])
    forget_stereo(graph, at.GetIdx())
    if order == 2:
        return Edit(f"{label(at)} → {at.GetSymbol()}=O", graph)
    return Edit(f"H → {hydride(symbol, VALENCE[symbol] - 1)}", graph)


def _takes_oxo(atom: Chem.Atom) -> bool:
    if atom.GetAtomicNum() == 15:
        return bool(atom.GetTotalValence() == 3)
    return bool(atom.GetAtomicNum() == 6 and atom.GetTotalNumHs() > 1)


def insert_atom(mol: Chem.Mol, rng: np.random.Generator) -> Edit | None:
    """One atom between two that a single bond joins; a ring grows by it, an aromatic one is left alone."""
    bond = pick(rng, [b for b in mol.GetBonds() if b.GetBondType() == Chem.BondType.SINGLE])
    atom = Chem.Atom(INSIDE[rng.integers(len(INSIDE))])
    if bond is None:
        return None
    ends = (bond.GetBeginAtom(), bond.GetEndAtom())
    if not all(may_bond(end.GetAtomicNum(), atom.GetAtomicNum()) for end in ends):
        return None
    graph = opened(mol)
    places = [end.GetIdx() for end in ends]
    graph.RemoveBond(*places)
    new = graph.AddAtom(atom)
    for place in places:
        graph.AddBond(place, new, Chem.BondType.SINGLE)
    forget_stereo(graph, *places)
    return Edit(f"insert {hydride(atom.GetSymbol(), VALENCE[atom.GetSymbol()] - 2)}", graph)


def delete_atom(mol: Chem.Mol, rng: np.random.Generator) -> Edit | None:
    """One atom less: an end, or one between two which are then joined; a saturated ring shrinks by it."""
    atom = pick(rng, [a for a in mol.GetAtoms() if a.GetDegree() in (1, 2) and not a.GetIsAromatic()])
    if atom is None:
        return None
    around = [other.GetIdx() for other in atom.GetNeighbors()]
    graph = opened(mol)
    if len(around) == 2:
        first, second = around
        elements = (graph.GetAtomWithIdx(place).GetAtomicNum() for place in around)
        if graph.GetBondBetweenAtoms(first, second) or not may_bond(*elements):
            return None
        graph.AddBond(first, second, Chem.BondType.SINGLE)
    forget_stereo(graph, *around)
    graph.RemoveAtom(atom.GetIdx())
    return Edit(f"delete {label(atom)}", graph)


def change_atom(mol: Chem.Mol, rng: np.random.Generator) -> Edit | None:
    """Another element in the place of an uncharged one, with as many bonds."""
    atom = pick(rng, [each for each in mol.GetAtoms() if each.GetDegree() and not each.GetFormalCharge()])
    if atom is None:
        return None
    bonds = atom.GetTotalValence() - atom.GetTotalNumHs()
    around = [other.GetAtomicNum() for other in atom.GetNeighbors()]
    known = VALENCE | (PHOSPHORUS if bonds == 3 and not atom.GetIsAromatic() else {})
    symbol = pick(rng, [s for s, most in known.items() if bonds <= most and s != atom.GetSymbol()])
    if symbol is None or not all(may_bond(Chem.Atom(symbol).GetAtomicNum(), other) for other in around):
        return None
    graph = opened(mol)
    changed = graph.GetAtomWithIdx(atom.GetIdx())
    changed.SetAtomicNum(Chem.Atom(symbol).GetAtomicNum())
    changed.SetIsotope(0)  # 13C does not become 13O
    return Edit(f"{label(atom)} → {hydride(symbol, known[symbol] - bonds)}", graph)


def change_bond(mol: Chem.Mol, rng: np.random.Generator) -> Edit | None:
    """Another order of a bond that is not aromatic, as far as hydrogens allow."""
    bond = pick(rng, [each for each in mol.GetBonds() if not each.GetIsAromatic()])
    if bond is None or (old := int(bond.GetBondTypeAsDouble())) not in BONDS:
        return None
    ends = bond.GetBeginAtom(), bond.GetEndAtom()
    most = old + min(end.GetTotalNumHs() for end in ends)
    new = pick(rng, [order for order in BONDS if order != old and order <= most])
    if new is None:
        return None
    graph = opened(mol)
    graph.GetBondWithIdx(bond.GetIdx()).SetBondType(BONDS[new])
    forget_stereo(graph, *(end.GetIdx() for end in ends))
    first, second = (end.GetSymbol() for end in ends)
    return Edit(f"{first}{SIGNS[old]}{second} → {first}{SIGNS[new]}{second}", graph)


def exchange_group(mol: Chem.Mol, rng: np.random.Generator) -> Edit | None:
    """A group, or a hydrogen, for another; see `molscreen.chem.analogues.substituent`."""
    return _one_of(exchange_substituents(mol), rng)


def exchange_ring_atom(mol: Chem.Mol, rng: np.random.Generator) -> Edit | None:
    """An atom of a ring for another; see `molscreen.chem.analogues.ring_atom`."""
    return _one_of(exchange_ring_atoms(mol), rng)


def _one_of(products: Iterator[tuple[str, Chem.Mol]], rng: np.random.Generator) -> Edit | None:
    chosen = pick(rng, list(products))
    return chosen and Edit(*chosen)


MOVES: tuple[Move, ...] = (
    append_atom,
    insert_atom,
    delete_atom,
    change_atom,
    change_bond,
    close_ring,
    open_ring,
    exchange_group,
    exchange_ring_atom,
    change_saturation,
    move_group,
)
"""The first seven are those of Jensen's graph GA, the others what chemists do; each has the same chance."""
