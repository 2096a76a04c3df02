"""Approach: candidates inside the domain of the models and, while these are few, those on the way to it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from molscreen.generation.generator import Proposal

Distance = Callable[[Sequence[str]], NDArray[np.floating]]
EDGE = 1.0  # farther away a compound is outside; see `molscreen.prediction.neighbours.NeighbourDomain`


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposal that may be scored.

    Attributes
    ----------
    key : str
        What is scored: the standardised proposal.
    proposal : Proposal
    distance : float
        From the domain of the models, at most `EDGE` inside; NaN where nobody asked.
    """

    key: str
    proposal: Proposal
    distance: float = math.nan


@dataclass(frozen=True, slots=True)
class Approach:
    """Lets candidates pass by where they lie.

    What is known of a target is a small part of chemistry, and seeds may be far from it: where nothing but
    the inside may pass, hardly anything does. Steps towards it may, as many as a round can score; they are
    marked, and none of them is proposed in the end.

    Attributes
    ----------
    distance : callable
        From n keys to (n,) distances from the domain.
    fewest : int
        Candidates; where fewer are inside, others that come nearer than all of their parents fill up, the
        nearest first.
    """

    distance: Distance
    fewest: int = 0
    _measured: dict[str, float] = field(default_factory=dict)

    def sift(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The candidates that may pass, in their order, with their distances.

        Raises
        ------
        ValueError
            `distance` gives another number of answers than it was asked for.
        """
        located = [
            replace(each, distance=distance)
            for each, distance in zip(candidates, self._measure([c.key for c in candidates]), strict=True)
        ]
        passing = {each.key for each in located if each.distance <= EDGE}
        if len(passing) < self.fewest:
            passing |= set(self._on_the_way(located)[: self.fewest - len(passing)])
        return [each for each in located if each.key in passing]

    def _on_the_way(self, located: Sequence[Candidate]) -> list[str]:
        """Keys outside that lie nearer than all their parents, if they have any; the nearest first."""
        outside = [each for each in located if each.distance > EDGE and each.proposal.parents]
        self._measure([key for each in outside for key in each.proposal.parents])
        nearer = [
            each
            for each in outside
            if each.distance < min(self._measured[key] for key in each.proposal.parents)
        ]
        return [each.key for each in sorted(nearer, key=lambda each: (each.distance, each.key))]

    def _measure(self, keys: Sequence[str]) -> list[float]:
        """Distances of the keys; each key is asked about once."""
        new = [key for key in dict.fromkeys(keys) if key not in self._measured]
        if new:
            found = np.asarray(self.distance(new), np.float64)
            if found.shape != (len(new),):
                raise ValueError(f"'distance' gave {found.shape} answers to {len(new)} keys")
            self._measured.update(zip(new, found.tolist(), strict=True))
        return [self._measured[key] for key in keys]
