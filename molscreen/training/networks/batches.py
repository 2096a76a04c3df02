"""Training examples as arrays, and the batches of one epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from molscreen.graphs.pack import PackedGraphs
from molscreen.models.batch import GraphBatch, collate, cut_batches


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """n compounds with what was measured of them.

    Attributes
    ----------
    graphs : PackedGraphs
        n graphs.
    value : (n, t) float32
        On the fitted scale (log10 where the endpoint says so); NaN = not measured.
    relation : (n, t) int8
        0 "=", -1 "<", +1 ">".
    """

    graphs: PackedGraphs
    value: NDArray[np.float32]
    relation: NDArray[np.int8]

    def __post_init__(self) -> None:
        n = len(self.graphs)
        if self.value.shape[:1] != (n,) or self.relation.shape != self.value.shape:
            raise ValueError(f"{n} graphs, but value {self.value.shape} and relation {self.relation.shape}")

    def __len__(self) -> int:
        return len(self.graphs)

    def take(self, index: NDArray[np.integer]) -> Examples:
        """The examples at `index`, in that order."""
        return Examples(self.graphs.take(index), self.value[index], self.relation[index])


def epoch_batches(
    examples: Examples, budget: int, rng: np.random.Generator | None = None
) -> Iterator[tuple[GraphBatch, Tensor, Tensor]]:
    """Batches of graphs, values (n, t) and relations (n, t); shuffled where `rng` is given.

    Parameters
    ----------
    examples : Examples
    budget : int
        Atoms per batch.
    rng : numpy Generator, optional
        Makes this epoch's order; absent, the order is that of the examples.
    """
    order = np.arange(len(examples)) if rng is None else rng.permutation(len(examples))
    for part in cut_batches(examples.graphs.n_atoms[order], budget):
        chosen = examples.take(order[part])
        yield (
            collate(chosen.graphs),
            torch.from_numpy(chosen.value),
            torch.from_numpy(chosen.relation),
        )
