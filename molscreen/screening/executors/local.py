"""LocalExecutor: watched worker processes on this machine, one shard in flight in each."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from multiprocessing.connection import wait
from pathlib import Path
from types import TracebackType
from typing import Self

from molscreen import errors
from molscreen.errors import MolscreenError, RunError, WorkerError
from molscreen.screening.executors.executor import Done, Tier
from molscreen.screening.executors.schedule import Failure, Schedule, Setback, Task
from molscreen.screening.executors.worker_process import WorkerProcess
from molscreen.screening.folder.commit import remove_orphans
from molscreen.screening.shard import Shard

FALSE_STARTS = 3  # workers in a row that ended before they were ready


class LocalExecutor:
    """`workers` processes, each with one thread and its own guard child.

    A worker and its guard take turns, so that each pair keeps one core busy. With one shard in
    flight per worker, a death is never blamed on a shard that only waited in a queue.

    Parameters
    ----------
    folder : Path
        The run folder, with ``run.json``.
    workers : int
    timeout : float
        Seconds that one shard may take.
    """

    def __init__(self, folder: Path, *, workers: int, timeout: float) -> None:
        self._folder = folder
        self._workers = workers
        self._timeout = timeout
        self._idle: list[WorkerProcess] = []
        self._working: dict[WorkerProcess, Task] = {}
        self._false_starts = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in (*self._idle, *self._working):
            worker.stop()
        remove_orphans(self._folder)  # of those that were killed in the middle of a part

    @property
    def pids(self) -> list[int]:
        """Process ids of the living workers."""
        return [worker.pid for worker in (*self._idle, *self._working)]

    def work(self, tier: Tier, shards: Iterable[Shard]) -> Iterator[Done | Setback]:
        """Commit every shard, in any order; one whose worker dies goes to a fresh worker."""
        schedule = Schedule(shards)
        while self._hand_out(tier, schedule):
            schedule.prefetch()
            for worker in self._with_news():
                news = self._hear(worker, tier, schedule)
                if news is not None:
                    yield news

    def _hand_out(self, tier: Tier, schedule: Schedule) -> bool:
        """Give every idle worker a task; False when there is none left, here or in work."""
        while len(self._working) < self._workers and (task := schedule.take()):
            if self._idle:
                worker = self._idle.pop()
                worker.send(tier, task, timeout=self._timeout)
            else:
                time.sleep(schedule.delay)
                worker = WorkerProcess(self._folder)  # gets its task when it is ready
            self._working[worker] = task
        return bool(self._working)

    def _with_news(self) -> list[WorkerProcess]:
        """The workers that spoke, died, or are past their deadline."""
        nearest = min(worker.deadline for worker in self._working) - time.monotonic()
        spoke = set(wait([worker.pipe for worker in self._working], timeout=max(0.0, nearest)))
        return [worker for worker in self._working if worker.pipe in spoke or worker.is_late]

    def _hear(self, worker: WorkerProcess, tier: Tier, schedule: Schedule) -> Done | Setback | None:
        """Take in what one worker says, or its end."""
        task = self._working.pop(worker)
        was_late = worker.is_late
        reply = worker.receive()
        if reply is None:
            return self._bury(worker, task, schedule, was_late=was_late)
        if "ready" in reply:
            self._false_starts = 0
            worker.send(tier, task, timeout=self._timeout)
            self._working[worker] = task
            return None
        self._idle.append(worker)
        if "fatal" in reply:
            raise _error(*reply["fatal"])
        if "failure" in reply:
            return schedule.failed(task, reply["failure"])
        schedule.succeeded(task)
        return None if task.is_trial else reply["done"]

    def _bury(
        self, worker: WorkerProcess, task: Task, schedule: Schedule, *, was_late: bool
    ) -> Setback | None:
        """Blame the task for the death of a worker, but for one that never began with it."""
        if worker.was_ready:
            kind = "timeout" if was_late else "died"
            return schedule.failed(task, Failure(kind, f"worker {worker.ending}"))
        self._false_starts += 1
        if self._false_starts == FALSE_STARTS:
            raise WorkerError(
                f"{FALSE_STARTS} workers in a row could not start: the last was {worker.ending}."
                " Its own words are in the log above; `molscreen doctor` tests the installation"
            )
        schedule.give_back(task)
        return None


def _error(name: str, text: str) -> MolscreenError:
    """The worker's error, of the same class where it is one of ours."""
    kind = getattr(errors, name, None)
    return kind(text) if isinstance(kind, type) and issubclass(kind, MolscreenError) else RunError(text)
