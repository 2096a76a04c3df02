"""``molscreen demo``: the whole road on a real small library, in a minute or two."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from molscreen.cli.console import say
from molscreen.cli.options import Json
from molscreen.cli.progress import Progress
from molscreen.cli.screen import show_run, telling_what_is_kept
from molscreen.storage import locate_here


def demo(
    out: Annotated[
        Path,
        typer.Option(metavar="DIR", parser=locate_here, help="The run folder; the library goes beside it."),
    ] = Path("runs/demo"),
    json: Json = False,
) -> None:
    """Screen approved drugs and a virtual library with the bundles that ship.

    A few rows of the library are broken on purpose: rejections.csv and the report show what becomes
    of them. Where the demo was run before, its finished run is shown again.
    """
    from molscreen.data.demo import write_demo_library
    from molscreen.prediction.bundle.manifest import find_bundles
    from molscreen.report.screen import screen
    from molscreen.screening.folder.layout import RECORD
    from molscreen.screening.folder.resume import check_folder, claim_folder

    resume = (out / RECORD).is_file()
    check_folder(out, resume=resume)
    library = out.with_name(f"{out.name}-library.csv")
    claim_folder(library.parent)
    say(f"wrote {library}: {write_demo_library(library):,} rows, a few of them broken on purpose")
    again = shlex.join(["molscreen", "demo", "--out", str(out)])
    with telling_what_is_kept(out, again), Progress("screen") as progress:
        run = screen(
            library,
            plan="oral-drug",
            bundles=sorted(find_bundles()),
            out=out,
            resume=resume,
            progress=progress,
        )
    show_run(run, json=json)
