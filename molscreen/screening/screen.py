"""screen: from a library and a plan to a run folder, in three tiers, here or on many machines."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from molscreen.aloud import Aloud, is_watched, unheard
from molscreen.arguments import as_names
from molscreen.data.files.record import FOUND_OUT, ReadOptions
from molscreen.errors import UsageError, WeakModelWarning
from molscreen.provenance import RunRecord, machine, utc_now
from molscreen.screening.driver import Driver
from molscreen.screening.estimate import Estimate, estimate
from molscreen.screening.events import ProgressCall, silent
from molscreen.screening.first_look import FirstLook, find_first_look
from molscreen.screening.folder.commit import write_text
from molscreen.screening.folder.layout import RECORD
from molscreen.screening.folder.object_lock import choose_lock
from molscreen.screening.folder.record import read_record
from molscreen.screening.folder.resume import check_folder, check_same, claim_folder
from molscreen.screening.plan.plan import ScreenPlan, load_plan
from molscreen.screening.plan.setup import Setup, find_cautions, software
from molscreen.screening.plan.tables import ExecutorName, shard_rows
from molscreen.screening.results.run import Run, open_run
from molscreen.screening.source import source_names
from molscreen.screening.store.read import Store
from molscreen.storage import locate


def screen(
    library: str | Path | Store | Sequence[str | Path] = (),
    *,
    plan: str | Path | ScreenPlan = "oral-drug",
    bundles: str | Path | Sequence[str | Path] = (),
    top: int | None = None,
    out: str | Path | None = None,
    executor: ExecutorName | None = None,
    workers: int | None = None,
    address: str | None = None,
    gpus: float | None = None,
    timeout: float | None = None,
    first_look: str | Path | None = None,
    resume: bool = False,
    options: ReadOptions = FOUND_OUT,
    progress: ProgressCall | None = None,
    tell: Callable[[str], None] | None = None,
) -> Run:
    """Rank a library by a plan; the best of it, explained, is the shortlist of the run.

    Every row of the library is answered: scored, or refused with a reason. Ctrl-C and kill -9
    keep what is committed; the same call with ``resume=True`` goes on from there and ends with
    the result of an unbroken run.

    Parameters
    ----------
    library : str, path, Store, or sequence of names
        Files, globs, ``-``, or a store that `index` made; without it the plan's own. A data frame is
        written to a file first.
    plan : str, path or ScreenPlan
        A ready-made plan, a TOML file, or a plan made in Python. What follows overrides it.
    bundles, top, executor, workers, address, gpus, timeout
        See `molscreen.screening.plan.plan.ScreenPlan` and its `Execution`. Each place on the shortlist
        (`top`) takes about a quarter of a second of one core: it is explained.
    out : path, optional
        The run folder, new or empty, here or ``s3://…``, ``gs://…``; ``runs/<plan>-<time>`` where absent.
    first_look : path, optional
        The folder of another run, complete or not, over the same library or the beginning of it, with the
        same bundles. What its models said of a row is scored anew by this plan, and they are asked about
        other rows alone: another `top`, objective or filter costs little. The result is that of a screen
        without it, to the bit.
    resume : bool
        Continue the run in `out`. Of a complete run, just read it back.
    options : ReadOptions
        How to read the library where that is not found out.
    progress : callable, optional
        Called with rows done and rows in all: of the library, then of the compounds that get a second
        look, then of those explained.
    tell : callable, optional
        Called before the work with each sentence of how the library is read, which the report has too,
        and with one when each of the three begins. Without either of the two, a notebook and Python's
        prompt show both on stderr, and a script is silent.

    Warns
    -----
    WeakModelWarning
        The plan ranks by an endpoint that its bundle predicts no better than a guess.

    Raises
    ------
    UsageError
        The plan, library, bundles, `out` or `first_look` are not usable; nothing was started.
    RunLockedError
        Another driver works on `out`.
    RunError
        The library changed meanwhile, or the disk failed.
    WorkerError
        Workers fail alike; what was committed is kept.
    """
    run_table = {
        "executor": executor,
        "workers": workers,
        "address": address,
        "gpus": gpus,
        "timeout": timeout,
    }
    wanted = amend(plan, library, bundles=bundles, top=top, run=run_table)
    folder = locate(out) if out is not None else _new_folder(wanted)
    check_folder(folder, resume=resume)
    begun = read_record(folder) if resume else None
    other = _open_other(first_look) if first_look is not None and not _has_first_look(begun) else None
    setup = _open(wanted, options, begun=begun, other=other)
    aloud = Aloud() if progress is None and tell is None and is_watched() else None
    tell = tell or (aloud.say if aloud else unheard)
    for sentence in setup.described:
        tell(sentence)
    identity = setup.identity()
    taken_over = None
    if other is not None:
        taken_over = find_first_look(other.path, other.record, identity, setup.library)
        tell(f"first look: taken over from {other.path} wherever it has the same rows")
    claim_folder(folder)
    with choose_lock(folder) as lock:
        check_folder(folder, resume=resume)  # again: another driver may have come and gone meanwhile
        record = _begin(folder, setup, identity, taken_over, is_resumed=resume)
        if record.state == "running":
            counted = progress or (aloud.count if aloud else silent)
            Driver(folder, setup, record, progress=counted, tell=tell, check=lock.check).drive()
    run = Run(folder)
    if aloud and run.record.counts:
        aloud.say(run.record.counts.in_words)
    return run


def rehearse(plan: ScreenPlan, *, options: ReadOptions = FOUND_OUT) -> Estimate:
    """What `screen` would do by a plan, and about how long it would take.

    The plan is resolved, everything it names is opened and checked, and the first 1,000 rows are
    worked through in a temporary folder. Nothing is kept.
    """
    return estimate(_open(plan, options))


def amend(
    plan: str | Path | ScreenPlan,
    library: str | Path | Store | Sequence[str | Path] = (),
    *,
    bundles: str | Path | Sequence[str | Path] = (),
    top: int | None = None,
    run: Mapping[str, Any] | None = None,
) -> ScreenPlan:
    """The plan, with whatever was given besides in place of its own.

    Parameters
    ----------
    run : mapping, optional
        Keys of the ``[run]`` table; what is None is left as it is.

    Raises
    ------
    ConfigError
        The plan or a value is wrong.
    """
    wanted = load_plan(plan)
    given = {name: value for name, value in (run or {}).items() if value is not None}
    return replace(
        wanted,
        library=source_names(library) or wanted.library,
        bundles=as_names(bundles, what="bundles") or wanted.bundles,
        top=wanted.top if top is None else top,
        run=replace(wanted.run, **given),
    )


def _has_first_look(begun: RunRecord | None) -> bool:
    """Whether a run that goes on needs no other's first look: it has one, or is complete."""
    return begun is not None and (begun.state == "complete" or "first_look" in begun.execution)


def _open_other(first_look: str | Path) -> Run:
    """The run whose first look is to be taken over.

    Raises
    ------
    UsageError
        There is none, or it is of no library.
    """
    run = open_run(first_look)
    if "inputs" not in run.record.identity:
        raise UsageError(f"first look {run.path}: a design's own scoring, not the screen of a library")
    return run


def _open(
    plan: ScreenPlan, options: ReadOptions, *, begun: RunRecord | None = None, other: Run | None = None
) -> Setup:
    """The setup; the size of its shards is settled now that the rows are counted.

    A run that goes on, or that takes over the first look of an `other`, is cut like it where the plan does
    not say.
    """
    setup = Setup.make(plan, options, begun_with=begun.identity["inputs"] if begun else None)
    for sentence in find_cautions(setup.bundles, setup.objective):
        warnings.warn(sentence, WeakModelWarning, stacklevel=4)  # of `molscreen.screen`, in a user's code
    cut = begun or (other.record if other else None)
    before = cut.identity["plan"]["run"]["shard_size"] if cut else 0
    size = plan.run.shard_size or before or shard_rows(plan.run, setup.library.n_records)
    return replace(setup, plan=replace(plan, run=replace(plan.run, shard_size=size)))


def _begin(
    folder: Path,
    setup: Setup,
    identity: dict[str, Any],
    taken_over: FirstLook | None,
    *,
    is_resumed: bool,
) -> RunRecord:
    """The record of the run: the old one, if it is the same run, or a new one, written."""
    started = utc_now()
    if is_resumed:
        before = read_record(folder)
        if before.state == "complete":  # it is read back, whatever it was made with
            identity |= {name: before.identity.get(name) for name in software()}
        check_same(before, identity)
        if before.state == "complete":
            return before
        started = before.started
        taken_over = taken_over or FirstLook.from_json(before.execution.get("first_look"))
    record = RunRecord(
        identity=identity,
        library=setup.plan.library,
        described=setup.described,
        started=started,
        machine=machine(),
        execution=setup.execution() | ({"first_look": taken_over.to_json()} if taken_over else {}),
    )
    write_text(folder / RECORD, record.to_json())
    return record


def _new_folder(plan: ScreenPlan) -> Path:
    """A folder named after the plan and the minute."""
    name = plan.name.replace(":", "-").replace("/", "-")
    return Path("runs") / f"{name}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
