"""The audit that comes before a run is called complete, and the search for duplicates: SQL over the parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from molscreen.errors import RunError

MEMORY = "512MB"  # what DuckDB may hold; beyond it spills into the run folder


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


def audit(folder: Path, scores: Path, n_rows: int) -> None:
    """Make sure that every row of the library is in the parts exactly once.

    Raises
    ------
    RunError
        A row is missing or doubled; the run stays incomplete.
    """
    with _database(folder) as database:
        found = database.execute(
            "SELECT count(*), count(DISTINCT row), min(row), max(row) FROM read_parquet($parts)",
            {"parts": _glob(scores)},
        ).fetchone()
    if found != (n_rows, n_rows, 0, n_rows - 1):
        raise RunError(
            f"{scores}: the audit failed: {n_rows} rows were read, but the parts hold (rows, distinct, first,"
            f" last) = {found}. Nothing was called complete; please report this with events.jsonl"
        )


def write_duplicates(folder: Path, scores: Path, path: Path) -> int:
    """Every row whose structure an earlier row has, as a Parquet file; and how many there are.

    Columns ``row`` and ``duplicate_of``, the first row with that key, in order of ``row``.
    """
    query = """
        WITH repeated AS (
            SELECT key, min(row) AS first FROM read_parquet($parts)
            WHERE key IS NOT NULL GROUP BY key HAVING count(*) > 1
        )
        SELECT part.row, repeated.first AS duplicate_of
        FROM read_parquet($parts) AS part JOIN repeated USING (key)
        WHERE part.row <> repeated.first ORDER BY part.row
    """
    with _database(folder) as database:
        database.execute(
            f"COPY ({query}) TO '{_quoted(path)}' (FORMAT parquet, COMPRESSION zstd)",
            {"parts": _glob(scores)},
        )
        found = database.execute("SELECT count(*) FROM read_parquet($path)", {"path": str(path)}).fetchone()
    return int(found[0]) if found else 0


def _glob(scores: Path) -> list[str]:
    """The parts by name: a pattern would stumble over brackets in the folder's own."""
    return [str(path) for path in sorted(scores.glob("part-*.parquet"))]


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
