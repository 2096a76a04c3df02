"""Cores: how many this process may use, by its affinity and by the quota of its container."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""Environment of a process of one thread: numerical libraries count the cores when they are imported."""

CONTROL = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")


def usable_cores(*, control: Path = CONTROL, membership: Path = MEMBERSHIP) -> int:
    """Cores that may be used, at least 1; a part of one counts as a core.

    A container of ``docker run --cpus 2``, or a pod with such a limit, sees all cores of its machine and
    may use two: more workers would hold each other up, and each takes memory.

    Parameters
    ----------
    control, membership : Path
        Where Linux shows control groups, and those of this process. Elsewhere there are none.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min((allowed, *_quotas(control, membership))))


def _quotas(control: Path, membership: Path) -> Iterator[int]:
    """Of the groups of this process and of those above them, in either version of control groups."""
    try:
        lines = membership.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        is_first = "cpu" in controllers.split(",")
        if controllers and not is_first:
            continue
        group = PurePosixPath(path.lstrip("/"))
        for each in (group, *group.parents):
            with contextlib.suppress(OSError, ValueError, ZeroDivisionError):  # no file, or "max": no limit
                folder = control / ("cpu" if is_first else "") / each
                quota, period = _read(folder, is_first=is_first)
                if quota > 0:  # -1 is no limit
                    yield math.ceil(quota / period)


def _read(folder: Path, *, is_first: bool) -> tuple[int, int]:
    """Microseconds of all cores together that a group may use in each period, and the period."""
    if is_first:
        quota, period = ((folder / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
    else:
        quota, period = (folder / "cpu.max").read_text().split()
    return int(quota), int(period)
