"""Geometry of the plots."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molscreen.report.figure import (
    HEIGHT,
    WIDTH,
    Binned,
    Limit,
    Quantity,
    count,
    histogram,
    log_ticks_of,
    ticks_of,
    x_of,
)

X = Quantity(column="x", title="x")
finite = st.floats(-1e6, 1e6)


@given(st.lists(finite, min_size=1), finite, finite)
def test_every_value_is_counted_once(values: list[float], low: float, high: float) -> None:
    """Values beyond the limits lie in the outermost bars; none is lost."""
    binned = count([values, [float("nan")]], min(low, high), max(low, high))
    assert binned.counts.sum() == len(values)
    assert binned.missing == 1


def test_stream_and_whole_give_one_histogram() -> None:
    values = np.random.default_rng(0).normal(size=1000)
    whole = count([values], -3, 3)
    parts = count(np.array_split(values, 7), -3, 3)
    assert (whole.counts == parts.counts).all()


def test_bars_stay_inside_the_plot() -> None:
    plot = histogram(count([np.random.default_rng(0).normal(size=1000)], -3, 3), [-9.0, 0.0, 9.0], X)
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in plot.bars)
    assert all(bar.y >= 0 and bar.y + bar.height == pytest.approx(HEIGHT, abs=0.02) for bar in plot.bars)
    assert plot.rug == (0.0, WIDTH / 2, WIDTH)


def test_constant_is_one_bar() -> None:
    plot = histogram(count([[0.5] * 10], 0.5, 0.5), [0.5], X)
    assert [bar.count for bar in plot.bars] == [10]


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_ticks_are_few_round_and_inside(low: float, span: float) -> None:
    binned = Binned(low, low + span, np.zeros(1, np.int64), 0)
    ticks = ticks_of(binned)
    assert 2 <= len(ticks) <= 7
    assert all(low - 1e-6 <= tick <= low + span + 1e-6 for tick in ticks)


def test_axis_without_extent_puts_values_in_the_middle() -> None:
    assert x_of(3.0, 3.0, 3.0, 100) == 50


@given(st.floats(-12, 12), st.floats(1e-3, 20))
def test_ticks_of_a_log_axis_are_few_and_inside(low: float, span: float) -> None:
    binned = Binned(low, low + span, np.zeros(1, np.int64), 0)
    ticks = log_ticks_of(binned)
    assert len(ticks) <= 7
    assert all(low - 1e-6 <= tick <= low + span + 1e-6 for tick in ticks)


def test_log_axis_is_labelled_with_the_quantity_itself() -> None:
    """A reader of clearances thinks in µL/min/mg, not in their logarithms."""
    clearance = Quantity(column="clearance", title="clearance", log=True)
    plot = histogram(count([[-1.0, 0.0, 3.0]], -1.0, 3.0), [], clearance)
    assert [tick.label for tick in plot.ticks] == ["0.1", "1", "10", "100", "1000"]
    assert plot.bars[-1].high == "1,000"


def test_height_has_a_scale() -> None:
    """A bar of 2 and a bar of 60 molecules are drawn equally high where they are the tallest."""
    assert [histogram(count([[0.5] * n], 0.0, 1.0), [], X).tallest for n in (2, 60)] == [2, 60]


def test_limits_of_the_wish_lie_on_the_axis_or_are_not_drawn() -> None:
    """At the end of the axis a limit that lies beyond it would look as if it were there."""
    window = Quantity(
        column="x", title="x", met=Limit("1 to 3", (1.0, 3.0)), unmet=Limit("≤ -1 or ≥ 5", (-1.0, 5.0))
    )
    plot = histogram(count([[0.0, 4.0]], 0.0, 4.0), [], window)
    assert (plot.met, plot.unmet) == ((WIDTH / 4, 3 * WIDTH / 4), ())
    assert histogram(count([[0.0, 4.0]], 0.0, 4.0), [], X).met == ()


def test_limits_of_a_log_axis_are_in_the_quantitys_own_unit() -> None:
    clearance = Quantity(
        column="c", title="c", log=True, met=Limit("≤ 10", (10.0,)), unmet=Limit("≥ 0", (0.0,))
    )
    plot = histogram(count([[0.0, 2.0]], 0.0, 2.0), [], clearance)
    assert (plot.met, plot.unmet) == ((WIDTH / 2,), ())
