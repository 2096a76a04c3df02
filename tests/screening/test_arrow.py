"""Pandas comes when it is asked for, and not before."""

from __future__ import annotations

import subprocess
import sys

WITHOUT = """
import sys
import pyarrow as pa
from molscreen.screening.arrow import postpone_pandas
postpone_pandas()
table = pa.table({"row": [1, 2]})
table["row"].to_numpy()
assert "pandas" not in sys.modules
"""
WITH = """
assert table.to_pandas()["row"].tolist() == [1, 2]
import pandas as pd
assert pa.array(pd.Series([1.0, float("nan")])).null_count == 1
postpone_pandas()
assert pa.Table.from_pandas(pd.DataFrame({"row": [1, 2]})) == table
"""


def test_arrays_need_no_pandas() -> None:
    """A worker would wait for it longer than for a hundred molecules."""
    subprocess.run([sys.executable, "-c", WITHOUT], check=True)


def test_pandas_is_there_when_it_is_asked_for() -> None:
    """The predictor of a user, in a worker of ours, has all of Arrow and pandas."""
    subprocess.run([sys.executable, "-c", WITHOUT + WITH], check=True)
