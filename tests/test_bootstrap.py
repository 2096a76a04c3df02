"""Resampled figures are those of the compounds drawn, however many are drawn at once."""

import math

import numpy as np
import pytest

from molscreen.metrics import auroc, bootstrap, rmse, spearman
from molscreen.metrics.bootstrap import Interval, resampled


@pytest.mark.parametrize("metric", [rmse, spearman, auroc])
def test_each_draw_has_the_figure_of_its_compounds(metric, monkeypatch):
    """Written out compound by compound is the oracle; there are ties in both columns."""
    monkeypatch.setattr(bootstrap, "RESAMPLES", 40)
    rng = np.random.default_rng(0)
    truth = np.round(rng.normal(size=25), 1)
    said = np.round(truth + rng.normal(size=25), 1)
    truth = (truth > 0).astype(float) if metric is auroc else truth
    [counts] = bootstrap._draw(25)
    drawn = [np.repeat(np.arange(25), each) for each in counts]
    expected = [metric(truth[rows], said[rows]) for rows in drawn]
    assert resampled(metric.__name__, truth, said) == pytest.approx(expected)
    monkeypatch.setattr(bootstrap, "BLOCK", 100)
    assert resampled(metric.__name__, truth, said) == pytest.approx(expected)


def test_a_draw_without_a_figure_is_left_out():
    draws = resampled("auroc", np.array([1.0] + 9 * [0.0]), np.arange(10.0))
    assert 0.3 < np.isnan(draws).mean() < 0.4  # (1 - 1/10)^10: the only active was not drawn
    assert Interval.of(draws) == (0.0, 0.0)
    assert math.isnan(Interval.of(np.full(3, np.nan)).low)


def test_an_interval_holds_the_figure_of_other_compounds():
    """The true RMSE is 1: of 200 test folds of 40 compounds, about 95 % have it in their interval."""
    rng = np.random.default_rng(1)
    found = [Interval.of(resampled("rmse", rng.normal(size=40), np.zeros(40))) for _ in range(200)]
    assert 0.88 < np.mean([each.low < 1 < each.high for each in found]) < 0.99
