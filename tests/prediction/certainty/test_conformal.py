from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molscreen.prediction.certainty.conformal import ENOUGH_TO_LEARN, ConformalInterval, conformal_quantile


def fit(
    measured: np.ndarray, mean: np.ndarray, std: np.ndarray, relation: np.ndarray | None = None
) -> ConformalInterval:
    """From compounds that are all as far from what is known."""
    return ConformalInterval.fit(measured, mean, std, np.zeros_like(std), relation)


def bounds(interval: ConformalInterval, mean: np.ndarray, std: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return interval.bounds(mean, std, np.zeros_like(std))


@pytest.mark.parametrize("noise", ["even", "uneven"])
def test_interval_holds_nine_in_ten(noise: str) -> None:
    """Over 200 calibrations of 100 compounds, also where the noise depends on the compound."""
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(200):
        mean, std = rng.normal(size=600), rng.uniform(0.1, 1.0, 600)
        measured = mean + rng.standard_t(4, 600) * (std if noise == "uneven" else 0.5)
        interval = fit(measured[:100], mean[:100], std[:100])
        low, high = bounds(interval, mean[100:], std[100:])
        covered.append(((low <= measured[100:]) & (measured[100:] <= high)).mean())
    assert 0.89 <= np.mean(covered) <= 0.92


def test_interval_is_wider_where_the_networks_disagree() -> None:
    rng = np.random.default_rng(1)
    std = rng.uniform(0.1, 1.0, 500)
    interval = fit(rng.normal(size=500) * std, np.zeros(500), std)
    low, high = bounds(interval, np.zeros(2), np.array([0.1, 1.0]))
    assert (high - low)[1] > 1.5 * (high - low)[0]


def test_interval_is_wider_far_from_what_is_known() -> None:
    """It holds nine in ten near and far, where one width for all holds too many near, too few far."""
    rng = np.random.default_rng(2)
    distance, std = rng.uniform(0, 1, 4000), rng.uniform(0.1, 1.0, 4000)
    measured = rng.normal(size=4000) * (0.2 + distance)
    half = slice(0, 2000), slice(2000, 4000)
    interval = ConformalInterval.fit(measured[half[0]], np.zeros(2000), std[half[0]], distance[half[0]])
    low, high = interval.bounds(np.zeros(2000), std[half[1]], distance[half[1]])
    held = (low <= measured[half[1]]) & (measured[half[1]] <= high)
    is_far = distance[half[1]] > 0.5
    assert held[is_far].mean() == pytest.approx(0.9, abs=0.03)
    assert held[~is_far].mean() == pytest.approx(0.9, abs=0.03)
    assert (high - low)[is_far].mean() > 1.5 * (high - low)[~is_far].mean()


def test_models_that_agree_on_what_they_know_are_wrong_as_well() -> None:
    """Errors in proportion to the distance do not make an interval around a known compound empty."""
    rng = np.random.default_rng(4)
    std, distance = rng.uniform(size=500), rng.uniform(size=500)
    interval = ConformalInterval.fit(rng.normal(size=500) * distance, np.zeros(500), std, distance)
    low, high = interval.bounds(np.zeros(2), np.array([0.0, 0.5]), np.array([0.0, 0.5]))
    assert (high - low)[0] >= 0.4 * (high - low)[1]


def test_few_compounds_cannot_say_where_errors_are_large() -> None:
    rng = np.random.default_rng(3)
    n = ENOUGH_TO_LEARN - 1
    interval = ConformalInterval.fit(
        rng.normal(size=n), np.zeros(n), rng.uniform(size=n), rng.uniform(size=n)
    )
    assert interval.per_std == interval.per_distance == 0
    low, high = interval.bounds(np.zeros(2), np.array([0.0, 1.0]), np.array([0.0, 9.0]))
    assert (high - low)[0] == (high - low)[1] > 0


@pytest.mark.parametrize(("level", "fewest"), [(0.9, 9), (0.95, 19), (0.5, 1)])
def test_quantile_is_unknown_below_the_fewest_compounds(level: float, fewest: int) -> None:
    assert conformal_quantile(np.arange(fewest, dtype=float), level) == fewest - 1
    assert conformal_quantile(np.arange(fewest - 1, dtype=float), level) is None


def test_too_few_compounds_give_no_interval() -> None:
    """Eight residuals cannot promise 90 %: the bounds are missing, not narrow."""
    interval = fit(np.arange(8.0), np.zeros(8), np.ones(8))
    assert interval.quantile is None
    assert interval.n == 8
    assert np.isnan(bounds(interval, np.zeros(3), np.ones(3))).all()


def test_unmeasured_compounds_teach_nothing() -> None:
    rng = np.random.default_rng(2)
    measured, mean, std = rng.normal(size=50), rng.normal(size=50), rng.uniform(0.5, 1, 50)
    gaps = np.where(np.arange(50) < 20, np.nan, measured)
    assert fit(gaps, mean, std) == fit(measured[20:], mean[20:], std[20:])


def test_perfect_networks_without_spread_get_an_interval_of_no_width() -> None:
    """Ties and zero spread divide nothing by zero."""
    interval = fit(np.ones(20), np.ones(20), np.zeros(20))
    low, high = bounds(interval, np.array([3.0]), np.zeros(1))
    assert low.item() == high.item() == 3.0


@given(st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=9, max_size=60))
def test_quantile_covers_its_own_scores_with_ties(scores: list[float]) -> None:
    array = np.array(scores)
    quantile = conformal_quantile(array)
    assert quantile is not None
    assert (array <= quantile).mean() >= 0.9


def test_bounds_that_are_kept_leave_an_interval_as_it_is() -> None:
    """They may not narrow it: what lies beyond them is not known."""
    rng = np.random.default_rng(3)
    measured, std = rng.normal(size=100), rng.uniform(0.5, 1, 100)
    mean = measured + rng.normal(size=100)
    exact = fit(measured[:40], mean[:40], std[:40])
    relation = np.where(np.arange(100) < 40, 0, -1)
    kept = np.where(relation < 0, mean + 0.1, measured)
    assert fit(kept, mean, std, relation) == exact
    assert fit(measured, mean, std, 0 * relation) == fit(measured, mean, std)


@pytest.mark.parametrize("side", [-1, 1])
def test_bounds_that_are_broken_widen_an_interval(side: int) -> None:
    """Until nine in ten measurements do not contradict it."""
    rng = np.random.default_rng(4)
    measured, std, relation = rng.normal(size=200), np.ones(200), np.where(np.arange(200) < 100, 0, side)
    mean = np.where(
        relation == 0, measured + 0.1 * rng.normal(size=200), measured - side * rng.uniform(1, 2, 200)
    )
    narrow = fit(measured[:100], mean[:100], std[:100])
    wide = fit(measured, mean, std, relation)
    assert wide.n == narrow.n == 100
    low, high = bounds(wide, mean, std)
    broken = (low > measured) if side < 0 else (high < measured)
    contradicted = np.where(relation == 0, (measured < low) | (measured > high), broken)
    assert 0.05 < contradicted.mean() <= 0.1
    low, high = bounds(narrow, mean, std)
    assert ((low > measured) if side < 0 else (high < measured))[100:].all()
