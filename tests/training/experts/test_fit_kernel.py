"""A kernel fit follows its measurements, forgets what it must not see, and repeats itself."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Crippen

from molscreen.endpoint import Endpoint
from molscreen.prediction.experts.described import Described
from molscreen.prediction.experts.descriptor_space import DescriptorSpace
from molscreen.prediction.threads import single_thread
from molscreen.training import process
from molscreen.training.experts import fit_kernel as module
from molscreen.training.experts.fit_kernel import cross_fit_kernel, fit_kernel
from molscreen.training.process import NOISE, gram_matrix, noise_ratio
from tests.prediction.tiny_bundle import drug_keys

N = 160
KEYS = list(drug_keys()[: N + 40])
LOGP = np.array([Crippen.MolLogP(Chem.MolFromSmiles(key)) for key in KEYS])
IS_GREASY = np.greater(LOGP, np.median(LOGP))
ENDPOINTS = [Endpoint(name="logp"), Endpoint(name="greasy", kind="classification"), Endpoint(name="nothing")]


def measurements():
    """Wildman-Crippen logP of drugs, a label made of it, and an endpoint that nobody measured."""
    value = np.column_stack([LOGP, IS_GREASY, np.full(len(KEYS), np.nan)])[:N]
    value[::5, 0] = np.nan  # the endpoints have different compounds
    value[1::7, 1] = np.nan
    return value, np.zeros(value.shape, np.int8)


VALUE, RELATION = measurements()


@pytest.fixture(scope="module")
def expert():
    return fit_kernel(Described(KEYS[:N]), VALUE, RELATION, ENDPOINTS)


def test_new_drugs_are_told_better_than_by_the_mean(expert):
    """Of logP, which substructures add up to, half of the variance is little to ask."""
    opinion = expert.opine(Described(KEYS[N:]))
    error = np.sqrt(np.mean((opinion[:, 0] - LOGP[N:]) ** 2))
    assert error < 0.75 * LOGP[N:].std()
    assert np.mean((opinion[:, 1] > 0) == IS_GREASY[N:]) > 0.7
    assert np.isnan(opinion[:, 2]).all()


def test_without_noise_measurements_come_back(monkeypatch):
    """A process that trusts its data passes through them."""
    monkeypatch.setattr(process, "NOISE", np.array([1e-6]))
    expert = fit_kernel(Described(KEYS[:N]), VALUE[:, :1], RELATION[:, :1], ENDPOINTS[:1])
    measured = ~np.isnan(VALUE[:, 0])
    said = expert.opine(Described([key for key, is_known in zip(KEYS, measured, strict=False) if is_known]))
    np.testing.assert_allclose(said[:, 0], VALUE[measured, 0], atol=0.01)


def test_noise_is_found_again():
    """Values drawn from the process itself, with noise a tenth, or all, of the signal."""
    rng = np.random.default_rng(0)
    points = rng.uniform(0, 1, (400, 1))
    gram = np.exp(-np.abs(points - points.T) / 0.2)  # a kernel whose draws are known
    for truth in (0.1, 1.0):
        draws = np.linalg.cholesky(gram + truth * np.eye(400)) @ rng.normal(size=(400, 9))
        found = [noise_ratio(gram, draw - draw.mean()) for draw in draws.T]
        assert truth / 2 < np.median(found) < 2 * truth
    assert set(found) <= set(NOISE.tolist())


def test_order_of_compounds_does_not_matter(expert):
    order = np.random.default_rng(1).permutation(N)
    moved = fit_kernel(Described([KEYS[i] for i in order]), VALUE[order], RELATION[order], ENDPOINTS)
    np.testing.assert_allclose(
        moved.opine(Described(KEYS[N:])), expert.opine(Described(KEYS[N:])), rtol=1e-4, atol=1e-5
    )


def test_few_exact_values_say_nothing_of_what_lies_beyond_bounds():
    """Of ten exact values nobody knows how far beyond: compounds with a bound may as well be absent."""
    exact = np.where(np.arange(N) < 10, LOGP[:N], np.nan)
    value, relation = np.where(np.isnan(exact), 2.0, exact)[:, None], np.isnan(exact)[:, None].astype(int)
    censored = fit_kernel(Described(KEYS[:N]), value, relation, ENDPOINTS[:1])
    absent = fit_kernel(Described(KEYS[:N]), exact[:, None], np.zeros((N, 1), int), ENDPOINTS[:1])
    np.testing.assert_array_equal(censored.opine(Described(KEYS)), absent.opine(Described(KEYS)))


def test_labels_have_no_bounds(expert):
    """A label with a relation is left out."""
    value, relation = VALUE.copy(), RELATION.copy()
    value[1::7, 1], relation[1::7, 1] = 1.0, 1
    marked = fit_kernel(Described(KEYS[:N]), value, relation, ENDPOINTS)
    np.testing.assert_array_equal(marked.opine(Described(KEYS)), expert.opine(Described(KEYS)))


def test_exact_measurements_are_fitted_as_they_are(monkeypatch, expert):
    """To the last bit, and without a look at bounds where there are none."""
    from scipy.linalg import cho_factor, cho_solve

    def never(*_):
        raise AssertionError

    monkeypatch.setattr("molscreen.training.bounds._settle", never)
    again = fit_kernel(Described(KEYS[:N]), VALUE, RELATION, ENDPOINTS)
    np.testing.assert_array_equal(again.weight, expert.weight)
    rows = np.flatnonzero(~np.isnan(VALUE[:, 0]))
    used = np.flatnonzero(~np.isnan(VALUE).all(axis=1))
    gram = gram_matrix(expert.reference.take(np.searchsorted(used, rows)), expert.space)
    residual = VALUE[rows, 0] - VALUE[rows, 0].mean()
    covariance = gram.astype(float)
    covariance[np.diag_indices(len(rows))] += noise_ratio(gram, residual)
    with single_thread():
        weight = cho_solve(cho_factor(covariance, lower=True), residual).astype(np.float32)
    np.testing.assert_array_equal(expert.weight[np.searchsorted(used, rows), 0], weight)


def test_compounds_that_fit_nothing_are_not_kept():
    value = VALUE[:, [0]]
    expert = fit_kernel(Described(KEYS[:N]), value, RELATION[:, [0]], ENDPOINTS[:1])
    assert len(expert.weight) == (~np.isnan(value)).sum()


def test_fit_repeats_itself_whatever_the_threads():
    """The sums of a factorisation come in another order with another number of threads."""
    first, second = (fit_kernel(Described(KEYS[:N]), VALUE, RELATION, ENDPOINTS, seed=3) for _ in range(2))
    with single_thread():
        third = fit_kernel(Described(KEYS[:N]), VALUE, RELATION, ENDPOINTS, seed=3)
    np.testing.assert_array_equal(first.weight, second.weight)
    np.testing.assert_array_equal(first.weight, third.weight)


def test_out_of_fold_opinions_are_those_of_a_fit_without_the_fold(monkeypatch):
    """Noise, mean and weights: nothing measured in a fold may reach its own opinions."""
    space = DescriptorSpace.fit(Described(KEYS[:N]).descriptors)
    monkeypatch.setattr(module.DescriptorSpace, "fit", lambda *_, **__: space)  # structures may be known
    folds = np.random.default_rng(0).choice([-1, 7, 20], N)
    said = cross_fit_kernel(Described(KEYS[:N]), VALUE, RELATION, ENDPOINTS, fold=folds).opinion
    np.testing.assert_array_equal(np.isnan(said), np.isnan(VALUE))
    for fold in (-1, 7, 20):
        inside = folds == fold
        keys = [key for key, is_inside in zip(KEYS, inside, strict=False) if not is_inside]
        without = fit_kernel(Described(keys), VALUE[~inside], RELATION[~inside], ENDPOINTS)
        expected = without.opine(Described([KEYS[i] for i in np.flatnonzero(inside)]))
        expected[np.isnan(VALUE[inside])] = np.nan
        np.testing.assert_allclose(said[inside], expected, rtol=1e-5, atol=1e-6)


def test_a_compounds_own_value_does_not_reach_its_opinion():
    """However absurd the measurement."""
    folds, value = np.arange(N) % 4, VALUE.copy()
    value[folds == 2, 0] += 1000
    before = cross_fit_kernel(Described(KEYS[:N]), VALUE, RELATION, ENDPOINTS, fold=folds).opinion
    after = cross_fit_kernel(Described(KEYS[:N]), value, RELATION, ENDPOINTS, fold=folds).opinion
    np.testing.assert_array_equal(before[folds == 2], after[folds == 2])
    assert not np.allclose(before[folds == 1, 0], after[folds == 1, 0], equal_nan=True)


def test_censored_compounds_get_an_opinion_out_of_fold():
    """Weights of a blend see on which side of a bound each expert is."""
    relation = RELATION.copy()
    relation[3::9, 0] = -1
    said = cross_fit_kernel(Described(KEYS[:N]), VALUE, relation, ENDPOINTS, fold=np.arange(N) % 4).opinion
    np.testing.assert_array_equal(np.isnan(said), np.isnan(VALUE))


def test_large_endpoints_are_fitted_on_a_draw(monkeypatch):
    """Beyond the largest number the rest stays out, and another seed draws other compounds."""
    monkeypatch.setattr(process, "LARGEST", 60)
    monkeypatch.setattr(module, "JUDGES", 30)
    monkeypatch.setattr(process, "_STEP", 25)
    column = [1]
    value, relation, endpoints = VALUE[:, column], RELATION[:, column], ENDPOINTS[1:2]
    a, b = (fit_kernel(Described(KEYS[:N]), value, relation, endpoints, seed=seed) for seed in (0, 1))
    assert len(a.weight) == 60
    assert not np.array_equal(a.opine(Described(KEYS)), b.opine(Described(KEYS)))
    said = cross_fit_kernel(Described(KEYS[:N]), value, relation, endpoints, fold=np.arange(N) % 4).opinion
    drawn = ~np.isnan(said[:, 0])
    assert drawn.sum() == 60
    assert np.mean((said[drawn, 0] > 0) == (value[drawn, 0] == 1)) > 0.6


@pytest.mark.parametrize("values", [[np.nan] * 8, [1.0] + [np.nan] * 7, [5.0] * 8])
def test_endpoint_without_two_different_values_is_not_known(values):
    """One number, or the same eight times, is no relation between structure and anything."""
    value = np.array(values)[:, None]
    expert = fit_kernel(Described(KEYS[:8]), value, np.zeros((8, 1), int), ENDPOINTS[:1])
    assert np.isnan(expert.opine(Described(KEYS[:8]))).all()
    assert expert.weight.shape == (0, 1)


def test_fold_that_holds_all_of_one_class_gets_no_opinion():
    """What is left has one class, and says nothing of the other."""
    folds = (VALUE[:, 1] == 1).astype(int)
    said = cross_fit_kernel(
        Described(KEYS[:N]), VALUE[:, [1]], RELATION[:, [1]], ENDPOINTS[1:2], fold=folds
    ).opinion
    assert np.isnan(said).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: fit_kernel(Described(KEYS[:8]), VALUE[:8, :2], RELATION[:8], ENDPOINTS),
            r"values have shape \(8, 2\), relations \(8, 3\), expected \(n, t\) = \(8, 3\)",
        ),
        (
            lambda: cross_fit_kernel(
                Described(KEYS[:8]), VALUE[:8], RELATION[:8], ENDPOINTS, fold=np.zeros(7, int)
            ),
            r"folds have shape \(7,\), expected \(n,\) = \(8,\)",
        ),
        (
            lambda: fit_kernel(Described(["C(", *KEYS[1:8]]), VALUE[1:9], RELATION[1:9], ENDPOINTS),
            r"'C\(' is no SMILES",
        ),
    ],
)
def test_what_does_not_belong_together_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
