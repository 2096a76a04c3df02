"""The audit of the parts that comes before a run is called complete."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from molscreen.errors import RunError
from molscreen.screening.folder.commit import parts, read_table

REPORT = "Nothing was called complete; please report this with events.jsonl"


def audit(scores: Path, n_rows: int) -> None:
    """Make sure that every row of the library is in the parts exactly once, and in order.

    Part by part, so that a library of any size takes the memory of one.

    Raises
    ------
    RunError
        A row is missing, doubled or out of place; the run stays incomplete.
    """
    expected = 0
    for path in parts(scores):
        row = read_table(path, ["row"])["row"].to_numpy()
        if not np.array_equal(row, np.arange(expected, expected + len(row))):
            raise RunError(
                f"{path}: the audit failed: expected rows {expected} to {expected + len(row) - 1}, in order."
                f" {REPORT}"
            )
        expected += len(row)
    if expected != n_rows:
        raise RunError(
            f"{scores}: the audit failed: {n_rows} rows were read, but the parts hold {expected}. {REPORT}"
        )
