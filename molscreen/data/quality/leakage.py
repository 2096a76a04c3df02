"""Leakage: how much of what is tested was, under one name or another, in training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.data.quality.case import Case, entry
from molscreen.data.quality.records import EndpointRecords


@dataclass(frozen=True, slots=True, kw_only=True)
class Leakage:
    """What the test fold of one endpoint shares with its training fold.

    Attributes
    ----------
    tested, training : int
        Compounds.
    repeated : int
        Compounds that the official folds, as read, test and train; their test values alone are kept.
    forms : tuple of Case
        Test compounds of which another form (stereoisomer or, mostly, tautomer) trains.
    near : int, optional
        Test compounds with a near-duplicate in training: ECFP4 Tanimoto of at least 0.9; None = not
        looked for.
    elsewhere : int
        Test compounds that train another endpoint.
    """

    tested: int
    training: int
    repeated: int
    forms: tuple[Case, ...]
    near: int | None
    elsewhere: int


def measure_leakage(records: EndpointRecords, *, near: NDArray[np.bool_] | None) -> Leakage | None:
    """What the test fold of one endpoint shares with its training fold; None without a test fold.

    Parameters
    ----------
    records : EndpointRecords
    near : (n,) bool, optional
        Test compounds with a near-duplicate in training.
    """
    merged, place, skeleton = records.merged, records.place, records.chemistry.skeleton
    tests = merged.tested
    trains = merged.measured & ~tests
    tested, trained = np.flatnonzero(tests[:, place]), np.flatnonzero(trains[:, place])
    if not len(tested):
        return None
    fold = np.where(records.measured, records.table.split[:, records.column], "")
    both = np.intersect1d(records.compound[fold == "test"], records.compound[(fold != "test") & (fold != "")])
    known = {int(number): int(row) for row, number in zip(trained, skeleton[trained], strict=True)}
    pairs = [(int(row), known[int(skeleton[row])]) for row in tested if int(skeleton[row]) in known]
    return Leakage(
        tested=len(tested),
        training=len(trained),
        repeated=len(both),
        forms=tuple(
            Case(
                fault="form of a test compound",
                endpoint=merged.endpoints[place].name,
                entries=(entry(merged, row, place), entry(merged, other, place)),
            )
            for row, other in pairs
        ),
        near=None if near is None else int(near[tested].sum()),
        elsewhere=int(np.delete(trains, place, axis=1)[tested].any(axis=1).sum()),
    )
