"""What travels between driver and worker: JSON and Arrow columns as bytes, never a pickle."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from molscreen.screening.executors.executor import Done, Tier
from molscreen.screening.executors.schedule import Failure, Task
from molscreen.screening.shard import Shard
from molscreen.screening.shortlist import Leader

_HEADER = b"task"


def encode_task(tier: Tier, task: Task) -> bytes:
    """One Arrow stream: the batch, with tier and shard in its schema's metadata."""
    header = {
        "tier": tier,
        "index": task.shard.index,
        "first": task.shard.first,
        "is_trial": task.is_trial,
        "low": task.low,
    }
    batch = task.shard.batch.replace_schema_metadata({_HEADER: json.dumps(header).encode()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def decode_task(message: bytes) -> tuple[Tier, Task]:
    """The inverse of `encode_task`."""
    with pa.ipc.open_stream(message) as reader:
        batch = reader.read_next_batch()
    header = json.loads(batch.schema.metadata[_HEADER])
    shard = Shard(header["index"], header["first"], batch.replace_schema_metadata(None))
    return header["tier"], Task(shard, is_trial=header["is_trial"], low=header["low"])


def encode_outcome(outcome: Done | Failure) -> bytes:
    """What became of a task."""
    kind = "done" if isinstance(outcome, Done) else "failure"
    return json.dumps({kind: asdict(outcome)}).encode()


def encode_ready(node: str = "here") -> bytes:
    """A worker has its bundles and can begin; `node` is where it is."""
    return json.dumps({"ready": node}).encode()


def encode_fatal(error: Exception) -> bytes:
    """What no other worker could mend either: a damaged bundle, a full disk."""
    return json.dumps({"fatal": [type(error).__name__, str(error)]}).encode()


def decode_reply(message: bytes) -> dict[str, Any]:
    """``{"ready": node}``, ``{"done": Done}``, ``{"failure": Failure}`` or ``{"fatal": [class, text]}``."""
    reply: dict[str, Any] = json.loads(message)
    if "done" in reply:
        best = [Leader(*each) for each in reply["done"].pop("best")]
        reply["done"] = Done(**reply["done"], best=best)
    elif "failure" in reply:
        reply["failure"] = Failure(**reply["failure"])
    return reply
