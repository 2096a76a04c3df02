"""Thompson: what is thought of each of many choices, from the scores of what they led to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

LEAST_SPREAD = 0.05  # of scores in [0, 1]: before two scores differ, and where all are alike


class Thompson:
    """A normal belief about the mean score of each choice, and Thompson's way to choose by it.

    Before its first score a choice is thought to be as good as all scores are on average, give or take
    their spread; that counts as one score. So new choices are tried, and better ones more often.

    Parameters
    ----------
    names : sequence of str
        Of the choices, each once.

    References
    ----------
    Thompson, Biometrika 25, 285 (1933), doi:10.2307/2332286; for reagents of a combinatorial library:
    Klarich et al., J. Chem. Inf. Model. 64, 1158 (2024), doi:10.1021/acs.jcim.3c01790.

    Examples
    --------
    >>> belief = Thompson(["amide coupling", "Suzuki coupling"])
    >>> for _ in range(20):
    ...     belief.take_in("amide coupling", 0.9)
    ...     belief.take_in("Suzuki coupling", 0.1)
    >>> rng = np.random.default_rng(0)
    >>> [int(belief.best(np.array([0, 1]), rng)) for _ in range(5)]
    [0, 0, 0, 0, 0]
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._place = {name: i for i, name in enumerate(names)}
        self._n = np.zeros(len(names))
        self._total = np.zeros(len(names))
        self._squares = 0.0  # of all scores, summed

    def take_in(self, name: str, score: float) -> None:
        """Count one score, in [0, 1], for a choice."""
        place = self._place[name]
        self._n[place] += 1
        self._total[place] += score
        self._squares += score * score

    def draw(self, choices: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.float64]:
        """How good each of some choices (m,), by their places, may be: one sample (m,) of the belief."""
        n, total = float(self._n.sum()), float(self._total.sum())
        mean = total / n if n else 0.0
        spread = math.sqrt(max(self._squares / n - mean * mean, 0.0)) if n else 0.0
        weight = self._n[choices] + 1
        expected = (self._total[choices] + mean) / weight
        return expected + max(spread, LEAST_SPREAD) / np.sqrt(weight) * rng.standard_normal(len(choices))

    def best(self, choices: NDArray[np.intp], rng: np.random.Generator) -> int:
        """The place of the choice that one sample of the belief prefers."""
        return int(choices[self.draw(choices, rng).argmax()])

    def state(self) -> dict[str, list[float]]:
        """Number and sum of the scores of each choice that has one; under ``""`` their squares, summed."""
        tried = {
            name: [float(self._n[i]), float(self._total[i])] for name, i in self._place.items() if self._n[i]
        }
        return {"": [self._squares], **tried}

    def restore(self, state: Mapping[str, Sequence[float]]) -> None:
        """Become what `state` came from.

        Raises
        ------
        KeyError
            It names a choice that is not here.
        """
        self._n[:] = self._total[:] = 0
        for name, values in state.items():
            if name:
                self._n[self._place[name]], self._total[self._place[name]] = values
            else:
                (self._squares,) = values
