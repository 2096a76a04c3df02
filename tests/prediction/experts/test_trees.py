"""Trees as arrays say what LightGBM's own say."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import Crippen
from safetensors.numpy import load, save

from molscreen.chem.features.tabular import WIDTH, tabular
from molscreen.endpoint import Endpoint
from molscreen.prediction.compressed import compress
from molscreen.prediction.experts.described import Described
from molscreen.prediction.experts.trees import BLOCK, DEPTH, LEAVES, NODES, TreeExpert
from molscreen.training.experts.fit_trees import TREES, _boost, _floor32, fit_trees
from tests.prediction.tiny_bundle import drug_keys

ENDPOINTS = (
    Endpoint(name="logP"),
    Endpoint(name="aromatic", kind="classification", unit="probability"),
    Endpoint(name="never measured"),
)
N = 150  # compounds that trees are fitted on; as many again are new to them


@cache
def drugs() -> tuple[tuple[str, ...], NDArray[np.float32], NDArray[np.float64]]:
    """Keys, features and measured values of approved drugs."""
    keys = drug_keys()[: 2 * N]
    mols = [Chem.MolFromSmiles(key) for key in keys]
    target = np.full((len(keys), 3), np.nan)
    target[:, 0] = [Crippen.MolLogP(mol) for mol in mols]
    target[:, 1] = [sum(atom.GetIsAromatic() for atom in mol.GetAtoms()) > 6 for mol in mols]
    return keys, tabular(keys), target


@cache
def trees() -> TreeExpert:
    """Fitted on the first drugs."""
    _, features, target = drugs()
    return fit_trees(features[:N], target[:N], np.zeros((N, 3), np.int8), ENDPOINTS, seed=3)


@pytest.mark.parametrize("j", [0, 1])
def test_arrays_say_what_lightgbm_says(j: int) -> None:
    """Its raw predictions, on compounds that fitted the trees and on others."""
    _, features, target = drugs()
    booster = _boost(features[:N], target[:N, j], ENDPOINTS[j], 3)
    expected = booster.predict(features, raw_score=True)
    said = trees().from_features(features)[:, j]
    np.testing.assert_allclose(said, expected, atol=1e-5)
    assert np.std(said[N:]) > 0.1


def test_branches_that_end_early_are_among_them() -> None:
    """Or else the test above says nothing of them."""
    used = np.isfinite(trees().threshold[:2])  # (2, m, NODES)
    assert (~used).any(axis=2).all()
    assert used[:, :, 15:].any()  # and nodes of the last level


def test_trees_have_learnt() -> None:
    _, features, target = drugs()
    said = trees().from_features(features[N:])
    assert np.corrcoef(said[:, 0], target[N:, 0])[0, 1] > 0.8
    assert said[target[N:, 1] == 1, 1].mean() > said[target[N:, 1] == 0, 1].mean() + 1


def test_unknown_endpoint_gets_no_opinion() -> None:
    """NaN, not the zero that untouched leaves add up to."""
    said = trees().from_features(drugs()[1][:5])
    assert np.isnan(said).tolist() == [[False, False, True]] * 5


def test_opinion_is_of_the_features_of_the_keys() -> None:
    keys, features, _ = drugs()
    said = trees().opine(Described(keys[:3]))
    np.testing.assert_array_equal(said, trees().from_features(features[:3]))


def test_what_is_loaded_says_what_was_saved() -> None:
    """To the last bit."""
    loaded = TreeExpert.from_tensors(load(save(trees().to_tensors())))
    features = drugs()[1]
    np.testing.assert_array_equal(loaded.from_features(features), trees().from_features(features))
    assert loaded.width == WIDTH


def test_many_compounds_are_judged_as_one_at_a_time() -> None:
    """They pass in blocks; the last is not full."""
    features = np.resize(drugs()[1], (2 * BLOCK + 7, WIDTH))
    whole = trees().from_features(features)
    rows = [0, BLOCK - 1, BLOCK, 2 * BLOCK + 6]
    np.testing.assert_array_equal(
        whole[rows], np.concatenate([trees().from_features(features[[i]]) for i in rows])
    )
    assert trees().from_features(features[:0]).shape == (0, 3)


def test_features_of_another_rdkit_are_refused() -> None:
    with pytest.raises(ValueError, match=f"fitted on {WIDTH} features, but there are {WIDTH - 1}"):
        trees().from_features(drugs()[1][:2, 1:])


def test_a_value_at_the_threshold_goes_left() -> None:
    """One tree of one split: feature 1 at most 0.5."""
    feature, threshold = np.zeros((1, 1, NODES), np.uint16), np.full((1, 1, NODES), np.inf, np.float32)
    leaf = np.zeros((1, 1, LEAVES), np.float32)
    feature[0, 0, 0], threshold[0, 0, 0] = 1, 0.5
    leaf[0, 0, 0], leaf[0, 0, LEAVES // 2] = -1, 1
    tree = TreeExpert(feature, threshold, leaf, np.array([True]), 2)
    features = np.array([[9, 0.5], [9, np.nextafter(np.float32(0.5), np.float32(1))], [9, -7]], np.float32)
    assert tree.from_features(features)[:, 0].tolist() == [-1, 1, -1]
    assert (NODES, LEAVES) == (2**DEPTH - 1, 2**DEPTH)


@given(st.floats(-1e30, 1e30), st.floats(width=32, allow_nan=False))
def test_rounded_threshold_has_the_same_numbers_on_each_side(threshold: float, value: float) -> None:
    """LightGBM's are float64, and stored are float32."""
    for each in (value, float(np.float32(threshold))):
        assert (each <= threshold) == (each <= float(_floor32(threshold)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trees.width": np.array([100])}, r"feature \d+ of 100: damaged"),
        ({"trees.leaf": compress(bytes(4 * 3 * TREES * NODES))}, "cannot reshape"),
        ({"trees.known": np.array([True])}, "cannot reshape"),
        ({"trees.threshold": compress(bytes(4 * 3 * NODES))}, "cannot reshape"),
        ({"trees.feature": np.zeros(9, np.uint8)}, "trees.feature: damaged"),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(change: dict[str, NDArray], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TreeExpert.from_tensors(trees().to_tensors() | change)
