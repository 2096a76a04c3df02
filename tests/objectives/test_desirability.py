"""Curves at their limits, in between, and when asked for wrongly."""

from __future__ import annotations

import numpy as np
import pytest

from molscreen.errors import ConfigError
from molscreen.objectives.desirability import CURVES, Fall, Rise, Window, make_curve


def test_a_linear_rise_is_derringer_and_suichs():
    rise = Rise(low=5, high=9, shape="linear")
    assert rise([4.0, 5.0, 6.0, 7.0, 9.0, 11.0]).tolist() == [0, 0, 0.25, 0.5, 1, 1]


def test_a_smooth_rise_is_a_logistic_through_its_limits():
    """0.05 and 0.95 at the limits: logit ±ln 19, hence slope 2 ln 19 over the width."""
    value = np.linspace(3, 11, 50)
    logistic = 1 / (1 + np.exp(-2 * np.log(19) * (value - 7) / 4))
    assert Rise(low=5, high=9)(value) == pytest.approx(logistic)
    assert Rise(low=5, high=9)([5.0, 7.0, 9.0]) == pytest.approx([0.05, 0.5, 0.95])


def test_smooth_keeps_the_order_beyond_the_limit():
    """Two compounds that are both too weak are still not alike, and one bad term does not zero the rest."""
    weak, weaker = Rise(low=5, high=9)([4.5, 4.0])
    assert weak > weaker > 0


@pytest.mark.parametrize("shape", ["linear", "smooth"])
def test_a_fall_is_a_rise_mirrored(shape):
    value = np.linspace(-2, 4, 25)
    mirrored = Rise(low=-1, high=0.5, shape=shape)(-value)
    assert Fall(low=-0.5, high=1, shape=shape)(value) == pytest.approx(mirrored)


@pytest.mark.parametrize("shape", ["linear", "smooth"])
def test_a_window_is_the_lesser_of_its_sides(shape):
    value = np.linspace(-2, 8, 41)
    window = Window(low=0, low_ok=2, high_ok=3, high=6, shape=shape)
    rise, fall = Rise(low=0, high=2, shape=shape), Fall(low=3, high=6, shape=shape)
    assert window(value).tolist() == np.minimum(rise(value), fall(value)).tolist()


def test_a_window_may_have_a_point_for_its_best():
    assert Window(low=0, low_ok=1, high_ok=1, high=2, shape="linear")([0.5, 1.0, 1.5]).tolist() == [
        0.5,
        1,
        0.5,
    ]


def test_far_beyond_a_limit_is_only_beyond_it():
    """No overflow: a runaway prediction is the worst or the best there is, without a warning."""
    assert Rise(low=0, high=1e-3)([-1e308, 1e308]).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("curve", "options", "message"),
    [
        (
            "rize",
            {"low": 0, "high": 1},
            r"unknown curve 'rize'\. Known: fall, rise, window\. Did you mean 'rise'\?",
        ),
        ("rise", {"low": 2, "high": 1}, "'low' 2 must be below 'high' 1"),
        ("fall", {"low": 1, "high": 1}, "'low' 1 must be below 'high' 1"),
        ("rise", {"low": float("nan"), "high": 1}, "'low' nan must be below 'high' 1"),
        ("rise", {"low": 0, "high": float("inf")}, "'low' 0 must be below 'high' inf"),
        ("rise", {"low": 0}, "'high' is missing"),
        ("rise", {"low": 0, "high": 1, "hi": 2}, r"unknown key 'hi'.*Did you mean 'high'\?"),
        (
            "fall",
            {"low": 0, "high": 1, "shape": "step"},
            "'shape' is 'step', expected one of 'linear', 'smooth'",
        ),
        (
            "window",
            {"low": 0, "low_ok": 3, "high_ok": 2, "high": 5},
            "'low_ok' 3 must not be above 'high_ok' 2",
        ),
        ("window", {"low": 3, "low_ok": 2, "high_ok": 4, "high": 5}, "'low' 3 must be below 'low_ok' 2"),
        ("window", {"low": 0, "low_ok": 1, "high_ok": 5, "high": 5}, "'high_ok' 5 must be below 'high' 5"),
    ],
)
def test_a_curve_that_makes_no_sense_is_refused(curve, options, message):
    with pytest.raises(ConfigError, match=message):
        make_curve(curve, options)


def test_the_shapes_are_checked_without_a_table_too():
    with pytest.raises(ConfigError, match="'shape' is 'step', expected one of linear, smooth"):
        Rise(low=0, high=1, shape="step")


def test_every_curve_documents_itself():
    assert all(CURVES[name].__doc__ for name in CURVES)
