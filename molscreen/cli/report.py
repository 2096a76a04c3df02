"""``molscreen report``: the page of a run, made anew from its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from molscreen.storage import locate


def report(
    run: Annotated[
        Path, typer.Argument(metavar="RUN_DIR", parser=locate, help="A run folder; s3://… or gs://… too.")
    ],
) -> None:
    """Write report.html of a run folder again, and print its path."""
    from molscreen.report.write import write_report

    print(write_report(run))
