"""WatchedExecutor: one shard in flight in each worker of a crew, and every end of a worker seen."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Generic, Self, get_args

from molscreen import errors
from molscreen.errors import MolscreenError, RunError, WorkerError
from molscreen.screening.executors.crew import AnyHand, Crew
from molscreen.screening.executors.executor import Delay, News, Tier
from molscreen.screening.executors.pace import Pace
from molscreen.screening.executors.schedule import BACK_OFF, Failure, Schedule, Setback, Task
from molscreen.screening.shard import Shard

FALSE_STARTS = 3  # workers in a row that ended before they were ready
QUIET = 600.0  # seconds without work after which it is said again what is waited for
COMING = 16  # workers that are waited for at a time, each with a shard held ready


class WatchedExecutor(Generic[AnyHand]):
    """The workers of `crew`, wherever they are.

    With one shard in flight per worker, a death is never blamed on a shard that only waited in a
    queue. A worker that is still to come binds no shard: whoever is ready first takes it.

    Parameters
    ----------
    crew : Crew
        Entered and left with the executor.
    timeout : float
        Seconds that one shard may take; 0 is by what others took, see `Pace`.
    """

    def __init__(self, crew: Crew[AnyHand], *, timeout: float) -> None:
        self._crew = crew
        self._paces = {tier: Pace(timeout) for tier in get_args(Tier)}
        self._starting: list[AnyHand] = []
        self._idle: list[AnyHand] = []
        self._working: dict[AnyHand, tuple[Task, float]] = {}  # what, and when it began
        self._waiting: deque[Task] = deque()  # tasks for workers that are starting
        self._false_starts = 0
        self._somebody_was_ready = False
        self._told = -math.inf  # when it was said last that there is no place
        self._proven: set[Tier] = set()

    def __enter__(self) -> Self:
        self._crew.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with ExitStack() as stack:  # all of it, even if a worker cannot be stopped: its cluster may be gone
            stack.callback(self._crew.__exit__, kind, error, trace)
            for worker in (*self._starting, *self._idle, *self._working):
                stack.callback(worker.stop)

    def work(self, tier: Tier, shards: Iterable[Shard]) -> Iterator[News]:
        """Commit every shard, in any order; one whose worker dies goes to another."""
        schedule = Schedule(shards, is_proven=tier in self._proven)
        while self._hand_out(tier, schedule):
            schedule.prefetch()
            for worker in self._crew.wait([*self._starting, *self._working]):
                news = self._hear(worker, tier, schedule)
                if schedule.is_proven:
                    self._proven.add(tier)
                if news is not None:
                    yield news

    def _hand_out(self, tier: Tier, schedule: Schedule) -> bool:
        """Give every idle worker a task, and hire for the others; False when all is done."""
        while self._idle and (task := self._next(schedule)):
            worker = self._idle.pop()
            worker.send(tier, task, timeout=self._paces[tier].allowed(len(task.shard)))
            self._working[worker] = task, time.monotonic()
        coming = min(COMING, self._crew.room() - len(self._idle) - len(self._working))
        while len(self._waiting) < coming and (task := schedule.take()):
            self._waiting.append(task)
        if len(self._starting) < len(self._waiting):  # one pause for all: others wait to be heard
            time.sleep(max(schedule.delay, BACK_OFF[self._false_starts]))
        while len(self._starting) < len(self._waiting):
            self._starting.append(self._crew.hire())
        return bool(self._working or self._waiting)

    def _next(self, schedule: Schedule) -> Task | None:
        return self._waiting.popleft() if self._waiting else schedule.take()

    def _hear(self, worker: AnyHand, tier: Tier, schedule: Schedule) -> News | None:
        """Take in what one worker says, or its end."""
        reply = worker.receive()
        if worker in self._starting:
            self._starting.remove(worker)
            return self._start(worker, reply)
        task, begun = self._working.pop(worker)
        if reply is None:
            return self._bury(worker, task, schedule)
        self._false_starts = 0
        self._idle.append(worker)
        if "fatal" in reply:
            raise _error(*reply["fatal"])
        if "failure" in reply:
            return schedule.failed(task, reply["failure"])
        schedule.succeeded(task)
        self._paces[tier].add(len(task.shard), time.monotonic() - begun)
        done: News = reply["done"]
        return None if task.is_trial else done

    def _start(self, worker: AnyHand, reply: dict[str, Any] | None) -> Delay | None:
        """A worker reports ready, or is not fit: then the next may be, if any ever was."""
        if reply and "ready" in reply:
            self._false_starts = 0
            self._somebody_was_ready = True
            self._idle.append(worker)
            return None
        worker.stop()
        if worker.failure_kind == "no place":
            return self._wait_on(worker)
        if worker.failure_kind == "timeout" and self._somebody_was_ready:
            return None  # a machine with much to do: others are at work
        self._false_starts += 1
        is_last = self._false_starts == FALSE_STARTS
        if reply and (is_last or not self._somebody_was_ready):
            raise _error(*reply["fatal"])
        if is_last:
            raise WorkerError(
                f"{FALSE_STARTS} workers in a row could not start: the last {worker.ending}."
                " What it printed is in the log above, or in its node's;"
                " `molscreen doctor` tests the installation"
            )
        return None

    def _wait_on(self, worker: AnyHand) -> Delay | None:
        """Another is asked for, however long it takes; what is waited for is said where nobody works."""
        if self._working or time.monotonic() < self._told + QUIET:
            return None
        self._told = time.monotonic()
        return Delay(f"no worker as yet: the last {worker.ending}. Still waiting; an interrupt loses nothing")

    def _bury(self, worker: AnyHand, task: Task, schedule: Schedule) -> Setback:
        """Blame the task for the end of its worker, unless that is nobody's fault."""
        failure = Failure(worker.failure_kind, f"worker {worker.ending}")
        if failure.kind == "left":
            return schedule.give_back(task, failure)
        return schedule.failed(task, failure)


def _error(name: str, text: str) -> MolscreenError:
    """The worker's error, of the same class where it is one of ours."""
    kind = getattr(errors, name, None)
    return kind(text) if isinstance(kind, type) and issubclass(kind, MolscreenError) else RunError(text)
