"""Rows that repeat a structure: found by way of the disk, and read again, in constant memory."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from molscreen import storage
from molscreen.screening.folder.commit import parts, read_row_groups, read_table, telling_failure, write_whole

BUCKET = 1 << 18  # rows looked at together: Python's texts and a dict of them take some 60 MB
FAN = 64  # files dealt to at once: more would be opened for a handful of rows each
PACKED = pa.ipc.IpcWriteOptions(compression="zstd")
PAIRS = pa.schema([("row", pa.int64()), ("duplicate_of", pa.int64())])


def write_duplicates(scores: Path, path: Path, *, n_rows: int) -> None:
    """Every row whose structure an earlier row has, as a Parquet file.

    Columns ``row`` and ``duplicate_of``, the first row with that key, in order of ``row``. Keys are
    dealt into buckets by a checksum, so that equal ones meet; the pairs that the buckets give are dealt
    into ranges of rows, which are sorted one by one. Both lie on the disk beside `path` meanwhile.

    Parameters
    ----------
    scores : Path
        Folder of the wide tier's parts.
    path : Path
        Of the file to write.
    n_rows : int
        Rows of all parts.

    Raises
    ------
    RunError
        The disk is full or fails.
    """
    n = -(-n_rows // BUCKET)
    with _spill(path) as spill, telling_failure(path, path):
        buckets = _dealt(_keyed(scores), n, lambda table: _checksums(table) % n, spill / "keys")
        pairs = itertools.chain.from_iterable(map(_repeats, buckets))
        ranges = _dealt(pairs, n, lambda table: table["row"].to_numpy() // BUCKET, spill / "pairs")
        write_whole(path, lambda file: _write_sorted(file, ranges))


def with_duplicates(tables: Iterable[pa.Table], path: Path) -> Iterator[pa.Table]:
    """Each table with ``duplicate_of`` as `write_duplicates` found it; null for the first of a structure.

    Parameters
    ----------
    tables : iterable of Table
        With the column ``row``; of consecutive rows, each table beginning where the one before ended.
    path : Path

    Raises
    ------
    RunError
        The file is damaged.
    """
    held = PAIRS.empty_table()
    groups = read_row_groups(path)
    for table in tables:
        row = table["row"].to_numpy()
        while not (held.num_rows and held["row"][-1].as_py() > row[-1]):
            if (more := next(groups, None)) is None:
                break
            held = pa.concat_tables([held, more])
        n_ours = int(np.searchsorted(held["row"].to_numpy(), row[-1], side="right"))
        ours, held = held.slice(0, n_ours), held.slice(n_ours)
        duplicate_of = np.full(len(row), -1)
        duplicate_of[ours["row"].to_numpy() - row[0]] = ours["duplicate_of"].to_numpy()
        yield table.append_column("duplicate_of", pa.array(duplicate_of, pa.int64(), mask=duplicate_of < 0))


@contextmanager
def _spill(path: Path) -> Iterator[Path]:
    """A folder for what does not fit in memory: beside `path`; of one in a store, on this machine."""
    if storage.is_remote(path):
        with tempfile.TemporaryDirectory(prefix="molscreen-") as name:
            yield Path(name)
        return
    spill = path.with_name("spill")
    shutil.rmtree(spill, ignore_errors=True)  # of a driver that was killed
    try:
        with telling_failure(path, path):
            spill.mkdir()
        yield spill
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def _keyed(scores: Path) -> Iterator[pa.Table]:
    """The rows of each part that are a compound, with their keys as bytes."""
    for path in parts(scores):
        table = read_table(path, ["row", "key"])
        table = table.set_column(1, "key", table["key"].cast(pa.binary()))
        yield table.filter(pc.is_valid(table["key"]))


def _checksums(keyed: pa.Table) -> NDArray[np.int64]:
    return np.array([crc32(key) for key in keyed["key"].to_pylist()], np.int64)


def _repeats(bucket: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The `PAIRS` of a bucket; a key that fills it takes no more memory than one that is there once."""
    first: dict[bytes, int] = {}
    for table in bucket:
        rows = table["row"].to_numpy()
        keys = table["key"].to_pylist()
        of = np.array([first.setdefault(key, row) for key, row in zip(keys, rows.tolist(), strict=True)])
        yield pa.table([rows[rows != of], of[rows != of]], schema=PAIRS)


def _write_sorted(file: BinaryIO, ranges: Iterable[Iterable[pa.Table]]) -> None:
    """One row group for each range of rows that has pairs."""
    with pq.ParquetWriter(file, PAIRS, compression="zstd") as writer:
        for pieces in ranges:
            if found := list(pieces):
                writer.write_table(pa.concat_tables(found).sort_by("row"))


Place = Callable[[pa.Table], NDArray[np.int64]]  # of each row of a table, from 0


def _dealt(tables: Iterable[pa.Table], n: int, place: Place, name: Path) -> Iterator[Iterator[pa.Table]]:
    """For each of n places in order, its rows in their order, by way of files that begin with `name`.

    What goes to more than `FAN` places is dealt twice, first to groups of them: the files are opened
    n_rows / BUCKET * FAN times for each dealing, and not n_rows / BUCKET * n times.
    """
    width = -(-n // FAN) if n > FAN else 1
    files = [name.with_name(f"{name.name}-{i}") for i in range(-(-n // width))]
    for table in _gathered(tables):
        _deal(table, place(table) // width, files)
    for i, file in enumerate(files):
        first = i * width
        if width == 1:
            yield _pieces(file)
        else:
            yield from _dealt(_pieces(file), min(width, n - first), _less(place, first), file)
        file.unlink(missing_ok=True)


def _less(place: Place, first: int) -> Place:
    return lambda table: place(table) - first


def _gathered(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same rows, at least a bucket's worth at a time."""
    gathered: list[pa.Table] = []
    n_rows = 0
    for table in tables:
        gathered.append(table)
        n_rows += table.num_rows
        if n_rows >= BUCKET:
            yield pa.concat_tables(gathered)
            gathered, n_rows = [], 0
    if n_rows:
        yield pa.concat_tables(gathered)


def _deal(table: pa.Table, place: NDArray[np.int64], files: list[Path]) -> None:
    """Append each row to the file that its `place` names; the rows of a file keep their order."""
    order = np.argsort(place, kind="stable")
    bounds = np.searchsorted(place[order], np.arange(len(files) + 1))
    ordered = table.take(order)
    for path, start, end in zip(files, bounds, bounds[1:], strict=False):
        if start < end:
            with path.open("ab") as file, pa.ipc.new_stream(file, table.schema, options=PACKED) as stream:
                stream.write_table(ordered.slice(start, end - start))


def _pieces(path: Path) -> Iterator[pa.Table]:
    """What was appended to a file, piece by piece; nothing where nothing was."""
    if not path.exists():
        return
    with path.open("rb") as file:
        while file.peek(1):
            with pa.ipc.open_stream(file) as stream:
                yield stream.read_all()
