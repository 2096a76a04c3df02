"""How a quantity spreads over all scored molecules, streamed from the parts of a run."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from molscreen.report.figure import Histogram, count, histogram
from molscreen.screening.folder.commit import read_table


def distribution(
    parts: Sequence[Path],
    column: str,
    shortlist: pa.Table,
    *,
    title: str = "",
    unit: str = "",
    log: bool = False,
) -> Histogram:
    """The histogram of a column over all rows that have a score, with the shortlist's own values marked.

    With `log`, on a logarithmic axis, where what is not above 0 has no place and counts as missing.
    Read twice, part by part: once for the limits, once for the counts; memory does not grow with the run.
    """
    marks = _on_axis(shortlist[column].to_numpy(), log=log)
    streams = itertools.chain([marks], _values(parts, column, log=log))
    finite = (values[np.isfinite(values)] for values in streams)
    limits = [(part.min(), part.max()) for part in finite if len(part)] or [(0.0, 1.0)]
    low, high = min(low for low, _ in limits), max(high for _, high in limits)
    binned = count(_values(parts, column, log=log), float(low), float(high))
    return histogram(binned, marks, title=title or column, unit=unit, log=log)


def _values(parts: Sequence[Path], column: str, *, log: bool) -> Iterator[NDArray[np.float64]]:
    """The column of each part, NaN where it is null, over the scored rows."""
    for part in parts:
        table = read_table(part, list({column, "score"}))
        scored = table.filter(pc.is_valid(table["score"]))[column]
        yield _on_axis(scored.cast(pa.float64()).to_numpy(), log=log)


def _on_axis(values: NDArray[np.floating], *, log: bool) -> NDArray[np.float64]:
    """The values, or their decimal logarithms."""
    plain = np.asarray(values, np.float64)
    return np.log10(np.where(plain > 0, plain, np.nan)) if log else plain
