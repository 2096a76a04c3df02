"""Folds: which measurements fit the networks, stop them, calibrate them, and test them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.data.assay import merge
from molscreen.data.assay_table import AssayTable
from molscreen.data.replicates import merge_replicates
from molscreen.data.splits import SplitConfig, split_table
from molscreen.errors import LibraryError

Index = NDArray[np.intp]
MIN_CALIBRATION = 20  # compounds; below this a 90 % interval is a guess, see ConformalInterval


@dataclass(frozen=True, slots=True, eq=False)
class Folds:
    """Rows of one assay table, divided for an ensemble.

    Attributes
    ----------
    members : tuple of (train, validation) row numbers
        One pair per member. Validation compounds stop the fit and differ between members.
    calibration : (m,) int
        Compounds no member is fitted on or stopped by.
    tested : (n_test,) int
        Compounds with a test measurement. They may be training compounds of *another* endpoint;
        their test measurements are hidden from every fit.
    """

    members: tuple[tuple[Index, Index], ...]
    calibration: Index
    tested: Index

    @property
    def fitted(self) -> Index:
        """Compounds that fit or stop some member: what the domain is measured from."""
        return np.unique(np.concatenate([rows for pair in self.members for rows in pair]))


def join_tables(tables: Sequence[AssayTable], config: SplitConfig) -> AssayTable:
    """One table of all data sets, every measurement marked "train" or "test".

    With ``config.official``, a data set keeps its official test fold and one without is divided by
    ``config.method``. Such folds belong to measurements: a compound may be tested for one endpoint and
    train another. Without it, the compounds of all data sets are divided together, and a tested
    one trains nothing. Official validation folds are training data: `cut_folds` makes its own.
    """
    merged = [merge_replicates(table)[0] for table in tables]
    if not config.official:
        return _with_test_fold(merge(merged), config)
    return merge(
        [table if (table.split == "test").any() else _with_test_fold(table, config) for table in merged]
    )


def cut_folds(table: AssayTable, config: SplitConfig, *, members: int, seed: int) -> Folds:
    """Divide the compounds that have a measurement outside the test fold, at random.

    Raises
    ------
    LibraryError
        Too few compounds are left to fit, stop and calibrate.
    """
    trainable = np.flatnonzero((table.measured & (table.split != "test")).any(axis=1))
    rest = 1 - config.test
    n_validation, n_calibration = (
        round(len(trainable) * share / rest) for share in (config.validation, config.calibration)
    )
    if n_calibration < MIN_CALIBRATION or n_validation < 2:
        raise LibraryError(
            f"{len(trainable)} compounds outside the test fold are too few: {n_validation} would stop the"
            f" fit and {n_calibration} calibrate it, expected at least 2 and {MIN_CALIBRATION}."
            " Measure more compounds, or raise the shares in [split]"
        )
    shuffled = np.random.default_rng([seed, 0]).permutation(trainable)
    calibration, fitted = shuffled[:n_calibration], shuffled[n_calibration:]
    pairs = []
    for member in range(members):
        order = np.random.default_rng([seed, 1, member]).permutation(fitted)
        pairs.append((np.sort(order[n_validation:]), np.sort(order[:n_validation])))
    tested = np.flatnonzero((table.measured & (table.split == "test")).any(axis=1))
    return Folds(tuple(pairs), np.sort(calibration), tested)


def _with_test_fold(table: AssayTable, config: SplitConfig) -> AssayTable:
    """The table with each measurement marked by the fold of its compound."""
    split = split_table(table, config)
    fold = np.full(len(table), "train")
    fold[split.test] = "test"
    return dataclasses.replace(table, split=np.where(table.measured, fold[:, None], ""))
