"""A percentile among drugs means what it says: shares, ties, missing values, and mirrored scales."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import percentileofscore

from molscreen.endpoint import Endpoint
from molscreen.errors import BundleError
from molscreen.prediction.bundle.bundle_file import load_bundle, save_bundle
from molscreen.prediction.bundle.card import model_card
from molscreen.prediction.bundle.drug_reference import STEPS, DrugReference, named_percentiles
from tests.prediction.tiny_bundle import tiny_bundle

PLAIN = st.floats(-1e6, 1e6, width=32)
PREDICTIONS = arrays(np.float32, st.tuples(st.integers(1, 300), st.just(1)), elements=PLAIN)


@given(PREDICTIONS, arrays(np.float32, (20, 1), elements=PLAIN))
def test_a_higher_value_never_ranks_lower(drugs, asked):
    asked = np.sort(asked, axis=0)
    percentile = DrugReference.fit(drugs).percentile(asked)[:, 0]
    assert (np.diff(percentile) >= 0).all()
    assert ((percentile >= 0) & (percentile <= 100)).all()


@given(PREDICTIONS)
def test_least_and_largest_are_the_ends(drugs):
    reference = DrugReference.fit(drugs)
    beyond = np.array([[np.nextafter(drugs.min(), -np.inf)], [np.nextafter(drugs.max(), np.inf)]])
    assert reference.percentile(beyond).ravel().tolist() == [0, 100]


@given(arrays(np.int16, st.tuples(st.integers(1, 300), st.just(1)), elements=st.integers(-9, 9)))
def test_a_mirrored_scale_gives_mirrored_percentiles(drugs):
    """Ties lie in the middle of the drugs they are tied with, so neither direction is favoured."""
    drugs = drugs.astype(np.float32)
    asked = np.arange(-10, 11, dtype=np.float32)[:, None]
    there = DrugReference.fit(drugs).percentile(asked)
    back = DrugReference.fit(-drugs).percentile(-asked)
    assert there == pytest.approx(100 - back, abs=1e-3)


@pytest.mark.parametrize("draw", ["lognormal", "beta"])
def test_it_is_the_rank_among_all_drugs_to_a_tenth_of_a_per_cent(draw):
    """101 quantiles stand for all of them."""
    rng = np.random.default_rng(0)
    drugs = rng.lognormal(0, 2, 1707) if draw == "lognormal" else rng.beta(0.3, 0.5, 1707)
    asked = rng.permutation(drugs)[:200]
    expected = percentileofscore(drugs, asked, kind="mean")
    found = DrugReference.fit(drugs[:, None]).percentile(asked[:, None])[:, 0]
    assert np.abs(found - expected).mean() < 0.1
    assert np.abs(found - expected).max() < 0.5


def test_all_drugs_alike_are_the_middle():
    """A model that cannot tell compounds apart puts every compound at 50 %."""
    assert DrugReference.fit(np.full((9, 1), 0.25)).percentile(np.array([[0.25]]))[0, 0] == 50


def test_missing_stays_missing():
    """A compound without a number, a drug without one, and an endpoint that no drug has."""
    drugs = np.column_stack([np.arange(101.0), np.full(101, np.nan)])
    drugs[100, 0] = np.nan
    reference = DrugReference.fit(drugs)
    percentile = reference.percentile(np.array([[49.5, 1.0], [np.nan, 1.0]]))
    assert percentile[0, 0] == pytest.approx(50)
    assert np.isnan(percentile).tolist() == [[False, True], [True, True]]
    assert reference.n == 101


def test_names_are_told_only_with_a_number():
    endpoints = (Endpoint(name="logD"), Endpoint(name="hERG", kind="classification"))
    drugs = DrugReference.fit(np.linspace([0.0, 0.0], [3.0, 1.0], 31))
    values = {"hERG": np.array([np.nan, 0.5]), "logD": np.array([1.0, 9.0]), "logD_low": np.zeros(2)}
    assert named_percentiles(drugs, endpoints, values) == [{"logD": 33.3}, {"logD": 100.0, "hERG": 50.0}]
    assert named_percentiles(drugs, endpoints, {name: value[:0] for name, value in values.items()}) == []


def test_drugs_beyond_the_end_are_tied_there():
    """A bundle whose drugs were predicted beyond 100 %: they and a compound kept at 100 % are alike."""
    drugs = DrugReference.fit(np.linspace([10.0], [110.0], 101))  # one in ten lies beyond
    [said] = named_percentiles(drugs, [Endpoint(name="PPB", unit="%")], {"PPB": np.array([100.0])})
    assert said == {"PPB": 95.0}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DrugReference.fit(np.zeros((0, 2))), "needs drugs, got none"),
        (lambda: DrugReference(np.zeros((100, 2), np.float32), 9), r"shape \(100, 2\), expected \(101, t\)"),
        (
            lambda: dataclasses.replace(tiny_bundle(), drugs=DrugReference.fit(np.zeros((5, 2)))),
            "drugs: 2 distributions, expected one for each of 3 endpoints",
        ),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_bundle_keeps_it(tmp_path: Path):
    """To the last bit, and its card says how many drugs there were."""
    mean = np.random.default_rng(0).normal(size=(1234, 3)).astype(np.float32)
    before = dataclasses.replace(tiny_bundle(), drugs=DrugReference.fit(mean))
    save_bundle(before, tmp_path / "with")
    after = load_bundle(tmp_path / "with")
    assert after.drugs.n == 1234
    assert np.array_equal(after.drugs.quantiles, before.drugs.quantiles)
    assert after.drugs.quantiles.shape == (STEPS + 1, 3)
    assert "share of 1,234 approved drugs" in model_card(after)


def test_a_bundle_without_has_none(saved: Path):
    """Bundles made before there was such a thing are read as they are."""
    bundle = load_bundle(saved)
    assert bundle.drugs is None
    assert "approved drugs (ChEMBL" not in bundle.card


def test_one_of_other_endpoints_is_refused(tmp_path: Path, monkeypatch):
    drugs = DrugReference.fit(np.zeros((5, 2)))
    bundle = tiny_bundle()
    monkeypatch.setattr(type(bundle), "__post_init__", lambda _: None)
    save_bundle(dataclasses.replace(bundle, drugs=drugs), tmp_path / "wrong")
    monkeypatch.undo()
    with pytest.raises(BundleError, match="damaged, or from another molscreen: drugs: 2 distributions"):
        load_bundle(tmp_path / "wrong")
