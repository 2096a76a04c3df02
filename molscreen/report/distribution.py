"""How a quantity spreads over all scored molecules, streamed from the parts of a run."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from molscreen.report.figure import Histogram, count, histogram


def distribution(
    parts: Sequence[Path], column: str, shortlist: pa.Table, *, title: str = "", unit: str = ""
) -> Histogram:
    """The histogram of a column over all rows that have a score, with the shortlist's own values marked.

    Read twice, part by part: once for the limits, once for the counts; memory does not grow with the run.
    """
    marks = shortlist[column].to_numpy()
    streams = itertools.chain([marks], _values(parts, column))
    finite = (values[np.isfinite(values)] for values in streams)
    limits = [(part.min(), part.max()) for part in finite if len(part)] or [(0.0, 1.0)]
    low, high = min(low for low, _ in limits), max(high for _, high in limits)
    binned = count(_values(parts, column), float(low), float(high))
    return histogram(binned, marks, title=title or column, unit=unit)


def _values(parts: Sequence[Path], column: str) -> Iterator[NDArray[np.float64]]:
    """The column of each part, NaN where it is null, over the scored rows."""
    for part in parts:
        table = pq.read_table(part, columns=list({column, "score"}))
        scored = table.filter(pc.is_valid(table["score"]))[column]
        yield scored.cast(pa.float64()).to_numpy()
