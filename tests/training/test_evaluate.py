"""Figures count test measurements only, once per subset."""

import math

import numpy as np
import pytest

from molscreen.data.assay_table import AssayTable
from molscreen.endpoint import Endpoint
from molscreen.training.evaluate import Score, nested, score_intervals, score_predictions, summarise


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


def test_coverage_is_the_share_inside():
    """One of two test measurements lies in its interval."""
    low, high = np.array([[0.0], [5.0], [0.0], [0.0]]), np.array([[2.0], [9.0], [9.0], [9.0]])
    [score] = score_intervals(table(), low, high, model="m")
    assert (score.value, score.n) == (0.5, 2)


def test_families_are_summarised_over_their_seeds():
    """Mean and sample standard deviation, one family at a time."""
    scores = [Score("pKi", "rmse", f"network {i}", "all", v, 5) for i, v in enumerate((1.0, 2.0, 3.0))]
    scores.append(Score("pKi", "rmse", "forest 1", "all", 9.0, 5))
    summary = summarise(scores, "network")["pKi", "rmse", "all"]
    assert (summary.mean, summary.sd, summary.runs) == (2.0, 1.0, 3)
    assert nested(scores)["forest 1"] == {"pKi": {"rmse": 9.0}}
