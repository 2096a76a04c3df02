"""The audit that comes before a run is called complete, and the search for duplicates, over the parts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np

from molscreen import storage
from molscreen.errors import RunError
from molscreen.screening.folder.commit import nearby, parts, read_table

REPORT = "Nothing was called complete; please report this with events.jsonl"
MEMORY = "64MB"  # what DuckDB may hold; beyond it spills into the run folder, or a temporary one


@contextmanager
def _database(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory, bounded, one thread, with its overflow in `folder`."""
    spill = folder / "spill"
    with duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "threads": 1,
            "temp_directory": str(spill),
            "preserve_insertion_order": True,
        }
    ) as database:
        yield database
    if spill.exists():
        spill.rmdir()


def audit(scores: Path, n_rows: int) -> None:
    """Make sure that every row of the library is in the parts exactly once, and in order.

    Part by part, so that a library of any size takes the memory of one.

    Raises
    ------
    RunError
        A row is missing, doubled or out of place; the run stays incomplete.
    """
    expected = 0
    for path in parts(scores):
        row = read_table(path, ["row"])["row"].to_numpy()
        if not np.array_equal(row, np.arange(expected, expected + len(row))):
            raise RunError(
                f"{path}: the audit failed: expected rows {expected} to {expected + len(row) - 1}, in order."
                f" {REPORT}"
            )
        expected += len(row)
    if expected != n_rows:
        raise RunError(
            f"{scores}: the audit failed: {n_rows} rows were read, but the parts hold {expected}. {REPORT}"
        )


def write_duplicates(folder: Path, scores: Path, path: Path) -> int:
    """Every row whose structure an earlier row has, as a Parquet file; and how many there are.

    Columns ``row`` and ``duplicate_of``, the first row with that key, in order of ``row``. Keys are
    compared only where a hash of 8 bytes repeats: for a million rows a third of the memory.
    """
    query = """
        WITH suspect AS (
            SELECT hash(key) AS hash FROM read_parquet($parts)
            WHERE key IS NOT NULL GROUP BY hash HAVING count(*) > 1
        ), candidate AS MATERIALIZED (
            SELECT row, key FROM read_parquet($parts)
            WHERE key IS NOT NULL AND hash(key) IN (SELECT hash FROM suspect)
        ), repeated AS (
            SELECT key, min(row) AS first FROM candidate GROUP BY key
        )
        SELECT candidate.row, repeated.first AS duplicate_of FROM candidate JOIN repeated USING (key)
        WHERE candidate.row <> repeated.first ORDER BY candidate.row
    """
    if storage.is_remote(path):
        return _store_duplicates(scores, path)
    with nearby(parts(scores), ["row", "key"]) as files, _database(folder) as database, _telling(path):
        database.execute(
            f"COPY ({query}) TO '{_quoted(path)}' (FORMAT parquet, COMPRESSION zstd)",
            {"parts": [str(file) for file in files]},  # a pattern would stumble over brackets
        )
        found = database.execute("SELECT count(*) FROM read_parquet($path)", {"path": str(path)}).fetchone()
    return int(found[0]) if found else 0


def _store_duplicates(scores: Path, path: Path) -> int:
    """`write_duplicates` into a store: DuckDB works on this machine, and the result is put whole."""
    with tempfile.TemporaryDirectory(prefix="molscreen-") as name:
        draft = Path(name) / path.name
        found = write_duplicates(Path(name), scores, draft)
        storage.put(path, draft)
    return found


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    """DuckDB writes by itself, and has errors of its own."""
    try:
        yield
    except duckdb.IOException as error:
        raise RunError(
            f"{path}: cannot be written: {error}. See to the disk and try again; a run goes on with --resume,"
            " what was committed is kept"
        ) from error


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
