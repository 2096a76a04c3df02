"""How long a task may take: long enough for an honest one, and no night for a row that stalls."""

from __future__ import annotations

import pytest

from molscreen.screening.executors.pace import LEAST, UNKNOWN, Pace
from molscreen.screening.executors.schedule import Failure, Schedule
from molscreen.screening.executors.watched import WatchedExecutor
from molscreen.screening.shard import cut_compounds


def test_one_row_that_stalls_does_not_cost_a_night():
    """Of the first shard already, of ten seconds; every attempt at it takes as long as it may."""
    pace, waited, stalling = Pace(0.0), 0.0, 1234
    schedule = Schedule(cut_compounds(list(range(4096)), ["CCO"] * 4096, 4096))
    while task := schedule.take():
        n = len(task.shard)
        columns = task.shard.batch.to_pydict()
        left = [row for row, fault in zip(columns["row"], columns["fault_status"], strict=True) if not fault]
        if stalling in left:
            waited += pace.allowed(n)
            schedule.failed(task, Failure("timeout", "was late"))
        else:
            schedule.succeeded(task)
            pace.add(n, 10 * n / 4096)
    assert waited <= 3 * UNKNOWN + 13 * 2 * LEAST


def test_the_slowest_of_the_largest_counts():
    """One row after a start of seconds says little of a shard; a busy machine may be slower at any time."""
    pace = Pace(0.0)
    for rows, seconds in ((1, 8.0), (4096, 20.0), (4096, 30.0), (4096, 10.0), (44, 500.0)):
        pace.add(rows, seconds)
    assert pace.allowed(4096) == 600.0


def test_few_rows_may_take_as_long_as_the_shard_that_they_are_of():
    """Of a predictor that takes minutes, one molecule may have taken most of them."""
    pace = Pace(0.0)
    pace.add(25, 1000.0)
    assert (pace.allowed(25), pace.allowed(1)) == (20_000.0, 2000.0)


class Hand:
    """A worker that writes down how long its tasks may take."""

    def __init__(self, seen: list[float]) -> None:
        self.seen, self.is_at_work = seen, False

    def send(self, *_: object, timeout: float) -> None:
        self.is_at_work = True
        self.seen.append(timeout)

    def receive(self):
        return {"done": None} if self.is_at_work else {"ready": "here"}

    def stop(self) -> None:
        return None


class Crew:
    """One such worker."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def room(self) -> int:
        return 1

    def hire(self) -> Hand:
        return Hand(self.seen)

    def wait(self, hands):
        return list(hands)


@pytest.mark.parametrize(("timeout", "sent"), [(0.0, [UNKNOWN, LEAST, LEAST]), (60.0, [60.0] * 3)])
def test_every_task_is_sent_with_its_deadline(timeout, sent):
    crew = Crew()
    with WatchedExecutor(crew, timeout=timeout) as executor:
        list(executor.work("rerank", cut_compounds(list(range(3)), ["CCO"] * 3, 1)))
    assert crew.seen == sent
