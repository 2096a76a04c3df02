"""Two drivers never work on one run folder; a dead one never keeps it."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from molscreen.errors import RunLockedError
from molscreen.screening.folder.lock import BEAT, RunLock
from molscreen.screening.screen import screen

HOLD = "import sys, time, pathlib; from molscreen.screening.folder.lock import RunLock\n" \
    "with RunLock(pathlib.Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"  # fmt: skip


def test_second_driver_is_told_who_holds_the_run(tmp_path):
    with (
        RunLock(tmp_path),
        pytest.raises(RunLockedError, match=rf"locked by .*/{os.getpid()} since 20\d\d-"),
        RunLock(tmp_path),
    ):
        pass
    with RunLock(tmp_path):
        pass


def test_lock_of_a_killed_driver_is_free_at_once(tmp_path):
    """No waiting and no cleaning by hand after kill -9."""
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "held\n"
    with pytest.raises(RunLockedError, match=f"/{other.pid} since"), RunLock(tmp_path):
        pass
    other.kill()
    other.wait()
    other.stdout.close()
    with RunLock(tmp_path):
        assert json.loads((tmp_path / "lock").read_text())["pid"] == os.getpid()


def test_silent_driver_elsewhere_is_taken_for_dead(tmp_path):
    """A pod that is gone cannot release its lock; its heart stands still."""
    (tmp_path / "lock").write_text(json.dumps({"host": "elsewhere", "pid": 1, "since": "then", "beat": 7}))
    with RunLock(tmp_path, beat=0.02, patience=0.1) as lock:
        assert lock.is_ours()


def test_living_driver_elsewhere_is_respected(tmp_path):
    """A beating heart is waited for no longer than it takes to see it beat."""
    path = tmp_path / "lock"
    path.write_text(json.dumps({"host": "elsewhere", "pid": 1, "since": "then", "beat": 0}))
    stop = threading.Event()

    def beat():
        count = 0
        while not stop.is_set():
            count += 1
            text = json.dumps({"host": "elsewhere", "pid": 1, "since": "then", "beat": count})
            with path.open("r+") as file:  # in place, as a driver does: the file is never empty
                file.write(text)
            time.sleep(0.01)

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        with pytest.raises(RunLockedError, match="locked by elsewhere/1 since then"):
            RunLock(tmp_path, beat=0.2, patience=5.0).__enter__()
    finally:
        stop.set()
        thread.join()


def test_driver_that_lost_its_lock_notices(tmp_path):
    """A laptop that slept through its patience must not go on writing."""
    with RunLock(tmp_path) as lock:
        lock.check()
        (tmp_path / "lock").write_text(
            json.dumps({"host": "elsewhere", "pid": 1, "since": "x", "nonce": "y"})
        )
        with pytest.raises(RunLockedError, match="locked by elsewhere/1"):
            lock.check()


def test_driver_whose_lock_is_gone_has_lost_it(tmp_path):
    """On a shared disk whose locks are each machine's own, another took over, finished and removed it."""
    with RunLock(tmp_path) as lock:
        (tmp_path / "lock").unlink()
        assert not lock.is_ours()
        with pytest.raises(RunLockedError, match=r"lock: gone: another driver took over .* --resume"):
            lock.check()


def test_lock_caught_half_written_is_still_ours(tmp_path):
    with RunLock(tmp_path) as lock:
        (tmp_path / "lock").write_text('{"host": "he')
        lock.check()


def test_the_lock_is_asked_once_a_heartbeat_and_at_the_end(library, plan, tmp_path, monkeypatch):
    """In a store it answers in two requests, for which the workers would wait after every shard."""
    asked: list[float] = []
    monkeypatch.setattr(RunLock, "check", lambda _: asked.append(time.monotonic()))
    screen(library, plan=replace(plan, run=replace(plan.run, shard_size=16)), out=tmp_path / "run")
    *during, _ = asked
    assert len(during) < 26 // 2  # shards of the first look alone
    assert all(later - earlier >= BEAT for earlier, later in itertools.pairwise(during))
