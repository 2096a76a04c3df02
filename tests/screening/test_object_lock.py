"""In a store too, two drivers never work on one run folder, and a dead one never keeps it."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from molscreen import storage
from molscreen.errors import RunError, RunLockedError
from molscreen.screening.folder.object_lock import ObjectLock, choose_lock
from molscreen.storage import locate

QUICK = {"beat": 0.02, "patience": 0.1}


@pytest.fixture(params=["memory", "s3"])
def folder(request) -> Path:
    """Of fsspec's own memory, and of a server."""
    if request.param == "s3":
        return locate(f"{request.getfixturevalue('bucket')}/run")
    return locate(f"memory://locks/{request.node.name}")


def dead(folder: Path, number: int = 1) -> None:
    """The lock of a driver that was killed."""
    text = json.dumps({"host": "elsewhere", "pid": 1, "since": "then", "beat": 7, "nonce": "x"})
    storage.put(folder / "lock" / f"{number:06d}.json", text.encode())


def test_second_driver_is_told_who_holds_the_run(folder):
    with (
        ObjectLock(folder, **QUICK),
        pytest.raises(RunLockedError, match=r"locked by .* since 20\d\d-"),
        ObjectLock(folder, beat=0.02, patience=10),
    ):
        pass
    with ObjectLock(folder, beat=60) as lock:  # the first has ended: nobody waits for its heart
        assert lock.is_ours()
    assert storage.names(folder / "lock") == ["000002.json"]


def test_silent_driver_is_taken_for_dead(folder):
    """Its lock stays as it is while the new driver works, and is swept up at the end."""
    dead(folder)
    with ObjectLock(folder, **QUICK) as lock:
        assert lock.is_ours()
        assert storage.names(folder / "lock") == ["000001.json", "000002.json"]
    assert storage.names(folder / "lock") == ["000002.json"]


def test_only_one_takes_over(folder):
    """Both found the same lock abandoned; the store gives the next number to one of them."""
    dead(folder)
    first, second = ObjectLock(folder, **QUICK), ObjectLock(folder, **QUICK)
    second._wait_for_number = lambda: 2  # what it found before the first took it
    with first:
        with pytest.raises(RunLockedError), second:
            pass
        assert first.is_ours()


def test_driver_that_lost_its_lock_notices(folder):
    """A laptop that slept through its patience must not go on writing, nor remove the other's lock."""
    with ObjectLock(folder, beat=60) as lock:
        lock.check()
        dead(folder, 2)
        with pytest.raises(RunLockedError, match="locked by elsewhere/1"):
            lock.check()
    assert storage.names(folder / "lock") == ["000001.json", "000002.json"]


def test_driver_that_ends_while_another_waits(folder, monkeypatch):
    """The folder is free then, and not a minute later."""
    dead(folder)
    lock = ObjectLock(folder, beat=0.02, patience=60)
    holders = iter([{"beat": 7}, {"beat": 9, "released": True}])
    monkeypatch.setattr(lock, "_read", lambda _: next(holders))
    assert lock._wait_for_number() == 2


def test_driver_that_sleeps_in_a_beat_never_holds_the_lock_again(folder, monkeypatch):
    """Another took over and finished meanwhile; the late beat must not bring the old lock back to life."""
    put, asleep, awake = storage.put, threading.Event(), threading.Event()
    sleeper = ObjectLock(folder, beat=0.02)

    def late(path: Path, content: bytes) -> None:
        if threading.current_thread() is sleeper._heart:
            asleep.set()
            awake.wait(30)
        put(path, content)

    monkeypatch.setattr(storage, "put", late)
    sleeper.__enter__()
    assert asleep.wait(30)
    with ObjectLock(folder, **QUICK):
        assert not sleeper.is_ours()
    awake.set()
    sleeper._heart.join(30)
    assert "000001.json" in storage.names(folder / "lock"), "the late beat has come"
    with pytest.raises(RunLockedError):
        sleeper.check()
    sleeper.__exit__(None, None, None)
    with ObjectLock(folder, beat=60) as lock:
        assert lock.is_ours()


def test_missed_beat_is_mended_by_the_next(folder, monkeypatch):
    """A store that is away for a moment costs nobody the run."""
    put, calls = storage.put, []

    def flaky(path: Path, content: bytes) -> None:
        calls.append(path)
        if len(calls) == 1:
            raise RunError("away")
        put(path, content)

    monkeypatch.setattr(storage, "put", flaky)
    with ObjectLock(folder, beat=0.02) as lock:
        while len(calls) < 3:
            assert lock._heart.is_alive()
            time.sleep(0.01)
        lock.check()


def test_the_place_chooses_the_lock(tmp_path):
    assert type(choose_lock(tmp_path)).__name__ == "RunLock"
    assert type(choose_lock(locate("memory://x/y"))).__name__ == "ObjectLock"


def test_store_that_is_gone_at_the_end_hides_no_error(folder, monkeypatch):
    """The user sees what went wrong first; the lock that stays is abandoned, as after a kill."""

    def away(path: Path) -> list[str]:
        raise RunError("away")

    lock = ObjectLock(folder, beat=60)
    lock.__enter__()
    monkeypatch.setattr(storage, "names", away)
    lock.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    monkeypatch.undo()
    assert storage.names(folder / "lock") == ["000001.json"]
