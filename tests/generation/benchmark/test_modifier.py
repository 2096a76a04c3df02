"""Modifiers have the shapes that GuacaMol gives them; means treat a zero as they should."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molscreen.generation.benchmark.modifier import (
    Clipped,
    Gaussian,
    MaxGaussian,
    MinGaussian,
    arithmetic_mean,
    geometric_mean,
)

VALUE = st.floats(-1e6, 1e6)
SCORES = st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=8)


@given(VALUE, st.floats(-100, 100), st.floats(0.1, 100))
def test_half_bells_make_up_a_bell(value, mean, sigma):
    """One is the bell on one side of its top, the other on the other, and each is 1 elsewhere."""
    halves = MinGaussian(mean, sigma)(value), MaxGaussian(mean, sigma)(value)
    assert min(halves) == Gaussian(mean, sigma)(value)
    assert max(halves) == 1.0


def test_a_bell_falls_as_the_normal_density_does():
    """exp(-z²/2) at one and two sigma, on both sides."""
    bell = Gaussian(mean=3, sigma=0.5)
    assert [bell(2.0), bell(2.5), bell(3.0), bell(3.5)] == pytest.approx(
        [0.1353352832, 0.6065306597, 1.0, 0.6065306597]
    )


def test_clipped_is_straight_up_to_its_limit():
    """A similarity of 0.75 is already all that a similarity task asks for."""
    clipped = Clipped(upper=0.75)
    assert [clipped(value) for value in (-1.0, 0.0, 0.375, 0.75, 1.0)] == [0.0, 0.0, 0.5, 1.0, 1.0]


@given(SCORES)
def test_geometric_mean_is_never_above_the_arithmetic(scores):
    assert geometric_mean(scores) <= arithmetic_mean(scores) + 1e-12
    assert min(scores) - 1e-12 <= geometric_mean(scores) <= max(scores) + 1e-12


def test_a_single_zero_makes_the_geometric_mean_zero():
    """A molecule that lacks valsartan's part scores 0, whatever its properties."""
    assert geometric_mean([1.0, 0.0, 1.0]) == 0.0
    assert arithmetic_mean([1.0, 0.0, 0.5]) == 0.5


def test_small_scores_keep_their_order():
    """A product would underflow, and a search would see no slope: 1e-200 * 1e-200 is 0."""
    assert geometric_mean([1e-200, 1e-200]) == pytest.approx(1e-200)
    assert geometric_mean([1e-200, 1e-220]) < geometric_mean([1e-200, 1e-200])


@pytest.mark.parametrize("modifier", [Gaussian, MinGaussian, MaxGaussian])
def test_a_bell_without_width_is_refused(modifier):
    with pytest.raises(ValueError, match="sigma is 0, expected above 0"):
        modifier(1, 0)


def test_a_limit_at_zero_is_refused():
    with pytest.raises(ValueError, match="upper is nan, expected above 0"):
        Clipped(math.nan)
