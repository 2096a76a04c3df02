"""Runs: a method on tasks, once for each seed; every call is kept, what is there is not computed again."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from molscreen.cores import ONE_THREAD
from molscreen.errors import ResumeError, RunError
from molscreen.generation.benchmark.definition import TASKS
from molscreen.generation.benchmark.guard import ReferenceProfile
from molscreen.generation.benchmark.method import GATES, Method
from molscreen.generation.benchmark.rating import Rating, rate
from molscreen.generation.benchmark.start import Start, draw_start, read_zinc
from molscreen.generation.search.optimize import optimize
from molscreen.generation.search.search import RoundReport
from molscreen.screening.folder.commit import write_text

SETTINGS, RATING, TIME, REFERENCE = "benchmark.json", "rating.json", "seconds.json", "zinc.npz"
VERSION = 1  # of `Rating`
HEARD = 1.0  # seconds until an interrupt is heard of


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be run.

    Attributes
    ----------
    benchmark : str
    method : Method
    tasks : tuple of str
        Names in `TASKS`.
    seeds : tuple of int
    budget : int
        Calls of each run.
    out : Path
        Runs are kept in ``out/TASK/SEED``.
    workers : int
        Processes, of one thread each; 1 stays in this one.
    """

    benchmark: str
    method: Method
    tasks: tuple[str, ...]
    seeds: tuple[int, ...]
    budget: int
    out: Path
    workers: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run: all that a process needs to know of it."""

    task: str
    seed: int
    budget: int
    method: Method
    start: Start
    folder: Path
    reference: Path | None


@dataclass(frozen=True, slots=True)
class TaskRun:
    """A run that is done.

    Attributes
    ----------
    rating : Rating
    seconds : float
        Of a CPU of this machine, those before a cut not counted.
    source : str
        Of the molecules that it began with, see `Start`.
    """

    rating: Rating
    seconds: float
    source: str


def run_all(plan: Plan, progress: Callable[[str], object] = lambda _: None) -> list[TaskRun]:
    """The runs of a plan, in the order of its tasks and seeds.

    Parameters
    ----------
    plan : Plan
    progress : callable
        Told a line for each run that is done, and, in one process, of each tenth of a run.

    Raises
    ------
    ResumeError
        The folder holds the runs of another benchmark, method, budget or start.
    RunError
        A process was ended from outside.
    """
    starts = {seed: draw_start(plan.method.start, seed=seed) for seed in plan.seeds}
    _claim(plan, starts[plan.seeds[0]].source)
    progress(_say_start(starts))
    reference = _make_reference(plan.out, progress)
    jobs = [
        Job(
            task=task,
            seed=seed,
            budget=plan.budget,
            method=plan.method,
            start=starts[seed],
            folder=plan.out / task / str(seed),
            reference=reference,
        )
        for seed in plan.seeds
        for task in plan.tasks
    ]
    done = {}
    for job, run in _run_inline(jobs, progress) if plan.workers == 1 else _run_apart(jobs, plan.workers):
        done[job.task, job.seed] = run
        progress(_say_run(run, len(done), len(jobs)))
    return [done[task, seed] for task in plan.tasks for seed in plan.seeds]


def run_one(job: Job, progress: Callable[[RoundReport], object] = lambda _: None) -> TaskRun:
    """Run what is left of a job, and rate it; its folder has every call, its figures and its time."""
    began = time.process_time()
    task = TASKS[job.task]

    def score(keys: Sequence[str]) -> NDArray[np.float64]:
        return np.array([task.score(key) for key in keys])

    history = optimize(
        score, job.method.make_generators(),
        gates=GATES, budget=job.budget, seed=job.seed, config=job.method.within(job.budget),
        seeds=job.start.keys, folder=job.folder, identity={"task": job.task}, progress=progress,
    )  # fmt: skip
    keys = [call.key for call in history.calls]
    rating = _known_rating(job, len(keys))
    if rating is None:
        reference = ReferenceProfile.load(job.reference) if job.reference else None
        scores = [call.score for call in history.calls]
        rating = rate(task, job.seed, keys, scores, budget=job.budget, reference=reference)
        _write(job.folder / TIME, {"seconds": round(time.process_time() - began, 1)})
        _write(job.folder / RATING, _named(job, len(keys)) | {"rating": asdict(rating)})
    seconds = json.loads((job.folder / TIME).read_text(encoding="utf-8"))["seconds"]
    return TaskRun(rating, float(seconds), job.start.source)


def _known_rating(job: Job, calls: int) -> Rating | None:
    """What an earlier call made of the same run; None where there is none."""
    path = job.folder / RATING
    if not path.is_file():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    figures = found.pop("rating")
    return Rating(**figures) if found == _named(job, calls) else None


def _named(job: Job, calls: int) -> dict[str, object]:
    return {"version": VERSION, "calls": calls, "guarded": job.reference is not None}


def _write(path: Path, content: Mapping[str, object]) -> None:
    write_text(path, json.dumps(content))


def _claim(plan: Plan, source: str) -> None:
    """Say what the folder is for, or see that it is for this.

    Folders of before do not tell the source of the start; the runs themselves refuse other seeds.
    """
    asked = {"benchmark": plan.benchmark, "method": plan.method.name, "budget": plan.budget, "start": source}
    path = plan.out / SETTINGS
    if not path.is_file():
        plan.out.mkdir(parents=True, exist_ok=True)
        _write(path, asked)
    elif {"start": source} | (found := json.loads(path.read_text(encoding="utf-8"))) != asked:
        told = ", ".join(f"{name} {value}" for name, value in found.items())
        raise ResumeError(f"{plan.out}: holds runs of {told}; name another folder with --out")


def _make_reference(out: Path, progress: Callable[[str], object]) -> Path | None:
    """What ZINC is like, read once and kept with the runs; None where ZINC is not on this machine.

    Raises
    ------
    ResumeError
        It is kept already, and damaged.
    """
    path = out / REFERENCE
    if not path.is_file():
        molecules = read_zinc()
        if molecules is None:
            progress("no ZINC in the data folder: there are no filtered and combined figures")
            return None
        progress(f"reading what {len(molecules):,} molecules of ZINC are like, once: a minute or two")
        ReferenceProfile.of(molecules).save(path)
    ReferenceProfile.load(path)  # a damaged one is told now, and not after the first run
    return path


def _run_inline(jobs: Sequence[Job], progress: Callable[[str], object]) -> Iterator[tuple[Job, TaskRun]]:
    for job in jobs:
        said = 0

        def tell(each: RoundReport, job: Job = job) -> None:
            nonlocal said
            if (tenth := 10 * each.calls // job.budget) > said and each.calls < job.budget:
                said = tenth
                progress(f"{job.task}, seed {job.seed}: {each.calls:,} calls, best {each.best:.3f}")

        yield job, run_one(job, tell)


def _run_apart(jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, TaskRun]]:
    """Each job in one of some processes, in the order in which they end; none outlives what goes wrong.

    Raises
    ------
    RunError
        A process was ended from outside.
    """
    before = multiprocessing.active_children()
    context = multiprocessing.get_context("spawn")
    with _one_thread(), ProcessPoolExecutor(workers, mp_context=context) as pool:
        waiting = {pool.submit(run_one, job): job for job in jobs}
        try:
            while waiting:  # now and then, or an interrupt that another thread takes is not heard of
                for each in wait(waiting, HEARD, FIRST_COMPLETED).done:
                    yield waiting[each], each.result()
                    del waiting[each]
        except BaseException as error:
            for child in multiprocessing.active_children():
                if child not in before:
                    child.terminate()  # every call is kept: to wait for the last would take minutes
            if not isinstance(error, BrokenProcessPool):
                raise
            at_work = ", ".join(f"{job.task}/{job.seed}" for job in list(waiting.values())[:workers])
            raise RunError(
                f"{jobs[0].folder.parent.parent}: a process was ended from outside, perhaps because there "
                f"was no memory left, while it worked on one of {at_work}; every call is kept: run the same "
                "command again, with fewer --workers"
            ) from error


@contextmanager
def _one_thread() -> Iterator[None]:
    """What processes started here are told before their libraries count the cores."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _say_start(starts: Mapping[int, Start]) -> str:
    any_start = next(iter(starts.values()))
    if not any_start.keys:
        return "every run begins with nothing"
    return f"every run of a seed begins with the same {len(any_start.keys)} {any_start.source}"


def _say_run(run: TaskRun, done: int, n: int) -> str:
    rating = run.rating
    return (
        f"{done} of {n}: {rating.task}, seed {rating.seed}: AUC top-10 {rating.auc:.3f}, top-1"
        f" {rating.top1:.3f} in {rating.calls:,} calls and {run.seconds:.0f} s of a core"
    )
