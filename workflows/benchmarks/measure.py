"""One program, run as its user would run it, on given cores: wall seconds and the most memory it held."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

EVERY = 0.25  # s between two looks at the memory: a look takes about 5 ms, so 2 % of one core
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
PATIENCE = 5.0  # s
LAST_WORDS = 2000  # characters of the output of a program that failed


@dataclass(frozen=True, slots=True)
class Usage:
    """What one run of a program took.

    Attributes
    ----------
    seconds : float
        Wall time from its start to its end.
    peak_mib : float
        The most memory that its processes held at one time: their resident sets, summed. Pages that they
        share are counted in each of them, so that this is an upper bound.
    others : float
        Share of the cores' time that went to anybody else, 0 to 1. A program whose two threads wait for
        each other loses far more than this share, so that a ratio with it means nothing.
    """

    seconds: float
    peak_mib: float
    others: float


class BenchmarkError(Exception):
    """A program did not do what it was measured for: its figures would mean nothing."""


def cpu_environment(threads: int) -> dict[str, str]:
    """The environment of every program: no GPU, no other project's packages, no more threads than cores."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    limits = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    return kept | limits | {"CUDA_VISIBLE_DEVICES": "", "PYTHONWARNINGS": "ignore"}


def pin(cores: int) -> list[int]:
    """Keep this process, and all that it starts, on the first `cores` of its cores; which they are.

    Raises
    ------
    BenchmarkError
        There are fewer.
    """
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < cores:
        raise BenchmarkError(f"{cores} cores are wanted, and this process may use {len(allowed)}")
    os.sched_setaffinity(0, allowed[:cores])
    return allowed[:cores]


def run(command: Sequence[str], *, log: Path, environment: Mapping[str, str], cwd: Path) -> Usage:
    """Run a program to its end; what it prints goes to `log`.

    Raises
    ------
    BenchmarkError
        Its exit code is not 0.
    """
    with orphans_awaited(), log.open("w", encoding="utf-8") as output:
        busy, own = busy_seconds(), child_seconds()
        start = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603
            list(command), stdout=output, stderr=subprocess.STDOUT, env=dict(environment), cwd=cwd
        )
        watch = Watch(process.pid)
        watch.start()
        code = process.wait()
        seconds = time.perf_counter() - start
        watch.end()
    if code:
        said = log.read_text(encoding="utf-8", errors="replace")[-LAST_WORDS:]
        raise BenchmarkError(f"exit code {code} of {' '.join(command)}:\n{said}")
    taken = (busy_seconds() - busy) - (child_seconds() - own)
    others = min(max(taken / (seconds * len(os.sched_getaffinity(0))), 0.0), 1.0)
    return Usage(seconds, watch.peak / 2**20, others)


@contextmanager
def orphans_awaited() -> Iterator[None]:
    """Become the parent of what a program leaves behind, and wait up to `PATIENCE` s for its end.

    Their time is the program's own; without this it would be that of somebody else.
    """
    if sys.platform != "linux":
        yield
        return
    libc, me = ctypes.CDLL(None, use_errno=True), psutil.Process()
    before = {child.pid for child in me.children()}
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
        deadline = time.monotonic() + PATIENCE
        while (left := {child.pid for child in me.children()} - before) and time.monotonic() < deadline:
            for pid in left:
                os.waitpid(pid, os.WNOHANG)
            time.sleep(0.02)
    finally:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0)


def busy_seconds() -> float:
    """Seconds in which the cores of this process did anything at all, since the machine was started."""
    every = psutil.cpu_times(percpu=True)
    times = [every[core] for core in os.sched_getaffinity(0)]
    return sum(t.user + t.nice + t.system + t.irq + t.softirq + t.steal for t in times)


def child_seconds() -> float:
    """CPU seconds of all programs that were run, up to now."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Watch(threading.Thread):
    """Looks at the memory of a process and its descendants until it is told to end."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._ended = threading.Event()
        self.peak = 0

    def run(self) -> None:
        """Keep the largest sum seen, in bytes."""
        while True:
            self.peak = max(self.peak, tree_memory(self._pid))
            if self._ended.wait(EVERY):
                return

    def end(self) -> None:
        """Stop looking."""
        self._ended.set()
        self.join()


def tree_memory(pid: int) -> int:
    """Resident bytes of a process and its descendants, added up; 0 where it has ended."""
    total = 0
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for each in family:
        try:
            total += each.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total
