"""ShardWorker: turns shards into committed parts; and the life of one that is a process of its own."""

from __future__ import annotations

import contextlib
import gc
import os
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import pyarrow as pa

from molscreen.chem.guarded.fork_server import ForkServer
from molscreen.errors import MolscreenError
from molscreen.registry import load_plugins
from molscreen.screening.executors.executor import Done, Tier, attempt
from molscreen.screening.executors.wire import decode_task, encode_fatal, encode_outcome, encode_ready
from molscreen.screening.first_look import FirstLook
from molscreen.screening.folder.commit import part_path, write_part
from molscreen.screening.folder.layout import FOLDERS
from molscreen.screening.folder.record import read_record
from molscreen.screening.plan.plan import ScreenPlan
from molscreen.screening.plan.views import BundleInfo, Device, open_views, single_thread
from molscreen.screening.shard import Shard
from molscreen.screening.tiers.explain import ExplainTier
from molscreen.screening.tiers.rerank import RerankTier
from molscreen.screening.tiers.stages import Stopwatch, best_of, count
from molscreen.screening.tiers.wide import WideTier
from molscreen.storage import locate


class TierWork(Protocol):
    """One tier: a shard in, a table out."""

    def table(self, shard: Shard, stopwatch: Stopwatch) -> pa.Table:
        """One row for each of the shard's, in order."""
        ...

    def close(self) -> None:
        """End what it started."""
        ...


class ShardWorker:
    """Holds bundles and guards, and works through one shard at a time.

    All it needs to know is in ``run.json``, so that a worker anywhere needs only the folder.

    Parameters
    ----------
    folder : Path
        The run folder.
    device : {"cpu", "auto"}
        Where networks run; "auto" is the GPU that this process sees, if it sees one.
    """

    def __init__(self, folder: Path, *, device: Device = "cpu") -> None:
        record = read_record(folder)
        plan = ScreenPlan.from_resolved(record.execution["plan"])
        load_plugins(plan.plugins)
        infos = [BundleInfo.from_json(info) for info in record.execution["bundles"]]
        endpoints = [endpoint for info in infos for endpoint in info.endpoints]
        objective = plan.make_objective(endpoints)
        views = [open_views(info, device) for info in infos]
        self._folder = folder
        self._fingerprint = record.fingerprint
        self._top = plan.top
        self._make: dict[Tier, Callable[[ForkServer], TierWork]] = {
            "wide": lambda forks: WideTier(
                plan.standardize,
                views,
                objective.restricted_to({endpoint.name for endpoint in endpoints}),
                refuse_outside=plan.out_of_domain == "refuse",
                forks=forks,
                taken_over=FirstLook.from_json(record.execution.get("first_look")),
            ),
            "rerank": lambda forks: RerankTier(plan.filters, views, objective, forks=forks),
            "explain": lambda forks: ExplainTier(plan.filters, views, objective, forks=forks),
        }
        self._threads = single_thread(infos)
        self._open: tuple[Tier, TierWork] | None = None
        self._forks: ForkServer | None = None  # one for all tiers, which come one after the other

    def __enter__(self) -> Self:
        self._threads.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        if self._forks is not None:
            self._forks.close()
        self._threads.__exit__(kind, error, trace)

    def work(self, tier: Tier, shard: Shard, *, is_trial: bool = False) -> Done:
        """Work through a shard and, unless it is only tried, commit its part."""
        stopwatch = Stopwatch()
        table = self._tier(tier).table(shard, stopwatch)
        counts = count(table)
        if not is_trial:
            with stopwatch("commit"):
                self._commit(tier, shard, table, counts)
        best = best_of(table, self._top) if tier == "wide" else ()
        return Done(shard.index, len(shard), counts, stopwatch.seconds, best)

    def _tier(self, tier: Tier) -> TierWork:
        """The tier; it is made at its first shard, when the one before is no longer needed."""
        if self._open is None or self._open[0] != tier:
            self._close()
            if self._forks is None or not self._forks.is_there:
                self._forks = ForkServer()
            self._open = tier, self._make[tier](self._forks)
        return self._open[1]

    def _close(self) -> None:
        if self._open is not None:
            self._open[1].close()
        self._open = None

    def _commit(self, tier: Tier, shard: Shard, table: pa.Table, counts: dict[str, int]) -> None:
        footer = {
            "fingerprint": self._fingerprint,
            "shard": shard.index,
            "first": shard.first,
            "rows": table.num_rows,
            "digest": shard.digest(),
            "counts": counts,
        }
        write_part(part_path(self._folder / FOLDERS[tier], shard.index), table, footer)


def main(folder: str, descriptor: int) -> None:
    """The life of a worker process: report ready, answer tasks, end with the pipe.

    `descriptor` is its end of the driver's pipe. What the driver cannot mend is sent as "fatal".
    """
    os.set_inheritable(descriptor, False)
    _end_with(os.getppid())
    pipe: Connection[Any, Any] = Connection(descriptor)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            with ShardWorker(locate(folder)) as worker:
                gc.enable()  # disabled until all is imported
                pipe.send_bytes(encode_ready())
                while True:
                    tier, task = decode_task(pipe.recv_bytes())
                    pipe.send_bytes(encode_outcome(attempt(worker, tier, task)))
        except (MolscreenError, OSError) as error:
            if isinstance(error, BrokenPipeError | ConnectionResetError):
                raise
            pipe.send_bytes(encode_fatal(error))


def _end_with(driver: int) -> None:
    """End this process when the driver is gone, in the middle of a shard too: nobody waits for it.

    What it leaves half-written has a temporary name, and is removed by whoever resumes the run.
    """

    def watch() -> None:
        while os.getppid() == driver:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, name="watch over the driver", daemon=True).start()
