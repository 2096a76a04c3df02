"""What every predictor promises, whoever wrote it."""

from __future__ import annotations

import numpy as np
import pytest

from molscreen.graphs.features import featurize_batch
from molscreen.prediction.baseline import fit_baseline
from molscreen.prediction.predictor import Prediction, Predictor
from tests.prediction.tiny_bundle import ENDPOINTS, drug_keys, tiny_bundle

METHANE, CARBON_MONOXIDE = "C", "[C-]#[O+]"
COLUMNS = ("mean", "std", "low", "high", "distance")


@pytest.fixture(scope="module")
def keys() -> list[str]:
    return [*drug_keys()[200:230], METHANE, CARBON_MONOXIDE]


@pytest.fixture(scope="module", params=["wide", "full", "bundle", "baseline"])
def predictor(request: pytest.FixtureRequest) -> Predictor:
    if request.param == "baseline":
        training = drug_keys()[:60]
        value = np.random.default_rng(0).normal(size=(60, 3))
        value[:, 1], value[:, 2] = np.exp(value[:, 1]), value[:, 2] > 0
        return fit_baseline(training, value, ENDPOINTS)
    bundle = tiny_bundle()
    return {"wide": bundle.wide_view(), "full": bundle.full_view(), "bundle": bundle}[request.param]


def assert_alike(one: Prediction, other: Prediction, *, exactly: bool = False) -> None:
    """Equal to the tolerance that another batch may cost, or to the last bit."""
    rtol, atol = (0.0, 0.0) if exactly else (1e-4, 1e-5)
    for name in COLUMNS:
        np.testing.assert_allclose(
            getattr(one, name), getattr(other, name), rtol=rtol, atol=atol, err_msg=name
        )


def rows(prediction: Prediction, index: np.ndarray) -> Prediction:
    columns = {name: getattr(prediction, name)[index] for name in (*COLUMNS, "in_domain")}
    return Prediction(prediction.endpoints, **columns)


def test_it_is_a_predictor(predictor: Predictor) -> None:
    assert isinstance(predictor, Predictor)
    assert predictor.endpoints == ENDPOINTS


def test_every_compound_has_a_row_of_float32(predictor: Predictor, keys: list[str]) -> None:
    prediction = predictor.predict(keys)
    assert len(prediction) == len(keys)
    assert {getattr(prediction, name).dtype for name in COLUMNS} == {np.dtype(np.float32)}
    assert prediction.in_domain.dtype == bool
    assert np.isfinite(prediction.mean).all()


def test_no_compound_is_no_row(predictor: Predictor) -> None:
    """An empty shard, or one whose every row was rejected."""
    assert predictor.predict([]).mean.shape == (0, len(ENDPOINTS))


def test_order_does_not_matter(predictor: Predictor, keys: list[str]) -> None:
    order = np.random.default_rng(1).permutation(len(keys))
    shuffled = predictor.predict([keys[i] for i in order])
    assert_alike(shuffled, rows(predictor.predict(keys), order))


def test_company_does_not_matter(predictor: Predictor, keys: list[str]) -> None:
    """A compound alone gets what it gets among others."""
    together = predictor.predict(keys)
    for i in (0, len(keys) - 2, len(keys) - 1):
        assert_alike(predictor.predict([keys[i]]), rows(together, np.array([i])))


def test_asking_twice_gives_the_same_bits(predictor: Predictor, keys: list[str]) -> None:
    assert_alike(predictor.predict(keys), predictor.predict(keys), exactly=True)


def test_packed_graphs_give_the_same_bits(predictor: Predictor, keys: list[str]) -> None:
    """What the screening run hands over, against what `molscreen predict` makes itself."""
    assert_alike(predictor.predict(keys, featurize_batch(keys)), predictor.predict(keys), exactly=True)


def test_interval_holds_the_mean(predictor: Predictor, keys: list[str]) -> None:
    prediction = predictor.predict(keys)
    known = ~np.isnan(prediction.low)
    assert (known == ~np.isnan(prediction.high)).all()
    assert (prediction.low <= prediction.mean)[known].all()
    assert (prediction.mean <= prediction.high)[known].all()


def test_units_are_kept(predictor: Predictor, keys: list[str]) -> None:
    """A half-life is positive, and a probability is one."""
    prediction = predictor.predict(keys)
    assert (prediction.mean[:, 1] > 0).all()
    for column in (prediction.mean, prediction.low, prediction.high):
        known = column[:, 2][~np.isnan(column[:, 2])]
        assert ((known >= 0) & (known <= 1)).all()


def test_spread_is_not_negative(predictor: Predictor, keys: list[str]) -> None:
    std = predictor.predict(keys).std
    assert (std[~np.isnan(std)] >= 0).all()


def test_domain_ends_at_distance_one(predictor: Predictor, keys: list[str]) -> None:
    """A distance that is not known is outside."""
    prediction = predictor.predict(keys)
    with np.errstate(invalid="ignore"):
        assert (prediction.in_domain == (prediction.distance <= 1)).all()
