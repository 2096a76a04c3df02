"""Folds: which measurements each expert is fitted on, and which it is judged by."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.identity import number_skeletons
from molscreen.data.measured.assay import merge
from molscreen.data.measured.assay_table import AssayTable
from molscreen.data.measured.replicates import merge_replicates
from molscreen.data.reasons import count_reasons, list_reasons
from molscreen.data.splits import SplitConfig, split_table
from molscreen.errors import LibraryError

Index = NDArray[np.intp]
N_FOLDS = 5
FEWEST_COMPOUNDS = 100  # compounds outside the test fold: 20 a fold, from which intervals are made
STOPPING = 0.05  # share of a network's compounds that stops its fit
NEEDED = (
    f"At least {FEWEST_COMPOUNDS} compounds outside the test fold are needed: measure more compounds."
    " Meanwhile `molscreen search STORE --similar SMILES` finds what is like the best of them, and a plan"
    " `target:ENDPOINT` ranks a library for a target that a shipped bundle knows"
)
UNUSED = -1  # the fold of a compound whose every measurement is a test


@dataclass(frozen=True, slots=True, eq=False)
class Folds:
    """The n compounds of an assay table, divided for cross-fitting.

    Attributes
    ----------
    fold : (n,) int
        From 0 to `N_FOLDS` - 1. Experts that speak of a fold were fitted on the others. `UNUSED` for a
        compound with nothing to fit.
    tested : (n_test,) int
        Compounds with a test measurement. They may be training compounds of *another* endpoint;
        their test measurements are hidden from every fit.
    seed : int
    """

    fold: Index
    tested: Index
    seed: int

    @property
    def fitted(self) -> Index:
        """Compounds that fit something: what domains are measured from."""
        return np.flatnonzero(self.fold != UNUSED)

    def others(self, number: int) -> tuple[Index, Index]:
        """Compounds outside one fold, for a network: those it is fitted on, and those that stop its fit."""
        rows = np.flatnonzero((self.fold != number) & (self.fold != UNUSED))
        order = np.random.default_rng([self.seed, 1, number]).permutation(rows)
        n_stopping = max(2, round(STOPPING * len(rows)))
        return np.sort(order[n_stopping:]), np.sort(order[:n_stopping])


def count_compounds(tables: Sequence[AssayTable]) -> int:
    """How many there are; one of several tables counts in each."""
    return sum(len(set(table.keys)) for table in tables)


def refuse_too_few(tables: Sequence[AssayTable]) -> None:
    """Raise where they are too few for `cut_folds`, however they are divided, and say what can be done.

    Raises
    ------
    LibraryError
    """
    if (n := count_compounds(tables)) < FEWEST_COMPOUNDS:
        raise LibraryError(f"too few compounds: {n}{_refused(tables)}. {NEEDED}")


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
    """
    refuse_too_few(tables)
    merged = [merge_replicates(table)[0] for table in tables]
    if not config.official:
        return _with_test_fold(merge(merged), config)
    return merge(
        [table if (table.split == "test").any() else _with_test_fold(table, config) for table in merged]
    )


def cut_folds(table: AssayTable, *, seed: int) -> Folds:
    """Divide the compounds that have a measurement outside the test fold, at random.

    Stereoisomers, and most tautomers, are in one fold: an expert that knows one of them all but knows the
    other, and what it says of it would flatter the weights and the intervals.

    Raises
    ------
    LibraryError
        Fewer than `FEWEST_COMPOUNDS` of them are left, or they are forms of fewer than `N_FOLDS`.
    """
    trainable = np.flatnonzero((table.measured & ~table.tested).any(axis=1))
    if len(trainable) < FEWEST_COMPOUNDS:
        raise LibraryError(f"{len(trainable)} compounds outside the test fold are too few. {NEEDED}")
    skeleton = number_skeletons([table.keys[i] for i in trainable])
    if (n := len(np.unique(skeleton))) < N_FOLDS:
        raise LibraryError(
            f"the {len(trainable)} compounds outside the test fold are stereoisomers and tautomers of {n}."
            f" At least {N_FOLDS} that differ otherwise are needed: measure other compounds"
        )
    fold = np.full(len(table), UNUSED, np.intp)
    fold[trainable] = deal_groups(skeleton, N_FOLDS, np.random.default_rng([seed, 0]))
    return Folds(fold, np.flatnonzero(table.tested.any(axis=1)), seed)


def deal_groups(group: Index, folds: int, rng: np.random.Generator) -> Index:
    """The fold of each of n compounds, (n,): whole groups are dealt out at random, evenly.

    Parameters
    ----------
    group : (n,) int
        From 0, without gaps, as `molscreen.chem.identity.number_skeletons` gives them.
    folds : int
    rng : Generator

    Examples
    --------
    >>> fold = deal_groups(np.array([0, 1, 0, 2]), 2, np.random.default_rng(0))
    >>> bool(fold[0] == fold[2]), sorted(set(fold.tolist()))
    (True, [0, 1])
    """
    return np.asarray((rng.permutation(group.max() + 1) % folds)[group], np.intp)


def _refused(tables: Sequence[AssayTable]) -> str:
    """How many more there might be, if the rows that cannot be used were mended."""
    rejections = [each for table in tables for each in table.rejections]
    if not rejections:
        return ""
    rows = len(rejections) + sum(map(len, tables))
    reasons = list_reasons(count_reasons(rejections))
    return (
        f"; {len(rejections):,} of {rows:,} rows cannot be used ({reasons}; the first,"
        f" {rejections[0].source}: {rejections[0].reason})"
    )


def _with_test_fold(table: AssayTable, config: SplitConfig) -> AssayTable:
    """The table with each measurement marked by the fold of its compound.

    Dealt at random, a form of a training compound trains as well, as `cut_folds` has it: a test by it would
    flatter. Scaffolds hold forms together, and a later time may bring a new form.
    """
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
    if config.method == "random" and len(split.test):
        fold[_known_forms(table, fold == "test")] = "train"
    return dataclasses.replace(table, split=np.where(table.measured, fold[:, None], ""))


def _known_forms(table: AssayTable, tested: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which tested compounds (n,) are a stereoisomer or tautomer of one that is not."""
    skeleton = number_skeletons(table.keys)
    return tested & np.isin(skeleton, skeleton[~tested])


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
