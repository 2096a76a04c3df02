"""Folds keep what tests away from what fits, stops and calibrates."""

import dataclasses

import numpy as np
import pytest

from molscreen.chem.compound import Rejection
from molscreen.data.measured.assay_table import AssayTable
from molscreen.data.splits import SplitConfig
from molscreen.endpoint import Endpoint
from molscreen.errors import LibraryError
from molscreen.training.folds import N_FOLDS, UNUSED, cut_folds, join_tables

CONFIG = SplitConfig(method="random", train=0.9, test=0.1)


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


def test_a_network_never_saw_the_fold_it_speaks_of():
    """Weights and intervals come from these opinions: on compounds seen before they would flatter."""
    folds = cut_folds(join_tables([table("a")], CONFIG), seed=0)
    for number in range(N_FOLDS):
        fitting, stopping = (set(rows) for rows in folds.others(number))
        own = set(np.flatnonzero(folds.fold == number))
        assert own
        assert not own & (fitting | stopping)
        assert not fitting & stopping
        assert own | fitting | stopping == set(folds.fitted)


def test_a_stereoisomer_of_a_training_compound_is_no_test():
    """Enantiomers of nearly one value on both sides of the figure that a card gives would flatter it."""
    rest = [f"{'C' * n}{end}" for n in range(1, 26) for end in "ON"]
    amino = [f"{'C' * n}[{at}](N)C(=O)O" for n in range(1, 26) for at in ("C@H", "C@@H")]
    bare = dataclasses.replace(table("a", 100), keys=(*amino, *rest))
    tests = 0
    for seed in range(3):
        split = join_tables([bare], dataclasses.replace(CONFIG, test=0.3, train=0.7, seed=seed)).split[:, 0]
        assert (split[:50:2] == split[1:50:2]).all()
        tests += (split == "test").sum()
    assert 45 <= tests < 90  # pairs that were cut train both


def test_folds_are_of_one_size_and_the_same_for_one_seed():
    joined = join_tables([table("a")], CONFIG)
    folds = cut_folds(joined, seed=0)
    sizes = np.bincount(folds.fold[folds.fitted])
    assert sizes.max() - sizes.min() <= 1
    assert (cut_folds(joined, seed=0).fold == folds.fold).all()
    assert (cut_folds(joined, seed=1).fold != folds.fold).any()


def test_stereoisomers_are_in_one_fold():
    """Whoever knows one enantiomer knows the other: to speak of it is no test."""
    rest = [f"{'C' * n}{end}" for n in range(1, 26) for end in "ON"]
    amino = [f"{'C' * n}[{at}](N)C(=O)O" for n in range(1, 26) for at in ("C@H", "C@@H")]
    joined = dataclasses.replace(all_for_training(100), keys=(*amino, *rest))
    for seed in range(3):
        fold = cut_folds(joined, seed=seed).fold
        assert (fold[:50:2] == fold[1:50:2]).all()
        assert np.bincount(fold, minlength=N_FOLDS).min() >= 10


def test_forms_of_four_compounds_cannot_be_cross_fitted():
    """A fold would be empty, and nobody could be asked about what he does not know."""
    forms = ["".join(f"[C@{'@' * (n >> bit & 1)}H](O)" for bit in range(5)) for n in range(25)]
    sugars = [f"{'C' * carbons}{form}C=O" for carbons in range(1, 5) for form in forms]
    joined = dataclasses.replace(all_for_training(100), keys=tuple(sugars))
    with pytest.raises(LibraryError, match=r"the 100 compounds .* are stereoisomers and tautomers of 4"):
        cut_folds(joined, seed=0)


def test_a_compound_tested_everywhere_fits_nothing():
    """Only compounds with a measurement outside the test fold may be fitted on."""
    joined = join_tables([table("a")], CONFIG)
    folds = cut_folds(joined, seed=0)
    only_tested = np.flatnonzero(joined.split[:, 0] == "test")
    assert (folds.fold[only_tested] == UNUSED).all()
    assert set(folds.tested) == set(only_tested)


def test_too_few_compounds_are_refused_before_any_fit():
    """Eighty measurements cannot fit a model and say how wrong it is; how many can is said."""
    with pytest.raises(LibraryError, match=r"99 compounds .* are too few\. At least 100 compounds"):
        cut_folds(all_for_training(99), seed=0)
    assert len(cut_folds(all_for_training(100), seed=0).fitted) == 100


@pytest.mark.parametrize("n", [1, 2, 40])
def test_so_few_compounds_that_no_split_helps_are_refused_before_it(n):
    """DeepChem's splitters end in an IndexError where a fold stays empty."""
    with pytest.raises(LibraryError, match=rf"too few compounds: {n}\. At least 100 compounds"):
        join_tables([table("a", n=n)], dataclasses.replace(CONFIG, method="scaffold"))


def test_rows_that_cannot_be_used_are_counted_where_compounds_are_too_few():
    """Mending a file is cheaper than measuring more compounds."""
    slip = Rejection("a.csv:3", "CCO", "read", "invalid", "value", "column 'pKi': 'about 5' is not a number")
    read = dataclasses.replace(table("a", n=40), rejections=(slip, slip))
    with pytest.raises(LibraryError) as caught:
        join_tables([read], CONFIG)
    assert str(caught.value).startswith(
        "too few compounds: 40; 2 of 42 rows cannot be used (2 invalid/value; the first, a.csv:3:"
        " column 'pKi': 'about 5' is not a number). At least 100 compounds"
    )


def all_for_training(n):
    whole = table("a", n=n)
    return dataclasses.replace(whole, split=np.full((n, 1), "train"))


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
    folds = cut_folds(joined, seed=0)
    assert len(folds.tested) == 30
    assert not set(folds.tested) & set(folds.fitted)
    assert (joined.split == "test").sum() == joined.measured[folds.tested].sum()
