"""RayWorker: the driver's end of one actor."""

from __future__ import annotations

import math
import time
from types import ModuleType
from typing import Any

from molscreen.screening.executors.executor import Tier
from molscreen.screening.executors.schedule import Task
from molscreen.screening.executors.wire import decode_reply, encode_task

START_TIMEOUT = 900.0  # seconds for a place on a node, which may first have to be started, and to load
NODE_NEWS = 30.0  # seconds in which a cluster notices that a node is gone; Ray asks each every 3 s, 5 times


class RayWorker:
    """The driver's end of one actor: a `Hand`.

    `place` is the reply that comes when it has a place in the cluster, `news` the one when it can begin.
    """

    def __init__(self, ray: ModuleType, actor: Any, place: Any, news: Any) -> None:
        self._ray = ray
        self._actor = actor
        self._place = place
        self._node = ""
        self._ending = "still runs"
        self.news = news  # the reply to come
        self.deadline = time.monotonic() + START_TIMEOUT
        self.failure_kind = "died"

    @property
    def is_late(self) -> bool:
        """Whether it is past the deadline of what it does."""
        return time.monotonic() > self.deadline

    @property
    def is_ready(self) -> bool:
        """Whether it has a place in the cluster and holds its bundles."""
        return bool(self._node)

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        return self._ending

    def send(self, tier: Tier, task: Task, *, timeout: float) -> None:
        """Hand over a task."""
        self.deadline = time.monotonic() + timeout
        self.news = self._actor.answer.remote(encode_task(tier, task))

    def receive(self) -> dict[str, Any] | None:
        """What it says; None if it is gone, or past its deadline (then it is ended)."""
        try:
            reply = decode_reply(self._ray.get(self.news, timeout=0 if self.is_late else None))
        except self._ray.exceptions.GetTimeoutError:
            self.failure_kind, self._ending = self._explain_lateness()
            self.stop()
            return None
        except self._ray.exceptions.RayError as error:
            self._explain(error)
            self.stop()
            return None
        self.deadline = math.inf
        self._node = reply.get("ready", self._node)
        return reply

    def stop(self) -> None:
        """End the actor and its process."""
        self._ray.kill(self._actor, no_restart=True)

    def _explain(self, error: Exception) -> None:
        """Sort out whether the work, the memory or the node ended it."""
        if isinstance(error, self._ray.exceptions.OutOfMemoryError) or "memory pressure" in str(error):
            self.failure_kind, self._ending = "out_of_memory", "was ended because its node ran out of memory"
        elif self._node and self._has_left(error):
            self.failure_kind, self._ending = "left", "was lost with its node"
        else:
            raised = isinstance(error, self._ray.exceptions.RayTaskError)
            self._ending = f"died ({_last_line(error) if raised else type(error).__name__})"

    def _has_left(self, error: Exception) -> bool:
        """Whether its node is gone. Where an actor cannot be reached, that may not be known yet."""
        unsure = isinstance(error, self._ray.exceptions.ActorUnavailableError)
        until = time.monotonic() + (NODE_NEWS if unsure else 0.0)
        while self._node in {node["NodeID"] for node in self._ray.nodes() if node["Alive"]}:
            if time.monotonic() >= until:
                return False
            time.sleep(1.0)
        return True

    def _explain_lateness(self) -> tuple[str, str]:
        """Its failure kind and its ending: one that is to come may wait for others to leave."""
        if self.is_ready:
            return "timeout", "was late"
        if self._ray.wait([self._place], timeout=0)[0]:
            return "timeout", f"was not ready to begin within {START_TIMEOUT:.0f} s"
        total = {name: n for name, n in self._ray.cluster_resources().items() if name in ("CPU", "GPU")}
        found = f"found no place within {START_TIMEOUT:.0f} s; the cluster has {total or 'no nodes'}"
        return "no place", found


def _last_line(error: Exception) -> str:
    """What Python says last, the cause. Not for other ends: Ray names the actor, no two would be alike."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
