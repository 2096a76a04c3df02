"""Intervals, ranks and tests of significance behave in the cases where the answer is known."""

import math

import numpy as np
import pytest

from molscreen.metrics import auroc, rmse
from molscreen.training.benchmark.findings import score_of
from molscreen.training.benchmark.statistics import (
    bootstrap_interval,
    bootstrap_mean,
    rank_methods,
    spread,
    tukey,
)


def made_up(n=200, noise=0.5, runs=3):
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(n, 1))
    return truth, [truth + rng.normal(scale=noise, size=(n, 1)) for _ in range(runs)]


def test_the_interval_holds_the_mean():
    truth, predictions = made_up()
    figures = [rmse(truth[:, 0], each[:, 0]) for each in predictions]
    low, high = bootstrap_interval(truth, predictions, score_of("rmse"))
    assert low < np.mean(figures) < high
    assert bootstrap_interval(truth, predictions, score_of("rmse")) == (low, high)


def test_more_compounds_make_it_narrower():
    few, many = (bootstrap_interval(*made_up(n), score_of("rmse"), resamples=300) for n in (50, 2000))
    assert few[1] - few[0] > 3 * (many[1] - many[0])


def test_a_perfect_model_has_no_interval():
    truth, _ = made_up()
    assert bootstrap_interval(truth, [truth], score_of("rmse")) == (0.0, 0.0)


def test_draws_of_one_class_are_left_out():
    """With one active among ten, every third draw has none."""
    truth = np.eye(1, 10).T
    low, high = bootstrap_interval(truth, [truth], score_of("auroc"))
    assert (low, high) == (1.0, 1.0)


def test_the_interval_of_a_mean_holds_it():
    low, high = bootstrap_mean([1.0, 2.0, 3.0, 4.0])
    assert low < 2.5 < high
    assert np.isnan(bootstrap_mean([1.0])).all()


def test_a_missing_prediction_is_never_a_good_one():
    truth = np.array([[0.0, 1.0], [1.0, np.nan], [1.0, 1.0]])
    said = np.array([[0.1, 0.2], [0.9, np.nan], [0.8, 0.3]])
    assert score_of("auroc")(truth, said) == 1.0  # the second column has one class, and is left out
    said[0, 0] = np.nan
    assert math.isnan(score_of("auroc")(truth, said))


def test_a_constant_is_at_chance():
    truth = np.array([[0.0], [1.0], [1.0]])
    assert score_of("auroc")(truth, np.full((3, 1), 0.7)) == 0.5 == auroc(truth[:, 0], np.full(3, 0.7))


def test_the_best_of_all_has_rank_one():
    figures = {"worst": {"a": 3.0, "b": 0.1}, "best": {"a": 1.0, "b": 0.9}, "middle": {"a": 2.0, "b": 0.5}}
    ranks = rank_methods(figures, {"a": -1, "b": 1})
    assert ranks == {"best": 1.0, "middle": 2.0, "worst": 3.0}
    assert list(ranks) == ["best", "middle", "worst"]


def test_who_lacks_a_task_is_not_ranked():
    """A mean over other tasks does not compare."""
    figures = {"all": {"a": 1.0, "b": 1.0}, "part": {"a": 0.1}, "broken": {"a": 0.1, "b": math.nan}}
    assert rank_methods(figures, {"a": -1, "b": -1}) == {"all": 1.0}
    assert rank_methods({}, {"a": 1}) == {}


def test_one_run_has_no_spread():
    assert math.isnan(spread([1.0]).sd)
    assert math.isnan(spread([1.0, math.nan]).mean)


def test_tukey_tells_the_far_from_the_near():
    """Two methods alike, and one far away: of three pairs, two differ."""
    rng = np.random.default_rng(0)
    scores = {name: rng.normal(mean, 0.05, 25) for name, mean in (("a", 0.7), ("b", 0.7), ("c", 0.9))}
    near, far, _ = tukey(scores)
    assert (near.first, near.second, far.second) == ("a", "b", "c")
    assert near.p > 0.05 > far.p
    assert near.low < 0 < near.high
    assert far.high < 0
    with pytest.raises(ValueError, match="a comparison needs two methods, got a"):
        tukey({"a": [1.0]})
