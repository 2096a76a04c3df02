"""The ``run.json`` of a run folder, as whoever needs it reads it."""

from __future__ import annotations

from pathlib import Path

from molscreen.errors import ResumeError
from molscreen.provenance import RunRecord
from molscreen.screening.folder.layout import RECORD


def read_record(folder: Path) -> RunRecord:
    """The record of the run in a folder.

    Raises
    ------
    ResumeError
        There is none; or it is damaged, edited, or of another version. The message names it.
    """
    path = folder / RECORD
    try:
        return RunRecord.from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ResumeError(f"{folder}: no run here (no {RECORD})") from error
    except ResumeError as error:
        raise ResumeError(f"{path}: {error}") from error
