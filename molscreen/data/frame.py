"""Arrow tables as data frames in which what is missing stays missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd


def to_frame(table: pa.Table) -> pd.DataFrame:
    """The table for pandas: whole numbers and truth values are of its types that know NA.

    With plain types a missing one would make floats of row numbers, and an object column, which is no mask,
    of truth values; and that only where a row is missing.
    """
    import pandas as pd

    types = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    return table.to_pandas(types_mapper=types.get)
