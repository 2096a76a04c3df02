"""A store's graphs for a machine that has no RDKit: out of its mapped files, read ahead in a thread."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from molscreen.graphs.pack import PackedGraphs, from_buffer

CHUNK = 65_536  # molecules read together


def rows_of(store: Path) -> int:
    return sum(shard["rows"] for shard in manifest(store)["shards"])


def manifest(store: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((store / "store.json").read_text(encoding="utf-8"))
    return found


def read(store: Path, n: int = 0) -> Iterator[PackedGraphs]:
    """The first n molecules of a store (0: all), some `CHUNK` together; checksums are not compared again."""
    held: list[PackedGraphs] = []
    left = n or sys.maxsize
    for shard in manifest(store)["shards"]:
        graphs = read_shard(store / shard["molecules"]["name"])
        held.append(graphs if len(graphs) <= left else graphs.take(np.arange(left)))
        left -= len(held[-1])
        if sum(map(len, held)) >= CHUNK:
            yield PackedGraphs.concatenate(held)
            held = []
        if not left:
            break
    if held:
        yield PackedGraphs.concatenate(held)


def read_shard(path: Path) -> PackedGraphs:
    """The graphs of the rows that were not refused, out of a mapped file."""
    column = pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0).column("graph")
    _, offsets, data = column.buffers()
    rows = np.flatnonzero(np.asarray(column.is_valid()))
    ends = np.frombuffer(offsets, np.int32)[column.offset :].astype(np.int64)
    return from_buffer(np.frombuffer(data, np.uint8), ends[rows], ends[rows + 1] - ends[rows])


def ahead(chunks: Iterator[PackedGraphs]) -> Iterator[PackedGraphs]:
    """The same, each read in a thread while the one before is worked on."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = thread.submit(next, chunks, None)
            yield chunk
