"""Shard: consecutive rows of a library as Arrow columns, the unit of work, retry and commit."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from molscreen.chem.compound import Rejection
from molscreen.data.files.record import Record
from molscreen.graphs.pack import PackedGraphs, from_buffer

OUTCOME = {"status": "status", "stage": "stage", "reason_code": "code", "reason": "reason"}
"""Columns of what became of a row, and the field of `Prepared` and `Verdict` that each shows."""

JUDGED = ("row", "key", *OUTCOME, "score")  # what the second look says of a compound, numbers apart

FAULT = ("fault_stage", "fault_status", "fault_code", "fault_reason")  # all null where there is none

# What the reader knows of a row. `raw` is as received; a fault or note is the reader's own.
RECORD_SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("source", pa.string()),
        ("line", pa.int64()),
        ("id", pa.string()),
        ("raw", pa.string()),
        *((name, pa.string()) for name in FAULT),
        ("note_code", pa.string()),
        ("note_text", pa.string()),
    ]
)
# What the later tiers are told: compounds that the wide tier ranked.
COMPOUND_SCHEMA = pa.schema(
    [("row", pa.int64()), ("key", pa.string()), *((name, pa.string()) for name in FAULT)]
)
# What a store knows of a row besides: what standardisation made of it; see `molscreen.prediction.prepare`.
READY_SCHEMA = pa.schema(
    [
        ("key", pa.string()),  # null where the row was refused
        *((name, pa.string()) for name in OUTCOME),
        ("graph", pa.binary()),  # `molscreen.graphs.pack.to_bytes`; null with the key
    ]
)
READY = "ready_"  # prefix of these columns inside a batch
FIELD = "field_"  # prefix of the user's columns inside a batch, so that no name can clash
THEIRS = {b"origin": b"user"}  # metadata of a column of a table that came with the library


@dataclass(frozen=True, slots=True, eq=False)
class Shard:
    """Rows ``first`` to ``first + n - 1`` of whatever is worked through.

    Attributes
    ----------
    index : int
        Shards are cut alike in every run of one plan: shard i starts at row ``i * size``.
    first : int
    batch : pyarrow.RecordBatch
        n rows: `RECORD_SCHEMA` and the user's columns for the wide tier, from a store also those of
        `READY_SCHEMA`; `COMPOUND_SCHEMA` later.
    """

    index: int
    first: int
    batch: pa.RecordBatch

    def __len__(self) -> int:
        return int(self.batch.num_rows)

    def slice(self, low: int, high: int) -> Shard:
        """Rows `low` to `high` (exclusive, counted inside the shard), to find who is to blame."""
        return replace(self, first=self.first + low, batch=self.batch.slice(low, high - low))

    def with_faults(self, faults: Mapping[int, tuple[str, str, str]]) -> Shard:
        """The shard with rows (counted inside it) marked ``status, code, reason``: they are not worked on."""
        columns = {name: self.batch.column(name) for name in self.batch.schema.names}
        for place, name in enumerate(FAULT):
            values = columns[name].to_pylist()
            for row, fault in faults.items():
                values[row] = ("predict", *fault)[place]
            columns[name] = pa.array(values, pa.string())
        return replace(self, batch=pa.record_batch(columns, schema=self.batch.schema))

    def digest(self) -> str:
        """Of its rows and structures: a part belongs to a shard whose digest it names."""
        structures = self.batch.column("raw" if "raw" in self.batch.schema.names else "key")
        length = pc.fill_null(pc.binary_length(structures), -1)
        text = pa.ListArray.from_arrays([0, len(structures)], pc.fill_null(structures, ""))
        digest = hashlib.blake2b(np.asarray(length).tobytes(), digest_size=16)
        digest.update(pc.binary_join(text, "")[0].as_buffer())
        digest.update(np.asarray(self.batch.column("row")).tobytes())
        return digest.hexdigest()


def cut(records: Iterable[Record], columns: Sequence[str], size: int) -> Iterator[Shard]:
    """The records of a library, `size` a shard, one shard in memory at a time.

    Parameters
    ----------
    records : iterable of Record
    columns : sequence of str
        Names of the user's other columns, as in ``Record.fields``.
    size : int
        Rows of every shard but the last.
    """
    stream = iter(records)
    for index in itertools.count():
        batch = list(itertools.islice(stream, size))
        if not batch:
            return
        yield Shard(index, index * size, _columns(batch, columns))


def _columns(records: Sequence[Record], columns: Sequence[str]) -> pa.RecordBatch:
    """Records as one batch; a note and a fault become three and two nullable columns."""
    faults: list[Rejection | None] = [record.fault for record in records]
    arrays = {
        "row": [record.row for record in records],
        "source": [record.source for record in records],
        "line": [record.line for record in records],
        "id": [record.id for record in records],
        "raw": [record.raw for record in records],
        "fault_stage": [fault and fault.stage for fault in faults],
        "fault_status": [fault and fault.status for fault in faults],
        "fault_code": [fault and fault.code for fault in faults],
        "fault_reason": [fault and fault.reason for fault in faults],
        "note_code": [record.note and record.note.code for record in records],
        "note_text": [record.note and record.note.text for record in records],
    }
    for place, name in enumerate(columns):
        arrays[FIELD + name] = [
            record.fields[place] if place < len(record.fields) else None for record in records
        ]
    return pa.record_batch(arrays, schema=batch_schema(columns))


def cut_compounds(row: Sequence[int], key: Sequence[str], size: int) -> Iterator[Shard]:
    """Compounds for the later tiers, `size` a shard, in the order given; of none, one empty shard.

    The empty shard gives a part without rows, which still has its columns.
    """
    for index, first in enumerate(range(0, max(1, len(row)), size)):
        part = slice(first, first + size)
        empty = pa.nulls(len(row[part]), pa.string())
        columns = [pa.array(row[part], pa.int64()), pa.array(key[part], pa.string()), *[empty] * len(FAULT)]
        yield Shard(index, first, pa.record_batch(columns, schema=COMPOUND_SCHEMA))


def batch_schema(columns: Sequence[str]) -> pa.Schema:
    """`RECORD_SCHEMA` and the user's columns, all text."""
    extra = [(FIELD + name, pa.string()) for name in columns]
    return pa.schema([*RECORD_SCHEMA, *(pa.field(name, kind) for name, kind in extra)])


def graphs_of(column: pa.Array, rows: NDArray[np.intp]) -> PackedGraphs:
    """The graphs in some rows (m,) of a binary column, out of its buffer; none of them null."""
    _, offsets, data = column.buffers()
    ends = np.frombuffer(offsets, np.int32)[column.offset :].astype(np.int64)
    buffer = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return from_buffer(buffer, ends[rows], ends[rows + 1] - ends[rows])


def their_columns(schema: pa.Schema) -> list[str]:
    """Names of the columns that came with the library."""
    return [field.name for field in schema if (field.metadata or {}).get(b"origin") == b"user"]
