"""LocalCrew: watched worker processes on this machine."""

from __future__ import annotations

import time
from collections.abc import Collection
from multiprocessing.connection import wait
from pathlib import Path
from types import TracebackType
from typing import Self

from molscreen.screening.executors.worker_process import WorkerProcess
from molscreen.screening.folder.commit import remove_orphans


class LocalCrew:
    """`workers` processes, each with one thread and its own guard child.

    A worker and its guard take turns, so that each pair keeps one core busy.

    Parameters
    ----------
    folder : Path
        The run folder, with ``run.json``.
    workers : int
    """

    def __init__(self, folder: Path, *, workers: int) -> None:
        self._folder = folder
        self._workers = workers

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        remove_orphans(self._folder)  # of those that were killed in the middle of a part

    def room(self) -> int:
        """As many as asked for."""
        return self._workers

    def hire(self) -> WorkerProcess:
        """Start a process."""
        return WorkerProcess(self._folder)

    def wait(self, hands: Collection[WorkerProcess]) -> list[WorkerProcess]:
        """The workers that spoke, died, or are past their deadline."""
        nearest = min(worker.deadline for worker in hands) - time.monotonic()
        spoke = set(wait([worker.pipe for worker in hands], timeout=max(0.0, nearest)))
        return [worker for worker in hands if worker.pipe in spoke or worker.is_late]
