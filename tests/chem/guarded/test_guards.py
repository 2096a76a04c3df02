"""Several guards side by side: every answer in its place, and a misfortune costs its item."""

from __future__ import annotations

import threading
import time

import guard_targets
import psutil
import pytest

from molscreen.chem.guarded.guard import Casualty
from molscreen.chem.guarded.guards import AHEAD, Guards
from molscreen.errors import WorkerError


def test_batches_come_back_in_order_whoever_did_them():
    """The first one takes longest; a crash and a hang in the middle shift nobody."""
    batches = [(i, [f"item {i}"] * 3) for i in range(12)]
    batches[0][1].insert(1, "busy")
    batches[5][1].insert(0, "segfault")
    with Guards(guard_targets.obey, workers=2, timeout=0.3) as guards:
        done = list(guards.map(batches))
    assert [tag for tag, _ in done] == list(range(12))
    for (tag, answers), (_, items) in zip(done, batches, strict=True):
        said = [item.upper() for item in items if item.startswith("item")]
        assert [answer for answer in answers if not isinstance(answer, Casualty)] == said
        assert len(answers) == len(items), tag
    assert done[0][1][1].status == "timeout"
    assert done[5][1][0].status == "crashed"


def test_batches_are_read_as_they_are_needed():
    """A library of any size takes the memory of a few batches."""
    read = []

    def batches():
        for i in range(20):
            read.append(i)
            yield i, ["CCO"]

    with Guards(guard_targets.obey, workers=1) as guards:
        for tag, _ in guards.map(batches()):
            assert len(read) <= tag + AHEAD
    assert len(read) == 20


def test_what_nobody_can_do_is_raised():
    with (
        Guards(guard_targets.lambda_of, workers=2) as guards,
        pytest.raises(WorkerError, match="cannot be sent"),
    ):
        list(guards.map([(0, ["CCO"])]))


def test_leaving_in_the_middle_ends_everybody():
    """As after Ctrl-C, while all guards hang: no child and no thread stays behind."""
    before = set(psutil.Process().children(recursive=True))
    with Guards(guard_targets.obey, workers=2, timeout=60) as guards:
        stream = guards.map([("a", ["CCO"]), ("b", ["CCN"]), *((name, ["sleep"]) for name in "cde")])
        next(stream)
        next(stream)
    started = set(psutil.Process().children(recursive=True)) - before
    assert not psutil.wait_procs(started, timeout=10)[1]
    deadline = time.monotonic() + 10
    while any(thread.name.startswith("guard") for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
