"""Trees are fitted on what they may know, and say the same whenever they are fitted on it."""

from __future__ import annotations

import numpy as np
import pytest

from molscreen.endpoint import Endpoint
from molscreen.prediction.experts.described import Described
from molscreen.training.experts.fit_trees import FEWEST_FOR_TREES, cross_fit_trees, fit_trees

ENDPOINTS = (Endpoint(name="pKi"), Endpoint(name="toxic", kind="classification", unit="probability"))
N = 120


@pytest.fixture
def data():
    """Features of which the first decides; values, relations and folds."""
    rng = np.random.default_rng(0)
    features = rng.integers(0, 5, (N, 30)).astype(np.float32)
    features[:, 0] = rng.normal(size=N)
    target = np.column_stack([features[:, 0] + 0.1 * rng.normal(size=N), features[:, 0] > 0]).astype(float)
    return features, target, np.zeros((N, 2), np.int8), np.arange(N) % 4


def described(features):
    return Described.with_features([f"compound {n}" for n in range(len(features))], features)


def arrays(trees):
    return (trees.feature, trees.threshold, trees.leaf, trees.known)


def same(one, other):
    return all((a == b).all() for a, b in zip(arrays(one), arrays(other), strict=True))


def test_opinion_out_of_fold_is_that_of_a_fit_without_the_fold(data):
    features, target, relation, fold = data
    crossed = cross_fit_trees(described(features), target, relation, ENDPOINTS, fold=fold, seed=5)
    said = crossed.opinion
    for number in range(4):
        own, others = fold == number, fold != number
        fitted = fit_trees(features[others], target[others], relation[others], ENDPOINTS, seed=5)
        np.testing.assert_array_equal(said[own], fitted.from_features(features[own]))
        if number == 0:
            assert same(crossed.apart, fitted)
    assert same(crossed.expert, fit_trees(features, target, relation, ENDPOINTS, seed=5))
    assert np.corrcoef(said[:, 0], target[:, 0])[0, 1] > 0.8
    assert said[target[:, 1] == 1, 1].mean() > said[target[:, 1] == 0, 1].mean() + 1


def test_what_is_said_of_a_fold_does_not_depend_on_its_values(data):
    """Weights and intervals are made from these opinions."""
    features, target, relation, fold = data
    before = cross_fit_trees(described(features), target, relation, ENDPOINTS, fold=fold).opinion
    changed = target.copy()
    changed[fold == 2] = [100.0, 1.0]
    after = cross_fit_trees(described(features), changed, relation, ENDPOINTS, fold=fold).opinion
    np.testing.assert_array_equal(before[fold == 2], after[fold == 2])
    assert (before[fold == 1] != after[fold == 1]).any()


def test_a_compound_that_could_not_be_described_fits_no_tree(data):
    """It is as if it were not there; a row of zeros would be a compound without atoms."""
    features, target, relation, fold = data
    lost = np.arange(N) % 7 == 3
    unknown = np.where(lost[:, None], np.float32(np.nan), features)
    crossed = cross_fit_trees(described(unknown), target, relation, ENDPOINTS, fold=fold)
    assert np.isnan(crossed.opinion[lost]).all()
    left = cross_fit_trees(
        described(features[~lost]), target[~lost], relation[~lost], ENDPOINTS, fold=fold[~lost]
    )
    np.testing.assert_array_equal(crossed.opinion[~lost], left.opinion)
    assert same(crossed.expert, left.expert)


def test_the_same_data_and_seed_give_the_same_trees(data):
    features, target, relation, _ = data
    first, second, other = (fit_trees(features, target, relation, ENDPOINTS, seed=s) for s in (1, 1, 2))
    assert same(first, second)
    assert not same(first, other)


def test_limits_are_no_values(data):
    """``>100`` says that a value is not 100."""
    features, target, relation, _ = data
    relation[:20, 0] = 1
    limits = target.copy()
    limits[:20, 0] = 50.0
    assert same(
        fit_trees(features, limits, relation, ENDPOINTS),
        fit_trees(features, np.where(relation, np.nan, limits), relation, ENDPOINTS),
    )


def test_too_few_values_get_no_trees(data):
    """Of each class, where there are classes."""
    features, target, relation, _ = data
    few = target.copy()
    few[FEWEST_FOR_TREES - 1 :, 0] = np.nan
    few[:, 1] = np.arange(N) < FEWEST_FOR_TREES - 1
    assert fit_trees(features, few, relation, ENDPOINTS).known.tolist() == [False, False]
    few[FEWEST_FOR_TREES - 1] = [0.0, 1.0]
    assert fit_trees(features, few, relation, ENDPOINTS).known.tolist() == [True, True]


def test_values_that_are_all_alike_are_predicted(data):
    """LightGBM stops without a split; the one leaf that it leaves is the answer."""
    features, target, relation, _ = data
    target[:, 0] = 7.25
    said = fit_trees(features, target, relation, ENDPOINTS).from_features(features)
    np.testing.assert_allclose(said[:, 0], 7.25, rtol=1e-6)
