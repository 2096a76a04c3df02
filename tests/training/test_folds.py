"""Folds keep what tests away from what fits, stops and calibrates."""

import numpy as np
import pytest

from molscreen.data.assay_table import AssayTable
from molscreen.data.splits import SplitConfig
from molscreen.endpoint import Endpoint
from molscreen.errors import LibraryError
from molscreen.training.folds import cut_folds, join_tables

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
    """Forty measurements cannot fit, stop and calibrate a network."""
    with pytest.raises(LibraryError, match=r"are too few: .* would stop the fit"):
        cut_folds(join_tables([table("a", n=60)], CONFIG), CONFIG, members=1, seed=0)
