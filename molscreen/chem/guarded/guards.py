"""Guards: several guards side by side, so that watched work keeps every core busy."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from types import TracebackType
from typing import Generic, TypeVar

from molscreen.chem.guarded.guard import Casualty, Guard
from molscreen.cores import usable_cores

Item = TypeVar("Item")
Result = TypeVar("Result")
Tag = TypeVar("Tag")

BATCH = 256  # items that `each` gives to a guard at a time
AHEAD = 2  # batches on their way for each guard: one at work, one waiting


class Guards(Generic[Item, Result]):
    """Runs one function on batches of items, each batch in one of several guards.

    A thread for each guard waits for its child, where the work is done. Batches are read as they
    are needed, and their results come in the order of the batches.

    Parameters
    ----------
    function : callable
        As for `Guard`.
    workers : int
        Guards; 0 is one for each usable core.
    timeout : float
        Seconds for one item.

    Examples
    --------
    >>> with Guards(len, workers=2) as guards:
    ...     list(guards.map([("a", ["CCO", "C"]), ("b", [])]))
    [('a', [3, 1]), ('b', [])]
    """

    def __init__(self, function: Callable[[Item], Result], *, workers: int = 0, timeout: float = 2.0) -> None:
        n = workers or usable_cores()
        self._guards: list[Guard[Item, Result]] = [Guard(function, timeout=timeout) for _ in range(n)]
        self._idle: SimpleQueue[Guard[Item, Result]] = SimpleQueue()
        for guard in self._guards:
            self._idle.put(guard)
        self._threads = ThreadPoolExecutor(n, thread_name_prefix="guard")

    def map(
        self, batches: Iterable[tuple[Tag, Sequence[Item]]]
    ) -> Iterator[tuple[Tag, list[Result | Casualty]]]:
        """Each batch's tag, and one result or `Casualty` per item of it.

        Raises
        ------
        WorkerError
            As for `Guard.map`.
        """
        waiting: deque[tuple[Tag, Future[list[Result | Casualty]]]] = deque()
        for tag, items in batches:
            waiting.append((tag, self._threads.submit(self._work, items)))
            if len(waiting) == AHEAD * len(self._guards):
                first, future = waiting.popleft()
                yield first, future.result()
        for first, future in waiting:
            yield first, future.result()

    def each(self, items: Sequence[Item]) -> Iterator[Result | Casualty]:
        """One result or `Casualty` per item, in order; batches of `BATCH` go to the guards.

        Raises
        ------
        WorkerError
            As for `Guard.map`.
        """
        batches = ((first, items[first : first + BATCH]) for first in range(0, len(items), BATCH))
        for _, results in self.map(batches):
            yield from results

    def _work(self, items: Sequence[Item]) -> list[Result | Casualty]:
        guard = self._idle.get()
        try:
            return guard.map(items)
        finally:
            self._idle.put(guard)

    def close(self) -> None:
        """End the guards; what they work on is lost."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for guard in self._guards:
            guard.close()

    def __enter__(self) -> Guards[Item, Result]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
