"""How quantities spread over all scored molecules, streamed from the parts of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from molscreen.report.figure import Histogram, Quantity, count, histogram
from molscreen.screening.folder.commit import read_table


def distributions(parts: Sequence[Path], quantities: Sequence[Quantity], marked: pa.Table) -> list[Histogram]:
    """The histogram of each quantity over all rows that have a score, with some of these rows marked.

    Read twice, part by part: once for the limits, once for the counts; memory does not grow with the run.
    """
    marks = _on_axes(marked, quantities)
    low, high = np.full(len(quantities), np.inf), np.full(len(quantities), -np.inf)
    for values in _values(parts, quantities):
        finite = [each[np.isfinite(each)] for each in values]
        low = np.minimum(low, [each.min(initial=np.inf) for each in finite])
        high = np.maximum(high, [each.max(initial=-np.inf) for each in finite])
    is_empty = low > high
    limits = list(
        zip(np.where(is_empty, 0.0, low).tolist(), np.where(is_empty, 1.0, high).tolist(), strict=True)
    )
    binned = [count([], *ends) for ends in limits]
    for values in _values(parts, quantities):
        binned = [
            so_far.plus(count([each], *ends))
            for so_far, each, ends in zip(binned, values, limits, strict=True)
        ]
    return [
        histogram(counts, own, quantity)
        for counts, own, quantity in zip(binned, marks, quantities, strict=True)
    ]


def _values(parts: Sequence[Path], quantities: Sequence[Quantity]) -> Iterator[list[NDArray[np.float64]]]:
    """The quantities in each part, NaN where one is null, over the scored rows."""
    columns = list({"score", *(quantity.column for quantity in quantities)})
    for part in parts:
        table = read_table(part, columns)
        yield _on_axes(table.filter(pc.is_valid(table["score"])), quantities)


def _on_axes(table: pa.Table, quantities: Sequence[Quantity]) -> list[NDArray[np.float64]]:
    """Where the values of each quantity lie."""
    return [each.on_axis(table[each.column].cast(pa.float64()).to_numpy()) for each in quantities]
