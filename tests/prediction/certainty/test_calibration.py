from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from molscreen.endpoint import Endpoint
from molscreen.prediction.certainty.calibration import Calibration, to_fitted_scale

ENDPOINTS = (
    Endpoint(name="LogD", unit="log10 ratio"),
    Endpoint(name="half-life", unit="h", scale="log10"),
    Endpoint(name="hERG", kind="classification", unit="probability"),
)
FAR = np.ones((1, 1))  # every compound


def fitted(n: int, seed: int = 0) -> Calibration:
    rng = np.random.default_rng(seed)
    mean, std = rng.normal(size=(n, 3)), rng.uniform(0.2, 0.6, (n, 3))
    target = mean + std * rng.normal(size=(n, 3))
    target[:, 2] = target[:, 2] > 0
    return Calibration.fit(ENDPOINTS, target=target, mean=mean, std=std, distance=rng.uniform(size=(n, 1)))


def test_columns_come_back_in_their_units() -> None:
    """On a log10 scale the interval is symmetric in decades, so it is not in hours."""
    result = fitted(200).apply(np.array([[1.0, 2.0, 0.0]]), np.full((1, 3), 0.3), FAR)
    assert result.mean[0, :2].tolist() == [1.0, 100.0]
    low, high = result.low[0], result.high[0]
    assert high[0] - 1 == pytest.approx(1 - low[0])
    assert high[1] / 100 == pytest.approx(100 / low[1])
    assert high[1] - 100 > 100 - low[1]
    assert 0 <= low[2] <= result.mean[0, 2] <= high[2] <= 1


def test_std_on_a_log10_scale_is_the_first_order_one() -> None:
    rng = np.random.default_rng(0)
    sample = 10 ** rng.normal(2.0, 0.01, 100_000)
    result = fitted(50).apply(np.full((1, 3), 2.0), np.full((1, 3), 0.01), FAR)
    assert result.std[0, 1] == pytest.approx(sample.std(), rel=0.02)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_network_output_that_is_no_number_gives_none(bad: float) -> None:
    """A diverged network must not rank anything, first or last."""
    mean = np.zeros((2, 3))
    mean[0] = bad
    for part in fitted(50).apply(mean, np.ones((2, 3)), FAR):
        assert np.isnan(part[0]).all()
        assert np.isfinite(part[1]).all()


def test_one_member_has_no_spread_of_probability() -> None:
    """An unknown spread stays unknown (NaN, not zero), and takes the mean with it nowhere."""
    result = fitted(50).apply(np.zeros((1, 3)), np.array([[0.1, 0.1, np.nan]]), FAR)
    assert np.isnan(result.std[0, 2])
    assert np.isfinite([result.mean[0, 2], result.low[0, 2], result.high[0, 2]]).all()


@pytest.mark.parametrize(("unit", "largest"), [("%", 100.0), ("fraction", 1.0)])
def test_share_lies_between_nothing_and_all(unit: str, largest: float) -> None:
    """Nobody believes 107 % bound. Of measurements as many fall inside as before: none lies beyond."""
    endpoint, rng = Endpoint(name="PPB", unit=unit), np.random.default_rng(0)
    measured = largest * rng.beta(3.0, 0.5, (400, 1))  # most are near the end
    mean = measured + 0.15 * largest * rng.normal(size=measured.shape)
    std = np.full_like(mean, 0.1 * largest)
    shares = {}
    for each in (endpoint, dataclasses.replace(endpoint, unit="")):
        calibration = Calibration.fit(
            [each], target=measured[:200], mean=mean[:200], std=std[:200], distance=FAR
        )
        said = calibration.apply(mean[200:], std[200:], FAR)
        shares[each.unit] = ((said.low <= measured[200:]) & (measured[200:] <= said.high)).mean()
        is_kept = all(((part >= 0) & (part <= largest)).all() for part in (said.mean, said.low, said.high))
        assert is_kept == bool(each.unit)
    assert shares[unit] == shares[""] >= 0.85


def test_json_round_trip_is_exact() -> None:
    for calibration in (fitted(100), fitted(3)):
        text = json.dumps(calibration.to_json(), allow_nan=False)
        assert Calibration.from_json(ENDPOINTS, json.loads(text)) == calibration


def test_a_value_that_has_no_logarithm_is_named() -> None:
    with pytest.raises(ValueError, match="'half-life' is on a log10 scale, but a value is -1 h"):
        to_fitted_scale(np.array([[1.0, -1.0, 0.0]]), ENDPOINTS)


def test_missing_measurements_stay_missing_on_the_fitted_scale() -> None:
    value = to_fitted_scale(np.array([[np.nan, np.nan, np.nan], [3.0, 1000.0, 1.0]]), ENDPOINTS)
    assert np.isnan(value[0]).all()
    assert value[1] == pytest.approx([3.0, 3.0, 1.0])
