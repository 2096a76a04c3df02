"""Judgement: what a scorer says of compounds, beside the one number that a search climbs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from molscreen.errors import RunError
from molscreen.generation.search.history import Call

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What a scorer says of n compounds.

    Attributes
    ----------
    score : (n,) float
        The reward, in [0, 1], higher is better; NaN where there is none.
    reason : sequence of n str
        Why a compound has no score; empty where it has one.
    plain, control : (n,) float
        The score of the same plan by predictions as they stand, and by predictions of a model that is never
        part of a reward; NaN where there is none. That the first runs ahead of the second is what a search
        gains from the peculiarities of its models, and not from the compounds (Renz et al., Drug Discov.
        Today Technol. 32-33, 55 (2019), doi:10.1016/j.ddtec.2020.09.003).
    terms : (n, t) float
        Desirability of each term of the objective, of which the score was made.
    outside : (n,) bool
        What may not be proposed, because it lies outside the domain of the models.
    """

    score: Floats
    reason: Sequence[str]
    plain: Floats
    control: Floats
    terms: Floats
    outside: NDArray[np.bool_]

    @classmethod
    def of_scores(cls, score: ArrayLike) -> Judgement:
        """Scores of which nothing else is known.

        Examples
        --------
        >>> Judgement.of_scores([0.5]).control.tolist()
        [nan]
        """
        values = np.asarray(score, np.float64)
        unknown = np.full(values.shape, np.nan)
        nothing, nobody = np.empty((values.size, 0)), np.zeros(values.shape, bool)
        return cls(values, [""] * values.size, unknown, unknown, nothing, nobody)

    def check(self, keys: Sequence[str]) -> Judgement:
        """Itself, if it judges these n keys by numbers that can be scores.

        Raises
        ------
        RunError
            There are more or fewer scores than keys, or one is neither in [0, 1] nor NaN.
        """
        if self.score.shape != (len(keys),):
            raise RunError(f"score gave an array of shape {self.score.shape} for {len(keys)} keys")
        for key, value in zip(keys, self.score, strict=True):
            if not (0 <= value <= 1 or np.isnan(value)):
                raise RunError(f"score of '{key}' is {value:g}, expected 0 to 1, or NaN where there is none")
        return self


def record(drafts: Sequence[Call], said: Judgement, after: int) -> list[Call]:
    """The drafts of n calls with their numbers, the first being ``after + 1``, and what was said of each."""
    columns = zip(
        said.score.tolist(), said.reason, said.plain.tolist(), said.control.tolist(), said.terms.tolist(),
        said.outside.tolist(), strict=True,
    )  # fmt: skip
    return [
        replace(
            draft,
            number=number,
            score=score,
            reason=reason,
            plain=plain,
            control=control,
            terms=tuple(terms),
            outside=outside,
        )
        for number, (draft, (score, reason, plain, control, terms, outside)) in enumerate(
            zip(drafts, columns, strict=True), start=after + 1
        )
    ]


Score = Callable[[Sequence[str]], "NDArray[np.floating] | Judgement"]


def ask(score: Score, keys: Sequence[str]) -> Judgement:
    """What a score says of n keys, as a `Judgement`.

    Raises
    ------
    RunError
        It gives something that is no score; see `Judgement.check`.
    """
    said = score(keys)
    return (said if isinstance(said, Judgement) else Judgement.of_scores(said)).check(keys)
