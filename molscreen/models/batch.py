"""GraphBatch: many packed molecular graphs as the tensors one forward pass reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from molscreen.graphs.features import ATOM_FIELDS, BOND_FIELDS
from molscreen.graphs.pack import ATOM_TABLE, BOND_TABLE, PackedGraphs


def _offsets(fields: tuple[tuple[str, int], ...]) -> NDArray[np.int64]:
    """Where each field's ids begin in one embedding table that holds all fields."""
    return np.cumsum([0] + [size for _, size in fields])[:-1]


N_ATOM_IDS = sum(size for _, size in ATOM_FIELDS)
N_BOND_IDS = sum(size for _, size in BOND_FIELDS)


@dataclass(frozen=True, slots=True, eq=False)
class GraphBatch:
    """n molecules with A atoms and B bonds in all.

    Attributes
    ----------
    atom : (A, d_atom) int64
        Ids of the atom's features in one shared embedding table (`N_ATOM_IDS` rows).
    edge_index : (2, 2B) int64
        Source and target atom of every directed edge: B bonds forwards, then the same B
        backwards, so that edge e and edge ``(e + B) % 2B`` are each other's reverse.
    bond : (2B, d_bond) int64
        Ids of the bond's features in one shared embedding table (`N_BOND_IDS` rows).
    molecule : (A,) int64
        The molecule, 0 to n - 1, that an atom belongs to. A molecule may have no bonds.
    n : int
    """

    atom: Tensor
    edge_index: Tensor
    bond: Tensor
    molecule: Tensor
    n: int

    def to(self, device: torch.device | str) -> GraphBatch:
        """The same batch on another device."""
        return GraphBatch(
            self.atom.to(device),
            self.edge_index.to(device),
            self.bond.to(device),
            self.molecule.to(device),
            self.n,
        )


def collate(graphs: PackedGraphs) -> GraphBatch:
    """Unfold packed graphs into one `GraphBatch`; no Python loop over molecules or atoms."""
    n_atoms = graphs.n_atoms.astype(np.int64)
    n_bonds = graphs.n_bonds.astype(np.int64)
    first_atom = np.cumsum(n_atoms) - n_atoms  # (n,)
    ends = graphs.ends.astype(np.int64) + np.repeat(first_atom, n_bonds)[:, None]  # (B, 2)
    forwards = np.ascontiguousarray(ends.T)  # (2, B)
    bond = BOND_TABLE[graphs.bond].astype(np.int64) + _offsets(BOND_FIELDS)  # (B, d_bond)
    return GraphBatch(
        atom=torch.from_numpy(ATOM_TABLE[graphs.atom].astype(np.int64) + _offsets(ATOM_FIELDS)),
        edge_index=torch.from_numpy(np.concatenate([forwards, forwards[::-1]], axis=1)),
        bond=torch.from_numpy(np.concatenate([bond, bond])),
        molecule=torch.from_numpy(np.repeat(np.arange(len(n_atoms)), n_atoms)),
        n=len(n_atoms),
    )


def add_by_index(rows: Tensor, index: Tensor, n: int) -> Tensor:
    """Sums (n, d) of those rows (m, d) that have the same index (m,); 0 where none has."""
    return rows.new_zeros((n, rows.shape[1])).index_add(0, index, rows)


def cut_batches(n_atoms: NDArray[np.integer], budget: int) -> Iterator[slice]:
    """Consecutive slices of at most `budget` atoms each; one molecule above it goes alone.

    Parameters
    ----------
    n_atoms : (n,) int
        Atoms of each molecule, in the order in which they will be batched.
    budget : int
        Atoms a batch may hold. Memory of a forward pass grows with it, not with n.
    """
    start, held = 0, 0
    for index, size in enumerate(n_atoms.tolist()):
        if held and held + size > budget:
            yield slice(start, index)
            start, held = index, 0
        held += size
    if start < len(n_atoms):
        yield slice(start, len(n_atoms))
