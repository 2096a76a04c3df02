"""Heads: from a molecule's vector to a number, and its expected noise, per endpoint."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from molscreen.models.batch import GraphBatch, add_by_index

TYPICAL_ATOMS = 25.0  # scales the sum so that both halves of the readout have one size
LOG_VARIANCE_RANGE = (-6.0, 4.0)  # of standardised targets: sd 0.05 to 7.4


class Readout(nn.Module):
    """Mean and sum of the atom vectors: intensive and extensive properties need one each."""

    def forward(self, h: Tensor, batch: GraphBatch) -> Tensor:
        """Molecule vectors (n, 2d) from atom vectors (A, d)."""
        total = add_by_index(h, batch.molecule, batch.n)  # (n, d)
        atoms = batch.n_atoms.clamp(min=1)  # (n,)
        mean, total = total / atoms[:, None], total / TYPICAL_ATOMS
        return torch.cat([mean, total], dim=1)  # (n, 2d)


class Heads(nn.Module):
    """One hidden layer shared by all endpoints, then two linear outputs per endpoint."""

    def __init__(self, width: int, hidden: int, n_endpoints: int, dropout: float) -> None:
        super().__init__()
        self.hidden = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(dropout)
        )
        self.raw = nn.Linear(hidden, n_endpoints)
        self.log_variance = nn.Linear(hidden, n_endpoints)

    def forward(self, molecules: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Raw outputs (n, t), log variances (n, t) and the hidden layer (n, hidden)."""
        h = self.hidden(molecules)  # (n, hidden)
        return self.raw(h), self.log_variance(h).clamp(*LOG_VARIANCE_RANGE), h
