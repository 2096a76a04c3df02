"""Shards of a store as files: Arrow columns; those of the molecules uncompressed, so that they are mapped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from molscreen.errors import LibraryError
from molscreen.screening.folder.commit import write_whole
from molscreen.screening.shard import FAULT, FIELD, OUTCOME, READY, READY_SCHEMA, batch_schema
from molscreen.screening.store.layout import AGAIN, FINGERPRINT, StoredFile, StoredShard, shard_names

LABEL = b"molscreen"  # the key of our JSON in a file's schema
_READ = ("source", "line", "id")


class Contents(NamedTuple):
    """The n rows of a shard, as its two files have them.

    Attributes
    ----------
    molecules : pyarrow.RecordBatch
        ``key, graph, ecfp, ecfp_bits``; null, and 0 bits, for a row that was refused.
    texts : pyarrow.RecordBatch
        ``source, line, id, raw, status, stage, reason_code, reason`` and the user's columns; ``raw``
        is null where it was received as the key is.
    """

    molecules: pa.RecordBatch
    texts: pa.RecordBatch


def lay_out(batch: pa.RecordBatch, ready: pa.RecordBatch, ecfp: Sequence[bytes | None]) -> Contents:
    """The contents of a shard, from n rows as read, what became of them, and their fingerprints.

    Rows have no number: they follow from the place of the shard.
    """
    raw, key = batch.column("raw"), ready.column("key")
    same = pc.fill_null(pc.equal(raw, key), False)
    width = FINGERPRINT["bits"] // 8
    molecules = {
        "key": key,
        "graph": ready.column("graph"),
        "ecfp": pa.array(ecfp, pa.binary(width)),
        "ecfp_bits": pa.array([_n_bits(each) for each in ecfp], pa.uint16()),
    }
    texts = {name: batch.column(name) for name in _READ}
    texts["raw"] = pc.if_else(same, pa.scalar(None, pa.string()), raw)
    texts |= {name: ready.column(name) for name in OUTCOME}
    texts |= {name: batch.column(name) for name in batch.schema.names if name.startswith(FIELD)}
    return Contents(pa.record_batch(molecules), pa.record_batch(texts))


def _n_bits(ecfp: bytes | None) -> int:
    return int.from_bytes(ecfp).bit_count() if ecfp else 0


def write_shard(folder: Path, index: int, contents: Contents, label: Mapping[str, Any]) -> StoredShard:
    """Write a shard, each file whole or not at all; the same contents and label give the same bytes."""
    files = []
    for name, batch, packing in zip(shard_names(index), contents, (None, "zstd"), strict=True):
        labelled = batch.replace_schema_metadata({LABEL: json.dumps(label, sort_keys=True).encode()})
        sink = pa.BufferOutputStream()
        options = pa.ipc.IpcWriteOptions(compression=packing, use_threads=False)
        with pa.ipc.new_file(sink, labelled.schema, options=options) as writer:
            writer.write_batch(labelled)
        data = sink.getvalue()
        write_whole(folder / name, lambda file, data=data: file.write(data))  # type: ignore[misc]
        files.append(StoredFile(name=name, bytes=data.size, blake2b=_checksum(data)))
    return StoredShard(rows=contents.molecules.num_rows, molecules=files[0], texts=files[1])


def find_shard(folder: Path, index: int, label: Mapping[str, Any]) -> tuple[StoredShard, Contents] | None:
    """A shard that an earlier attempt wrote; None if there is none with this label."""
    files, batches = [], []
    for name in shard_names(index):
        try:
            data = _map(folder / name)
            batch = _read(data)
            if json.loads(batch.schema.metadata[LABEL]) != dict(label):
                return None
        except (OSError, pa.ArrowException, KeyError, TypeError, ValueError):
            return None
        files.append(StoredFile(name=name, bytes=data.size, blake2b=_checksum(data)))
        batches.append(batch)
    shard = StoredShard(rows=batches[0].num_rows, molecules=files[0], texts=files[1])
    return shard, Contents(*batches)


def open_file(folder: Path, file: StoredFile, *, check: bool) -> pa.RecordBatch:
    """The columns of a file; uncompressed ones stay where they are, in mapped memory.

    Parameters
    ----------
    folder : Path
        Of the store.
    file : StoredFile
    check : bool
        Whether to compare the checksum and to look into every column, which reads all of the file.

    Raises
    ------
    LibraryError
        The file is missing, or not as it was written.
    """
    path = folder / file.name
    try:
        data = _map(path)
    except FileNotFoundError as error:
        raise LibraryError(f"{path}: missing, the store is not whole. {AGAIN}") from error
    if data.size != file.bytes or (check and _checksum(data) != file.blake2b):
        raise LibraryError(
            f"{path}: damaged: it is not what was written ({data.size:,} bytes,"
            f" {file.bytes:,} were written; the checksum differs). Restore the file, or index again"
        )
    batch = _read(data)
    if check:
        _validate(batch, path)
    return batch


def _validate(batch: pa.RecordBatch, path: Path) -> None:
    """Refuse columns that point outside their buffers: a store may come from a stranger."""
    try:
        batch.validate(full=True)
    except pa.ArrowInvalid as error:
        raise LibraryError(f"{path}: not a shard of a store: {error}. {AGAIN}") from error


def _map(path: Path) -> pa.Buffer:
    if not path.stat().st_size:
        return pa.py_buffer(b"")  # nothing cannot be mapped
    return pa.memory_map(str(path)).read_buffer()


def _read(data: pa.Buffer) -> pa.RecordBatch:
    options = pa.ipc.IpcReadOptions(use_threads=False)
    return pa.ipc.open_file(data, options=options).get_batch(0)


def _checksum(data: pa.Buffer) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def to_screen(contents: Contents, columns: Sequence[str], first: int) -> pa.RecordBatch:
    """The rows of a shard as the wide tier takes them, numbered from `first`.

    Parameters
    ----------
    contents : Contents
        n rows.
    columns : sequence of str
        The user's columns over the whole store; those that the shard lacks are empty, as in a library.
    first : int
    """
    molecules, texts = contents
    n, has = texts.num_rows, set(texts.schema.names)
    none = pa.nulls(n, pa.string())
    row = np.arange(first, first + n, dtype=np.int64)
    arrays: dict[str, pa.Array] = {
        "row": pa.Array.from_buffers(pa.int64(), n, [None, pa.py_buffer(row)]),
        **{name: texts.column(name) for name in _READ},
        "raw": pc.coalesce(texts.column("raw"), molecules.column("key")),
        **dict.fromkeys((*FAULT, "note_code", "note_text"), none),
    }
    for name in columns:
        own = FIELD + name
        arrays[own] = texts.column(own) if own in has else pc.fill_null(none, "")
    arrays |= {READY + name: molecules.column(name) for name in ("key", "graph")}
    arrays |= {READY + name: texts.column(name) for name in OUTCOME}
    return pa.record_batch(arrays, schema=screen_schema(columns))


def screen_schema(columns: Sequence[str]) -> pa.Schema:
    """Of what `to_screen` gives: all a library has, and what a store knows besides."""
    known = [pa.field(READY + field.name, field.type) for field in READY_SCHEMA]
    return pa.schema([*batch_schema(columns), *known])
