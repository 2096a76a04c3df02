"""Environments: which atoms and bonds of a batch look alike, so that a network computes each kind once.

What message passing gives a directed bond after k rounds follows from its surroundings up to k bonds away.
Molecules are made of few such pieces: in a batch of 4,096 atoms of a vendor's library, the directed bonds
are of 0.6 % as many kinds at the start, 6 % after one round, 20 % after two and 36 % after three.

Kinds are told apart by 64-bit codes, refined round by round as in the Weisfeiler-Lehman test; codes of a
multiset are added up modulo 2^64. That two of 9,000 kinds share a code by chance has a probability of
2e-12 for a batch.

References
----------
Shervashidze et al., J. Mach. Learn. Res. 12, 2539 (2011) (refinement). Steele, Lea & Flood, OOPSLA 2014,
doi:10.1145/2660193.2660195 (the mixing function).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from molscreen.models.batch import GraphBatch

Codes = NDArray[np.uint64]
Places = NDArray[np.int64]

_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))  # of splitmix64
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
_STEP = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no bit is lost


class Kinds(NamedTuple):
    """Kinds of m things: ``of`` (m,) says which kind each is, ``first`` (u,) the first thing of each kind."""

    of: Places
    first: Places


class Bags(NamedTuple):
    """Rows to be added up for each of u things: ``rows`` (r,); those of thing i begin at ``start[i]``."""

    rows: Places
    start: Places

    def add(self, values: Tensor) -> Tensor:
        """Sums (u, d) of rows of `values` (m, d); 0 for a thing without rows."""
        if not len(self.rows):
            return values.new_zeros((len(self.start), values.shape[1]))
        return functional.embedding_bag(
            torch.from_numpy(self.rows), values, torch.from_numpy(self.start), mode="sum"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Environments:
    """The kinds of a batch's atoms and directed edges, for a network of some depth.

    Attributes
    ----------
    atom : Kinds
        Of atoms, by their features (and weights) alone.
    edge : tuple of Kinds
        Of directed edges after 0, 1, … rounds.
    before : tuple of Bags
        For each kind of ``edge[k + 1]``: kinds of ``edge[k]`` of the edges that arrive at its source,
        its own reverse left out.
    surrounded : Kinds
        Of atoms with all that arrives after the last round.
    arriving : Bags
        For each kind of `surrounded`: kinds of ``edge[-1]`` of the edges that arrive.
    """

    atom: Kinds
    edge: tuple[Kinds, ...]
    before: tuple[Bags, ...]
    surrounded: Kinds
    arriving: Bags


def environments(batch: GraphBatch, rounds: int, atom_weight: Tensor | None = None) -> Environments:
    """The kinds in a batch on the CPU, after each of `rounds` rounds of messages.

    Atoms of different weights are of different kinds.
    """
    source, target = batch.edge_index.numpy()
    reverse = np.roll(np.arange(len(source)), len(source) // 2)  # see `GraphBatch.edge_index`
    by_target = _Incoming(target, len(batch.atom))
    atom = _code_of(batch.atom.numpy())
    if atom_weight is not None:
        atom = _mix(atom * _STEP + atom_weight.numpy().view(np.uint32))
    start = _mix(atom[source] * _STEP + _code_of(batch.bond.numpy()))
    code, edge, before = start, [_kinds(start)], []
    for _ in range(rounds):
        coming = by_target.total(code)[source] - code[reverse]
        code = _mix(start * _STEP + _mix(coming))
        kinds = _kinds(code)
        before.append(by_target.bags(source[kinds.first], edge[-1].of, without=reverse[kinds.first]))
        edge.append(kinds)
    surrounded = _kinds(_mix(atom * _STEP + _mix(by_target.total(code))))
    arriving = by_target.bags(surrounded.first, edge[-1].of)
    return Environments(_kinds(atom), tuple(edge), tuple(before), surrounded, arriving)


class _Incoming:
    """The directed edges that arrive at each atom, side by side."""

    def __init__(self, target: Places, n_atoms: int) -> None:
        self._edge = np.argsort(target, kind="stable")
        self._count = np.bincount(target, minlength=n_atoms)
        self._start = np.cumsum(self._count) - self._count

    def total(self, code: Codes) -> Codes:
        """Codes of the edges that arrive at each atom, added up modulo 2^64."""
        running = np.concatenate([np.zeros(1, np.uint64), np.cumsum(code[self._edge], dtype=np.uint64)])
        return np.asarray(running[self._start + self._count] - running[self._start])

    def bags(self, atom: Places, kind: Places, *, without: Places | None = None) -> Bags:
        """For each of some atoms (u,), the kind of each edge that arrives, but one (u,) of them."""
        count = self._count[atom]
        start = np.cumsum(count) - count
        edges = self._edge[np.arange(count.sum()) + np.repeat(self._start[atom] - start, count)]
        if without is None:
            return Bags(kind[edges], start)
        return Bags(kind[edges[edges != np.repeat(without, count)]], start - np.arange(len(atom)))


def _kinds(code: Codes) -> Kinds:
    """Kinds by equal codes, in the order of the codes."""
    order = np.argsort(code)
    ranked = code[order]
    is_new = np.ones(len(code), bool)
    is_new[1:] = ranked[1:] != ranked[:-1]
    of = np.empty(len(code), np.int64)
    of[order] = np.cumsum(is_new) - 1
    begins = np.flatnonzero(is_new)
    return Kinds(of, np.minimum.reduceat(order, begins) if len(begins) else begins)


def _code_of(ids: NDArray[np.int64]) -> Codes:
    """One code for each row of feature ids (m, f)."""
    code = np.zeros(len(ids), np.uint64)
    for column in ids.T:
        code = _mix(code * _STEP + column.astype(np.uint64))
    return code


def _mix(code: Codes) -> Codes:
    """Every bit of the result depends on every bit of the code; different codes stay different."""
    for shift, factor in zip(_SHIFTS, _MIX, strict=False):
        code = (code ^ (code >> shift)) * factor
    return np.asarray(code ^ (code >> _SHIFTS[-1]))
