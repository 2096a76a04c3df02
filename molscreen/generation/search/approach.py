"""Approach: candidates inside the domain of the models and, while these are few, those on the way to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from molscreen.generation.search.candidate import Candidate

Distance = Callable[[Sequence[str]], NDArray[np.floating]]


class Approach:
    """Lets candidates pass by where they lie.

    What is known of a target is a small part of chemistry, and seeds may be far from it: where nothing but
    the inside may pass, hardly anything does. Steps towards it may, as many as a round can score; what lies
    outside is not proposed in the end.

    Parameters
    ----------
    distance : callable
        From n keys to (n,) distances from the domain, at most 1 inside.
    """

    def __init__(self, distance: Distance) -> None:
        self._distance = distance
        self._measured: dict[str, float] = {}  # 100 bytes each; a search asks about a million at most

    def sift(self, candidates: Sequence[Candidate], fewest: int = 0) -> list[Candidate]:
        """The candidates that may pass, in their order.

        Parameters
        ----------
        candidates : sequence of Candidate
            Of different keys.
        fewest : int
            Where fewer are inside, others that come nearer than all of their parents fill up, the nearest
            first.

        Raises
        ------
        ValueError
            `distance` gives another number of answers than it was asked for.
        """
        distance = self._measure([each.key for each in candidates])
        passing = {each.key for each, far in zip(candidates, distance, strict=True) if far <= 1}
        if len(passing) < fewest:
            outside = [each for each in candidates if each.key not in passing]
            passing |= set(self._on_the_way(outside)[: fewest - len(passing)])
        return [each for each in candidates if each.key in passing]

    def _on_the_way(self, outside: Sequence[Candidate]) -> list[str]:
        """Keys that lie nearer than all their parents, if they have any; the nearest first."""
        made = [each for each in outside if each.proposal.parents]
        self._measure([key for each in made for key in each.proposal.parents])
        at = self._measured
        nearer = [
            each.key for each in made if at[each.key] < min(at[parent] for parent in each.proposal.parents)
        ]
        return sorted(nearer, key=lambda key: (at[key], key))

    def _measure(self, keys: Sequence[str]) -> list[float]:
        """Distances of the keys; each key is asked about once."""
        new = [key for key in dict.fromkeys(keys) if key not in self._measured]
        if new:
            found = np.asarray(self._distance(new), np.float64)
            if found.shape != (len(new),):
                raise ValueError(f"'distance' gave {found.shape} answers to {len(new)} keys")
            self._measured.update(zip(new, found.tolist(), strict=True))
        return [self._measured[key] for key in keys]
