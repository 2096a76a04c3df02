"""Crew: where workers come from, and how one of them is spoken to. Processes here, actors on a cluster."""

from __future__ import annotations

from collections.abc import Collection
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from molscreen.screening.executors.executor import Tier
from molscreen.screening.executors.schedule import Task


class Hand(Protocol):
    """One worker, as its driver sees it: hired, given one task at a time, heard, dismissed."""

    failure_kind: str
    """What its end is to its task: "died", "timeout", "out_of_memory"; "left" is nobody's fault.

    Of one that was to come, "no place" is nobody's fault either.
    """

    @property
    def ending(self) -> str:
        """How it ended, in words, for the log."""
        ...

    def send(self, tier: Tier, task: Task, *, timeout: float) -> None:
        """Hand over a task; a worker that is already gone is noticed by `receive`."""
        ...

    def receive(self) -> dict[str, Any] | None:
        """What it says, see `molscreen.screening.executors.wire.decode_reply`; None if it is gone or late."""
        ...

    def stop(self) -> None:
        """End it at once; nothing uncommitted is worth waiting for."""
        ...


AnyHand = TypeVar("AnyHand", bound=Hand)


class Crew(Protocol[AnyHand]):
    """Hires workers and knows how many there may be."""

    def room(self) -> int:
        """Workers that there may be now, at least 1; it may change while nodes come and go."""
        ...

    def hire(self) -> AnyHand:
        """A new worker, which will report ready."""
        ...

    def wait(self, hands: Collection[AnyHand]) -> list[AnyHand]:
        """Block until some have news, or are late; those. It may return none after a while."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
