"""ForkServer: a process that imports a task once and forks the workers for it: load, send, receive, stop.

this process ──control──▶ fork server ──forks──▶ worker
     └──────────────── items, results ─────────────┘

As Python's own fork server, it is single-threaded, so that forking is safe, and keeps what it has imported;
ours has one worker at a time, whose item at work, clock and end are watched. `fork_server_child` is what runs
in the two processes.
"""

from __future__ import annotations

import contextlib
import json
import math
import mmap
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Pipe, reduction
from typing import Any

from molscreen.chem.compound import Status
from molscreen.cores import ONE_THREAD
from molscreen.errors import WorkerError

PLACE, BEGUN, WORKED, PID = range(4)
"""What the four words of shared memory hold: the item at work or -1, when it was begun and the worker's
processor time then (both in ns), the worker's process id."""

PROGRESS_BYTES = 32
LOAD, FORK, STOP = b"load", b"fork", b"stop"
"""What a fork server is asked: to import a task, which follows; to replace the worker; to end it."""

_OVERTIME = 10  # times the limit, for an item that the machine gives no processor time
_START_SECONDS = 120.0  # to import the function and to run the initializer, on a slow disk
_IDLE_DEATHS = 3  # workers lost in a row while none was working on an item
_STARTED = """\
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from molscreen.chem.guarded.fork_server_child import serve
serve(int(sys.argv[2]), int(sys.argv[3]))
"""


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker needs to know; pickled by name once, for the fork server."""

    function: Callable[[Any], Any]
    initializer: Callable[[], object] | None
    memory_limit: int  # bytes


@dataclass(frozen=True, slots=True)
class Loss:
    """A worker was lost; `place` is the item it was working on, in what `send` was given."""

    place: int
    status: Status
    reason: str


class ForkServer:
    """The fork server, its worker, and the pipes to both.

    It keeps what it has imported: a worker for another task is a fork, not a new interpreter.
    """

    def __init__(self) -> None:
        self._idle_deaths = 0
        self._worker, nobody = Pipe()  # until the first worker is forked
        nobody.close()
        with tempfile.TemporaryFile() as file:
            file.truncate(PROGRESS_BYTES)
            self._progress = memoryview(mmap.mmap(file.fileno(), PROGRESS_BYTES)).cast("q")
            self._control, theirs = Pipe()
            with theirs:
                self._process = _start(theirs.fileno(), file.fileno())

    def load(self, task: Task) -> None:
        """Have a worker for `task` in place of the one before; what that one had to do is lost.

        Raises
        ------
        WorkerError
            The function cannot be imported or started; fork server and worker are gone.
        """
        self._idle_deaths = 0
        try:
            self._ask(LOAD, task)
            if fault := self._hear():
                raise WorkerError(
                    f"guard: the child process cannot import the function: {fault}. Define it in a module"
                )
            self._fork()
        except BaseException:
            self.close()
            raise

    def send(self, items: list[Any]) -> None:
        """Give the idle worker its next items."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # dead: `receive` will see it
            self._worker.send(items)

    def receive(self, timeout: float) -> list[Any] | Loss | None:
        """Wait for the results; a `Loss` or None where the worker has to be, and was, replaced.

        None means that nobody is to blame: the worker was lost between two items.

        Raises
        ------
        WorkerError
            Results cannot travel, or workers are lost again and again without an item.
        """
        while not self._worker.poll(self._patience(timeout)):
            place = self._progress[PLACE]
            if place >= 0 and self._is_over(timeout) and not self._worker.poll(0):
                self._fork()
                return Loss(place, "timeout", f"took longer than the limit of {timeout:g} s")
        try:
            failure, results = self._worker.recv()
        except (EOFError, ConnectionResetError):
            place = self._progress[PLACE]
            return self._explain_loss(place, self._fork())
        if failure:
            raise WorkerError(f"guard: a result cannot be sent between processes: {failure}")
        self._idle_deaths = 0
        return list(results)

    @property
    def is_there(self) -> bool:
        """Whether the process lives; it may have been killed, or closed."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the worker, whatever it does; the fork server stays for the next task."""
        self._worker.close()
        if self.is_there:
            self._ask(STOP)

    def close(self) -> None:
        """Close the pipes, which ends the fork server and its worker."""
        self._control.close()
        self._worker.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _patience(self, timeout: float) -> float:
        """Seconds until it is worth looking at the item at work."""
        left = timeout - (time.monotonic_ns() - self._progress[BEGUN]) / 1e9
        return timeout if self._progress[PLACE] < 0 else max(left, timeout / 20)

    def _is_over(self, timeout: float) -> bool:
        """Whether the item at work had its time, and not merely a busy machine's.

        The limit is elapsed time; but a worker that was hardly given a processor meanwhile is not
        to blame, so that a molecule's answer does not depend on what else the machine is doing.
        """
        elapsed = (time.monotonic_ns() - self._progress[BEGUN]) / 1e9
        if elapsed < timeout:
            return False
        return elapsed >= _OVERTIME * timeout or self._seconds_worked() >= timeout / 2

    def _seconds_worked(self) -> float:
        """Processor seconds spent on the item at work; infinite where the system does not tell."""
        if sys.platform != "linux":
            return math.inf
        clock = ~self._progress[PID] << 3 | 2  # of another process: clock_getcpuclockid(3)
        try:
            return (time.clock_gettime_ns(clock) - self._progress[WORKED]) / 1e9
        except OSError:  # it has just ended
            return math.inf

    def _explain_loss(self, place: int, exit_status: int) -> Loss | None:
        status, reason = _describe_end(exit_status)
        if place >= 0:
            return Loss(place, status, reason)
        self._idle_deaths += 1
        if self._idle_deaths >= _IDLE_DEATHS:
            raise WorkerError(
                f"guard: {_IDLE_DEATHS} workers in a row were lost at no item; the last {reason}"
            )
        return None

    def _fork(self) -> int:
        """Have the worker replaced; the exit status of the one before, 0 where there was none."""
        self._worker.close()
        self._worker, theirs = Pipe()
        with theirs:
            self._ask(FORK)
            reduction.send_handle(self._control, theirs.fileno(), self._process.pid)
            status = int(self._hear())  # the one before has ended: nobody else writes here
        self._progress[PLACE] = -1
        if not self._worker.poll(_START_SECONDS):
            raise WorkerError(f"guard: the initializer took longer than {_START_SECONDS:g} s")
        try:
            failure, _ = self._worker.recv()
        except (EOFError, ConnectionResetError):
            failure = "it ended the process"
        if failure:
            raise WorkerError(f"guard: the initializer failed: {failure}")
        return status

    def _ask(self, request: bytes, *details: object) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # dead: `_hear` will say so
            self._control.send_bytes(request)
            for each in details:
                self._control.send(each)

    def _hear(self) -> str:
        with contextlib.suppress(EOFError, ConnectionResetError):
            if self._control.poll(_START_SECONDS):
                return str(self._control.recv())
        raise WorkerError(f"guard: the child process did not start (exit code {self._process.poll()})")


def _start(control: int, progress: int) -> subprocess.Popen[bytes]:
    """One BLAS thread, no terminal signals, and this interpreter's import path."""
    arguments = [json.dumps(sys.path), str(control), str(progress)]
    return subprocess.Popen(  # noqa: S603  nothing of the user's is in the command
        [sys.executable, "-P", "-c", _STARTED, *arguments],
        pass_fds=(control, progress),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        env=os.environ | ONE_THREAD,
    )


def _describe_end(exit_status: int) -> tuple[Status, str]:
    if exit_status == -signal.SIGKILL:
        cause = "most likely the system was out of memory"
        return "out_of_memory", f"ended the process that worked on it (SIGKILL, {cause})"
    how = signal.Signals(-exit_status).name if exit_status < 0 else f"exit code {exit_status}"
    return "crashed", f"ended the process that worked on it ({how})"
