"""Promise 1 is checked on what was written, not on what was meant."""

import pyarrow as pa
import pytest

from molscreen.errors import RunError
from molscreen.screening.folder.audit import audit
from molscreen.screening.folder.commit import part_path, write_part


def write(folder, *shards):
    folder.mkdir(exist_ok=True)
    for index, rows in enumerate(shards):
        write_part(part_path(folder, index), pa.table({"row": pa.array(rows, pa.int64())}), {})


def test_rows_that_are_all_there_pass(tmp_path):
    write(tmp_path / "scores", [0, 1, 2], [3, 4])
    audit(tmp_path / "scores", 5)


@pytest.mark.parametrize(
    ("shards", "message"),
    [
        (([0, 1], [3, 4]), r"part-000001\.parquet: the audit failed: expected rows 2 to 3, in order"),
        (([0, 1], [1, 2]), r"part-000001\.parquet: the audit failed: expected rows 2 to 3, in order"),
        (([0, 2, 1], [3, 4]), r"part-000000\.parquet: the audit failed: expected rows 0 to 2, in order"),
        (([0, 1, 2], [3]), "the audit failed: 5 rows were read, but the parts hold 4"),
    ],
)
def test_a_row_that_is_missing_doubled_or_misplaced_stops_the_run(tmp_path, shards, message):
    """It must not be called complete, whatever the footers say."""
    write(tmp_path / "scores", *shards)
    with pytest.raises(RunError, match=message):
        audit(tmp_path / "scores", 5)
