"""``molscreen report``: the page of a run or a design, made anew from its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from molscreen.storage import is_file, locate


def report(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="RUN_DIR|DESIGN_DIR",
            parser=locate,
            help="A run folder (s3://… or gs://… too), or a design.",
        ),
    ],
) -> None:
    """Write report.html of a run or a design again, and print its path."""
    from molscreen.report.design import write_design_report
    from molscreen.report.write import write_report
    from molscreen.screening.folder.layout import DESIGN

    write = write_design_report if is_file(folder / DESIGN) else write_report
    print(write(folder))
