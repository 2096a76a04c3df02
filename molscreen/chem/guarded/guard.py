"""Guard: work that hangs, crashes or eats memory costs one item, not the run.

A function runs in a watched child process. Only another process can stop RDKit's C++ code: neither
signals nor threads interrupt it. A worker that is lost is replaced in milliseconds, by a fork of
a process that has everything imported (`molscreen.chem.guarded.fork_server`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Generic, TypeVar

from molscreen.chem.compound import Status
from molscreen.chem.guarded.fork_server import ForkServer, Loss, Task
from molscreen.errors import UsageError

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Casualty:
    """An item that gave no result: status "timeout", "crashed", "out_of_memory" or "error"."""

    status: Status
    reason: str


def attempt(function: Callable[[Item], Result], item: Item) -> Result | Casualty:
    """The result of one item, in this process; its exception costs the item, as under a guard.

    Any exception, because RDKit raises what it likes, and a molecule that nobody foresaw must not end a
    run of millions. Nothing is hidden: the row of the item says "error" and names the exception.
    """
    try:
        return function(item)
    except MemoryError:
        return Casualty("out_of_memory", "needed more memory than the limit")
    except Exception as error:
        return Casualty("error", f"{type(error).__name__}: {error}")


@dataclass(slots=True)
class _Job(Generic[Item, Result]):
    """One submission on its way."""

    items: list[Item]
    todo: list[int]  # places in `items` without a result
    casualties: dict[int, Casualty] = field(default_factory=dict)
    failures: dict[int, int] = field(default_factory=dict)  # place -> workers it has cost

    def blame(self, loss: Loss, attempts: int) -> None:
        """One more worker lost at this item; the last of its attempts makes it a casualty."""
        place = self.todo[loss.place]
        self.failures[place] = self.failures.get(place, 0) + 1
        if self.failures[place] >= attempts:
            self.casualties[place] = Casualty(loss.status, loss.reason)
            self.todo.remove(place)

    def finish(self, results: list[Result | Casualty]) -> list[Result | Casualty]:
        """All results in the order of the items; `results` are those of `todo`."""
        found = dict(zip(self.todo, results, strict=True)) | self.casualties
        return [found[place] for place in range(len(self.items))]


class Guard(Generic[Item, Result]):
    """Runs one function on many items in a watched child process, one chunk after another.

    Items and results travel between processes: strings, numbers, bytes and tuples of them are
    cheap. An item is blamed when it has cost `attempts` workers; a single loss may be the
    machine's fault (memory short elsewhere, a kill) and blames nobody. The child ends with this
    process, even if that is killed and the child hangs. Not for use from several threads.

    Parameters
    ----------
    function : callable
        Importable: defined in a module, not in ``__main__``; `functools.partial` of one will do.
    initializer : callable, optional
        Called without arguments in every new worker before its first item.
    timeout : float
        Seconds for one item. Ten times as long where the machine gives the child hardly any
        processor time.
    memory_limit : int
        Bytes of address space that a worker may add to what it starts with (Linux).
    chunk : int
        Items that `map` sends at once.
    attempts : int
    forks : ForkServer, optional
        Whose worker does it, for guards that come one after the other: what it has imported is
        there for the next. It stays when the guard is closed; without one, the guard has its own.

    Raises
    ------
    UsageError
        A number is not positive.

    Examples
    --------
    >>> with Guard(len, timeout=1.0) as guard:
    ...     guard.map(["CCO", 7])
    [3, Casualty(status='error', reason="TypeError: object of type 'int' has no len()")]
    """

    def __init__(
        self,
        function: Callable[[Item], Result],
        *,
        initializer: Callable[[], object] | None = None,
        timeout: float = 2.0,
        memory_limit: int = 4 << 30,
        chunk: int = 256,
        attempts: int = 2,
        forks: ForkServer | None = None,
    ) -> None:
        numbers = {"timeout": timeout, "memory_limit": memory_limit, "chunk": chunk, "attempts": attempts}
        for name, value in numbers.items():
            if not value > 0:
                raise UsageError(f"guard: {name} must be positive, got {value}")
        self._task = Task(function, initializer, memory_limit)
        self._timeout, self._chunk, self._attempts = timeout, chunk, attempts
        self._lent = forks
        self._server: ForkServer | None = None  # at work for this guard
        self._jobs: deque[tuple[int, _Job[Item, Result]]] = deque()  # the first one is at work
        self._done: dict[int, list[Result | Casualty]] = {}
        self._token = 0

    def map(self, items: Sequence[Item]) -> list[Result | Casualty]:
        """One result or `Casualty` per item, in order.

        Raises
        ------
        WorkerError
            The function cannot be imported or started in the child, or a result cannot travel.
        """
        tokens = [self.submit(items[i : i + self._chunk]) for i in range(0, len(items), self._chunk)]
        return [result for token in tokens for result in self.collect(token)]

    def submit(self, items: Sequence[Item]) -> int:
        """Hand over items as one chunk; the token is for `collect`.

        With two submissions under way, the child works on one while the caller uses the other.

        Raises
        ------
        WorkerError
            As for `map`.
        """
        self._token += 1
        if not items:
            self._done[self._token] = []
            return self._token
        self._jobs.append((self._token, _Job(list(items), list(range(len(items))))))
        if len(self._jobs) == 1:
            self._send_first()
        return self._token

    def collect(self, token: int) -> list[Result | Casualty]:
        """Wait for the results of a submission and hand them over, once.

        Raises
        ------
        ValueError
            The token was never given out, or its results are already collected.
        WorkerError
            As for `map`.
        """
        if token not in self._done and all(token != waiting for waiting, _ in self._jobs):
            raise ValueError(f"token {token} was never submitted, or is already collected")
        while token not in self._done:
            self._advance()
        return self._done.pop(token)

    def close(self) -> None:
        """End the child; submissions that were not collected are lost."""
        if self._server is not None and self._server is self._lent:
            self._server.stop()
        elif self._server is not None:
            self._server.close()
        self._server = None
        self._jobs.clear()
        self._done.clear()

    def __enter__(self) -> Guard[Item, Result]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send_first(self) -> ForkServer:
        """Give the first job, or what is left of it, to the worker."""
        if self._server is None:
            server = self._lent or ForkServer()
            server.load(self._task)
            self._server = server
        _, job = self._jobs[0]
        self._server.send([job.items[place] for place in job.todo])
        return self._server

    def _advance(self) -> None:
        """Wait until the first job is done or has lost its worker; then send what comes next."""
        server = self._server or self._send_first()
        token, job = self._jobs[0]
        outcome = server.receive(self._timeout)
        if isinstance(outcome, Loss):
            job.blame(outcome, self._attempts)
        if isinstance(outcome, list) or not job.todo:
            self._done[token] = job.finish(outcome if isinstance(outcome, list) else [])
            self._jobs.popleft()
        if self._jobs:
            self._send_first()
