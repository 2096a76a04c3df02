"""D-MPNN: messages live on directed bonds, and never return along the bond they came by."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from molscreen.models.batch import GraphBatch, add_by_index
from molscreen.models.encoder import ENCODERS, AtomEmbedding, BondEmbedding, Encoder


@ENCODERS.register("dmpnn")
class DMPNN(Encoder):
    """Directed message passing.

    With ``h0_vw = relu(W_i x_v + e_vw)``, for `depth` - 1 rounds
    ``h_vw <- relu(h0_vw + W_h (sum_{u in N(v)} h_uv - h_wv))``, and at the end
    ``h_v = relu(W_o [x_v, sum_{u in N(v)} h_uv])``.

    Sums over neighbours are plain torch, so that a bundle of this encoder loads without PyG, whose
    import takes longer than a prediction.

    References
    ----------
    Yang et al., J. Chem. Inf. Model. 59, 3370 (2019), doi:10.1021/acs.jcim.9b00237.
    """

    def __init__(self, width: int, depth: int, dropout: float) -> None:
        super().__init__(width, depth, dropout)
        self.atoms = AtomEmbedding(width)
        self.bonds = BondEmbedding(width)
        self.initialize = nn.Linear(width, width)
        self.update = nn.Linear(width, width, bias=False)
        self.finalize = nn.Linear(2 * width, width)

    def forward(self, batch: GraphBatch, atom_weight: Tensor | None = None) -> Tensor:
        """Atom vectors (A, d)."""
        source, target = batch.edge_index
        x = self.atoms(batch, atom_weight)  # (A, d)
        h0 = (self.initialize(x)[source] + self.bonds(batch)).relu()  # (2B, d)
        h = h0
        for _ in range(self.depth - 1):
            arriving = add_by_index(h, target, len(x))  # (A, d)
            h = (h0 + self.update(arriving[source] - _reverse(h))).relu()  # (2B, d)
            h = functional.dropout(h, self.dropout, self.training)
        arriving = add_by_index(h, target, len(x))  # (A, d)
        atoms: Tensor = self.finalize(torch.cat([x, arriving], dim=1))  # (A, d)
        return atoms.relu()


def _reverse(h: Tensor) -> Tensor:
    """Every directed edge's vector in the place of its reverse; see `GraphBatch.edge_index`."""
    forwards, backwards = h.chunk(2) if len(h) else (h, h)
    return torch.cat([backwards, forwards])
