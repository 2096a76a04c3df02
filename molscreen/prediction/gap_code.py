"""Gap code: which columns of each row are set, as one byte for each step from one to the next."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SKIP = 255  # a code that moves on by 255 columns and sets none


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
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and column (s,) of all that is set: the inverse of `encode_gaps`.

    Raises
    ------
    ValueError
        The lengths do not add up to the number of codes.
    """
    if lengths.sum(dtype=np.int64) != len(codes):
        raise ValueError(f"gap code: {len(codes)} codes, but the rows have {lengths.sum(dtype=np.int64)}")
    step = np.where(codes == SKIP, SKIP, codes.astype(np.int64) + 1)
    row = np.repeat(np.arange(len(lengths)), lengths)
    travelled = step.cumsum()
    first = lengths.cumsum(dtype=np.int64) - lengths
    start = np.concatenate([[0], travelled])[first]  # (r,)
    sets = codes != SKIP
    return row[sets], (travelled - start[row] - 1)[sets]
