"""The gap code gives back what was set, whatever the gaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molscreen.prediction.gap_code import decode_gaps, encode_gaps

ROWS = st.lists(st.sets(st.integers(0, 8191), max_size=40), max_size=8)


@given(ROWS)
def test_codes_give_back_what_was_set(rows: list[set[int]]) -> None:
    """Empty rows and gaps of more than 255 columns, too."""
    row = np.repeat(np.arange(len(rows)), [len(each) for each in rows])
    column = np.array([c for each in rows for c in sorted(each)], np.int32)
    codes, lengths = encode_gaps(row, column, len(rows))
    assert len(lengths) == len(rows)
    column_back, start = decode_gaps(codes, lengths)
    np.testing.assert_array_equal(column_back, column)
    np.testing.assert_array_equal(np.diff(start), [len(each) for each in rows])


def test_many_rows_are_decoded_as_one_by_one() -> None:
    """More of them than are decoded at once."""
    rng = np.random.default_rng(0)
    row, column = (rng.random((3000, 700)) < 0.01).nonzero()
    codes, lengths = encode_gaps(row, column, 3000)
    column_back, start = decode_gaps(codes, lengths)
    np.testing.assert_array_equal(column_back, column)
    np.testing.assert_array_equal(np.diff(start), np.bincount(row, minlength=3000))


def test_lengths_that_do_not_belong_to_the_codes_are_refused() -> None:
    with pytest.raises(ValueError, match="3 codes, but the rows have 4"):
        decode_gaps(np.zeros(3, np.uint8), np.array([1, 3], np.uint16))
