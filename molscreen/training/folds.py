"""Folds: which measurements fit the networks, stop them, calibrate them, and test them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.data.assay import merge
from molscreen.data.assay_table import AssayTable
from molscreen.data.replicates import merge_replicates
from molscreen.data.splits import SplitConfig, split_table
from molscreen.errors import ConfigError, LibraryError

Index = NDArray[np.intp]
MIN_CALIBRATION = 20  # compounds; below this a 90 % interval is a guess, see ConformalInterval
MIN_VALIDATION = 2  # compounds


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

    Raises
    ------
    LibraryError
        A table lacks the times or folds that ``config.method`` needs, or all of them hold too few
        compounds for `cut_folds`, however they are divided.
    ConfigError
        As for `cut_folds`.
    """
    merged = [merge_replicates(table)[0] for table in tables]
    n = sum(map(len, merged))
    if n < fewest_compounds(config):
        raise LibraryError(f"too few compounds: {n}. {_what_is_needed(config)}")
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
    ConfigError
        No share of them is set aside to stop or to calibrate.
    """
    trainable = np.flatnonzero((table.measured & (table.split != "test")).any(axis=1))
    n_validation, n_calibration = _held_out(len(trainable), config)
    if n_calibration < MIN_CALIBRATION or n_validation < MIN_VALIDATION:
        raise LibraryError(
            f"{len(trainable)} compounds outside the test fold are too few: {n_validation} would stop the"
            f" fit and {n_calibration} calibrate it, expected at least {MIN_VALIDATION} and"
            f" {MIN_CALIBRATION}. {_what_is_needed(config)}"
        )
    shuffled = np.random.default_rng([seed, 0]).permutation(trainable)
    calibration, fitted = shuffled[:n_calibration], shuffled[n_calibration:]
    pairs = []
    for member in range(members):
        order = np.random.default_rng([seed, 1, member]).permutation(fitted)
        pairs.append((np.sort(order[n_validation:]), np.sort(order[:n_validation])))
    tested = np.flatnonzero((table.measured & (table.split == "test")).any(axis=1))
    return Folds(tuple(pairs), np.sort(calibration), tested)


def fewest_compounds(config: SplitConfig) -> int:
    """The least number of compounds outside the test fold that `cut_folds` accepts.

    Raises
    ------
    ConfigError
        A share is 0: no number of compounds is enough.

    Examples
    --------
    >>> fewest_compounds(SplitConfig(train=0.7, calibration=0.1))
    176
    """
    if not min(config.validation, config.calibration) > 0:
        raise ConfigError(
            f"[split] validation is {config.validation:g} and calibration {config.calibration:g}, expected"
            " both above 0: a fit is stopped on the one, and its intervals are made from the other"
        )
    rest = 1 - config.test
    n = max(
        1,
        int((MIN_VALIDATION - 1) * rest / config.validation),
        int((MIN_CALIBRATION - 1) * rest / config.calibration),
    )
    while _held_out(n, config)[0] < MIN_VALIDATION or _held_out(n, config)[1] < MIN_CALIBRATION:
        n += 1
    return n


def _what_is_needed(config: SplitConfig) -> str:
    needed = fewest_compounds(config)
    return (
        f"At least {needed} compounds outside the test fold are needed, about"
        f" {math.ceil(needed / (1 - config.test))} in all: measure more compounds"
    )


def _held_out(n: int, config: SplitConfig) -> tuple[int, int]:
    """How many of n compounds outside the test fold stop the fit, and how many calibrate it."""
    rest = 1 - config.test
    return round(n * config.validation / rest), round(n * config.calibration / rest)


def _with_test_fold(table: AssayTable, config: SplitConfig) -> AssayTable:
    """The table with each measurement marked by the fold of its compound."""
    if config.method == "time":
        _require_times(table)
    if config.method == "given" and not table.held_out.any():
        raise LibraryError(
            "no measurement is in the test fold: mark some as 'test' in the column of folds, or choose"
            " another split"
        )
    split = split_table(table, config)
    fold = np.full(len(table), "train")
    fold[split.test] = "test"
    return dataclasses.replace(table, split=np.where(table.measured, fold[:, None], ""))


def _require_times(table: AssayTable) -> None:
    """Raise where a compound has no time: it is neither old nor new."""
    lost = np.flatnonzero(np.isnan(table.time))
    if len(lost) == len(table):
        raise LibraryError(
            f"none of {len(table)} compounds has a time to split them by: name a column of years or dates, or"
            " choose another split"
        )
    if len(lost):
        raise LibraryError(
            f"{len(lost)} of {len(table)} compounds have no time to split them by, the first is"
            f" {table.ids[lost[0]]}: give each a year or a date, leave them out, or choose another split"
        )
