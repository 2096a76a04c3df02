"""Crossover: a part of one molecule joined to a part of another, at a bond or across a ring."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from rdkit import Chem, rdBase

from molscreen.generation.genetic.edit import (
    LARGEST,
    Edit,
    closed,
    forget_double_bonds,
    may_bond,
    opened,
    pick,
)

ATTEMPTS = 10  # as in Jensen's graph GA
RING_SHARE = 0.5  # of the attempts, as in Jensen's graph GA, where both molecules have a ring
USUAL_RINGS = {True: (5, 6), False: (5, 7)}  # smallest and largest that is always allowed, by aromatic
SMALLEST_CHILD = 0.5  # of the heavy atoms of the smaller parent; less is a fragment, not a compound


class Cut(NamedTuple):
    """A molecule cut in two, and which part is kept.

    Attributes
    ----------
    mol : Mol
    kept : frozenset of int
        Atoms of the part.
    ends : tuple of (int, int)
        For each bond cut, its atom in the part and its atom outside: one bond, or two of a ring.
    arc : int
        Atoms of the cut ring inside the part; 0 where no ring was cut.
    ring : int
        Size of the cut ring; 0 where none was.
    aromatic : bool
        Whether that ring is.
    """

    mol: Chem.Mol
    kept: frozenset[int]
    ends: tuple[tuple[int, int], ...]
    arc: int = 0
    ring: int = 0
    aromatic: bool = False


def cross(
    first: Chem.Mol, second: Chem.Mol, rng: np.random.Generator, *, attempts: int = ATTEMPTS
) -> Edit | None:
    """A child of two molecules, or None where no attempt gave one.

    Each attempt cuts both in the same way: at a single bond outside rings, or at two bonds of a ring,
    aromatic in both or in neither; then it joins a part of the one to a part of the other. A stereocentre
    at a cut keeps its handedness, the new part in the place of the old; a double bond there is no longer E
    or Z. A new ring has a usual size, see `USUAL_RINGS`, or one of those between the rings that were cut.

    Parameters
    ----------
    first, second : Mol
        Sanitised; they are not changed.
    rng : Generator
    attempts : int

    Returns
    -------
    Edit or None
        A sanitised molecule, see `molscreen.generation.genetic.edit.closed`; it may be one of the parents
        again.

    References
    ----------
    Jensen, Chem. Sci. 10, 3567 (2019), doi:10.1039/C8SC05372C.

    Examples
    --------
    >>> aspirin, paracetamol = map(Chem.MolFromSmiles, ("CC(=O)Oc1ccccc1C(=O)O", "CC(=O)Nc1ccc(O)cc1"))
    >>> child = cross(aspirin, paracetamol, np.random.default_rng(1))
    >>> child.step, Chem.MolToSmiles(child.mol)
    ('crossover at a bond', 'CC(=O)Oc1ccccc1O')
    """
    with rdBase.BlockLogs():
        for _ in range(attempts):
            in_ring = rng.random() < RING_SHARE
            one = cut_ring(first, rng) if in_ring else cut_bond(first, rng)
            other = one and (cut_ring(second, rng, one) if in_ring else cut_bond(second, rng))
            raw = join(one, other) if one and other else None
            child = closed(raw) if raw else None
            if child:
                return Edit("crossover in a ring" if in_ring else "crossover at a bond", child)
    return None


def cut_bond(mol: Chem.Mol, rng: np.random.Generator) -> Cut | None:
    """A cut at a random single bond outside rings, and a random side of it; None where there is none."""
    ends = pick(rng, mol.GetSubstructMatches(_single_bond()))
    if ends is None:
        return None
    inside, outside = ends if rng.random() < 0.5 else ends[::-1]
    distance = Chem.GetDistanceMatrix(mol)  # of a tree's two sides, each is nearer to its own end
    kept = frozenset(np.flatnonzero(distance[inside] < distance[outside]).tolist())
    return Cut(mol, kept, ((inside, outside),))


def cut_ring(mol: Chem.Mol, rng: np.random.Generator, like: Cut | None = None) -> Cut | None:
    """A cut at two random bonds of a random ring, none of them a fusion bond, and a random side of it.

    None where the molecule has no such ring, or hangs together still. A part with an aromatic ring keeps its
    marks; any other molecule is opened, see `molscreen.generation.genetic.edit.opened`.

    Parameters
    ----------
    mol : Mol
    rng : Generator
    like : Cut, optional
        A part of another molecule that this one is to complete: of the same kind, to a ring of a usual size.
    """
    info = mol.GetRingInfo()
    rings = [(ring, _is_aromatic(mol, ring)) for ring in info.AtomRings()]
    chosen = pick(rng, [ring for ring in rings if like is None or ring[1] == like.aromatic])
    if chosen is None:
        return None
    ring, aromatic = chosen
    gaps = [mol.GetBondBetweenAtoms(ring[i - 1], ring[i]).GetIdx() for i in range(len(ring))]
    free = [i for i, bond in enumerate(gaps) if info.NumBondRings(bond) == 1]
    arcs = [(i, j, (j - i) % len(ring)) for i in free for j in free if i != j]  # atoms i to j - 1
    sizes = _ring_sizes(len(ring), like.ring if like else 0, aromatic=aromatic)
    arc = pick(rng, [arc for arc in arcs if like is None or arc[2] + like.arc in sizes])
    if arc is None:
        return None
    start, stop, length = arc
    ends = (ring[start], ring[start - 1]), (ring[stop - 1], ring[stop])
    if rng.random() < 0.5:  # the other way round
        ends = ends[::-1]
    parts = _parts(mol, ends)
    kept = next(part for part in parts if ends[0][0] in part)
    whole = mol if aromatic else opened(mol)
    return Cut(whole, kept, ends, length, len(ring), aromatic) if len(parts) == 2 else None


def join(first: Cut, second: Cut) -> Chem.RWMol | None:
    """The kept parts of two like cuts as one raw product, None where they make no sensible one.

    Each bond has the lower order of the two that were cut, so that no atom gets more bonds than it had.
    """
    if not _fit(first, second):
        return None
    product = Chem.RWMol(first.mol)
    product.InsertMol(second.mol)
    shift = first.mol.GetNumAtoms()
    for (a, lost), (b, lost_too) in zip(first.ends, second.ends, strict=True):
        bonds = (first.mol.GetBondBetweenAtoms(a, lost), second.mol.GetBondBetweenAtoms(b, lost_too))
        order = min((bond.GetBondType() for bond in bonds), key=int)
        for atom, neighbor in ((a, lost), (b + shift, lost_too + shift)):
            _let_go(product, atom, neighbor)
        product.AddBond(a, b + shift, order)
    kept = first.kept | {place + shift for place in second.kept}
    product.BeginBatchEdit()
    for place in range(product.GetNumAtoms()):
        if place not in kept:
            product.RemoveAtom(place)
    product.CommitBatchEdit()
    return product


def _fit(first: Cut, second: Cut) -> bool:
    """Whether the child has a fair size, and its new bonds may be."""
    smaller = min(first.mol.GetNumAtoms(), second.mol.GetNumAtoms())
    if not SMALLEST_CHILD * smaller <= len(first.kept) + len(second.kept) <= LARGEST:
        return False
    return all(
        may_bond(first.mol.GetAtomWithIdx(a).GetAtomicNum(), second.mol.GetAtomWithIdx(b).GetAtomicNum())
        for (a, _), (b, _) in zip(first.ends, second.ends, strict=True)
    )


def _ring_sizes(size: int, other: int, *, aromatic: bool) -> range:
    """Sizes that a ring made of parts of two may have."""
    least, most = USUAL_RINGS[aromatic]
    return range(min(least, size, other), max(most, size, other) + 1)


def _let_go(product: Chem.RWMol, atom: int, neighbor: int) -> None:
    """Cut a bond; a stereocentre is turned so that the next bond made there takes the place of this one.

    Handedness is told by the order of an atom's bonds, and a new bond is the last.
    """
    around = [each.GetIdx() for each in product.GetAtomWithIdx(atom).GetNeighbors()]
    forget_double_bonds(product, atom)
    product.RemoveBond(atom, neighbor)
    if (len(around) - 1 - around.index(neighbor)) % 2:
        product.GetAtomWithIdx(atom).InvertChirality()


def _parts(mol: Chem.Mol, ends: tuple[tuple[int, int], ...]) -> list[frozenset[int]]:
    """Atoms of the parts that are left without the bonds between these atoms."""
    bonds = [mol.GetBondBetweenAtoms(*pair).GetIdx() for pair in ends]
    return list(map(frozenset, Chem.GetMolFrags(Chem.FragmentOnBonds(mol, bonds, addDummies=False))))


def _is_aromatic(mol: Chem.Mol, ring: tuple[int, ...]) -> bool:
    return all(mol.GetBondBetweenAtoms(ring[i - 1], ring[i]).GetIsAromatic() for i in range(len(ring)))


@functools.cache
def _single_bond() -> Chem.Mol:
    return Chem.MolFromSmarts("*-!@*")
