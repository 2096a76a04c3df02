"""open_executor: whoever does the work of a run, by its plan's ``[run]`` table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from molscreen.screening.executors.executor import Executor, InlineExecutor
from molscreen.screening.executors.local import LocalCrew
from molscreen.screening.executors.watched import WatchedExecutor
from molscreen.screening.plan.tables import Execution, worker_count


@contextmanager
def open_executor(folder: Path, run: Execution) -> Iterator[Executor]:
    """The executor that `run` names, for the ``run.json`` in `folder`; its workers end with the block."""
    if run.executor == "inline":
        from molscreen.screening.executors.worker import ShardWorker

        with ShardWorker(folder) as worker, InlineExecutor(worker) as inline:
            yield inline
    elif run.executor == "local":
        crew = LocalCrew(folder, workers=worker_count(run))
        with WatchedExecutor(crew, timeout=run.timeout) as local:
            yield local
    else:
        from molscreen.screening.cluster.crew import RayCrew

        actors = RayCrew(folder.absolute(), workers=run.workers, gpus=run.gpus, address=run.address)
        with WatchedExecutor(actors, timeout=run.timeout) as cluster:
            yield cluster
