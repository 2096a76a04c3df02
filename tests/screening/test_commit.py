"""A file is there whole or not at all, whatever fails and whenever."""

from __future__ import annotations

import errno
import os
import re
import socket

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from molscreen.errors import RunError
from molscreen.screening.folder import commit
from molscreen.storage import locate

TABLE = pa.table({"row": pa.array([0, 1]), "score": pa.array([0.5, None], pa.float32())})


def test_part_comes_back_with_its_footer(tmp_path):
    path = commit.part_path(tmp_path, 7)
    commit.write_part(path, TABLE, {"shard": 7, "rows": 2})
    assert path.name == "part-000007.parquet"
    assert commit.read_footer(path) == {"shard": 7, "rows": 2}
    assert pq.read_table(path).to_pydict() == TABLE.to_pydict()


@pytest.mark.parametrize("where", ["here", "store"])
def test_parts_come_in_order_of_their_shards(tmp_path, where):
    """Also where the number of a shard has seven digits: the audit goes through the rows in order."""
    folder = tmp_path if where == "here" else locate("memory://many/scores")
    wanted = [commit.part_path(folder, shard) for shard in (0, 99_999, 999_999, 1_000_000, 10_000_000)]
    for path in reversed(wanted):
        commit.write_text(path, "x")
    assert commit.parts(folder) == wanted


def test_same_table_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        commit.write_part(tmp_path / name, TABLE, {"shard": 7, "rows": 2})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("damage", [b"", b"PAR1", None])
def test_damaged_or_foreign_part_is_no_checkpoint(tmp_path, damage):
    path = tmp_path / "part-000000.parquet"
    if damage is None:
        pq.write_table(TABLE, path)  # valid, but nobody's
    else:
        path.write_bytes(damage)
    assert commit.read_footer(path) is None
    assert commit.read_footer(tmp_path / "absent") is None


def damaged(path):
    """The file with each of its bytes turned over in its turn."""
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        yield path


def test_damage_anywhere_is_no_checkpoint_or_named(tmp_path):
    """Arrow calls some of it an OSError without a name, which no one could mend."""
    commit.write_part(tmp_path / "part-000000.parquet", TABLE, {"shard": 7, "rows": 2})
    for path in damaged(tmp_path / "part-000000.parquet"):
        assert commit.read_footer(path) in (None, {"shard": 7, "rows": 2})
        for read in (commit.read_table, commit.read_schema, commit.read_metadata):
            said = refusal(read, path)
            assert said is None or re.match(rf"{path}: damaged: .* remove it and go on with", said, re.DOTALL)


def refusal(read, path):
    """What a reader says of a file; None where it reads it."""
    try:
        read(path)
    except RunError as error:
        return str(error)
    return None


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_failure_at_any_step_leaves_the_old_content(tmp_path, monkeypatch, call):
    """SQLite's way: let each system call fail in turn, then look."""
    path = tmp_path / "run.json"
    commit.write_text(path, "old")
    real = getattr(os, call)
    for nth in range(3):
        count = iter(range(10))

        def fail(*args, nth=nth, count=count):
            if next(count) == nth:
                raise OSError(errno.EIO, "input/output error")
            return real(*args)

        monkeypatch.setattr(os, call, fail)
        try:
            commit.write_text(path, "new")
        except (OSError, RunError):
            assert path.read_text() in ("old", "new")
            assert list(tmp_path.iterdir()) == [path], "no temporary file is left"
        monkeypatch.setattr(os, call, real)
        commit.write_text(path, "old")


def test_full_disk_is_said_with_the_path(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match=r"run\.json: no space left on the disk, after 3 bytes .* --resume"):
        commit.write_text(tmp_path / "run.json", "new")
    assert not list(tmp_path.iterdir())


def test_only_dead_owners_lose_their_temporary_files(tmp_path):
    host = socket.gethostname()
    dead = 2**22 - 3  # above the default maximum of process ids
    names = [
        f"a.tmp-{host}-{dead}-00",
        f"b.tmp-{host}-{os.getpid()}-00",
        f"c.tmp-elsewhere-{dead}-00",
        "d.parquet",
    ]
    for name in names:
        (tmp_path / name).touch()
    assert [path.name for path in commit.remove_orphans(tmp_path)] == [names[0]]
    assert sorted(path.name for path in tmp_path.iterdir()) == names[1:]
