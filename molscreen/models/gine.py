"""GINE: a graph isomorphism network that reads bonds."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional
from torch_geometric.nn import GINEConv

from molscreen.models.batch import GraphBatch
from molscreen.models.encoder import ENCODERS, AtomEmbedding, BondEmbedding, Encoder


@ENCODERS.register("gine")
class GINE(Encoder):
    """``h_v <- h_v + relu(norm(MLP((1 + eps) h_v + sum_w relu(h_w + e_vw))))``, `depth` times.

    References
    ----------
    Hu et al., Strategies for Pre-training Graph Neural Networks, ICLR 2020, arXiv:1905.12265.
    """

    def __init__(self, width: int, depth: int, dropout: float) -> None:
        super().__init__(width, depth, dropout)
        self.atoms = AtomEmbedding(width)
        self.bonds = nn.ModuleList(BondEmbedding(width) for _ in range(depth))
        self.layers = nn.ModuleList(
            GINEConv(
                nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width)),
                train_eps=True,
            )
            for _ in range(depth)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(depth))

    def forward(self, batch: GraphBatch, atom_weight: Tensor | None = None) -> Tensor:
        """Atom vectors (A, d)."""
        h: Tensor = self.atoms(batch, atom_weight)  # (A, d)
        for bond, layer, norm in zip(self.bonds, self.layers, self.norms, strict=True):
            update = norm(layer(h, batch.edge_index, bond(batch))).relu()
            h = h + functional.dropout(update, self.dropout, self.training)
        return h
