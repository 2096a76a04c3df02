"""Wishes without fixed weights: the front, what lies near it, and how much it covers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from molscreen.objectives.pareto import SAMPLES, chebyshev, draw_weights, hypervolume, non_dominated

TERMS = arrays(
    np.float64, st.tuples(st.integers(1, 12), st.integers(1, 3)), elements=st.sampled_from([0, 0.3, 0.6, 1])
)


def beats(one, other):
    return (one >= other).all() and (one > other).any()


@given(TERMS)
def test_the_front_is_what_nobody_beats(terms):
    """By the definition, compound by compound."""
    expected = [not any(beats(other, one) for other in terms) for one in terms]
    assert non_dominated(terms).tolist() == expected


@given(TERMS, st.integers(0, 9))
def test_the_nearest_in_any_direction_is_on_the_front(terms, seed):
    """Whatever the weights: that is why random ones find the whole front."""
    score = chebyshev(terms, draw_weights(terms.shape[1], np.random.default_rng(seed)))
    assert ((score >= -1e-12) & (score <= 1 + 1e-12)).all()
    assert non_dominated(terms)[np.isclose(score, score.max(), rtol=0, atol=1e-12)].any()


@given(TERMS, st.integers(0, 9))
def test_what_is_better_in_every_wish_is_nearer(terms, seed):
    weights = draw_weights(terms.shape[1], np.random.default_rng(seed))
    score = chebyshev(terms, weights)
    for one in range(len(terms)):
        for other in range(len(terms)):
            if beats(terms[one], terms[other]):
                assert score[one] > score[other] - 1e-12


def test_a_dent_of_the_front_is_the_best_for_some_weights():
    """A weighted mean would never choose the compound between two extremes that are better on average."""
    terms = np.array([[1.0, 0.0], [0.4, 0.4], [0.0, 1.0]])
    assert chebyshev(terms, np.array([0.5, 0.5])).argmax() == 1


def test_weights_are_shares():
    weights = draw_weights(5, np.random.default_rng(0))
    assert weights.sum() == pytest.approx(1)
    assert (weights > 0).all()


def test_volume_of_boxes_is_that_of_geometry():
    """0.25, then 0.25 + 0.09 - 0.15 of the other box that is new; then all."""
    volume = hypervolume(np.array([[0.5, 0.5], [0.9, 0.1], [np.nan, 1.0], [0.2, 0.2], [1.0, 1.0]]))
    assert volume == pytest.approx([0.25, 0.29, 0.29, 0.29, 1.0], abs=4 / np.sqrt(SAMPLES) / 2)
    assert volume[1] == volume[2] == volume[3]
    assert volume[-1] == 1


def test_a_compound_with_a_missing_wish_is_nowhere():
    terms = np.array([[np.nan, 1.0], [0.1, 0.1]])
    assert non_dominated(terms).tolist() == [False, True]
    assert np.isnan(chebyshev(terms, np.array([0.5, 0.5]))[0])
