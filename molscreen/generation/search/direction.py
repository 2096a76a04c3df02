"""Direction: what one round climbs, the score or one way to weigh the wishes of the front."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.errors import ConfigError
from molscreen.generation.search.history import Call
from molscreen.objectives.pareto import chebyshev, draw_weights

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Direction:
    """What compounds are worth in a round.

    Attributes
    ----------
    weights : (t,) float, optional
        Of the terms, for `chebyshev`; None: the score itself.
    """

    weights: Floats | None = None

    @classmethod
    def draw(cls, calls: Sequence[Call], rng: np.random.Generator) -> Direction:
        """A direction of random weights.

        Raises
        ------
        ConfigError
            The scorer does not tell the terms of its scores.
        """
        t = max((len(call.terms) for call in calls), default=0)
        if calls and not t:
            raise ConfigError("pareto: this score does not tell its terms, so there is no front to search")
        return cls(draw_weights(t, rng)) if t else cls()

    def worth(self, calls: Sequence[Call]) -> Floats:
        """Of each call (n,), in [0, 1]; NaN for one without a score."""
        score = np.array([call.score for call in calls], np.float64)
        if self.weights is None or not len(calls):
            return score
        missing = (np.nan,) * len(self.weights)
        terms = np.array([missing if np.isnan(call.score) else call.terms for call in calls])
        return chebyshev(terms, self.weights)

    def best(self, calls: Sequence[Call], n: int) -> list[tuple[Call, float]]:
        """The `n` calls that are worth most, and what; ties by what was scored first."""
        worth = self.worth(calls).tolist()
        known = [(call, value) for call, value in zip(calls, worth, strict=True) if not np.isnan(value)]
        return sorted(known, key=lambda each: (-each[1], each[0].number))[:n]

    def places(self, calls: Sequence[Call], among: Sequence[Call]) -> list[float]:
        """What generators are told of calls: their scores; of a direction, the share that is not better.

        Shares of different directions can be compared, as what they are shares of cannot: in an easy one
        everybody is worth much.
        """
        worth, others = self.worth(calls), self.worth(among)
        if self.weights is None:
            return [float(each) for each in worth]
        others = np.sort(others[~np.isnan(others)])
        shares = np.searchsorted(others, worth, side="right") / max(1, len(others))
        return [float(each) for each in np.where(np.isnan(worth), np.nan, shares)]
