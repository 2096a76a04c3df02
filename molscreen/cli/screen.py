"""``molscreen screen``: a library in, a run folder with its shortlist and report out."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from molscreen.cli.console import print_json, print_table, say
from molscreen.cli.options import Bundles, IdColumn, Json, OutFolder, SmilesColumn
from molscreen.cli.progress import Progress
from molscreen.errors import RunError
from molscreen.report.number import number

if TYPE_CHECKING:
    from molscreen.screening.estimate import Estimate
    from molscreen.screening.run import Run

SHOWN = 10  # of the shortlist are printed; all of it is in the run folder
LINE = 70  # characters of a SMILES on the terminal


def screen(
    library: Annotated[list[str], typer.Argument(metavar="LIBRARY...", help="Files, globs, or - for stdin.")],
    out: OutFolder,
    plan: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="A ready-made plan or a TOML file.")
    ] = "oral-drug",
    bundle: Bundles = None,
    top: Annotated[int | None, typer.Option(min=1, metavar="K", help="Length of the shortlist.")] = None,
    smiles_column: SmilesColumn = None,
    id_column: IdColumn = None,
    executor: Annotated[
        Literal["inline", "local"] | None, typer.Option(help="In this process, or in workers.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, metavar="N", help="Processes of 'local'.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the plan and an estimate, and stop.")
    ] = False,
    json: Json = False,
) -> None:
    """Rank a library by a plan, and explain the best of it.

    Into --out go run.json, scores/, rejections.csv, shortlist.csv, shortlist.sdf and report.html.
    """
    from molscreen.data.record import ReadOptions
    from molscreen.report.screen import screen as run_screen
    from molscreen.screening.folder import RECORD
    from molscreen.screening.screen import amend, rehearse

    wanted = amend(plan, library, bundles=bundle or (), top=top, executor=executor, workers=workers)
    options = ReadOptions(smiles_column=smiles_column, id_column=id_column)
    if dry_run:
        _show_estimate(rehearse(plan=wanted, options=options), json=json)
        return
    try:
        with Progress("screen") as progress:
            run = run_screen(plan=wanted, out=out, resume=resume, options=options, progress=progress)
    except (KeyboardInterrupt, RunError):
        if (out / RECORD).exists():
            say(f"what was done is kept; go on with:\n  {resume_command(sys.argv[1:])}")
        raise
    show_run(run, json=json)


def resume_command(arguments: list[str]) -> str:
    """The command line that goes on with an interrupted screen.

    Examples
    --------
    >>> resume_command(["screen", "my library.smi", "--out", "runs/1"])
    "molscreen screen 'my library.smi' --out runs/1 --resume"
    """
    words = [word for word in arguments if word != "--resume"]
    return shlex.join(["molscreen", *words, "--resume"])


def show_run(run: Run, *, json: bool) -> None:
    """The best of the shortlist, how many rows went where, and where everything lies."""
    counts = run.record.counts
    if json:
        rows = run.shortlist[["rank", "id", "key", "score", "in_domain"]].to_dict("records")
        print_json({"run": run.path, "counts": counts, "shortlist": rows})
        return
    print_table(
        ("rank", "id", "score", "domain", "SMILES"),
        [
            (str(row["rank"]), row["id"], number(row["score"]), _DOMAIN[row["in_domain"]], _short(row["key"]))
            for row in run.shortlist.head(SHOWN).to_dict("records")
        ],
    )
    if counts is not None:
        say(
            f"{counts.read:,} rows read: {counts.scored:,} scored, {counts.unscored:,} without a score,"
            f" {sum(counts.rejected.values()):,} rejected; {len(run.shortlist):,} shortlisted"
        )
    say(f"run folder  {run.path}\nreport      {run.path / 'report.html'}")


_DOMAIN = {True: "inside", False: "OUTSIDE", None: "unknown"}


def _short(smiles: str) -> str:
    return smiles if len(smiles) <= LINE else f"{smiles[: LINE - 1]}…"


def _show_estimate(found: Estimate, *, json: bool) -> None:
    if json:
        print_json(found)
        return
    for sentence in found.described:
        say(sentence)
    print_json(found.plan)
    counted = ", ".join(f"{n} {name}" for name, n in found.sample_counts.items())
    say(f"of the first rows: {counted}\n{found}")
