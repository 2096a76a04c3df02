"""Counterfactuals: the small change to a compound that would turn the verdict on it round.

A prediction flips when whoever reads it would judge otherwise. What is judged, the merit, is how far a
wish is met (the desirability of a plan's term), or, without a wish, the prediction itself.

- A wish or a probability flips when it ends on the other side of 0.5, more than 0.2 from where it was. A
  plan's curve puts 0.5 in the middle between good and bad as the user drew them, so a rare label
  whose probability never reaches 0.5 is judged by the user's limits; and the step leaves out those who
  cross the line by no more than two retrained models differ.
- A quantity without a wish has no line to cross: it flips when it leaves the 90 % interval of the compound
  that the analogue comes from. Anything less is what a repeated measurement might say of that compound.

Both ways count: what would mend a compound, and what would spoil it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.analogues.analogues import Analogue
from molscreen.endpoint import Endpoint
from molscreen.errors import UsageError
from molscreen.graphs.features import featurize_batch
from molscreen.prediction.columns import ask, value_columns
from molscreen.prediction.explained.explain import endpoint_column
from molscreen.prediction.predictor import Predictor

CONFIRMED = 4  # analogues asked of the full view, for each that is wanted
MIDDLE, STEP = 0.5, 0.2  # of a wish or a probability
DIGITS = 3  # that predictions are judged by: what a batch does to the last bits decides nothing

Floats = NDArray[np.float64]
Values = Mapping[str, Floats]
Wish = Callable[[Values], Floats]


class Question(NamedTuple):
    """A compound, the endpoint that is to flip, and the analogues to choose from.

    Attributes
    ----------
    key : str
        A compound key.
    endpoint : str
        Name of one of the predictors' endpoints.
    analogues : tuple of Analogue
        The most similar first.
    wish : callable, optional
        From the columns ``NAME``, ``NAME_low``, ``NAME_high`` of n compounds to how far a wish for
        the endpoint is met, (n,) in [0, 1]: `Term.desirability`.
    """

    key: str
    endpoint: str
    analogues: tuple[Analogue, ...]
    wish: Wish | None = None


class Counterfactual(NamedTuple):
    """An analogue whose prediction flips.

    Attributes
    ----------
    analogue : Analogue
    before, after : float
        What the full view predicts of the compound and of the analogue, in the endpoint's unit, three
        significant digits.
    better : bool or None
        Whether the change is for the better, by the wish or by the endpoint's direction; None where
        there is neither.
    """

    analogue: Analogue
    before: float
    after: float
    better: bool | None


def find_counterfactuals(
    wide: Predictor, full: Predictor, questions: Sequence[Question], *, count: int = 1
) -> list[list[Counterfactual]]:
    """For each question, the most similar analogues whose prediction flips, nearest first.

    The wide view scans all analogues. It need not agree with the full view on the compound itself: what
    it says of the difference is added to what the full view says of the compound. The most similar
    analogues that should flip by that sum, `CONFIRMED` times `count`, are then asked of the full view,
    which alone decides. An analogue outside the domain of either counts only for a compound outside it.

    Parameters
    ----------
    wide, full : Predictor
        With the same endpoints; see `molscreen.prediction.bundle.bundle.Bundle`.
    questions : sequence of Question
        Asked together because that is faster; the answer to each does not depend on the others.
    count : int
        At most so many for each question.

    Raises
    ------
    UsageError
        The predictors lack an endpoint, or `count` is not positive.
    """
    if count < 1:
        raise UsageError(f"expected at least one counterfactual to look for, got count={count}")
    endpoints = [full.endpoints[endpoint_column(full, question.endpoint)] for question in questions]
    near = [[question.key, *(each.key for each in question.analogues)] for question in questions]
    before = _ask(full, [[question.key] for question in questions])
    scanned = _ask(wide, near)
    hopeful = []
    for question, endpoint, known, rough in zip(questions, endpoints, before, scanned, strict=True):
        merit = _merit(question, endpoint, rough)
        expected = _merit(question, endpoint, known)[0] + merit[1:] - merit[0]
        flips = _flips(question, endpoint, known, expected) & _usable(rough, rough.in_domain[1:])
        hopeful.append([question.analogues[i] for i in np.flatnonzero(flips)[: CONFIRMED * count]])
    after = _ask(full, [[each.key for each in some] for some in hopeful])
    return [
        _confirmed(*asked)[:count] for asked in zip(questions, endpoints, before, hopeful, after, strict=True)
    ]


class _Said(NamedTuple):
    """What a predictor says of a group of n compounds: columns (n,), verdict on the domain (n,)."""

    columns: Mapping[str, NDArray[np.float32]]
    in_domain: NDArray[np.bool_]

    def of(self, endpoint: Endpoint) -> dict[str, Floats]:
        """The endpoint's three columns, to `DIGITS` digits."""
        return {name: _rounded(self.columns[name]) for name in value_columns(endpoint.name)}


def _ask(predictor: Predictor, groups: Sequence[Sequence[str]]) -> list[_Said]:
    """What a predictor says of groups of compounds, all asked at once."""
    keys = [key for group in groups for key in group]
    said = ask({"": predictor}, keys, featurize_batch(keys))
    edges = [0, *np.cumsum([len(group) for group in groups]).tolist()]
    parts = [slice(*ends) for ends in itertools.pairwise(edges)]
    return [
        _Said({name: column[part] for name, column in said.values.items()}, said.in_domain[""][part])
        for part in parts
    ]


def _confirmed(
    question: Question, endpoint: Endpoint, before: _Said, hopeful: Sequence[Analogue], after: _Said
) -> list[Counterfactual]:
    """The analogues that flip by the full view, in order."""
    if not hopeful:
        return []
    old, new = (_merit(question, endpoint, said) for said in (before, after))
    values = [said.of(endpoint)[endpoint.name].tolist() for said in (before, after)]
    flips = _flips(question, endpoint, before, new) & _usable(before, after.in_domain)
    return [
        Counterfactual(hopeful[i], values[0][0], values[1][i], _better(question, endpoint, new[i] > old[0]))
        for i in np.flatnonzero(flips).tolist()
    ]


def _usable(parent: _Said, in_domain: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which analogues (n,) prove something: those in the domain, or all of a compound outside it."""
    return np.asarray(in_domain | ~parent.in_domain[0])


def _merit(question: Question, endpoint: Endpoint, said: _Said) -> Floats:
    """What is judged, (n,)."""
    columns = said.of(endpoint)
    return _scaled(endpoint, columns[endpoint.name]) if question.wish is None else question.wish(columns)


def _flips(question: Question, endpoint: Endpoint, before: _Said, merit: Floats) -> NDArray[np.bool_]:
    """Which merits (n,) lie outside the range in which the verdict on the compound stands; NaN nowhere."""
    if question.wish is None and endpoint.kind == "regression":
        columns = before.of(endpoint)
        low, high = (_scaled(endpoint, columns[f"{endpoint.name}_{end}"])[0] for end in ("low", "high"))
    else:
        known = _merit(question, endpoint, before)[0]
        low, high = -math.inf, math.inf
        if known >= MIDDLE:
            low = min(MIDDLE, known - STEP)
        elif known < MIDDLE:
            high = max(MIDDLE, known + STEP)
    return np.asarray((merit < low) | (merit > high))


def _better(question: Question, endpoint: Endpoint, rises: bool) -> bool | None:
    if question.wish is not None:
        return bool(rises)
    return None if endpoint.direction == "none" else bool(rises == (endpoint.direction == "higher"))


def _scaled(endpoint: Endpoint, values: Floats) -> Floats:
    """Values on the scale on which their differences mean the same everywhere."""
    if endpoint.scale == "linear":
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log10(values))


def _rounded(values: NDArray[np.floating]) -> Floats:
    return np.array([float(f"{value:.{DIGITS}g}") for value in values.tolist()], np.float64)
