"""A run goes on where it stopped, or says why it cannot."""

from __future__ import annotations

import dataclasses
import shutil
import stat
import threading
from types import SimpleNamespace

import pyarrow as pa
import pytest
from small_plan import make_plan, result_files, write_library
from stand_in import LETHAL

from molscreen.errors import (
    ConfigError,
    LibraryError,
    ResumeError,
    RunError,
    RunLockedError,
    UsageError,
    WorkerError,
)
from molscreen.screening.folder import resume
from molscreen.screening.folder.commit import part_path, write_part
from molscreen.screening.folder.lock import RunLock
from molscreen.screening.folder.resume import pending
from molscreen.screening.screen import amend, rehearse, screen
from molscreen.screening.shard import cut_compounds
from molscreen.storage import locate


class StopError(Exception):
    """Stands for Ctrl-C."""


def stop_after(rows: int):
    def progress(done: int, total: int | None = None) -> None:
        if done >= rows:
            raise StopError

    return progress


@pytest.fixture(scope="module")
def halves(library, plan, tmp_path_factory):
    """A run that was interrupted after three of seven shards."""
    folder = tmp_path_factory.mktemp("runs") / "half"
    with pytest.raises(StopError):
        screen(library, plan=plan, out=folder, progress=stop_after(150))
    return folder


@pytest.fixture
def half(halves, tmp_path):
    return shutil.copytree(halves, tmp_path / "half")


def test_resumed_run_has_the_bytes_of_an_unbroken_one(half, run, library, plan):
    """Promise 5."""
    seen = []
    resumed = screen(library, plan=plan, out=half, resume=True, progress=lambda done, _: seen.append(done))
    assert result_files(resumed.path) == result_files(run.path)
    assert seen[0] == 64, "the committed shards are counted, not computed again"
    shards = [line for line in (half / "events.jsonl").read_text().splitlines() if '"tier": "wide"' in line]
    assert len(shards) == 7


def test_folder_of_a_run_is_closed_to_other_users(half, library, plan, tmp_path):
    """Structures and scores are confidential; whoever opened the folder, or made it so, meant it."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o770)
    screen(library, plan=plan, out=shared)
    with pytest.raises(StopError):
        screen(library, plan=plan, out=tmp_path / "new" / "run", progress=stop_after(1))
    half.chmod(0o750)
    screen(library, plan=plan, out=half, resume=True)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new" / "run", shared, half)]
    assert modes == [0o700, 0o770, 0o750]


def test_executor_may_change_between_stop_and_resume(half, run, library, plan):
    """A laptop may begin what a larger machine ends."""
    resumed = screen(library, plan=plan, out=half, resume=True, executor="local", workers=1)
    assert result_files(resumed.path) == result_files(run.path)


@pytest.mark.parametrize("damage", ["truncated", "removed", "foreign", "renamed"])
def test_part_that_is_not_this_runs_is_made_again(half, run, library, plan, damage):
    first, second = half / "scores/part-000000.parquet", half / "scores/part-000001.parquet"
    if damage == "truncated":
        first.write_bytes(first.read_bytes()[:-100])
    elif damage == "removed":
        first.unlink()
    elif damage == "foreign":
        first.write_bytes(b"")
    else:  # the part of another shard under this name
        shutil.copy(second, first)
    resumed = screen(library, plan=plan, out=half, resume=True)
    assert result_files(resumed.path) == result_files(run.path)


def test_parts_in_a_store_are_looked_at_together(monkeypatch):
    """Each takes some requests, one after the other: of 220,000 parts that is half a night."""
    folder = locate("memory://lab/run/scores")
    shards = list(cut_compounds(range(20), ["CCO"] * 20, 1))
    for shard in shards[:12]:
        footer = {"fingerprint": "f", "shard": shard.index, "first": shard.first, "rows": 1}
        table = pa.table({"row": [shard.first]})
        write_part(part_path(folder, shard.index), table, footer | {"digest": shard.digest()})
    together = threading.Barrier(12, timeout=20)

    def look(path):
        together.wait()
        return path.name

    seen = []
    missing = pending(shards, folder, "f", look=look, found=lambda shard, name: seen.append((shard, name)))
    assert [shard.index for shard in missing] == list(range(12, 20))
    assert seen == [(shard, part_path(folder, shard.index).name) for shard in shards[:12]]


def test_resuming_a_complete_run_reads_it_back(run, library, plan):
    before = (run.path / "run.json").read_bytes()
    again = screen(library, plan=plan, out=run.path, resume=True)
    assert (again.path / "run.json").read_bytes() == before
    assert again.shortlist.equals(run.shortlist)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"top": 11}, r"plan\.top: 10 → 11"),
        ({"bundle": "stand_in:nothing"}, r"bundles\.flat: .* → absent; bundles\.nothing: absent → "),
        ({"filter": [{"rule": "brenk"}]}, r"plan\.filters\[0\]\.rule: pains → brenk"),
        ({"standardize": {"tautomer": True}}, r"plan\.standardize\.tautomer: False → True"),
    ],
)
def test_changed_plan_is_refused_with_the_difference(half, library, change, message):
    with pytest.raises(ResumeError, match=f"cannot be continued: .*{message}"):
        screen(library, plan=make_plan(**change), out=half, resume=True)


def test_run_does_not_go_on_with_other_code(half, run, library, plan, monkeypatch):
    """Half of its scores would be of another program, of the same version. A complete run is read back."""
    monkeypatch.setattr("molscreen.screening.plan.setup.own_digest", lambda: "0" * 16)
    with pytest.raises(ResumeError, match=r"versions\.sources of molscreen: [0-9a-f]{16} → 0{16}"):
        screen(library, plan=plan, out=half, resume=True)
    assert screen(library, plan=plan, out=run.path, resume=True).shortlist.equals(run.shortlist)


def test_changed_library_is_refused(half, library, plan, tmp_path):
    changed = tmp_path / library.name
    changed.write_text(library.read_text() + "CCO,new,,\n")
    with pytest.raises(ResumeError, match=r"inputs\.drugs of mine\.csv: \w{64} → \w{64}"):
        screen(changed, plan=plan, out=half, resume=True)


def test_library_that_changes_during_the_run_is_noticed(library, plan, tmp_path):
    path = tmp_path / "library.csv"
    shutil.copy(library, path)

    def progress(done: int, total: int | None = None) -> None:
        if done > 64:
            path.write_text(path.read_text().replace("00410", "00411"))

    with pytest.raises(RunError, match=r"library\.csv: .*changed while it was") as caught:
        screen(path, plan=plan, out=tmp_path / "run", progress=progress)
    assert caught.value.exit_code == 1, "work was begun, which a wrong call (2) denies"


def test_second_driver_is_turned_away(half, library, plan):
    with RunLock(half), pytest.raises(RunLockedError, match="locked by"):
        screen(library, plan=plan, out=half, resume=True)


def test_folder_claimed_while_the_library_was_read_is_refused(half, library, plan, tmp_path, monkeypatch):
    """Another driver came and went before the lock: what it wrote is not written over."""
    out = tmp_path / "run"

    def claim(folder):
        shutil.copytree(half, folder)

    monkeypatch.setattr("molscreen.screening.screen.claim_folder", claim)
    with pytest.raises(UsageError, match="a run that was begun and not finished is here"):
        screen(library, plan=make_plan(top=11), out=out)
    assert result_files(out) == result_files(half)
    assert not (out / "lock").exists()


def test_kept_rows_are_those_of_whole_parts(half):
    """What Ctrl-C says is kept: a part cut short by a full disk is not."""
    assert resume.count_kept(half) == 3 * 64
    part = half / "scores/part-000001.parquet"
    part.write_bytes(part.read_bytes()[:-100])
    assert resume.count_kept(half) == 2 * 64


@pytest.mark.parametrize("again", [False, True])
def test_damaged_record_is_named(half, library, plan, again):
    (half / "run.json").write_text("{")
    with pytest.raises(ResumeError, match=r"half/run\.json: run\.json is not a run record of this version"):
        screen(library, plan=plan, out=half, resume=again)


def test_folder_of_another_purpose_is_left_alone(run, half, library, plan, tmp_path):
    with pytest.raises(
        UsageError, match=r"a run that is complete is here. Give --resume \(Python: resume=True\) to"
    ):
        screen(library, plan=plan, out=run.path)
    with pytest.raises(UsageError, match=r"a run that was begun and not finished is here"):
        screen(library, plan=plan, out=half)
    thesis = tmp_path / "thesis"
    thesis.mkdir()
    (thesis / "chapter1.tex").touch()
    with pytest.raises(UsageError, match="not empty, and no run"):
        screen(library, plan=plan, out=thesis)
    with pytest.raises(ResumeError, match="no run to resume here"):
        screen(library, plan=plan, out=thesis, resume=True)
    with pytest.raises(UsageError, match="a file; expected a folder"):
        screen(library, plan=plan, out=thesis / "chapter1.tex")
    assert [path.name for path in thesis.iterdir()] == ["chapter1.tex"]


def test_driver_killed_in_its_first_moments_leaves_a_usable_folder(library, plan, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "lock").touch()
    (folder / "run.json.tmp-host-1-00").touch()
    resume.check_folder(folder, resume=False)


def test_folder_that_cannot_be_written_is_refused_before_the_work(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"run: cannot be written: .*Name another --out"):
        resume.claim_folder(tmp_path / "file" / "run")


def test_file_in_the_way_of_the_folder_is_seen_before_the_library_is_read(plan, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"'file' is a file, expected a folder\. Name another --out"):
        screen(tmp_path / "absent.csv", plan=plan, out=tmp_path / "file" / "new" / "run")


def test_missing_permission_is_seen_before_the_library_is_read(plan, tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)  # root, who runs some tests, may do anything
    with pytest.raises(UsageError, match=f"cannot be written, no permission in {tmp_path}"):
        screen(tmp_path / "absent.csv", plan=plan, out=tmp_path / "new" / "run")


def test_space_is_asked_for_before_the_work(tmp_path):
    """A disk that fills up after an hour is an hour lost."""
    assert resume.check_space(tmp_path, 1_000_000, 62, shard_size=4096) < 0.7e9
    said = r"the run needs about [\d,]+ MB, [\d,]+ MB are free\. Make room, or name an --out elsewhere"
    with pytest.raises(RunError, match=said):
        resume.check_space(tmp_path, 10**13, 62, shard_size=4096)


def test_space_is_asked_for_what_is_left_alone(tmp_path, monkeypatch):
    """Full at nine tenths, the disk was given room for two: that is enough, and the nine are not lost."""
    whole = resume.check_space(tmp_path, 1000, 62, shard_size=100)
    (tmp_path / "scores").mkdir()
    for shard in range(9):
        resume.part_path(tmp_path / "scores", shard).touch()
    disk = SimpleNamespace(free=whole // 5)
    monkeypatch.setattr(resume.shutil, "disk_usage", lambda _: disk)
    assert resume.check_space(tmp_path, 1000, 62, shard_size=100) < disk.free
    disk.free = 10
    with pytest.raises(RunError, match=r"what is left of the run .* Make room and go on with --resume"):
        resume.check_space(tmp_path, 1000, 62, shard_size=100)


def test_run_in_a_store_asks_for_room_here(tmp_path, monkeypatch):
    """The keys of all rows are dealt out on this machine: in a container that may be a small tmpfs."""
    monkeypatch.setattr(resume.tempfile, "gettempdir", lambda: str(tmp_path))
    with pytest.raises(RunError, match=rf"{tmp_path}: the run needs about 240,000,000 MB"):
        resume.check_space(locate("memory://lab/run"), 10**13, 62, shard_size=4096)


def test_bad_call_starts_nothing(library, plan, tmp_path):
    out, term = tmp_path / "run", {"curve": "rise", "low": 0, "high": 1}
    with pytest.raises(LibraryError):
        screen(tmp_path / "absent.csv", plan=plan, out=out)
    with pytest.raises(
        ConfigError, match=r"unknown endpoint 'potenz'.*Did you mean 'potency'.*potency, risk"
    ):
        screen(library, plan=make_plan(objective={"term": [{**term, "endpoint": "potenz"}]}), out=out)
    with pytest.raises(ConfigError, match="all terms are descriptors"):
        screen(library, plan=make_plan(objective={"term": [{**term, "endpoint": "QED"}]}), out=out)
    with pytest.raises(ConfigError, match="no bundles"):
        screen(library, plan=dataclasses.replace(plan, bundles=()), out=out)
    with pytest.raises(ConfigError, match="no library"):
        screen(plan=plan, out=out)
    assert not out.exists()


def test_full_disk_keeps_what_is_committed(library, plan, run, tmp_path, monkeypatch):
    """The n-th rename fails; what was there before is enough to go on."""
    import errno
    import os

    real, calls = os.replace, []

    def replace(*paths):
        calls.append(paths)
        if len(calls) == 5:
            raise OSError(errno.ENOSPC, "no space left on device")
        return real(*paths)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(RunError, match=r"no space left on the disk"):
        screen(library, plan=plan, out=tmp_path / "run")
    monkeypatch.undo()
    assert not list((tmp_path / "run").rglob("*.tmp-*"))
    resumed = screen(library, plan=plan, out=tmp_path / "run", resume=True)
    assert result_files(resumed.path) == result_files(run.path)


def test_rehearsal_keeps_nothing(library, plan, structures):
    found = rehearse(amend(plan, library))
    assert found.rows == len(structures)
    assert sum(found.sample_counts.values()) == len(structures)
    assert found.seconds > 0
    assert found.plan["rerank"]["minimum"] == 60
    assert "416 rows to score, 60 of them to look at again and 10 to explain: about" in str(found)


def test_rehearsal_survives_what_a_run_survives(drugs, tmp_path):
    """A row that upsets the model costs that row, and not the estimate."""
    path = write_library(tmp_path / "library.csv", [*drugs[:20], f"CC{LETHAL}CC", *drugs[20:40]])
    found = rehearse(amend(make_plan("stand_in:upset"), path))
    assert found.sample_counts["error/exception"] == 1
    assert found.sample_rows == found.rows == 41
    with pytest.raises(WorkerError, match=r"failed alike: RuntimeError \(predict"):
        rehearse(amend(make_plan("stand_in:broken"), path))


def test_estimate_promises_nothing_of_other_rows_where_there_are_none(library, plan):
    assert "if the other rows" not in str(rehearse(amend(plan, library)))
    large = dataclasses.replace(rehearse(amend(plan, library)), rows=10**6)
    assert "if the other rows are like the first 416" in str(large)
