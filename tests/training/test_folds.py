"""Folds keep what tests away from what fits, stops and calibrates."""

import dataclasses

import numpy as np
import pytest

from molscreen.data.assay_table import AssayTable
from molscreen.data.splits import SplitConfig
from molscreen.endpoint import Endpoint
from molscreen.errors import ConfigError, LibraryError
from molscreen.training.folds import MIN_CALIBRATION, cut_folds, fewest_compounds, join_tables

CONFIG = SplitConfig(method="random", train=0.7, validation=0.1, calibration=0.1, test=0.1)


def table(name, n=300, *, official=False, offset=0):
    """Alkanes and alcohols with their size as measurement."""
    keys = tuple(("C" * (i % 150 + 1) + "O" * (i // 150)) for i in range(offset, offset + n))
    split = np.zeros((n, 1), "U5")
    if official:
        split[:] = "train"
        split[:30] = "test"
    return AssayTable(
        keys=keys,
        endpoints=(Endpoint(name=name),),
        value=np.arange(n, dtype=np.float32)[:, None],
        relation=np.zeros((n, 1), np.int8),
        split=split,
        time=np.full(n, np.nan),
        ids=tuple(f"{name}:{i}" for i in range(n)),
    )


def test_official_folds_are_kept_and_others_are_made():
    """A published test set is the one that is reported."""
    joined = join_tables([table("official", official=True), table("ours")], CONFIG)
    assert (joined.split[:, 0] == "test").sum() == 30
    assert (joined.split[:, 1] == "test").sum() == 30
    assert set(np.unique(joined.split)) == {"test", "train"}


def test_no_compound_calibrates_and_fits():
    """Calibration on compounds a member has seen would promise too much."""
    folds = cut_folds(join_tables([table("a")], CONFIG), CONFIG, members=3, seed=0)
    for train, validation in folds.members:
        assert not set(train) & set(validation)
        assert not set(folds.calibration) & (set(train) | set(validation))


def test_a_compound_tested_everywhere_fits_nothing():
    """Only compounds with a measurement outside the test fold may be fitted on."""
    joined = join_tables([table("a")], CONFIG)
    folds = cut_folds(joined, CONFIG, members=2, seed=0)
    only_tested = np.flatnonzero(joined.split[:, 0] == "test")
    assert not set(only_tested) & (set(folds.fitted) | set(folds.calibration))
    assert set(folds.tested) == set(only_tested)


def test_members_stop_on_different_compounds():
    """One validation set for all would let the ensemble overfit it together."""
    folds = cut_folds(join_tables([table("a")], CONFIG), CONFIG, members=2, seed=0)
    first, second = (set(validation) for _, validation in folds.members)
    assert first != second
    assert cut_folds(join_tables([table("a")], CONFIG), CONFIG, members=2, seed=0).members[0][0].tolist() == (
        folds.members[0][0].tolist()
    )


def test_too_few_compounds_are_refused_before_any_fit():
    """Forty measurements cannot fit, stop and calibrate a network; how many can is said."""
    needed = r"At least 176 compounds outside the test fold are needed, about 196 in all: measure more"
    with pytest.raises(
        LibraryError, match=rf"171 compounds .* are too few: .* would stop .* {needed}"
    ) as caught:
        cut_folds(join_tables([table("a", n=190)], CONFIG), CONFIG, members=1, seed=0)
    assert "[split]" not in str(caught.value)  # the owner of a CSV has no such table


@pytest.mark.parametrize("n", [1, 2, 40])
def test_so_few_compounds_that_no_split_helps_are_refused_before_it(n):
    """DeepChem's splitters end in an IndexError where a fold stays empty."""
    with pytest.raises(LibraryError, match=rf"too few compounds: {n}\. At least 176 compounds"):
        join_tables([table("a", n=n)], dataclasses.replace(CONFIG, method="scaffold"))


@pytest.mark.parametrize("share", [0.05, 0.1, 0.3])
def test_the_fewest_compounds_are_just_enough(share):
    config = dataclasses.replace(CONFIG, train=0.8 - share, calibration=share)
    fewest = fewest_compounds(config)
    with pytest.raises(LibraryError, match=f"At least {fewest} compounds"):
        cut_folds(all_for_training(fewest - 1), config, members=1, seed=0)
    assert len(cut_folds(all_for_training(fewest), config, members=1, seed=0).calibration) >= MIN_CALIBRATION


def all_for_training(n):
    whole = table("a", n=n)
    return dataclasses.replace(whole, split=np.full((n, 1), "train"))


def test_a_share_of_nothing_is_refused():
    """No number of compounds would be enough."""
    config = dataclasses.replace(CONFIG, train=0.8, calibration=0.0)
    with pytest.raises(ConfigError, match=r"calibration 0, expected both above 0"):
        cut_folds(all_for_training(300), config, members=1, seed=0)


def test_a_compound_without_a_time_is_neither_old_nor_new():
    """Said in words that fit a card and a CSV alike."""
    config = dataclasses.replace(CONFIG, method="time")
    undated = table("a")
    with pytest.raises(LibraryError, match="none of 300 compounds has a time") as caught:
        join_tables([undated], config)
    assert "card" not in str(caught.value)
    time = np.arange(300.0)
    time[7] = np.nan
    with pytest.raises(LibraryError, match=r"1 of 300 compounds have no time .* the first is a:7: give each"):
        join_tables([dataclasses.replace(undated, time=time)], config)


def test_given_folds_must_hold_a_test():
    """A model that was never tested has no figures to believe."""
    with pytest.raises(LibraryError, match="no measurement is in the test fold: mark some as 'test'"):
        join_tables([all_for_training(300)], dataclasses.replace(CONFIG, method="given"))


def test_asked_for_a_split_official_folds_give_way():
    """All data sets are divided together, so that a tested compound trains no other endpoint."""
    config = dataclasses.replace(CONFIG, official=False)
    joined = join_tables([table("official", official=True), table("ours", offset=150, n=150)], config)
    folds = cut_folds(joined, config, members=2, seed=0)
    assert len(folds.tested) == 30
    assert not set(folds.tested) & (set(folds.fitted) | set(folds.calibration))
    assert (joined.split == "test").sum() == joined.measured[folds.tested].sum()
