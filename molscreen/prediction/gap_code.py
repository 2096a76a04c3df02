"""Gap code: which columns of each row are set, as one byte for each step from one to the next."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SKIP = 255  # a code that moves on by 255 columns and sets none
_ROWS = 1024  # decoded at once: what is needed meanwhile stays in a processor's cache


def encode_gaps(
    row: NDArray[np.integer[Any]], column: NDArray[np.integer[Any]], n_rows: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Codes (c,), all rows one after the other, and their number in each row (r,).

    A code v < 255 skips v columns and sets the next; 255 skips 255 columns.

    Parameters
    ----------
    row, column : (s,) int
        What is set, row by row and with rising columns, as `numpy.nonzero` gives it.
    n_rows : int

    Examples
    --------
    >>> codes, lengths = encode_gaps(np.array([0, 0, 2]), np.array([3, 4, 300]), 3)
    >>> codes.tolist(), lengths.tolist()
    ([3, 0, 255, 45], [2, 0, 2])
    """
    before = np.concatenate([[-1], column[:-1]])
    before[np.flatnonzero(np.diff(row, prepend=-1))] = -1  # the first of each row
    gap = column - before - 1
    n_codes = gap // SKIP + 1
    codes = np.full(n_codes.sum(), SKIP, np.uint8)
    codes[n_codes.cumsum() - 1] = gap % SKIP
    return codes, np.bincount(row, weights=n_codes, minlength=n_rows).astype(np.uint16)


def decode_gaps(
    codes: NDArray[np.uint8], lengths: NDArray[np.uint16]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Columns (s,) of all that is set, and where those of each row begin and end (r + 1,).

    The inverse of `encode_gaps`, as a sparse matrix has it: indices and indptr.

    Raises
    ------
    ValueError
        The lengths do not add up to the number of codes.

    Examples
    --------
    >>> column, start = decode_gaps(np.array([3, 0, 255, 45], np.uint8), np.array([2, 0, 2], np.uint16))
    >>> column.tolist(), start.tolist()
    ([3, 4, 300], [0, 2, 2, 3])
    """
    end = lengths.cumsum(dtype=np.int64)
    if (end[-1] if len(end) else 0) != len(codes):
        raise ValueError(f"gap code: {len(codes)} codes, but the rows have {lengths.sum(dtype=np.int64)}")
    sets = codes != SKIP
    column = np.empty(np.count_nonzero(sets), np.int32)
    start = np.zeros(len(lengths) + 1, np.int64)
    for first in range(0, len(lengths), _ROWS):
        some = lengths[first : first + _ROWS].astype(np.int64)
        part = slice(end[first] - lengths[first], end[first + len(some) - 1])
        columns, sizes = _decode(codes[part], sets[part], some)
        here = start[first]
        column[here : here + len(columns)] = columns
        start[first + 1 : first + 1 + len(some)] = here + sizes.cumsum()
    return column, start


def _decode(
    codes: NDArray[np.uint8], sets: NDArray[np.bool_], lengths: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Columns of a few rows, and how many each of them has."""
    travelled = (codes + sets.astype(np.int64)).cumsum()
    row = np.repeat(np.arange(len(lengths)), lengths)
    before = np.concatenate([[0], travelled])[lengths.cumsum() - lengths]  # (r,) when each row begins
    return (travelled - before[row] - 1)[sets], np.bincount(row[sets], minlength=len(lengths))
