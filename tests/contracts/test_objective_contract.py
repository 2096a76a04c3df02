"""What every curve and every aggregate promises: in [0, 1], monotone, and missing is never good.

A new curve is tested by being registered. Its limits are drawn in rising order, in the order of its fields.
"""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molscreen.objectives.aggregate import AGGREGATES
from molscreen.objectives.desirability import CURVES, Curve, make_curve
from molscreen.objectives.objective import Objective
from molscreen.objectives.term import Term

FINITE = st.floats(-1e300, 1e300)
UNIT = st.floats(0, 1)


def limit_names(name: str) -> list[str]:
    """The options of a curve that have no default: its limits."""
    return [f.name for f in dataclasses.fields(CURVES[name]) if f.default is dataclasses.MISSING]


@st.composite
def curves(draw: st.DrawFn, name: str) -> Curve:
    """A curve with limits at least 1e-3 apart, of any shape."""
    names = limit_names(name)
    steps = draw(st.lists(st.floats(1e-3, 1e3), min_size=len(names), max_size=len(names)))
    start = draw(st.floats(-1e3, 1e3))
    limits = dict(zip(names, start + np.cumsum(steps), strict=True))
    return make_curve(name, limits | {"shape": draw(st.sampled_from(["linear", "smooth"]))})


@dataclasses.dataclass(frozen=True)
class Identity:
    """A curve for these tests: a desirability is its own value."""

    direction = "higher"

    def __call__(self, value: object) -> np.ndarray:
        return np.asarray(value, dtype=float)


def objective(aggregate: str, n_terms: int, weights: tuple[float, ...] = ()) -> Objective:
    weights = weights if AGGREGATES[aggregate].weighted and weights else (1.0,) * n_terms
    terms = (Term(endpoint=f"e{i}", curve=Identity(), weight=w) for i, w in enumerate(weights))
    return Objective(tuple(terms), aggregate)


def columns(rows: list[list[float]]) -> dict[str, np.ndarray]:
    """Desirabilities, one row per compound, as the columns an objective reads."""
    return {f"e{i}": column for i, column in enumerate(np.asarray(rows, dtype=float).T)}


each_curve = pytest.mark.parametrize("curve_name", list(CURVES))
each_aggregate = pytest.mark.parametrize("aggregate", list(AGGREGATES))


@each_curve
@given(st.data())
def test_desirability_lies_between_0_and_1(curve_name, data):
    curve = data.draw(curves(curve_name))
    desirability = curve(np.array(data.draw(st.lists(FINITE, min_size=1, max_size=20))))
    assert ((desirability >= 0) & (desirability <= 1)).all()


@each_curve
@given(st.data())
def test_a_missing_or_infinite_value_has_no_desirability(curve_name, data):
    curve = data.draw(curves(curve_name))
    assert np.isnan(curve(np.array([np.nan, np.inf, -np.inf]))).all()


@each_curve
@given(st.data())
def test_a_curve_goes_the_way_it_says(curve_name, data):
    """Rising, falling, or first one and then the other: never up again after it came down."""
    curve = data.draw(curves(curve_name))
    value = np.sort(np.array(data.draw(st.lists(st.floats(-1e4, 1e4), min_size=3, max_size=30))))
    steps = np.sign(np.diff(curve(value)))
    turns = [a for a, _ in itertools.groupby(steps[steps != 0])]
    assert (
        turns in {"higher": ([], [1]), "lower": ([], [-1]), "none": ([], [1], [-1], [1, -1])}[curve.direction]
    )


@each_curve
@given(st.data())
def test_a_value_has_the_same_desirability_in_any_company(curve_name, data):
    """Batches are cut differently on another machine; scores must not change."""
    curve = data.draw(curves(curve_name))
    values = np.array(data.draw(st.lists(FINITE, min_size=2, max_size=40)))
    together = curve(values)
    alone = np.concatenate([curve(values[i : i + 1]) for i in range(len(values))])
    assert together == pytest.approx(alone, abs=1e-12)


@each_curve
@given(st.data())
def test_the_least_desirable_value_of_an_interval_is_at_an_end(curve_name, data):
    """What makes a pessimistic bound pessimistic."""
    curve = data.draw(curves(curve_name))
    low, high = sorted(data.draw(st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))))
    term = Term(endpoint="x", curve=curve, bound="pessimistic")
    worst = term.desirability({"x_low": np.array([low]), "x_high": np.array([high])})
    inside = curve(np.linspace(low, high, 101).clip(low, high))
    assert worst[0] <= inside.min() + 1e-12


rows = st.integers(1, 5).flatmap(
    lambda t: st.lists(st.lists(UNIT, min_size=t, max_size=t), min_size=1, max_size=5)
)


@each_aggregate
@given(rows)
def test_a_score_lies_between_0_and_1(aggregate, rows):
    score = objective(aggregate, len(rows[0])).score(columns(rows))
    assert ((score >= 0) & (score <= 1)).all()


@each_aggregate
@given(rows, st.data())
def test_a_missing_term_makes_the_score_missing(aggregate, rows, data):
    """A molecule with unknown safety must not rank first."""
    n, t = len(rows), len(rows[0])
    hole = data.draw(st.integers(0, n - 1)), data.draw(st.integers(0, t - 1))
    values = np.array(rows)
    values[hole] = np.nan
    wish = objective(aggregate, t)
    score = wish.score(columns(values.tolist()))
    assert np.isnan(score[hole[0]])
    assert np.isnan([share[hole[0]] for share in wish.loss_shares(columns(values.tolist())).values()]).all()
    others = np.arange(n) != hole[0]
    assert score[others].tolist() == wish.score(columns(rows))[others].tolist()


@each_aggregate
@given(rows, st.data())
def test_a_better_term_never_lowers_the_score(aggregate, rows, data):
    t = len(rows[0])
    weights = tuple(data.draw(st.lists(st.floats(0.1, 10), min_size=t, max_size=t)))
    wish, values = objective(aggregate, t, weights), np.array(rows)
    column = data.draw(st.integers(0, t - 1))
    better = values.copy()
    better[:, column] = values[:, column] + data.draw(UNIT) * (1 - values[:, column])
    gain = wish.score(columns(better.tolist())) - wish.score(columns(rows))
    assert (gain >= -1e-12).all()


@each_aggregate
@given(rows)
def test_the_order_of_terms_does_not_matter(aggregate, rows):
    wish, values = objective(aggregate, len(rows[0])), columns(rows)
    reverse = Objective(wish.terms[::-1], aggregate)
    assert wish.score(values) == pytest.approx(reverse.score(values), abs=1e-12)


@each_aggregate
@given(rows)
def test_shares_of_the_loss_are_parts_of_one_whole(aggregate, rows):
    """They add to 1, or to 0 where nothing was lost, and a perfect term has none."""
    wish, values = objective(aggregate, len(rows[0])), columns(rows)
    shares = np.array(list(wish.loss_shares(values).values()))
    assert ((shares >= 0) & (shares <= 1 + 1e-12)).all()
    lost = np.array(rows).min(axis=1) < 1
    assert shares.sum(axis=0) == pytest.approx(lost.astype(float))
    assert (shares[np.array(rows).T == 1] == 0).all()


@each_aggregate
@pytest.mark.parametrize("n_terms", [1, 2, 5])
def test_all_or_nothing(aggregate, n_terms):
    """Perfect in every term is exactly 1; useless in every term is exactly 0."""
    score = objective(aggregate, n_terms).score(columns([[1.0] * n_terms, [0.0] * n_terms]))
    assert score.tolist() == [1.0, 0.0]


@each_aggregate
@given(UNIT)
def test_one_term_is_its_own_score(aggregate, desirability):
    assert objective(aggregate, 1).score(columns([[desirability]]))[0] == pytest.approx(desirability)
