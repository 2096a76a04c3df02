"""PackedGraphs: many molecules in five flat arrays, about 130 bytes each."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from molscreen.graphs.molgraph import MolGraph
from molscreen.graphs.vocabulary import ATOM_FIELDS, BOND_FIELDS

ATOM_SIZES = tuple(size for _, size in ATOM_FIELDS)
BOND_SIZES = tuple(size for _, size in BOND_FIELDS)
MAX_ATOMS = 256  # an end of a bond is one byte

_HEADER = struct.Struct("<HH")  # atoms, bonds


def _decode_table(sizes: tuple[int, ...]) -> NDArray[np.uint8]:
    """The ids of every mixed-radix code (n_codes, d); the last field varies fastest."""
    table = np.stack(np.unravel_index(np.arange(math.prod(sizes)), sizes), axis=1).astype(np.uint8)
    table.setflags(write=False)
    return table


ATOM_TABLE = _decode_table(ATOM_SIZES)
"""(n_codes, d_atom) uint8: ``ATOM_TABLE[graphs.atom]`` are the features of the atoms."""

BOND_TABLE = _decode_table(BOND_SIZES)
"""(n_codes, d_bond) uint8: ``BOND_TABLE[graphs.bond]`` are the features of the bonds."""


@dataclass(frozen=True, slots=True, eq=False)
class PackedGraphs:
    """n molecules of A atoms and B bonds in all, one after the other.

    Attributes
    ----------
    n_atoms, n_bonds : (n,) int32
        Atoms and bonds of each molecule.
    atom : (A,) uint16
        All features of an atom as one mixed-radix number; `ATOM_TABLE` takes it apart.
    ends : (B, 2) uint8
        The two atoms of a bond, lower first, counted inside the molecule.
    bond : (B,) uint8
        All features of a bond as one mixed-radix number; `BOND_TABLE` takes it apart.

    Raises
    ------
    ValueError
        The arrays do not fit each other.

    Examples
    --------
    >>> from molscreen.graphs.features import featurize_batch
    >>> graphs = featurize_batch(["CCO", "C", "c1ccccc1"])
    >>> len(graphs), graphs.n_bonds.tolist()
    (3, [2, 0, 6])
    >>> graphs.take([2, 0]).n_atoms.tolist()
    [6, 3]
    """

    n_atoms: NDArray[np.int32]
    n_bonds: NDArray[np.int32]
    atom: NDArray[np.uint16]
    ends: NDArray[np.uint8]
    bond: NDArray[np.uint8]

    def __post_init__(self) -> None:
        n, total_atoms, total_bonds = len(self.n_atoms), int(self.n_atoms.sum()), int(self.n_bonds.sum())
        for name, shape in (
            ("n_bonds", (n,)),
            ("atom", (total_atoms,)),
            ("ends", (total_bonds, 2)),
            ("bond", (total_bonds,)),
        ):
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, expected {shape}")

    def __len__(self) -> int:
        return len(self.n_atoms)

    def take(self, index: ArrayLike) -> PackedGraphs:
        """The molecules that `index` (m,) names, in its order; repeats and negatives are allowed."""
        rows = np.asarray(index, dtype=np.intp)
        atoms = _spans(_starts(self.n_atoms)[rows], self.n_atoms[rows])
        bonds = _spans(_starts(self.n_bonds)[rows], self.n_bonds[rows])
        return PackedGraphs(
            self.n_atoms[rows], self.n_bonds[rows], self.atom[atoms], self.ends[bonds], self.bond[bonds]
        )

    @staticmethod
    def concatenate(parts: Sequence[PackedGraphs]) -> PackedGraphs:
        """The molecules of all parts, in order."""
        parts = [_EMPTY, *parts]
        return PackedGraphs(
            np.concatenate([part.n_atoms for part in parts]),
            np.concatenate([part.n_bonds for part in parts]),
            np.concatenate([part.atom for part in parts]),
            np.concatenate([part.ends for part in parts]),
            np.concatenate([part.bond for part in parts]),
        )


_EMPTY = PackedGraphs(
    np.zeros(0, np.int32),
    np.zeros(0, np.int32),
    np.zeros(0, np.uint16),
    np.zeros((0, 2), np.uint8),
    np.zeros(0, np.uint8),
)


def pack(graphs: Sequence[MolGraph]) -> PackedGraphs:
    """Many graphs in flat arrays; `unpack` gives back exactly what went in.

    Raises
    ------
    ValueError
        A molecule has more than 256 atoms, or an id lies outside its vocabulary.

    Examples
    --------
    >>> from molscreen.graphs.features import featurize
    >>> packed = pack([featurize("CCO")])
    >>> bool((unpack(packed)[0].x == featurize("CCO").x).all())
    True
    """
    return PackedGraphs.concatenate([_pack_one(graph) for graph in graphs])


def _pack_one(graph: MolGraph) -> PackedGraphs:
    a, b = graph.n_atoms, graph.n_bonds
    if a > MAX_ATOMS:
        raise ValueError(f"a molecule of {a} atoms cannot be packed, the most is {MAX_ATOMS}")
    return PackedGraphs(
        np.array([a], np.int32),
        np.array([b], np.int32),
        np.ravel_multi_index(tuple(graph.x.T.astype(np.intp)), ATOM_SIZES).astype(np.uint16),
        graph.edge_index[:, :b].T.astype(np.uint8),
        np.ravel_multi_index(tuple(graph.edge_attr[:b].T.astype(np.intp)), BOND_SIZES).astype(np.uint8),
    )


def unpack(graphs: PackedGraphs) -> list[MolGraph]:
    """One `MolGraph` per molecule, in order; the inverse of `pack`."""
    x = ATOM_TABLE[graphs.atom]  # (A, d_atom)
    attr = BOND_TABLE[graphs.bond]  # (B, d_bond)
    ends = graphs.ends.astype(np.int32)
    atoms, bonds = _starts(graphs.n_atoms), _starts(graphs.n_bonds)
    result = []
    for i in range(len(graphs)):
        own = slice(bonds[i], bonds[i] + graphs.n_bonds[i])
        forwards = ends[own].T  # (2, b)
        result.append(
            MolGraph(
                x[atoms[i] : atoms[i] + graphs.n_atoms[i]],
                np.concatenate([forwards, forwards[::-1]], axis=1),
                np.concatenate([attr[own], attr[own]]),
            )
        )
    return result


def to_bytes(graph: MolGraph) -> bytes:
    """One molecule as bytes, for a pipe or a binary column: 4 + 2 a + 3 b of them.

    Little-endian: atoms and bonds (uint16 each), atom codes (uint16), ends (uint8), bond codes
    (uint8), as in `PackedGraphs`. `from_blobs` reads many of them at once.

    Raises
    ------
    ValueError
        As for `pack`.

    Examples
    --------
    >>> from molscreen.graphs.features import featurize
    >>> len(to_bytes(featurize("CCO")))
    16
    """
    return to_blobs(_pack_one(graph))[0]


def to_blobs(graphs: PackedGraphs) -> list[bytes]:
    """One `to_bytes` per molecule, in order."""
    atom, ends, bond = graphs.atom.astype("<u2").tobytes(), graphs.ends.tobytes(), graphs.bond.tobytes()
    blobs, i, j = [], 0, 0
    for a, b in zip(graphs.n_atoms.tolist(), graphs.n_bonds.tolist(), strict=True):
        parts = (_HEADER.pack(a, b), atom[2 * i : 2 * (i + a)], ends[2 * j : 2 * (j + b)], bond[j : j + b])
        blobs.append(b"".join(parts))
        i, j = i + a, j + b
    return blobs


def join_blob(atom: NDArray[np.uint16], ends: NDArray[np.uint8], bond: NDArray[np.uint8]) -> bytes:
    """`to_bytes` of one molecule from its arrays, as in `PackedGraphs`."""
    parts = (_HEADER.pack(len(atom), len(bond)), atom.astype("<u2").tobytes(), ends.tobytes(), bond.tobytes())
    return b"".join(parts)


def from_blobs(blobs: Sequence[bytes]) -> PackedGraphs:
    """The molecules of many `to_bytes`, in order.

    Raises
    ------
    ValueError
        A blob is cut short, or holds a code or an atom that does not exist.
    """
    size = np.fromiter(map(len, blobs), np.int64, len(blobs))
    return from_buffer(np.frombuffer(b"".join(blobs), np.uint8), _starts(size), size)


def from_buffer(
    data: NDArray[np.uint8], start: NDArray[np.integer], size: NDArray[np.integer]
) -> PackedGraphs:
    """The molecules of many `to_bytes` that lie in one buffer, in any order, with gaps or without.

    Parameters
    ----------
    data : (m,) uint8
    start, size : (n,) int
        Where the bytes of each molecule begin, and how many they are.

    Raises
    ------
    ValueError
        As for `from_blobs`.

    Examples
    --------
    >>> from molscreen.graphs.features import featurize
    >>> data = np.frombuffer(to_bytes(featurize("CCO")) + to_bytes(featurize("C")), np.uint8)
    >>> from_buffer(data, np.array([16, 0]), np.array([6, 16])).n_atoms.tolist()
    [1, 3]
    """
    if (size < _HEADER.size).any():
        raise ValueError(f"graph {np.argmax(size < _HEADER.size)} has no header: not written by `to_bytes`")
    header = data[_spans(start, np.full(len(size), _HEADER.size))].view("<u2").reshape(-1, 2)
    a, b = header[:, 0].astype(np.int64), header[:, 1].astype(np.int64)
    if (wrong := size != _HEADER.size + 2 * a + 3 * b).any():
        i = int(np.argmax(wrong))
        raise ValueError(
            f"graph {i} has {size[i]} bytes, not those of {a[i]} atoms and {b[i]} bonds: it is damaged"
        )
    start = start + _HEADER.size
    graphs = PackedGraphs(
        a.astype(np.int32),
        b.astype(np.int32),
        data[_spans(start, 2 * a)].view("<u2").astype(np.uint16),
        data[_spans(start + 2 * a, 2 * b)].reshape(-1, 2),
        data[_spans(start + 2 * a + 2 * b, b)],
    )
    _check_codes(graphs)
    return graphs


def _check_codes(graphs: PackedGraphs) -> None:
    """Refuse what would index past a table or point at another molecule's atoms."""
    if (graphs.atom >= len(ATOM_TABLE)).any() or (graphs.bond >= len(BOND_TABLE)).any():
        raise ValueError("a graph holds an atom or bond code that does not exist: it is damaged or foreign")
    if (graphs.ends >= np.repeat(graphs.n_atoms, graphs.n_bonds)[:, None]).any():
        raise ValueError("a graph holds a bond to an atom that does not exist: it is damaged or foreign")


def _starts(counts: NDArray[np.integer]) -> NDArray[np.int64]:
    """Where each run begins when runs of these lengths stand one after the other."""
    return np.cumsum(counts, dtype=np.int64) - counts


def _spans(starts: NDArray[np.integer], counts: NDArray[np.integer]) -> NDArray[np.int64]:
    """All positions of runs of `counts` elements from `starts`, run after run."""
    return np.arange(counts.sum(), dtype=np.int64) + np.repeat(starts - _starts(counts), counts)
