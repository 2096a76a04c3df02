"""Checkpoint: all that an optimisation needs to go on as if it had never stopped, in two files.

``history.parquet`` has a row for each call, ``state.json`` everything else. The second is written last and
says how many rows of the first belong to it, so that whatever is killed in between, the two fit together.
Nothing is pickled.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from molscreen.errors import ResumeError, RunError
from molscreen.generation.search.history import Call, from_arrow, to_arrow
from molscreen.provenance import differences
from molscreen.screening.folder.commit import read_table, write_part, write_text

CALLS = "history.parquet"
STATE = "state.json"
VERSION = 3  # of the two files


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Where an optimisation stands between two rounds.

    Attributes
    ----------
    identity : mapping
        All that its result depends on, as JSON-able values.
    calls : tuple of Call
    state : mapping
        What else it needs to go on, as JSON-able values.
    """

    identity: Mapping[str, Any]
    calls: tuple[Call, ...]
    state: Mapping[str, Any]


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Write the checkpoint, in place of the one before; the folder exists.

    Raises
    ------
    RunError
        The disk is full or fails; the one before is still there.
    """
    write_part(folder / CALLS, to_arrow(checkpoint.calls), {"rows": len(checkpoint.calls)})
    content = {
        "version": VERSION,
        "rows": len(checkpoint.calls),
        "identity": checkpoint.identity,
        "state": checkpoint.state,
    }
    write_text(folder / STATE, json.dumps(content, ensure_ascii=False))


def load(folder: Path) -> Checkpoint | None:
    """The checkpoint in a folder; None where there is none.

    Raises
    ------
    ResumeError
        A file is damaged, missing or of another version.
    """
    if not (folder / STATE).is_file():
        return None
    try:
        content = json.loads((folder / STATE).read_text(encoding="utf-8"))
        if content["version"] != VERSION:
            raise ValueError(f"version {content['version']}, expected {VERSION}")
        calls = from_arrow(read_table(folder / CALLS))[: content["rows"]]
        if len(calls) < content["rows"]:
            raise ValueError(f"{CALLS} has {len(calls)} calls, {STATE} speaks of {content['rows']}")
        return Checkpoint(identity=content["identity"], calls=calls, state=content["state"])
    except (RunError, OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        what = f"{CALLS} is damaged" if isinstance(error, RunError) else error
        raise ResumeError(
            f"{folder}: no checkpoint that can be read: {what}. Start in another folder"
        ) from error


def check_same(folder: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse to go on with anything changed that the result depends on.

    Raises
    ------
    ResumeError
        The message lists every difference.
    """
    changed = differences(before, json.loads(json.dumps(now)))
    if changed:
        raise ResumeError(
            f"{folder}: was begun with something else and cannot be continued: {'; '.join(changed)}."
            " Put it back as it was, or start in another folder"
        )
