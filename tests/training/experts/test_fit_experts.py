"""Experts are cross-fitted once, and never judged by what they know."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from molscreen.endpoint import Endpoint
from molscreen.graphs.features import featurize_batch
from molscreen.prediction.experts.described import Described
from molscreen.prediction.experts.kernel import KernelExpert
from molscreen.prediction.experts.trees import TreeExpert
from molscreen.training.experts.fit_experts import fit_experts
from molscreen.training.folds import N_FOLDS, UNUSED, Folds
from molscreen.training.networks.batches import Examples

ENDPOINTS = (Endpoint(name="size"),)
KEYS = tuple(f"{'C' * n}{ending}" for n in range(2, 26) for ending in ("", "O", "N", "F", "C#N"))
N = len(KEYS)


@pytest.fixture
def data():
    """Chains and their sizes; the last twenty compounds belong to no fold."""
    value = np.array([[len(key.strip("#"))] for key in KEYS], np.float32)
    examples = Examples(featurize_batch(KEYS), value, np.zeros((N, 1), np.int8))
    fold = np.where(np.arange(N) < N - 20, np.arange(N) % N_FOLDS, UNUSED)
    return examples, Folds(fold, np.arange(N - 20, N), seed=0)


def run(data, scratch, names=("kernel", "trees"), seed=0, for_kernel=True, endpoints=ENDPOINTS):
    told = []
    examples, folds = data
    fitted = fit_experts(
        names, KEYS, examples, folds, endpoints,
        for_kernel=np.array([for_kernel]), seed=seed, scratch=scratch, progress=told.append,
    )  # fmt: skip
    return fitted, [line.split(":")[0] for line in told if ":" in line]


def test_each_expert_speaks_of_what_it_was_not_fitted_on(data, tmp_path):
    """Of every compound in a fold, and of no other; and all of them have learnt."""
    examples, folds = data
    fitted, told = run(data, tmp_path)
    assert told == ["kernel", "trees"]
    assert [type(fitted.experts[name]) for name in told] == [KernelExpert, TreeExpert]
    for name, opinion in fitted.opinions.items():
        assert (np.isnan(opinion[:, 0]) == (folds.fold == UNUSED)).all(), name
        known = folds.fold != UNUSED
        assert np.corrcoef(opinion[known, 0], examples.value[known, 0])[0, 1] > 0.8, name
        seen = fitted.experts[name].opine(Described(KEYS))
        assert np.isfinite(seen).all(), name
        errors = [np.abs(each - examples.value)[known].mean() for each in (seen, opinion)]
        assert errors[0] < errors[1], name


def test_a_limit_of_the_assay_is_respected_by_each_expert(data, tmp_path):
    """Also of compounds that it was not fitted on: below the limit, though nothing exact is."""
    examples, folds = data
    below = examples.value < 12
    bounded = dataclasses.replace(
        examples, value=np.maximum(examples.value, np.float32(12)), relation=-below.astype(np.int8)
    )
    fitted, told = run((bounded, folds), tmp_path)
    assert told == ["44 measurements are bounds", "kernel", "trees"]
    rows = below[:, 0] & (folds.fold != UNUSED)
    for name, opinion in fitted.opinions.items():
        assert (opinion[rows, 0] < 12).mean() > 0.8, name
        assert (fitted.experts[name].opine(Described(KEYS))[rows, 0] < 12).mean() > 0.9, name


def test_another_kind_of_endpoint_is_another_expert(data, tmp_path):
    """Labels 0 and 1 are the same numbers as measurements 0 and 1."""
    run(data, tmp_path)
    scaled = [dataclasses.replace(ENDPOINTS[0], unit="x", description="y")]
    assert run(data, tmp_path, endpoints=scaled)[1] == []
    other = [dataclasses.replace(ENDPOINTS[0], scale="log10", unit="x")]
    assert run(data, tmp_path, endpoints=other)[1] == ["kernel", "trees"]


def test_an_endpoint_that_is_not_for_the_kernel_is_left_to_the_trees(data, tmp_path):
    run(data, tmp_path)
    fitted, told = run(data, tmp_path, for_kernel=False)
    assert told == ["kernel"]
    assert np.isnan(fitted.opinions["kernel"]).all()


def test_a_killed_training_does_not_fit_them_again(data, tmp_path):
    """What a kill cut short in writing is not taken for a finished expert."""
    before, _ = run(data, tmp_path, ["kernel"])
    (tmp_path / "trees.safetensors.tmp").write_bytes(b"cut short")
    after, told = run(data, tmp_path)
    assert told == ["trees"]
    np.testing.assert_array_equal(before.opinions["kernel"], after.opinions["kernel"])
    _, told = run(data, tmp_path)
    assert told == []


def test_experts_of_other_data_or_another_seed_are_fitted_again(data, tmp_path):
    run(data, tmp_path, ["kernel"])
    assert run(data, tmp_path, ["kernel"], seed=1)[1] == ["kernel"]
    examples, folds = data
    examples.value[3] = 99
    assert run((examples, folds), tmp_path, ["kernel"], seed=1)[1] == ["kernel"]


def test_compounds_that_cannot_be_described_are_counted(data, tmp_path):
    """RDKit gives up on some; no expert may take one for a compound of zeros."""
    examples, folds = data
    told, keys = [], ("no SMILES", *KEYS[1:])
    fitted = fit_experts(
        ["trees"], keys, examples, folds, ENDPOINTS,
        for_kernel=np.array([True]), seed=0, scratch=tmp_path, progress=told.append,
    )  # fmt: skip
    assert told[1].startswith(f"1 of {N - 20} compounds could not be described (1 error): left out by")
    assert np.isnan(fitted.opinions["trees"][:3, 0]).tolist() == [True, False, False]
