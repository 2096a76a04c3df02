"""Who is blamed when work fails: exactly the row that fails, and never an innocent one."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest

from molscreen.errors import WorkerError
from molscreen.screening.executors.schedule import Failure, Schedule
from molscreen.screening.shard import RECORD_SCHEMA, Shard

DEATH = Failure("died", "killed by SIGSEGV")


def shard(index: int = 0, size: int = 16) -> Shard:
    rows = range(index * size, (index + 1) * size)
    columns = {name: [None] * size for name in RECORD_SCHEMA.names}
    columns |= {"row": list(rows), "raw": ["C"] * size}
    return Shard(index, index * size, pa.record_batch(columns, schema=RECORD_SCHEMA))


def rows(piece: Shard) -> list[int]:
    """Rows that would be worked on: those without a fault."""
    columns = piece.batch.to_pydict()
    return [row for row, fault in zip(columns["row"], columns["fault_status"], strict=True) if fault is None]


def drain(
    schedule: Schedule, poison: set[int], failure: Failure | Callable[[int], Failure] = DEATH
) -> tuple[dict[int, Shard], int]:
    """Work until nothing is left; whatever holds a poisonous row fails. Returns commits and failures."""
    committed: dict[int, Shard] = {}
    failures = 0
    while task := schedule.take():
        if bad := poison & set(rows(task.shard)):
            failures += 1
            schedule.failed(task, failure if isinstance(failure, Failure) else failure(min(bad)))
            continue
        schedule.succeeded(task)
        if not task.is_trial:
            assert task.shard.index not in committed
            committed[task.shard.index] = task.shard
    return committed, failures


@pytest.mark.parametrize("poison", [set(), {0}, {15}, {7}, {16}, {3, 4}, {0, 31}, {17, 18, 30}])
def test_exactly_the_poisonous_rows_are_blamed(poison):
    committed, _ = drain(Schedule([shard(0), shard(1)]), poison)
    assert sorted(committed) == [0, 1]
    done = [row for piece in committed.values() for row in rows(piece)]
    assert sorted(done) == [row for row in range(32) if row not in poison]
    for piece in committed.values():
        assert len(piece) == 16, "the whole shard is committed, so that its batches stay what they were"


def test_the_blamed_row_says_why():
    committed, _ = drain(Schedule([shard(0), shard(1)]), {5})
    columns = committed[0].batch.to_pydict()
    assert columns["fault_status"][5] == "crashed"
    assert columns["fault_reason"][5] == "ended the process that worked on it"


def test_bisection_takes_logarithmically_many_deaths():
    """A death costs a restart of seconds: 4,096 rows must not need 4,096 of them."""
    _, failures = drain(Schedule([shard(0, 4096)]), {1234})
    assert failures <= 2 + 12 + 1


def test_one_death_blames_nobody():
    """A killed process is most often bad luck: the shard simply comes again, as it was."""
    schedule = Schedule([shard()])
    schedule.failed(schedule.take(), DEATH)
    again = schedule.take()
    assert not again.is_trial
    assert rows(again.shard) == list(range(16))


def test_two_unlucky_deaths_blame_nobody_either():
    """If no piece fails alone, the shard comes again whole and unmarked."""
    schedule = Schedule([shard()])
    for _ in range(2):
        schedule.failed(schedule.take(), DEATH)
    committed, _ = drain(schedule, set())
    assert rows(committed[0]) == list(range(16))


def test_a_broken_model_stops_the_run():
    """Three different shards that fail alike, and nothing done: it is not the molecules."""
    schedule = Schedule([shard(i) for i in range(5)])
    tasks = [schedule.take() for _ in range(3)]
    schedule.failed(tasks[0], Failure("exception", "RuntimeError: shapes differ"))
    schedule.failed(tasks[1], Failure("exception", "RuntimeError: shapes differ"))
    with pytest.raises(WorkerError, match="3 attempts failed alike: RuntimeError: shapes differ"):
        schedule.failed(tasks[2], Failure("exception", "RuntimeError: shapes differ"))


def test_words_that_may_hold_a_structure_are_not_in_the_message():
    """It stands in the log of a job; they are for the run folder."""
    upset = Failure("exception", "ValueError: cannot embed CCO (f, line 3)", place="ValueError (f, line 3)")
    with pytest.raises(WorkerError, match=r"attempts failed alike: ValueError \(f, line 3\)$") as stopped:
        drain(Schedule([shard()]), set(range(16)), upset)
    assert stopped.value.words == upset.text


class Upset:
    """As `drain` takes a failure: one place, and words that name the row."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self, row: int) -> Failure:
        self.n += 1
        where = "(f, line 3)"
        return Failure("exception", f"ValueError: not row {row} {where}", place=f"ValueError {where}")


@pytest.mark.parametrize("n_done", [0, 3])
def test_a_model_that_fails_on_every_row_in_other_words_is_broken(n_done):
    """A licence ends at midnight: no night goes into trying every row three times, none is blamed for it."""
    upset, n_rows = Upset(), 9 * 256
    with pytest.raises(WorkerError, match=r"64 rows one after the other failed alike.*ValueError \(f"):
        drain(Schedule([shard(i, 256) for i in range(9)]), set(range(n_done * 256, n_rows)), upset)
    assert upset.n < 512


def test_a_model_that_fails_on_many_rows_at_one_place_is_not():
    """Two of five, of which each is blamed for itself."""
    bad = {row for row in range(2 * 256) if row % 5 < 2}
    committed, _ = drain(Schedule([shard(i, 256) for i in range(2)]), bad, Upset())
    assert {row for piece in committed.values() for row in rows(piece)} == set(range(2 * 256)) - bad


def test_a_broken_model_stops_a_run_of_one_shard_too():
    """Otherwise a small library would be bisected to its last molecule."""
    with pytest.raises(WorkerError, match="16 attempts failed alike: killed by SIGSEGV"):
        drain(Schedule([shard()]), set(range(16)))


def test_a_shard_that_fails_only_as_a_whole_stops_the_run():
    schedule = Schedule([shard(0), shard(1)])
    schedule.succeeded(schedule.take())

    def work_on():
        while True:
            task = schedule.take()
            schedule.succeeded(task) if task.is_trial else schedule.failed(task, DEATH)

    with pytest.raises(WorkerError, match=r"shard 1 \(rows 16 to 31\).*none of its rows fails alone"):
        work_on()


def test_idle_workers_all_get_a_task():
    """Two that end at once both go on; one left without would wait until the end of the run."""
    schedule = Schedule([shard(i) for i in range(3)])
    assert [schedule.take().shard.index for _ in range(3)] == [0, 1, 2]
    assert schedule.take() is None


def test_shards_are_read_on_demand():
    """A library of any size: one shard is held besides those in work."""
    read = []

    def stream():
        for index in range(100):
            read.append(index)
            yield shard(index)

    schedule = Schedule(stream())
    schedule.take()
    schedule.prefetch()
    schedule.prefetch()
    assert len(read) == 2


def test_single_rows_that_fail_before_any_other_is_done_are_blamed_at_once():
    """As dear compounds are worked on; each ends two workers, and no more."""
    singles = [shard(i, 1) for i in range(5)]
    committed, failures = drain(Schedule(singles), {0, 1, 2, 4})
    assert sorted(committed) == [0, 1, 2, 3, 4]
    assert [row for piece in committed.values() for row in rows(piece)] == [3]
    assert failures == 8


def test_a_model_that_fails_for_every_single_row_is_broken():
    """That all rows of a shard are blamed does not prove that the model works."""
    with pytest.raises(WorkerError, match="nothing could be finished: 16 attempts failed alike"):
        drain(Schedule([shard(i, 1) for i in range(20)]), set(range(20)))


def test_workers_that_have_finished_work_before_are_not_doubted():
    """The shards of a later call may begin with bad rows."""
    bad = {0, 16, 32}
    with pytest.raises(WorkerError, match="nothing could be finished: 3 attempts failed alike"):
        in_turn(Schedule([shard(i) for i in range(4)]), bad)
    committed = in_turn(Schedule([shard(i) for i in range(4)], is_proven=True), bad)
    assert sorted(committed) == [0, 1, 2, 3]
    assert {row for piece in committed.values() for row in rows(piece)} == set(range(64)) - bad


def in_turn(schedule: Schedule, poison: set[int]) -> dict[int, Shard]:
    """As `drain`, by three workers at a time: what fails is heard of before anything is done."""
    committed: dict[int, Shard] = {}
    while tasks := [task for task in (schedule.take() for _ in range(3)) if task]:
        for task in tasks:
            if poison & set(rows(task.shard)):
                schedule.failed(task, DEATH)
                continue
            schedule.succeeded(task)
            if not task.is_trial:
                committed[task.shard.index] = task.shard
    return committed
