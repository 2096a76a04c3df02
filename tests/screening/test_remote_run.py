"""A run in an object store: the bytes of a run on disk, killed or not, read back as any other."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from small_plan import result_files
from typer.testing import CliRunner

import molscreen as ms
from molscreen import storage
from molscreen.cli.app import app
from molscreen.errors import ResumeError, RunLockedError, UsageError
from molscreen.screening.events import read_events
from molscreen.screening.folder.commit import parts
from molscreen.screening.folder.layout import EVENTS
from molscreen.screening.folder.object_lock import ObjectLock
from molscreen.screening.screen import screen
from molscreen.storage import locate

pytestmark = pytest.mark.integration

DRIVER = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from small_plan import make_plan
from molscreen.screening.folder import object_lock
from molscreen.screening.screen import screen
object_lock.BEAT, object_lock.PATIENCE = 0.2, 1.0
library, out, resume = sys.argv[2:5]
plan = make_plan("stand_in:slow")
screen(library, plan=plan, out=out, resume=resume == "resume")
"""


def stored(url: str) -> dict[str, bytes]:
    """What `result_files` gives of a folder on disk; the lock, which stays in a store, is left out."""
    path: Any = locate(url)
    found = path.fs.find(path.path)
    inner = {key.removeprefix(path.path).lstrip("/"): key for key in found}
    aside = ("run.json", "events/", "lock/")
    kept = {name: key for name, key in inner.items() if not name.startswith(aside)}
    return {name: path.fs.cat_file(key) for name, key in kept.items()}


def start(library: Path, out: str, how: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", DRIVER, json.dumps(sys.path), str(library), out, how]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def test_run_in_a_store_is_the_run_on_disk(library, plan, run, bucket):
    """Byte for byte, with workers in processes of their own; and everything reads back."""
    out = f"{bucket}/runs/my [first] run"
    remote = ms.screen(library, plan=plan, out=out, executor="local", workers=2)
    files = stored(out)
    assert files.pop("report.html").startswith(b"<!DOCTYPE html>")
    assert files == result_files(run.path)
    again = ms.open_run(out)
    assert again.shortlist.equals(run.shortlist)
    assert again.rejections.equals(run.rejections)
    assert again.scores(["row", "score", "duplicate_of"]).equals(run.scores(["row", "score", "duplicate_of"]))
    assert again.record.counts == remote.record.counts == run.record.counts
    events = [event["event"] for event in read_events(locate(out) / EVENTS)]
    assert events[0] == "start"
    assert events[-1] == "complete"
    assert CliRunner().invoke(app, ["report", out]).stdout == f"{out}/report.html\n"
    with pytest.raises(UsageError, match="a run that is complete is here"):
        screen(library, plan=plan, out=out)
    assert screen(library, plan=plan, out=out, resume=True).record.state == "complete"


def test_driver_killed_in_the_middle_resumes(library, run, bucket, tmp_path):
    """kill -9: committed parts stay, its lock is abandoned after a while, and the bytes are the same."""
    out = f"{bucket}/run"
    driver = start(library, out, "new")
    until = time.monotonic() + 60
    while len(parts(locate(out) / "scores")) < 2 and time.monotonic() < until:
        assert driver.poll() is None, driver.communicate()[1]
        time.sleep(0.02)
    driver.send_signal(signal.SIGKILL)
    driver.communicate()
    kept = len(parts(locate(out) / "scores"))
    assert kept >= 2
    driver = start(library, out, "resume")
    _, log = driver.communicate(timeout=120)
    assert driver.returncode == 0, log
    slow = screen(library, plan=_slow(), out=tmp_path / "here")
    assert stored(out) == result_files(slow.path)
    assert [e["event"] for e in read_events(locate(out) / EVENTS)].count("start") == 2


def _slow() -> ms.ScreenPlan:
    from small_plan import make_plan

    return make_plan("stand_in:slow")


def test_second_driver_is_refused(library, plan, bucket):
    """Of a living driver; it names the host, and the run is untouched."""
    out = f"{bucket}/run"
    with ObjectLock(locate(out), beat=0.1) as lock:
        holder = lock
        with pytest.raises(RunLockedError, match=rf"^{out}: locked by .*/\d+ since 20\d\d-"):
            screen(library, plan=plan, out=out)
        assert holder.is_ours()
    assert stored(out) == {}


@pytest.mark.usefixtures("bucket")
def test_missing_bucket_is_wrong_usage(library, small_plan):
    """Exit code 2 before the library is read, and the reason in the store's own words."""
    result = CliRunner().invoke(
        app, ["screen", str(library), "--plan", str(small_plan), "--out", "s3://no-such/run"]
    )
    assert result.exit_code == 2
    assert "s3://no-such/run/" in result.stderr
    assert "The specified bucket does not exist. Make the bucket first, or name another" in result.stderr


def test_nothing_to_resume_or_to_open(library, plan, bucket):
    with pytest.raises(ResumeError, match=rf"{bucket}/run: no run to resume here"):
        screen(library, plan=plan, out=f"{bucket}/run", resume=True)
    with pytest.raises(UsageError, match=rf"{bucket}/run: no run here"):
        ms.open_run(f"{bucket}/run")
    with pytest.raises(ResumeError, match=rf"{bucket}/run: no run here"):
        ms.screen.__globals__["write_report"](f"{bucket}/run")


def test_foreign_content_is_refused(library, plan, bucket):
    storage.put(locate(f"{bucket}/run/thesis.docx"), b"important")
    with pytest.raises(UsageError, match="not empty, and no run"):
        screen(library, plan=plan, out=f"{bucket}/run")


def test_store_without_conditional_writes_is_refused(library, plan, bucket, monkeypatch):
    """A lock there would hold nobody off, and nobody would know."""

    def create(path: Path, content: bytes) -> bool:
        storage.put(path, content)
        return True

    monkeypatch.setattr("molscreen.screening.folder.resume.create", create)
    with pytest.raises(UsageError, match="knows no conditional writes"):
        screen(library, plan=plan, out=f"{bucket}/run")
    assert stored(f"{bucket}/run") == {}


def test_library_in_a_store(library, plan, run, bucket):
    """A pattern over packed parts; the rows are those of the file on disk."""
    lines = library.read_text(encoding="utf-8").splitlines(keepends=True)
    for i, first in enumerate(range(1, len(lines), 200)):
        text = "".join([lines[0], *lines[first : first + 200]])
        storage.put(locate(f"{bucket}/parts/{i}.csv.gz"), gzip.compress(text.encode()))
    found = screen(f"{bucket}/parts/*.csv.gz", plan=plan, out=f"{bucket}/run")
    columns = ["rank", "id", "key", "score"]
    assert found.shortlist[columns].equals(run.shortlist[columns])
    assert sorted(found.record.identity["inputs"]) == ["0.csv.gz", "1.csv.gz", "2.csv.gz"]
