"""What runs in the two processes of a `ForkServer`: the fork server itself, and the worker that it forks."""

from __future__ import annotations

import ctypes
import mmap
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from multiprocessing import reduction
from multiprocessing.connection import Connection
from typing import Any, NoReturn, TypeAlias

from molscreen.chem.guarded.fork_server import BEGUN, LOAD, PID, PLACE, PROGRESS_BYTES, STOP, WORKED, Task
from molscreen.chem.guarded.guard import attempt

Progress: TypeAlias = "memoryview[int]"

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LISTEN_SECONDS = 1.0  # between two looks whether the process we work for is still there


def serve(control_fd: int, progress_fd: int) -> None:
    """Import a function, fork a worker for it whenever asked, and end with the process that asks.

    This process stays single-threaded and does none of the work, so that forking is safe and it never hangs.
    """
    parent, server = os.getppid(), os.getpid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = Connection(control_fd)
    progress = memoryview(mmap.mmap(progress_fd, PROGRESS_BYTES)).cast("q")
    worker, task = 0, None
    try:
        while request := _listen(control, parent):
            if request == LOAD:
                task = _load(control)
            elif request == STOP:
                _end(worker)
                worker = 0
            elif task is not None:
                data = Connection(reduction.recv_handle(control))
                status = _end(worker)
                worker = os.fork()
                if worker == 0:
                    control.close()
                    _die_with(server)
                    _work(data, progress, task)
                data.close()
                control.send(status)
    except (EOFError, ConnectionResetError, BrokenPipeError):
        pass
    finally:
        _end(worker)


def _listen(control: Connection, parent: int) -> bytes:
    """Wait for the next request; an empty one when the process that asks is gone, however it went."""
    while not control.poll(_LISTEN_SECONDS):
        if os.getppid() != parent:
            return b""
    return control.recv_bytes()


def _load(control: Connection) -> Task | None:
    """The task that comes next, imported; None where it cannot be, which is told."""
    try:
        task: Task = control.recv()
    except (EOFError, ConnectionResetError):
        raise
    except Exception as error:  # whatever importing somebody's module may raise: `ForkServer` raises it on
        control.send(f"{type(error).__name__}: {error}")
        return None
    control.send("")
    return task


def _end(worker: int) -> int:
    """Exit status of the worker, negative for a signal, after making sure that it has ended."""
    if not worker:
        return 0
    os.kill(worker, signal.SIGKILL)  # no effect on one that has ended: it is ours to wait for
    return os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])


def _work(data: Connection, progress: Progress, task: Task) -> NoReturn:
    """Be the worker; never return to the fork server's code."""
    try:
        progress[PID] = os.getpid()
        try:
            if task.initializer is not None:
                task.initializer()
            _limit_memory(task.memory_limit)
        except Exception:  # whatever somebody's initializer may raise: `ForkServer` raises it on
            data.send((traceback.format_exc(), None))
            os._exit(1)
        data.send(("", None))
        while True:
            _answer(data, _run(task.function, data.recv(), progress))
    except (EOFError, ConnectionResetError, BrokenPipeError):
        pass
    finally:
        os._exit(0)


def _run(function: Callable[[Any], Any], items: list[Any], progress: Progress) -> list[Any]:
    results: list[Any] = []
    for place, item in enumerate(items):
        progress[BEGUN], progress[WORKED] = time.monotonic_ns(), time.process_time_ns()
        progress[PLACE] = place  # last: with it the clock begins to count
        results.append(attempt(function, item))
    progress[PLACE] = -1
    return results


def _answer(data: Connection, results: list[Any]) -> None:
    try:
        data.send(("", results))
    except (EOFError, ConnectionResetError, BrokenPipeError):
        raise
    except Exception:  # whatever pickling somebody's result may raise: `ForkServer` raises it on
        data.send((traceback.format_exc(), None))


def _die_with(parent: int) -> None:
    """Ask Linux to kill this process when the fork server ends, even while it hangs in C++."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before we asked
        os._exit(0)


def _limit_memory(added: int) -> None:
    """Cap the address space at what is in use now and `added` bytes."""
    if sys.platform != "linux":
        return
    with open("/proc/self/statm", encoding="ascii") as file:
        used = int(file.read().split()[0]) * mmap.PAGESIZE
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = used + added if hard == resource.RLIM_INFINITY else min(used + added, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
