"""A bound teaches on which side a value lies, and about how far; exact values stay as they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem
from rdkit.Chem import Crippen
from scipy.stats import truncnorm

from molscreen.endpoint import Endpoint
from molscreen.prediction.experts.described import Described
from molscreen.training import bounds as module
from molscreen.training.bounds import expect_beyond, settle_bounds
from molscreen.training.experts.fit_kernel import cross_fit_kernel, fit_kernel
from molscreen.training.experts.fit_trees import cross_fit_trees
from tests.prediction.tiny_bundle import drug_keys

KEYS = list(drug_keys()[:260])
TRUTH = np.array([Crippen.MolLogP(Chem.MolFromSmiles(key)) for key in KEYS])
N = 160  # the others are new
LOGP = [Endpoint(name="logp")]
LIMIT = 2.5
BEYOND = TRUTH < LIMIT
VALUE = np.maximum(TRUTH, LIMIT)[:, None]
RELATION = -BEYOND.astype(np.int8)[:, None]


@pytest.fixture(scope="module")
def known():
    """What an assay that measures nothing below its limit says of 160 drugs."""
    compounds = Described(KEYS[:N])
    assert compounds.features.shape[0] == N  # described once, for all tests
    return compounds


@given(mean=st.floats(-5, 5), sd=st.floats(0.1, 3), bound=st.floats(-5, 5), side=st.sampled_from([-1, 1]))
@settings(max_examples=50, deadline=None)
def test_expectations_are_those_of_a_truncated_normal(mean, sd, bound, side):
    z = (bound - mean) / sd
    oracle = truncnorm(*((-np.inf, z) if side < 0 else (z, np.inf)), loc=mean, scale=sd)
    found = expect_beyond(*(np.array([each]) for each in (mean, sd, bound)), np.array([side]))
    assert found.value[0] == pytest.approx(oracle.mean(), abs=1e-6 * sd, rel=1e-6)
    assert found.variance[0] == pytest.approx(oracle.var(), abs=1e-4 * sd**2, rel=1e-4)


@pytest.mark.parametrize("side", [-1, 1])
def test_far_on_the_forbidden_side_the_bound_is_what_is_expected(side):
    """Forty standard deviations away, where a distribution function is 0 to the computer."""
    found = expect_beyond(*np.array([[-40.0 * side], [1.0], [0.0]]), np.array([side]))
    assert found.value[0] == pytest.approx(side / 40, rel=0.01)
    assert 0 <= found.variance[0] < 0.01


def test_a_kernel_puts_what_is_below_a_limit_below_it(known):
    """Left out, bounds leave behind only what is above the limit, and everything is predicted there."""
    absent = np.where(RELATION, np.nan, VALUE)
    said, ignorant = (
        fit_kernel(known, value[:N], relation[:N], LOGP).opine(Described(KEYS))[:, 0]
        for value, relation in ((VALUE, RELATION), (absent, 0 * RELATION))
    )
    new = np.arange(len(KEYS)) >= N
    for rows, share in ((BEYOND & ~new, 0.95), (BEYOND & new, 0.5)):
        assert (said[rows] <= LIMIT).mean() >= share
        assert (ignorant[rows] > LIMIT).mean() > 0.8
        errors = [np.sqrt(np.mean((each - TRUTH)[rows] ** 2)) for each in (said, ignorant)]
        assert errors[0] < 0.8 * errors[1]


def test_new_compounds_above_a_limit_are_told_as_well_as_by_all_values(known):
    """To know the values below the limit would help little there."""
    everything = fit_kernel(known, TRUTH[:N, None], 0 * RELATION[:N], LOGP)
    bounded = fit_kernel(known, VALUE[:N], RELATION[:N], LOGP)
    above = np.flatnonzero(~BEYOND[N:]) + N
    compounds = Described([KEYS[i] for i in above])
    errors = [each.opine(compounds)[:, 0] - TRUTH[above] for each in (bounded, everything)]
    ours, theirs = (np.sqrt((each**2).mean()) for each in errors)
    assert ours < 1.2 * theirs


def test_the_other_sign_is_the_mirror_image(known):
    below = settle_bounds(known, VALUE[:N], RELATION[:N], LOGP)
    above = settle_bounds(known, -VALUE[:N], -RELATION[:N], LOGP)
    np.testing.assert_allclose(above.value, -below.value, atol=1e-8)
    np.testing.assert_allclose(above.variance, below.variance, atol=1e-8)


def test_exact_values_stay_and_bounded_ones_lie_beyond(known):
    found = settle_bounds(known, VALUE[:N], RELATION[:N], LOGP)
    exact = RELATION[:N] == 0
    np.testing.assert_array_equal(found.value[exact], VALUE[:N][exact])
    assert (found.value[~exact] < LIMIT).all()
    assert ((found.variance > 0) == ~exact).all()


def test_without_bounds_nothing_is_computed():
    """Not even descriptors: there are no compounds here."""
    value = np.array([[1.0, np.nan], [0.1, 3.0]], np.float32)
    found = settle_bounds(None, value, np.zeros((2, 2), int), LOGP * 2, fold=np.arange(2))
    np.testing.assert_array_equal(found.value, value.astype(float))
    assert not found.variance.any()
    assert found.without(1) is found


def test_what_was_measured_in_a_fold_is_not_known_without_it(known):
    """However absurd it is; neither values nor sides."""
    fold, value, relation = np.arange(N) % 4, VALUE[:N].copy(), RELATION[:N].copy()
    before = settle_bounds(known, value, relation, LOGP, fold=fold)
    value[fold == 2] += 50
    relation[fold == 2] = 1
    after = settle_bounds(known, value, relation, LOGP, fold=fold)
    others = fold != 2
    for part in ("value", "variance"):
        np.testing.assert_array_equal(
            getattr(before.without(2), part)[others], getattr(after.without(2), part)[others]
        )
        assert (getattr(before, part)[others] != getattr(after, part)[others]).any()
    for told in (before, after):
        without = settle_bounds(Described(KEYS[:N]), VALUE[:N], RELATION[:N], LOGP)
        assert (told.without(2).value[others & BEYOND[:N]] != without.value[others & BEYOND[:N]]).any()


@pytest.mark.parametrize("name", ["kernel", "trees"])
def test_opinions_out_of_fold_know_no_bound_of_the_fold(known, name):
    fold, value, relation = np.arange(N) % 4, VALUE[:N].copy(), RELATION[:N].copy()

    def opinion():
        settled = settle_bounds(known, value, relation, LOGP, fold=fold)
        cross_fit = cross_fit_kernel if name == "kernel" else cross_fit_trees
        return cross_fit(known, value, relation, LOGP, fold=fold, settled=settled).opinion

    before = opinion()
    assert np.isfinite(before).all()
    beyond = BEYOND[:N]
    assert (before[beyond] < LIMIT).mean() > 0.5
    value[(fold == 2) & beyond] = -9.0
    after = opinion()
    np.testing.assert_array_equal(before[fold == 2], after[fold == 2])
    assert (before[fold == 1] != after[fold == 1]).any()


def test_trees_without_bounds_are_the_same_trees(known):
    fold, exact = np.arange(N) % 4, np.zeros((N, 1), np.int8)
    settled = settle_bounds(known, TRUTH[:N, None], exact, LOGP, fold=fold)
    plain, told = (
        cross_fit_trees(known, TRUTH[:N, None], exact, LOGP, fold=fold, settled=each)
        for each in (None, settled)
    )
    np.testing.assert_array_equal(plain.opinion, told.opinion)
    for one, other in ((plain.expert, told.expert), (plain.apart, told.apart)):
        np.testing.assert_array_equal(one.leaf, other.leaf)


def test_large_endpoints_are_settled_on_a_draw(known, monkeypatch):
    """Bounds beyond the largest number are left out; judges find noise that holds for all drawn."""
    monkeypatch.setattr(module, "LARGEST", 120)
    monkeypatch.setattr(module, "JUDGES", 80)
    found = settle_bounds(known, VALUE[:N], RELATION[:N], LOGP)
    bounded = RELATION[:N, 0] != 0
    assert (~np.isnan(found.value[:, 0])).sum() < N
    assert not np.isnan(found.value[~bounded]).any()
    settled = bounded & ~np.isnan(found.value[:, 0])
    assert (found.value[settled, 0] < LIMIT).all()
    assert np.corrcoef(found.value[settled, 0], TRUTH[:N][settled])[0, 1] > 0.3
