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
    row_back, column_back = decode_gaps(codes, lengths)
    np.testing.assert_array_equal(row_back, row)
    np.testing.assert_array_equal(column_back, column)


def test_lengths_that_do_not_belong_to_the_codes_are_refused() -> None:
    with pytest.raises(ValueError, match="3 codes, but the rows have 4"):
        decode_gaps(np.zeros(3, np.uint8), np.array([1, 3], np.uint16))
