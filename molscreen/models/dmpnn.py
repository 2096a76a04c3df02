"""D-MPNN: messages live on directed bonds, and never return along the bond they came by."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from molscreen.models.batch import GraphBatch, add_by_index
from molscreen.models.encoder import ENCODERS, AtomEmbedding, BondEmbedding, Encoder
from molscreen.models.environment import environments


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
        """Atom vectors (A, d).

        On a CPU what looks alike is computed once, and loses the same numbers to dropout: the same vectors up
        to rounding, in a third of the time (`molscreen.models.environment`). Where somebody asks what each
        atom's own weight does, every edge is computed for itself.
        """
        asked = atom_weight is not None and atom_weight.requires_grad
        if asked or batch.atom.device.type != "cpu":
            return self._one_by_one(batch, atom_weight)
        return self._by_kind(batch, atom_weight)

    def _one_by_one(self, batch: GraphBatch, atom_weight: Tensor | None) -> Tensor:
        """Atom vectors (A, d), every edge for itself."""
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

    def _by_kind(self, batch: GraphBatch, atom_weight: Tensor | None) -> Tensor:
        """Atom vectors (A, d), each kind of atom and edge once."""
        found = environments(batch, self.depth - 1, atom_weight)
        first = torch.from_numpy(found.atom.first)
        weight = None if atom_weight is None else atom_weight[first]
        x = self.atoms.of(batch.atom[first], weight)  # (kinds, d)
        edge = torch.from_numpy(found.edge[0].first)
        atom = torch.from_numpy(found.atom.of)
        source = atom[batch.edge_index[0, edge]]
        h0 = (self.initialize(x).index_select(0, source) + self.bonds.of(batch.bond[edge])).relu()
        h = h0  # (kinds, d)
        for kinds, before in zip(found.edge[1:], found.before, strict=True):
            own = torch.from_numpy(found.edge[0].of[kinds.first])
            h = torch.addmm(
                h0.index_select(0, own), before.add(h), self.update.weight.T
            ).relu_()  # (kinds, d)
            h = functional.dropout(h, self.dropout, self.training)
        of_x, of_arriving = self.finalize.weight.chunk(2, dim=1)  # (d, d) each
        own = atom[torch.from_numpy(found.surrounded.first)]
        alone = torch.addmm(self.finalize.bias, x, of_x.T).index_select(0, own)  # (kinds, d)
        atoms = torch.addmm(alone, found.arriving.add(h), of_arriving.T).relu_()  # (kinds, d)
        return atoms.index_select(0, torch.from_numpy(found.surrounded.of))


def _reverse(h: Tensor) -> Tensor:
    """Every directed edge's vector in the place of its reverse; see `GraphBatch.edge_index`."""
    forwards, backwards = h.chunk(2) if len(h) else (h, h)
    return torch.cat([backwards, forwards])
