"""``molscreen report``: the page of a run, made anew from its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    run: Annotated[Path, typer.Argument(metavar="RUN_DIR", help="A run folder.")],
) -> None:
    """Write report.html of a run folder again, and print its path."""
    from molscreen.report.write import write_report

    print(write_report(run))
