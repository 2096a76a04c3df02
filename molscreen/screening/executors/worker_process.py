"""WorkerProcess: the driver's end of one worker on this machine."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from molscreen.cores import ONE_THREAD
from molscreen.screening.executors.executor import Tier
from molscreen.screening.executors.schedule import Task
from molscreen.screening.executors.wire import decode_reply, encode_task

START_TIMEOUT = 300.0  # seconds to import, load the bundles and report ready
# One thread; and Arrow gives back what it no longer needs, so that a worker does not grow with the rows.
ENVIRONMENT = {**ONE_THREAD, "ARROW_DEFAULT_MEMORY_POOL": "system"}

# Started by -c and not as a multiprocessing child: that would run the user's script or notebook
# again unless it is written for it. The worker inherits sys.path, whatever made it. What it imports is
# no garbage: to look through it again and again takes a fifth of its start.
_START = (
    "import gc, json, sys; gc.disable(); sys.path[:] = json.loads(sys.argv[1]);"
    " from molscreen.screening.executors.worker import main; main(sys.argv[2], int(sys.argv[3]))"
)


class WorkerProcess:
    """One worker process: started, given one task at a time, heard, stopped.

    It reads its orders from ``run.json`` in `folder`, computes with one thread, and ends with this
    process. It is in a process group of its own, so that Ctrl-C on the terminal reaches the
    driver only.
    """

    def __init__(self, folder: Path) -> None:
        ours, theirs = Pipe()
        descriptor = theirs.fileno()
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter, and nothing of the user's
            [sys.executable, "-c", _START, json.dumps(sys.path), str(folder), str(descriptor)],
            pass_fds=(descriptor,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={**os.environ, **ENVIRONMENT},
            process_group=0,
        )
        theirs.close()
        self.pipe: Connection[Any, Any] = ours
        self.deadline = time.monotonic() + START_TIMEOUT
        self.failure_kind = "died"

    @property
    def is_late(self) -> bool:
        """Whether it is past the deadline of what it does."""
        return time.monotonic() > self.deadline

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def send(self, tier: Tier, task: Task, *, timeout: float) -> None:
        """Hand over a task; a worker that is already gone is noticed by `receive`."""
        self.deadline = time.monotonic() + timeout
        try:
            self.pipe.send_bytes(encode_task(tier, task))
        except (BrokenPipeError, ConnectionResetError):
            return

    def receive(self) -> dict[str, Any] | None:
        """What the worker says; None if it is dead or past its deadline (then it is killed)."""
        if self.is_late and not self.pipe.poll():
            self.failure_kind = "timeout"
            self.stop()
            return None
        try:
            reply = decode_reply(self.pipe.recv_bytes())
        except (EOFError, ConnectionResetError):
            self.stop()
            return None
        self.deadline = math.inf
        return reply

    def stop(self) -> None:
        """Kill it, and what it started; nothing uncommitted is worth waiting for. Twice is harmless."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self.pipe.close()

    @property
    def ending(self) -> str:
        """How it ended, in words: ``was killed by SIGKILL`` or ``ended with exit code 3``."""
        code = self._process.poll()
        if code is None:
            return "still runs"
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
