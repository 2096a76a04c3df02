"""``molscreen screen``: a library in, a run folder with its shortlist and report out."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from molscreen.chem.compound import SCORED
from molscreen.cli.console import place, print_json, print_table, printable, say, short
from molscreen.cli.options import (
    Address,
    Bundles,
    Encoding,
    Executor,
    Gpus,
    IdColumn,
    Json,
    Plan,
    RunFolder,
    SmilesColumn,
    Timeout,
    Top,
    Workers,
)
from molscreen.cli.progress import Progress
from molscreen.cli.tally import by_number, commonest
from molscreen.errors import MolscreenError, RunError, RunLockedError, UsageError
from molscreen.number import score
from molscreen.storage import locate

if TYPE_CHECKING:
    from molscreen.screening.estimate import Estimate
    from molscreen.screening.results.run import Run

SHOWN = 10  # of the shortlist are printed; all of it is in the run folder


def screen(
    library: Annotated[
        list[str], typer.Argument(metavar="LIBRARY...", help="Files, globs, a store, or - for stdin.")
    ],
    out: RunFolder,
    plan: Plan = "oral-drug",
    bundle: Bundles = None,
    top: Top = None,
    smiles_column: SmilesColumn = None,
    id_column: IdColumn = None,
    encoding: Encoding = None,
    executor: Executor = None,
    workers: Workers = None,
    address: Address = None,
    gpus: Gpus = None,
    timeout: Timeout = None,
    first_look: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN",
            parser=locate,
            help="Take the first look over from this run, and ask the models of new rows alone.",
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the plan and an estimate, and stop.")
    ] = False,
    json: Json = False,
) -> None:
    """Rank a library by a plan, and explain the best of it.

    Into --out go run.json, scores/, rejections.csv, shortlist.csv, shortlist.sdf and report.html. Exit
    code 1: not one row could be scored.
    """
    from molscreen.data.files.library import STDIN
    from molscreen.data.files.record import ReadOptions
    from molscreen.report.screen import screen as run_screen
    from molscreen.screening.folder.resume import check_folder
    from molscreen.screening.screen import amend, rehearse

    run_table = {
        "executor": executor,
        "workers": workers,
        "address": address,
        "gpus": gpus,
        "timeout": timeout,
    }
    wanted = amend(plan, library, bundles=bundle or (), top=top, run=run_table)
    options = ReadOptions(smiles_column=smiles_column, id_column=id_column, encoding=encoding)
    if dry_run and first_look is not None:
        raise UsageError("--dry-run: estimates a screen from its beginning; leave --first-look out of it")
    if dry_run:
        check_folder(out, resume=resume)
        _show_estimate(rehearse(wanted, options=options), json=json)
        return
    again = resume_command(sys.argv[1:])
    if STDIN in library:
        again += "   (with the same standard input)"
    with telling_what_is_kept(out, again), Progress("screen") as progress:
        run = run_screen(
            plan=wanted,
            out=out,
            first_look=first_look,
            resume=resume,
            options=options,
            progress=progress,
            tell=say,
        )
    show_run(run, json=json)


@contextmanager
def telling_what_is_kept(out: Path, command: str) -> Iterator[None]:
    """Where the block is interrupted or fails, say how many rows are kept, and the command that goes on."""
    from molscreen.screening.events import read_events
    from molscreen.screening.folder.layout import EVENTS, RECORD
    from molscreen.screening.folder.resume import count_kept

    try:
        yield
    except RunLockedError:
        raise  # somebody else's run, which goes on as it is
    except (KeyboardInterrupt, RunError, OSError):
        if (out / RECORD).is_file():
            starts = [event["rows"] for event in read_events(out / EVENTS) if event["event"] == "start"]
            of_all = f" of {starts[-1]:,}" if starts else ""
            say(f"{count_kept(out):,}{of_all} rows are scored and kept in {out}; go on with:\n  {command}")
        raise


@contextmanager
def telling_how_to_go_on(record: Path) -> Iterator[None]:
    """Where the block is interrupted or fails and its `record` is there, the command that goes on."""
    try:
        yield
    except RunLockedError:
        raise  # somebody else's work, which goes on as it is
    except (KeyboardInterrupt, RunError, OSError):
        if record.is_file():
            say(f"what is written in {record.parent} is kept; go on with:\n  {resume_command(sys.argv[1:])}")
        raise


def resume_command(arguments: list[str]) -> str:
    """The command line that goes on with an interrupted screen.

    Examples
    --------
    >>> resume_command(["screen", "my library.smi", "--out", "runs/1"])
    "molscreen screen 'my library.smi' --out runs/1 --resume"
    >>> resume_command(["screen", "--out", "x", "--", "-strange.smi"])
    'molscreen screen --out x --resume -- -strange.smi'
    """
    words = [word for word in arguments if word != "--resume"]
    end = words.index("--") if "--" in words else len(words)
    return shlex.join(["molscreen", *words[:end], "--resume", *words[end:]])


def show_run(run: Run, *, json: bool) -> None:
    """The best of the shortlist, how many rows went where and why, what to know first, where everything lies.

    Exit code 1 where no row has a score.
    """
    from molscreen.report.caution import cautions_of
    from molscreen.screening.folder.layout import SHORTLIST

    shortlist = run.shortlist_table
    cautions = [str(each) for each in cautions_of(run)]
    if json:
        rows = shortlist.select(["rank", "id", "key", "score", "in_domain"]).to_pylist()
        print_json({"run": run.path, "counts": run.record.counts, "cautions": cautions, "shortlist": rows})
    elif len(shortlist):
        best = shortlist.slice(0, SHOWN).to_pylist()
        where = run.path / f"{SHORTLIST}.csv"
        print(printable(f"best {len(best):,} of {len(shortlist):,}; all in {place(where)}"))
        print_table(
            ("rank", "id", "score", "domain", "SMILES"),
            [
                (str(row["rank"]), row["id"], score(row["score"]), domain_verdict(row), short(row["key"]))
                for row in best
            ],
        )
    _show_counts(run, cautions)


def _show_counts(run: Run, cautions: Sequence[str]) -> None:
    counts = run.record.counts
    if counts is None:
        return
    from molscreen.screening.results.settle import UNSCORED

    without = {**counts.rejected, **({UNSCORED: counts.unscored} if counts.unscored else {})}
    summary = f"{counts.in_words}; {len(run.shortlist_table):,} shortlisted"
    say("\n  ".join([summary, *by_number(without)]))
    for caution in cautions:
        say(f"caution: {caution}")
    say(f"run folder  {place(run.path)}\nreport      {place(run.path / 'report.html')}")
    if not counts.scored:
        say(f"molscreen: {_why_none(counts.read, without)}")
        raise typer.Exit(MolscreenError.exit_code)
    if not len(run.shortlist_table):
        say("molscreen: the shortlist is empty: every compound looked at again was rejected")


def _why_none(read: int, without: Mapping[str, int]) -> str:
    """Why no row has a score: the structures, or the plan, which refused those that had one.

    Examples
    --------
    >>> _why_none(3, {"invalid/syntax": 1, "filtered/brenk": 2})
    'not one of 3 rows is left: rules of the plan refused 2 that could be scored (filtered/brenk: 2)'
    """
    ruled = {name: n for name, n in without.items() if name.startswith("filtered/")}
    if not ruled:
        return f"not one of {read:,} rows could be scored ({commonest(without)})"
    refused = f"rules of the plan refused {sum(ruled.values()):,} that could be scored"
    return f"not one of {read:,} rows is left: {refused} ({commonest(ruled)})"


def domain_verdict(row: dict[str, Any]) -> str:
    """Inside the domain of every bundle that the score uses; or outside, and of several bundles of which.

    Examples
    --------
    >>> domain_verdict({"in_domain": False, "in_domain_potency": False, "in_domain_admet-tox": True})
    'OUTSIDE potency'
    """
    from molscreen.prediction.columns import IN_DOMAIN, VERDICT

    if row[IN_DOMAIN]:
        return "inside"
    each = {name.removeprefix(VERDICT): inside for name, inside in row.items() if name.startswith(VERDICT)}
    return f"OUTSIDE {', '.join(name for name, inside in each.items() if not inside)}".rstrip()


def _show_estimate(found: Estimate, *, json: bool) -> None:
    if json:
        print_json(found)
        return
    for sentence in found.described:
        say(sentence)
    print_json(found.plan)
    say(f"of the first {found.sample_rows:,} rows: {', '.join(by_number(found.sample_counts))}\n{found}")
    if not sum(found.sample_counts.get(status, 0) for status in SCORED):
        say("molscreen: not one of these rows could be scored; see whether the right column is read")
