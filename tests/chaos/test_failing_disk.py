"""One write, fsync or rename fails, each in its turn: an error that says where, and then a resume."""

from __future__ import annotations

import errno
import itertools
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from chaotic import check, struck, write_drugs
from failing import CALLS, Call, failing
from small_plan import make_plan, result_files

from molscreen.chem.guarded.guard import attempt
from molscreen.errors import RunError, UsageError
from molscreen.screening.folder.layout import RECORD
from molscreen.screening.folder.lock import RunLock, parse_holder
from molscreen.screening.index import index
from molscreen.screening.screen import screen
from molscreen.screening.store.layout import is_store

SHARDS = {"executor": "inline", "shard_size": 16}
BUILT = {"workers": 1, "shard_size": 16}
CODES = (errno.EIO, errno.ENOSPC)


class Unguarded:
    """A guard that starts no process: three of them take two seconds, and here they have no say."""

    def __init__(self, function: Any, *, initializer: Any = None, **_: object) -> None:
        self._function = function
        if initializer:
            initializer()

    def map(self, items: Sequence[Any]) -> list[Any]:
        return [attempt(self._function, item) for item in items]

    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def no_guards(monkeypatch):
    for tier in ("wide", "rerank"):
        monkeypatch.setattr(f"molscreen.screening.tiers.{tier}.Guard", Unguarded)


@pytest.fixture(scope="module")
def few(tmp_path_factory) -> Path:
    """40 approved drugs."""
    return write_drugs(tmp_path_factory.mktemp("library") / "few.csv", 40)


@pytest.fixture(scope="module")
def plan():
    return make_plan(top=5, rerank={"minimum": 20, "maximum": 30, "shard_size": 16}, run=SHARDS)


@pytest.fixture(scope="module")
def calm(few, plan, tmp_path_factory) -> dict[str, bytes]:
    return result_files(screen(few, plan=plan, out=tmp_path_factory.mktemp("runs") / "calm").path)


def break_and_resume(few, plan, calm, out: Path, call: Call, nth: int, code: int) -> bool:
    """Whether there was an n-th call; after it an error, or no harm, and always the exact result."""
    said = None
    with failing(out, call, nth, code) as disk:
        try:
            screen(few, plan=plan, out=out)
        except (RunError, UsageError, OSError) as error:
            said = str(error)
    if not disk.struck:
        assert said is None, "nothing failed, and yet it stopped"
        check(out, calm)
        return False
    struck(f"{call} failed, {errno.errorcode[code]}")
    assert said, f"{call} {nth}, of {disk.struck}, failed, and nobody was told"
    assert str(out) in said, "the message names the place"
    assert not list(out.rglob("*.tmp-*")), "no temporary file is left"
    assert not list(out.rglob("probe-*"))
    screen(few, plan=plan, out=out, resume=(out / RECORD).exists())
    check(out, calm)
    assert not (out / "lock").exists()
    return True


@pytest.mark.parametrize("code", CODES, ids=["EIO", "ENOSPC"])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("nth", [2, 7])
def test_failure_is_told_and_mended(few, plan, calm, tmp_path, call, nth, code):
    assert break_and_resume(few, plan, calm, tmp_path / "run", call, nth, code)


def turns(call: Call) -> Iterator[int]:
    """1, 2, 3 … for calls that a run makes a dozen times; of its 500 writes the first 12, then every 11th."""
    return itertools.count(1) if call != "write" else itertools.chain(range(1, 13), itertools.count(20, 11))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("code", CODES, ids=["EIO", "ENOSPC"])
@pytest.mark.parametrize("call", CALLS)
def test_each_call_in_its_turn(few, plan, calm, tmp_path, call, code):
    """From the first to the last that there is."""
    for nth in turns(call):
        if not break_and_resume(few, plan, calm, tmp_path / f"run-{nth}", call, nth, code):
            break
    assert nth > 10


@pytest.fixture(scope="module")
def calm_store(few, tmp_path_factory) -> dict[str, bytes]:
    return result_files(index(few, out=tmp_path_factory.mktemp("stores") / "calm", **BUILT).path)


@pytest.mark.parametrize("code", CODES, ids=["EIO", "ENOSPC"])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "nth", [4, *(pytest.param(nth, marks=pytest.mark.slow) for nth in (1, 2, 3, 5, 6, 7, 8))]
)
def test_store_that_is_built_on_a_failing_disk(few, calm_store, tmp_path, call, nth, code):
    out = tmp_path / "store"
    with (
        failing(out, call, nth, code) as disk,
        pytest.raises((RunError, UsageError, OSError), match=f"{tmp_path}/store"),
    ):
        index(few, out=out, **BUILT)
    assert disk.struck
    struck(f"{call} failed, {errno.errorcode[code]}")
    assert not list(out.rglob("*.tmp-*"))
    index(few, out=out, resume=is_store(out), **BUILT)
    assert result_files(out) == calm_store


def test_heart_of_the_lock_survives_a_failing_write(tmp_path):
    """Or a driver on another machine would find it dead, and take over from the living."""
    with failing(tmp_path, "write", 2, errno.EIO) as disk, RunLock(tmp_path, beat=0.01):
        until = time.monotonic() + 30
        while beats(tmp_path) < 3 and time.monotonic() < until:
            time.sleep(0.01)
        assert disk.struck
        struck("write failed, EIO")
        assert beats(tmp_path) >= 3


def beats(folder: Path) -> int:
    return int(parse_holder((folder / "lock").read_text()).get("beat", 0))
