"""Surroundings: what a molecule looks like from where a fragment is bound, and what lies on either side."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass

from rdkit import Chem

RADIUS = 3  # of the widest environment; bonds from the fragment
DIGEST = 6  # bytes: among 100,000 contexts two are mistaken for one with a probability of 2e-5


@dataclass(frozen=True, slots=True)
class Point:
    """An atom of the rest that holds the fragment.

    Attributes
    ----------
    outer : int
        The atom of the rest.
    inner : int
        The atom of the fragment that it is bound to; -1 for a hydrogen.
    environment : tuple of int
        What the rest looks like from here at radius 1, 2 and 3, as digests of 48 bits.
    """

    outer: int
    inner: int
    environment: tuple[int, ...]


class Surroundings:
    """A molecule's atoms as texts and its bonds as lists, which Python walks faster than RDKit's objects."""

    def __init__(self, mol: Chem.Mol) -> None:
        self.neighbours: list[list[tuple[int, str]]] = [[] for _ in range(mol.GetNumAtoms())]
        self.cuttable = []
        marks = [""] * mol.GetNumAtoms()
        for bond in mol.GetBonds():
            begin, end = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
            kind = _BONDS.get(bond.GetBondType(), "~")
            self.neighbours[begin].append((end, kind))
            self.neighbours[end].append((begin, kind))
            if kind in "=#":
                marks[begin] = marks[end] = kind
            elif is_cuttable(bond):
                self.cuttable.append((begin, end))
        self.symbols = [_symbol(atom) + marks[atom.GetIdx()] for atom in mol.GetAtoms()]

    def point(self, outer: int, inner: int) -> Point:
        """The point where `outer` holds the fragment by its atom `inner`, -1 for a hydrogen."""
        texts = (self._seen(outer, inner, radius) for radius in range(1, RADIUS + 1))
        return Point(outer, inner, tuple(digest(f"{r}{text}") for r, text in enumerate(texts, start=1)))

    def _seen(self, place: int, without: int, depth: int) -> str:
        """The atoms around one as a tree, branches in the order of their texts."""
        if depth == 1:
            return self.symbols[place]
        branches = [k + self._seen(to, place, depth - 1) for to, k in self.neighbours[place] if to != without]
        return f"{self.symbols[place]}({','.join(sorted(branches))})"

    def components(self) -> list[int]:
        """Bit masks of the atoms that hang together."""
        return [mask for root, mask in enumerate(self._below) if self._parent[root] < 0]

    def sides(self) -> tuple[list[tuple[int, int]], list[int]]:
        """For each cuttable bond, from either end: (outer, inner), and the outer side as a bit mask."""
        ends, masks = [], []
        whole = dict.fromkeys(range(len(self.symbols)), 0)
        for mask in self.components():
            whole.update(dict.fromkeys(places(mask), mask))
        for begin, end in self.cuttable:
            below, above = (end, begin) if self._parent[end] == begin else (begin, end)
            ends += [(below, above), (above, below)]
            masks += [self._below[below], whole[below] & ~self._below[below]]
        return ends, masks

    @functools.cached_property
    def _parent(self) -> list[int]:
        """Of each atom in a spanning tree, -1 for a root. A bond in no ring is in every such tree."""
        return self._tree[0]

    @functools.cached_property
    def _below(self) -> list[int]:
        """Bit mask of each atom and those below it in the tree."""
        return self._tree[1]

    @functools.cached_property
    def _tree(self) -> tuple[list[int], list[int]]:
        parent, order = [-2] * len(self.symbols), []
        for root in range(len(parent)):
            if parent[root] != -2:
                continue
            parent[root] = -1
            queue = [root]
            for place in queue:
                for to, _ in self.neighbours[place]:
                    if parent[to] == -2:
                        parent[to] = place
                        queue.append(to)
            order += queue
        below = [1 << place for place in range(len(parent))]
        for place in reversed(order):
            if parent[place] >= 0:
                below[parent[place]] |= below[place]
        return parent, below


_BONDS = {
    Chem.BondType.SINGLE: "-",
    Chem.BondType.DOUBLE: "=",
    Chem.BondType.TRIPLE: "#",
    Chem.BondType.AROMATIC: ":",
}


def _symbol(atom: Chem.Atom) -> str:
    symbol = atom.GetSymbol().lower() if atom.GetIsAromatic() else atom.GetSymbol()
    charge = f"{atom.GetFormalCharge():+d}" if atom.GetFormalCharge() else ""
    return f"{symbol}{charge}{'@' if atom.IsInRing() else ''}"


@functools.lru_cache(maxsize=1 << 16)
def digest(text: str) -> int:
    """48 bits that are the same in every process and on every machine."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=DIGEST).digest(), "big")


def is_cuttable(bond: Chem.Bond) -> bool:
    """Single, in no ring, between heavy atoms, and not between two charges, as in a nitro group."""
    atoms = bond.GetBeginAtom(), bond.GetEndAtom()
    return (
        bond.GetBondType() == Chem.BondType.SINGLE
        and not bond.IsInRing()
        and all(atom.GetAtomicNum() > 1 for atom in atoms)
        and not all(atom.GetFormalCharge() for atom in atoms)
    )


def point_at(mol: Chem.Mol, place: int) -> Point:
    """The point where an atom holds a hydrogen."""
    return Surroundings(mol).point(place, -1)


def places(mask: int) -> tuple[int, ...]:
    """The atoms of a bit mask, rising."""
    return tuple(place for place in range(mask.bit_length()) if mask >> place & 1)
