"""Cliffs and near-duplicates: alike compounds that differ in a value, or in the fold they are in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.features.near_pairs import NearPairs
from molscreen.data.measured.assay_table import AssayTable
from molscreen.data.quality.case import Case, entry, worst_first
from molscreen.data.quality.chemistry import Chemistry, alike_graphs, alike_structures
from molscreen.data.quality.judged import JudgedScale

Mask = NDArray[np.bool_]

KEPT = 100  # of the worst cliffs of each endpoint
MOST_PAIRS = 20_000_000  # alike pairs looked at; about a minute for 36 endpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Cliffs:
    """Alike compounds whose values of one endpoint are far apart; exact values alone.

    Attributes
    ----------
    compared : int
        Compounds with an exact value.
    pairs : int
        Cliffs between compounds of similar structure (ECFP4).
    graph_pairs : int
        Further cliffs, between compounds of similar graph; not counted for labels.
    compounds : int
        Compounds in any of these.
    words : str
        What is far apart.
    worst : tuple of Case
        At most `KEPT` of the `pairs`, the worst first.
    """

    compared: int
    pairs: int
    graph_pairs: int
    compounds: int
    words: str
    worst: tuple[Case, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PairTally:
    """What alike compounds were found to be, per endpoint.

    Attributes
    ----------
    cliffs : tuple of t Cliffs
    near : (n, t) bool
        Test compounds with a near-duplicate that trains the endpoint.
    is_complete : bool
        False where there are more than `MOST_PAIRS`: all counts are then too low.
    """

    cliffs: tuple[Cliffs, ...]
    near: Mask
    is_complete: bool


def tally_pairs(merged: AssayTable, chemistry: Chemistry, scales: Sequence[JudgedScale]) -> PairTally:
    """Look at all alike compounds once, for all endpoints.

    Parameters
    ----------
    merged : AssayTable
        n compounds, one row each, of t endpoints, with their folds.
    chemistry : Chemistry
        Of the n compounds, and compared.
    scales : sequence of t JudgedScale
    """
    counting = _Counting(merged, scales)
    for pairs in alike_structures(chemistry):
        counting.see_structures(pairs)
        if counting.seen > MOST_PAIRS:
            break
    for pairs in alike_graphs(chemistry):
        if counting.seen > MOST_PAIRS:
            break
        counting.see_graphs(pairs)
    return PairTally(counting.cliffs(), counting.near, counting.seen <= MOST_PAIRS)


class _Counting:
    """Counts of the pairs seen so far, for all endpoints at once."""

    def __init__(self, merged: AssayTable, scales: Sequence[JudgedScale]) -> None:
        value = np.where(merged.exact, merged.value, np.nan)
        self.merged, self.scales = merged, scales
        self.value = np.stack([s.apply(v) for s, v in zip(scales, value.T, strict=True)], axis=1)  # (n, t)
        self.limit = np.array([scale.cliff for scale in scales])
        self.is_measured = np.array([each.kind == "regression" for each in merged.endpoints])
        self.tested = merged.tested
        self.trains = merged.measured & ~self.tested
        self.near = np.zeros(self.value.shape, bool)
        self.inside = np.zeros(self.value.shape, bool)
        self.n_structure = np.zeros(len(scales), np.intp)
        self.n_graph = np.zeros(len(scales), np.intp)
        self.worst: list[list[tuple[float, int, int]]] = [[] for _ in scales]
        self.seen = 0

    def see_structures(self, pairs: NearPairs) -> None:
        """Pairs of similar structure: cliffs, and test compounds that are nearly in training."""
        first, second = pairs.first, pairs.second
        for row, other in ((first, second), (second, first)):
            place, column = np.nonzero(self.tested[row] & self.trains[other])
            self.near[row[place], column] = True
        place, column, apart = self._find(pairs)
        self.n_structure += np.bincount(column, minlength=len(self.n_structure))
        for j in np.unique(column):
            own = np.flatnonzero(column == j)
            own = own[np.argsort(-apart[own], kind="stable")[:KEPT]]
            rows = np.sort([first[place[own]], second[place[own]]], axis=0).tolist()
            found = self.worst[j] + list(zip((-apart[own]).tolist(), *rows, strict=True))
            self.worst[j] = sorted(found)[:KEPT]

    def see_graphs(self, pairs: NearPairs) -> None:
        """Pairs of similar graph: cliffs of measured quantities alone."""
        _, column, _ = self._find(pairs, np.flatnonzero(self.is_measured))
        self.n_graph += np.bincount(column, minlength=len(self.n_graph))

    def _find(
        self, pairs: NearPairs, columns: NDArray[np.intp] | None = None
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
        """Place in `pairs`, column and difference of every cliff; their compounds are marked."""
        columns = np.arange(len(self.limit)) if columns is None else columns
        self.seen += len(pairs.first)
        apart = np.abs(self.value[pairs.first][:, columns] - self.value[pairs.second][:, columns])
        place, found = np.nonzero(apart > self.limit[columns])
        for rows in (pairs.first, pairs.second):
            self.inside[rows[place], columns[found]] = True
        return place, columns[found], apart[place, found]

    def cliffs(self) -> tuple[Cliffs, ...]:
        """What was counted."""
        return tuple(
            Cliffs(
                compared=int((~np.isnan(self.value[:, j])).sum()),
                pairs=int(self.n_structure[j]),
                graph_pairs=int(self.n_graph[j]),
                compounds=int(self.inside[:, j].sum()),
                words=scale.words,
                worst=self._worst_cases(j),
            )
            for j, scale in enumerate(self.scales)
        )

    def _worst_cases(self, column: int) -> tuple[Case, ...]:
        name, unit = self.merged.endpoints[column].name, self.limit[column] or 1.0
        return worst_first(
            Case(
                fault="activity cliff",
                endpoint=name,
                entries=(entry(self.merged, row, column), entry(self.merged, other, column)),
                severity=float(-minus_apart / unit),
            )
            for minus_apart, row, other in self.worst[column]
        )
