"""A hang, a crash, a memory bomb: one item lost, the others answered, nobody left behind."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import guard_targets
import pytest

from molscreen.chem.cleaning.recipe import Recipe
from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.guarded.fork_server import ForkServer, Task
from molscreen.chem.guarded.guard import Casualty, Guard
from molscreen.errors import UsageError, WorkerError

HERE = Path(__file__).parent
ASKING = """\
import sys
sys.path.insert(0, {here!r})
import guard_targets
from molscreen.chem.guarded.guard import Guard
with Guard(guard_targets.{function}, timeout=3600) as guard:
    token = guard.submit([{item!r}])
    print("ready", flush=True)
    guard.collect(token)
"""


@pytest.fixture(scope="module")
def guard() -> Iterator[Guard[str, str]]:
    with Guard(
        guard_targets.obey, timeout=0.2, memory_limit=1 << 30, initializer=guard_targets.start
    ) as guard:
        yield guard


MISFORTUNES = {
    "segfault": Casualty("crashed", "ended the process that worked on it (SIGSEGV)"),
    "null pointer": Casualty("crashed", "ended the process that worked on it (SIGSEGV)"),
    "exit": Casualty("crashed", "ended the process that worked on it (exit code 3)"),
    "sleep": Casualty("timeout", "took longer than the limit of 0.2 s"),
    "busy": Casualty("timeout", "took longer than the limit of 0.2 s"),
    "memory": Casualty("out_of_memory", "needed more memory than the limit"),
    "raise": Casualty("error", "KeyError: 'atom 7'"),
}


@pytest.mark.parametrize(("command", "casualty"), MISFORTUNES.items(), ids=MISFORTUNES)
def test_misfortune_costs_exactly_its_item(guard, command, casualty):
    """Blame falls on the item that did it; those before and after it have their results."""
    assert guard.map(["a", "b", command, "c"]) == ["A", "B", casualty, "C"]


def test_several_misfortunes_in_one_chunk(guard):
    commands = ["segfault", "a", "busy", "memory", "b", "raise", "exit"]
    assert guard.map(commands) == [MISFORTUNES.get(command, command.upper()) for command in commands]


def test_order_is_kept_over_many_chunks(guard):
    items = [str(number) for number in range(1000)]
    items[300] = items[999] = "segfault"
    assert guard.map(items) == [MISFORTUNES.get(item, item) for item in items]


def test_every_new_worker_is_initialised(guard):
    assert guard.map(["segfault", "started"])[1] == "True"


def test_a_single_loss_blames_nobody(tmp_path):
    """The kernel kills processes when memory is short elsewhere: the item is tried once more."""
    with Guard(guard_targets.crash_once) as guard:
        assert guard.map([str(tmp_path / "seen")]) == ["survived"]


def test_two_submissions_are_under_way_together(guard):
    """The child works on the second while the caller uses the results of the first."""
    first, second = guard.submit(["a", "busy"]), guard.submit(["b"])
    assert guard.collect(second) == ["B"]
    assert guard.collect(first) == ["A", MISFORTUNES["busy"]]
    with pytest.raises(ValueError, match=f"token {first} was never submitted, or is already collected"):
        guard.collect(first)


def test_child_works_while_the_caller_does_not_wait(tmp_path):
    """The work of a submission is done before anybody asks for it."""
    mark = tmp_path / "done"
    with Guard(guard_targets.leave_mark) as guard:
        token = guard.submit([str(mark)])
        assert _wait_for(mark.exists, seconds=60)
        assert guard.collect(token) == [str(mark)]


@pytest.mark.skipif(sys.platform != "linux", reason="needs the processor time of another process")
def test_a_busy_machine_blames_nobody():
    """Four times the limit, but asleep as if without a processor: the answer still comes."""
    with Guard(guard_targets.nap, timeout=0.2) as guard:
        assert guard.map([0.8]) == [0.8]


def test_nothing_in_nothing_out(guard):
    assert guard.map([]) == []


def test_standardises_as_without_a_guard():
    smiles = ["CCO", "c1cccc1", "CC(=O)[O-].[Na+]", ""]
    with Guard(functools.partial(standardize, recipe=Recipe(min_atoms=1))) as guard:
        assert guard.map(smiles) == [standardize(s, Recipe(min_atoms=1)) for s in smiles]


def test_function_that_cannot_be_imported_is_named():
    with Guard(_hidden()) as guard, pytest.raises(WorkerError, match="cannot import the function"):
        guard.map(["a"])


def _hidden():
    guard_targets.only_here = _only_here
    _only_here.__module__, _only_here.__qualname__ = "guard_targets", "only_here"
    return _only_here


def _only_here(item):
    return item


def test_initializer_that_fails_is_told():
    failing = Guard(guard_targets.obey, initializer=guard_targets.fail_to_start)
    with (
        failing as guard,
        pytest.raises(WorkerError, match=r"initializer failed: (?s:.*)OSError: no such table"),
    ):
        guard.map(["a"])


def test_result_that_cannot_travel_is_told():
    with Guard(guard_targets.lambda_of) as guard, pytest.raises(WorkerError, match="cannot be sent"):
        guard.map(["a"])


def test_numbers_are_checked():
    with pytest.raises(UsageError, match="guard: timeout must be positive, got 0"):
        Guard(guard_targets.obey, timeout=0)


def test_works_inside_a_daemonic_process():
    """Workers of a process pool are daemonic, and multiprocessing lets those have no children."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(guard_targets.guarded_obey, (["a", "segfault"],)) == ["A", MISFORTUNES["segfault"]]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("command", ["sleep", "busy"])
def test_nobody_outlives_the_process_that_asks(command, end):
    """A killed run must not leave a child that computes for ever, least of all one that hangs."""
    script = ASKING.format(here=str(HERE), function="obey", item=command)
    asking = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert asking.stdout is not None
    with asking.stdout as output:
        assert output.readline() == b"ready\n"
    family = _descendants(asking.pid)
    assert len(family) == 2, "a fork server and a worker"
    asking.send_signal(end)
    asking.wait()
    assert _wait_for(lambda: not any(map(_alive, family)))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_worker_dies_with_a_killed_fork_server():
    script = ASKING.format(here=str(HERE), function="obey", item="busy")
    asking = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert asking.stdout is not None
    with asking.stdout as output:
        output.readline()
    server, worker = _descendants(asking.pid)
    os.kill(server, signal.SIGKILL)
    try:
        assert _wait_for(lambda: not _alive(worker))
    finally:
        asking.kill()
        asking.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_close_leaves_no_process_even_when_the_child_hangs():
    before = _descendants(os.getpid())
    with Guard(guard_targets.obey, timeout=3600) as guard:
        guard.submit(["busy"])
    assert set(_descendants(os.getpid())) <= set(before)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_guards_one_after_the_other_share_a_fork_server():
    """Another task costs a fork; each guard has a fresh worker of its own, with the limits of its own."""
    before = set(_descendants(os.getpid()))
    with contextlib.closing(ForkServer()) as server:
        with Guard(guard_targets.obey, timeout=0.2, initializer=guard_targets.start, forks=server) as first:
            assert first.map(["a", "busy", "started"]) == ["A", MISFORTUNES["busy"], "True"]
        with Guard(guard_targets.nap, timeout=60, forks=server) as second:
            assert second.map([0.3]) == [0.3]
            family = set(_descendants(os.getpid())) - before
            assert len(family) == 2, "a fork server and a worker"
        assert _wait_for(lambda: len(set(filter(_alive, family))) == 1), "the fork server stays"
    assert not any(map(_alive, family))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_shared_fork_server_ends_a_worker_that_hangs_when_its_guard_is_closed():
    with contextlib.closing(ForkServer()) as server:
        with Guard(guard_targets.obey, timeout=3600, forks=server) as hanging:
            hanging.submit(["busy"])
        with Guard(guard_targets.obey, timeout=60, forks=server) as guard:
            assert guard.map(["a"]) == ["A"]


def test_fork_server_that_is_gone_is_told():
    """After a fault it is closed; whoever lends it out sees that it is no longer there."""
    server = ForkServer()
    assert server.is_there
    with (
        Guard(guard_targets.obey, initializer=guard_targets.fail_to_start, forks=server) as guard,
        pytest.raises(WorkerError, match="the initializer failed"),
    ):
        guard.map(["a"])
    assert not server.is_there


@pytest.mark.skipif(sys.platform != "linux", reason="kills a process")
def test_task_for_a_killed_fork_server_is_an_error_of_ours():
    with contextlib.closing(ForkServer()) as server, Guard(guard_targets.obey, forks=server) as guard:
        assert guard.map(["a"]) == ["A"]
        family = [pid for pid in _descendants(os.getpid()) if _parent(pid) == os.getpid()]
        os.kill(family[-1], signal.SIGKILL)
        assert _wait_for(lambda: not server.is_there)
        with pytest.raises(WorkerError, match="the child process did not start"):
            server.load(Task(guard_targets.obey, None, 1 << 30))


def _descendants(pid: int) -> list[int]:
    """Children, then their children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    found = [int(child) for child in children]
    return found + [grandchild for child in found for grandchild in _descendants(child)]


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _wait_for(condition, seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()
