"""``report.html`` of a run folder."""

from __future__ import annotations

from pathlib import Path

from molscreen.report.page import render
from molscreen.report.reading import read_page
from molscreen.screening.folder.commit import write_text
from molscreen.screening.folder.layout import REPORT
from molscreen.storage import locate


def write_report(folder: str | Path) -> Path:
    """Write the report of a complete run into its folder, whole or not at all, and return its path.

    Raises
    ------
    ResumeError
        The folder holds no run.
    RunError
        The run is not complete, or the disk is full.
    """
    place = locate(folder)
    path = place / REPORT
    write_text(path, render(read_page(place)))
    return path
