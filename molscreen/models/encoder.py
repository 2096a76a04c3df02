"""What an encoder is, and the registry that a spec picks one from."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from molscreen.models.batch import N_ATOM_IDS, N_BOND_IDS, GraphBatch
from molscreen.registry import Registry


class Encoder(nn.Module, ABC):
    """A graph network that gives every atom a vector.

    Members are built as ``Encoder(width, depth, dropout)`` and must be invariant to the order
    of atoms and of molecules, and accept molecules of one atom and batches without a bond.
    """

    def __init__(self, width: int, depth: int, dropout: float) -> None:
        super().__init__()
        self.width, self.depth, self.dropout = width, depth, dropout

    @abstractmethod
    def forward(self, batch: GraphBatch, atom_weight: Tensor | None = None) -> Tensor:
        """Atom vectors (A, d); `atom_weight` (A,) scales what an atom brings in, 0 hides it."""


ENCODERS: Registry[type[Encoder]] = Registry(
    "encoder", homes={"dmpnn": "molscreen.models.dmpnn", "gine": "molscreen.models.gine"}
)


class AtomEmbedding(nn.EmbeddingBag):
    """The sum of one learned vector per atom feature."""

    def __init__(self, width: int) -> None:
        super().__init__(N_ATOM_IDS, width, mode="sum")

    def forward(self, batch: GraphBatch, atom_weight: Tensor | None = None) -> Tensor:  # type: ignore[override]
        """Atom vectors (A, d) before any message."""
        return self.of(batch.atom, atom_weight)

    def of(self, atom: Tensor, atom_weight: Tensor | None = None) -> Tensor:
        """Vectors (m, d) of the feature ids (m, d_atom) of atoms, times their weights (m,)."""
        x = super().forward(atom)  # (m, d)
        return x if atom_weight is None else x * atom_weight[:, None]


class BondEmbedding(nn.EmbeddingBag):
    """The sum of one learned vector per bond feature."""

    def __init__(self, width: int) -> None:
        super().__init__(N_BOND_IDS, width, mode="sum")

    def forward(self, batch: GraphBatch) -> Tensor:  # type: ignore[override]
        """Directed edge vectors (2B, d)."""
        return self.of(batch.bond)

    def of(self, bond: Tensor) -> Tensor:
        """Vectors (m, d) of the feature ids (m, d_bond) of directed edges."""
        if bond.shape[0] == 0:
            return self.weight.new_zeros((0, self.embedding_dim))
        return super().forward(bond)
