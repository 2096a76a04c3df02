"""RayCrew: workers that are actors of a Ray cluster, hired as its nodes come and go."""

from __future__ import annotations

import math
import time
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from molscreen.cores import usable_cores
from molscreen.errors import RunError
from molscreen.screening.cluster.actor import ShardActor
from molscreen.screening.cluster.probe import import_path, probe
from molscreen.screening.cluster.session import ray_session
from molscreen.screening.cluster.worker import RayWorker
from molscreen.screening.folder.commit import remove_orphans

LOOK_AGAIN = 10.0  # seconds after which the size of the cluster is asked for again


class RayCrew:
    """Actors with one CPU, and a share of a GPU where asked, each doing whole shards.

    Several that share a GPU overlap: one standardises and featurises while another predicts.

    Parameters
    ----------
    folder : Path
        The run folder, which every node must see.
    workers : int
        Actors; 0 is as many as the cluster has room for, also when it grows.
    gpus : float
        Share of a GPU for each, 0 for none.
    address : str
        Of the cluster; see `molscreen.screening.cluster.session.ray_session`.
    """

    def __init__(self, folder: Path, *, workers: int, gpus: float, address: str) -> None:
        self._folder = folder
        self._workers = workers
        self._gpus = gpus
        self._address = address
        self._stack = ExitStack()
        self._capacity = (-math.inf, 1)  # when it was asked for, and the answer

    def __enter__(self) -> Self:
        cores = self._workers or usable_cores()
        with ExitStack() as stack:
            self._ray = stack.enter_context(ray_session(self._address, workers=cores, gpus=self._gpus))
            probe(self._ray, self._folder)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        remove_orphans(self._folder)

    def room(self) -> int:
        """Workers asked for, else as many as the nodes that there are now can hold."""
        if self._workers:
            return self._workers
        asked, capacity = self._capacity
        if time.monotonic() > asked + LOOK_AGAIN:
            total = self._ray.cluster_resources()
            capacity = int(total.get("CPU", 0))
            if self._gpus:
                capacity = min(capacity, int(total.get("GPU", 0) / self._gpus))
            self._capacity = (time.monotonic(), max(1, capacity))
        return self._capacity[1]

    def hire(self) -> RayWorker:
        """Ask the cluster for an actor; it never restarts one and never repeats a task by itself."""
        remote = self._ray.remote(ShardActor).options(
            num_cpus=1,
            num_gpus=self._gpus,
            max_restarts=0,
            max_task_retries=0,
        )
        actor = remote.remote(str(self._folder), path=import_path(self._ray), wants_gpu=self._gpus > 0)
        return RayWorker(self._ray, actor, actor.arrive.remote(), actor.begin.remote())

    def wait(self, hands: Collection[RayWorker]) -> list[RayWorker]:
        """The workers with news; none after a while, so that nodes which joined are noticed."""
        until = min(LOOK_AGAIN, min(hand.deadline for hand in hands) - time.monotonic())
        news = [hand.news for hand in hands]
        if self._ray.wait(news, num_returns=1, timeout=max(0.0, until))[0]:
            news = self._ray.wait(news, num_returns=len(news), timeout=0)[0]
        else:
            news = []
            self._refuse_empty_cluster()
        heard = set(news)
        return [hand for hand in hands if hand.news in heard or hand.is_late]

    def _refuse_empty_cluster(self) -> None:
        """Raise if the last node is gone: the head too, so that no other can ever join."""
        if not any(node["Alive"] for node in self._ray.nodes()):
            raise RunError(
                "the Ray cluster has no node left: its raylet ended, or its machine."
                " Start the cluster again; the run goes on with --resume, what was committed is kept"
            )
