"""GraphBatch: many packed molecular graphs as the tensors one forward pass reads."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from molscreen.graphs.pack import ATOM_TABLE, BOND_TABLE, PackedGraphs
from molscreen.graphs.vocabulary import ATOM_FIELDS, BOND_FIELDS

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
    n_atoms : (n,) int64
        Atoms of each molecule.
    """

    atom: Tensor
    edge_index: Tensor
    bond: Tensor
    molecule: Tensor
    n_atoms: Tensor

    @property
    def n(self) -> int:
        """How many molecules there are."""
        return len(self.n_atoms)

    def to(self, device: torch.device | str) -> GraphBatch:
        """The same batch on another device."""
        return GraphBatch(*(getattr(self, field.name).to(device) for field in fields(self)))


def collate(graphs: PackedGraphs, device: torch.device | str = "cpu") -> GraphBatch:
    """Unfold packed graphs into one `GraphBatch`; no Python loop over molecules or atoms.

    They travel to a GPU as they are packed, about 140 bytes a molecule, and become the 6 kB that the
    networks read there. Nothing waits for the GPU.
    """
    device = torch.device(device)
    n_atoms = _send(graphs.n_atoms, device).long()
    n_bonds = _send(graphs.n_bonds, device).long()
    atom = _send(graphs.atom.view(np.int16), device)  # (A,); codes are below 2^15, and torch knows no uint16
    ends = _send(graphs.ends, device)  # (B, 2)
    bond = _send(graphs.bond, device).int()  # (B,)
    first_atom = n_atoms.cumsum(0) - n_atoms  # (n,)
    offset = first_atom.repeat_interleave(n_bonds, output_size=len(bond))  # (B,)
    forwards = ends.T + offset  # (2, B)
    atom_ids, bond_ids = _id_tables(device)
    return GraphBatch(
        atom=atom_ids.index_select(0, atom.int()),
        edge_index=torch.cat([forwards, forwards.flip(0)], dim=1),
        bond=bond_ids.index_select(0, torch.cat([bond, bond])),
        molecule=torch.arange(len(n_atoms), device=device).repeat_interleave(n_atoms, output_size=len(atom)),
        n_atoms=n_atoms,
    )


def _send(array: NDArray[np.generic], device: torch.device) -> Tensor:
    """An array on a device; to a GPU from pinned memory, so that the copy is waited for by nobody."""
    tensor = torch.from_numpy(np.require(array, requirements=("C", "W")))
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


@functools.cache
def _id_tables(device: torch.device) -> tuple[Tensor, Tensor]:
    """Ids (n_codes, d) in the shared embedding tables, of each code of an atom and of a bond."""
    return _id_table(ATOM_TABLE, ATOM_FIELDS).to(device), _id_table(BOND_TABLE, BOND_FIELDS).to(device)


def _id_table(table: NDArray[np.uint8], vocabulary: tuple[tuple[str, int], ...]) -> Tensor:
    offset = np.cumsum([0] + [size for _, size in vocabulary])[:-1]  # where each field's ids begin
    return torch.from_numpy(table.astype(np.int64) + offset)


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
