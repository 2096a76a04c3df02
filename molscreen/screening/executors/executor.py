"""Executor: who calls the shard function. Here, the plainest: this process."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Protocol, Self

from molscreen.errors import MolscreenError
from molscreen.screening.executors.schedule import Failure, Schedule, Setback, Task
from molscreen.screening.shard import Shard
from molscreen.screening.shortlist import Leader

Tier = Literal["wide", "rerank", "explain"]


@dataclass(frozen=True, slots=True)
class Done:
    """A shard was committed: its rows by ``status/code``, busy seconds by stage, and its best rows.

    ``best`` of the wide tier holds id and `Entry` of each; it is for the eye, and is never logged.
    """

    shard: int
    rows: int
    counts: Mapping[str, int]
    seconds: Mapping[str, float] = field(default_factory=dict)
    best: Sequence[Leader] = ()


@dataclass(frozen=True, slots=True)
class Delay:
    """Nobody can begin as yet, and why: a cluster is full. It is waited for; nothing failed."""

    text: str


News = Done | Setback | Delay


class Worker(Protocol):
    """Turns a shard into a committed part; `molscreen.screening.executors.worker.ShardWorker` is the one."""

    def work(self, tier: Tier, shard: Shard, *, is_trial: bool = False) -> Done:
        """Work through a shard and commit it; a trial is only to see whether it can be done."""
        ...


class Executor(Protocol):
    """Works through shards in any order and place; which one is used never changes a part."""

    def work(self, tier: Tier, shards: Iterable[Shard]) -> Iterator[News]:
        """Commit every shard and say so as it happens, in any order; and say what went wrong.

        Raises
        ------
        WorkerError
            Work fails alike everywhere, or no row can be blamed for a failure.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class InlineExecutor:
    """One worker, in this process. A molecule that crashes RDKit still costs only its row."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._proven: set[Tier] = set()

    def work(self, tier: Tier, shards: Iterable[Shard]) -> Iterator[News]:
        """Commit every shard, in order but for those that failed."""
        schedule = Schedule(shards, is_proven=tier in self._proven)
        while task := schedule.take():
            outcome = attempt(self._worker, tier, task)
            if isinstance(outcome, Failure):
                yield schedule.failed(task, outcome)
                continue
            schedule.succeeded(task)
            if schedule.is_proven:
                self._proven.add(tier)
            if not task.is_trial:
                yield outcome

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def attempt(worker: Worker, tier: Tier, task: Task) -> Done | Failure:
    """Work through a task; what a single row may be to blame for comes back as a `Failure`.

    Errors of our own and of the operating system (a damaged bundle, a full disk) are nobody's
    fault in the library: they are raised.
    """
    try:
        return worker.work(tier, task.shard, is_trial=task.is_trial)
    except (MolscreenError, OSError):
        raise
    except MemoryError:
        return Failure("out_of_memory", "not enough memory")
    except Exception as error:
        frame, kind = traceback.extract_tb(error.__traceback__)[-1], type(error).__name__
        where = f"({frame.name}, line {frame.lineno})"
        return Failure("exception", f"{kind}: {error} {where}", place=f"{kind} {where}")
