"""Figures count test measurements only, once per subset."""

import dataclasses
import math
import warnings

import numpy as np
import pytest

from molscreen.data.measured.assay_table import AssayTable
from molscreen.endpoint import Endpoint
from molscreen.prediction.bundle.headline import KEPT, LOG_RMSE
from molscreen.training.evaluate import (
    Score,
    nested,
    score_constant,
    score_intervals,
    score_predictions,
    score_reliability,
    summarise,
)


def table():
    """Four compounds; the last is for training, the third is censored, the second a cliff."""
    return AssayTable(
        keys=("C", "CC", "CCC", "CCCC"),
        endpoints=(Endpoint(name="pKi"),),
        value=np.array([[1.0], [2.0], [3.0], [100.0]], np.float32),
        relation=np.array([[0], [0], [1], [0]], np.int8),
        split=np.array([["test"], ["test"], ["test"], ["train"]]),
        time=np.full(4, np.nan),
        ids=("a", "b", "c", "d"),
        subsets={"cliff": np.array([[False], [True], [False], [False]])},
    )


def find(scores, metric, subset="all"):
    return next(s for s in scores if s.metric == metric and s.subset == subset)


def test_training_and_censored_values_are_not_judged():
    """An error against a value that is only a limit means nothing."""
    scores = score_predictions(table(), np.array([[1.0], [4.0], [0.0], [0.0]]), model="m")
    assert find(scores, "rmse").n == 2
    assert find(scores, "rmse").value == pytest.approx(math.sqrt(2.0))


def test_subsets_are_reported_apart():
    """Activity cliffs hide in an average."""
    scores = score_predictions(table(), np.array([[1.0], [4.0], [0.0], [0.0]]), model="m")
    assert find(scores, "rmse", "cliff").value == pytest.approx(2.0)
    assert find(scores, "rmse", "cliff").n == 1


def test_reliability_is_the_share_of_each_tenth():
    """Of a hundred probabilities of 0.25, a quarter came true; a handful says nothing; 1.0 is in the last."""
    said = np.array([0.25] * 100 + [0.95] * 3 + [1.0] * 20)[:, None]
    label = np.array([1, 0, 0, 0] * 25 + [1] * 3 + [0] * 20, np.float32)[:, None]
    judged = AssayTable(
        keys=tuple("C" * (i + 1) for i in range(len(said))),
        endpoints=(Endpoint(name="toxic", kind="classification", unit="probability"),),
        value=label,
        relation=np.zeros(label.shape, np.int8),
        split=np.full(label.shape, "test"),
        time=np.full(len(label), np.nan),
        ids=tuple(map(str, range(len(label)))),
    )
    scores = {score.metric: score for score in score_reliability(judged, said, model="m")}
    assert len(scores) == 10
    assert scores["0.2-0.3"].value == 0.25
    assert scores["0.9-1.0"].value == pytest.approx(3 / 23)
    assert scores["0.9-1.0"].n == 123
    assert math.isnan(scores["0.4-0.5"].value)


def test_coverage_is_the_share_inside():
    """One of two test measurements lies in its interval."""
    low, high = np.array([[0.0], [5.0], [0.0], [0.0]]), np.array([[2.0], [9.0], [9.0], [9.0]])
    [score] = score_intervals(table(), low, high, model="m")
    assert (score.value, score.n) == (0.5, 2)


def test_bounds_are_kept_or_not():
    """Which needs no exact value: of ``>3`` a prediction of 3.5 is right, and one of 2.9 wrong."""
    for said, kept in ((3.5, 1.0), (2.9, 0.0)):
        mean = np.array([[1.0], [4.0], [said], [0.0]])
        found = find(score_predictions(table(), mean, model="m"), KEPT)
        assert (found.value, found.n) == (kept, 1)
    figures = nested(score_predictions(table(), mean, model="m"))["m"]["pKi"]
    assert (figures["n"], figures["bounds"], figures[KEPT]) == (2, 1, 0.0)
    exact = dataclasses.replace(table(), relation=np.zeros((4, 1), np.int8))
    assert KEPT not in {score.metric for score in score_predictions(exact, mean, model="m")}


def test_bounds_of_a_subset_are_told_apart():
    both = dataclasses.replace(
        table(),
        relation=np.array([[-1], [1], [1], [0]], np.int8),
        subsets={"cliff": np.arange(4)[:, None] == 1},
    )
    scores = score_predictions(both, np.array([[0.5], [1.0], [9.0], [0.0]]), model="m")
    assert [(s.subset, round(s.value, 2), s.n) for s in scores if s.metric == KEPT] == [
        ("all", 0.67, 3), ("cliff", 0.0, 1),
    ]  # fmt: skip


def test_the_constant_guess_is_of_what_is_judged():
    """A training value of 100 says nothing about the mean of the test values."""
    exact = table().masked(table().relation == 0)
    scores = score_constant(exact)
    assert find(scores, "rmse").value == pytest.approx(0.5)
    assert find(scores, "r2").value == pytest.approx(0.0)


def test_the_constant_guess_does_not_know_which_values_are_exact():
    """Two of three compounds are below a limit: who knows nothing guesses below it, not what is above."""
    n = 200
    truth = np.random.default_rng(0).normal(5, 1, n)
    limited = AssayTable(
        keys=tuple("C" * (i + 1) for i in range(n)),
        endpoints=(Endpoint(name="pKi"),),
        value=np.maximum(truth, 5.5).astype(np.float32)[:, None],
        relation=-(truth < 5.5).astype(np.int8)[:, None],
        split=np.full((n, 1), "test"),
        time=np.full(n, np.nan),
        ids=tuple(map(str, range(n))),
    )
    exact = truth[truth >= 5.5]
    guess = find(score_constant(limited), "rmse").value
    assert guess == pytest.approx(np.sqrt(np.mean((exact - 5) ** 2)), rel=0.2)
    assert guess > 1.5 * exact.std()
    assert find(score_constant(limited), KEPT).value == 1.0


def test_without_an_exact_value_no_constant_is_guessed():
    censored = dataclasses.replace(table(), relation=np.ones((4, 1), np.int8))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = find(score_constant(censored), "rmse")
    assert (math.isnan(found.value), found.n) == (True, 0)


def test_only_a_log10_scale_has_an_error_of_logarithms():
    """A factor of ten is one decade, above as below; a prediction of nothing is infinitely far off."""
    one = Endpoint(name="half-life", unit="h", scale="log10")
    judged = dataclasses.replace(table(), endpoints=(one,))
    mean = np.array([[10.0], [0.2], [3.0], [100.0]])
    assert find(score_predictions(judged, mean, model="m"), LOG_RMSE).value == pytest.approx(1)
    assert find(score_predictions(judged, mean, model="m"), LOG_RMSE, "cliff").n == 1
    assert find(score_predictions(judged, mean * [[0], [1], [1], [1]], model="m"), LOG_RMSE).value == math.inf
    assert LOG_RMSE not in {score.metric for score in score_predictions(table(), mean, model="m")}


def test_families_are_summarised_over_their_seeds():
    """Mean and sample standard deviation, one family at a time."""
    scores = [Score("pKi", "rmse", f"network {i}", "all", v, 5) for i, v in enumerate((1.0, 2.0, 3.0))]
    scores.append(Score("pKi", "rmse", "forest 1", "all", 9.0, 5))
    summary = summarise(scores, "network")["pKi", "rmse", "all"]
    assert (summary.mean, summary.sd, summary.runs) == (2.0, 1.0, 3)
    assert nested(scores)["forest 1"] == {"pKi": {"n": scores[0].n, "rmse": 9.0}}
