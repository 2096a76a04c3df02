"""Paths here and in a store: what is told apart, what is refused, and in which words."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import botocore.exceptions
import pyarrow as pa
import pytest
from upath import UPath

from molscreen import storage
from molscreen.data.files.library import open_library
from molscreen.errors import LibraryError, RunError, UsageError
from molscreen.screening.events import FLUSH, Journal, read_events, silent
from molscreen.screening.folder.commit import nearby, parts, read_footer, read_table, write_part, write_text
from molscreen.screening.folder.resume import check_folder
from molscreen.storage import locate, locate_absolute, locate_here, replacing


@pytest.fixture
def folder(request) -> Path:
    """Of fsspec's own memory."""
    return locate(f"memory://lab/{request.node.name}")


@pytest.mark.parametrize("place", ["runs/1", "/runs/a:b", Path("runs/1"), "C", "-"])
def test_a_place_here_is_a_plain_path(place):
    """A run on disk never meets the machinery for stores."""
    assert type(locate(place)) is type(Path())
    assert not storage.is_remote(locate(place))


def test_a_place_that_is_kept_does_not_depend_on_where_one_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert locate_absolute("runs/1") == tmp_path / "runs/1"
    assert str(locate_absolute("memory://lab/runs/1")) == "memory://lab/runs/1"


@pytest.mark.parametrize("place", ["s3://lab/runs/1", "gs://lab/runs/1", "memory://lab/runs/1"])
def test_a_place_in_a_store_keeps_its_text(place):
    """Workers get it as text, and users copy it from the screen."""
    path = locate(place)
    assert storage.is_remote(path)
    assert str(path) == place
    assert str(locate(str(path / "scores"))) == f"{place}/scores"
    assert locate(path) == path


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    """A write that is cut leaves what was there, and nothing beside it."""
    path = tmp_path / "new" / "state"
    with replacing(path) as draft:
        draft.write_text("old")
        assert not path.exists()
    with pytest.raises(KeyboardInterrupt), replacing(path) as draft:  # noqa: PT012  what is cut is the block
        draft.write_text("ne")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_another_process_writes_too(bucket):
    """fsspec would list a folder once and remember it; shards come from workers."""
    import s3fs

    folder = locate(f"{bucket}/run")
    assert storage.names(folder) == []
    s3fs.S3FileSystem(skip_instance_cache=True).pipe_file(f"{folder}/a", b"1")
    assert storage.names(folder) == ["a"]
    assert storage.is_file(folder / "a")
    assert not storage.is_file(folder)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("ftp://host/x", "unknown scheme 'ftp'; expected a local path, s3://… or gs://…"),
        ("https://host/x.csv", "unknown scheme 'https'"),
        (Path("s3://lab/x"), "s3:/lab/x: a URL that went through pathlib.Path"),
        (UPath("s3://lab/x", anon=True), "options of a UPath do not reach the workers"),
    ],
)
def test_what_cannot_be_reached_is_refused(place, words):
    with pytest.raises(UsageError, match=words):
        locate(place)


@pytest.mark.parametrize(("scheme", "extra"), [("s3", "s3"), ("gs", "gcs")])
def test_missing_client_is_named_with_its_extra(monkeypatch, scheme, extra):
    monkeypatch.setattr(storage, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=rf"pip install 'molscreen\[{extra}\]'"):
        locate(f"{scheme}://lab/x")


def test_bundles_stay_here():
    with pytest.raises(UsageError, match="s3://lab/bundle: not supported here; name a local path"):
        locate_here("s3://lab/bundle")


@pytest.mark.parametrize(
    "error",
    [
        PermissionError("Access Denied."),
        botocore.exceptions.NoCredentialsError(),
        botocore.exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:9"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_store_that_refuses_is_no_empty_store(folder, monkeypatch, error):
    """Wrong credentials must not look like "no run here", and are nobody's fault in the library."""
    text = str(error).rstrip(".")

    def refuse(*_: Any, **__: Any) -> None:
        raise error

    for name in ("info", "ls", "pipe_file", "put_file", "cat_file"):
        monkeypatch.setattr(f"fsspec.implementations.memory.MemoryFileSystem.{name}", refuse)
    with pytest.raises(UsageError, match=f"{text}. Check the name, the credentials and the endpoint"):
        storage.is_file(folder)
    with pytest.raises(UsageError, match=text):
        check_folder(folder, resume=False)
    for call in (
        lambda: storage.names(folder),
        lambda: storage.put(folder / "x", b""),
        lambda: storage.read_object(folder / "x"),
        lambda: write_text(folder / "x", ""),
    ):
        with pytest.raises(RunError, match=text):
            call()


def test_our_own_mistakes_keep_their_traceback():
    with pytest.raises(ZeroDivisionError), storage.reaching("x"):
        _ = 1 / 0


def test_only_the_first_creates(folder):
    assert storage.create(folder / "lock", b"1")
    assert not storage.create(folder / "lock", b"2")
    assert storage.read_object(folder / "lock") == b"1"
    storage.remove(folder / "lock")
    storage.remove(folder / "lock")
    assert storage.names(folder) == []


def test_parts_in_a_store_are_the_parts_on_disk(folder, tmp_path):
    """The same bytes, footer and rows; what is no part is none."""
    table = pa.table({"row": [0, 1], "key": ["C", "CC"], "score": [0.5, None]})
    for place in (folder, tmp_path):
        write_part(place / "part-000001.parquet", table, {"rows": 2})
        write_part(place / "part-000000.parquet", table, {"rows": 2})
    storage.put(folder / "part-x.tmp", b"")
    there, here = parts(folder), parts(tmp_path)
    assert [path.name for path in there] == [path.name for path in here]
    assert [path.read_bytes() for path in there] == [path.read_bytes() for path in here]
    assert read_footer(there[0]) == {"rows": 2}
    assert read_footer(folder / "part-000009.parquet") is None
    assert read_table(there[1], ["key", "row"]) == table.select(["key", "row"])
    with nearby(here, ["row"]) as same, nearby(there, ["row", "key"]) as copies:
        assert same == here
        assert [read_table(path) for path in copies] == [table.select(["row", "key"])] * 2
    assert not copies[0].exists()


def test_full_disk_under_a_draft_is_told(folder, monkeypatch):
    """What goes to a store passes through this machine's temporary folder."""

    def write(file: Any) -> None:
        raise OSError(28, "No space left on device")

    from molscreen.screening.folder.commit import write_whole

    with pytest.raises(RunError, match="no space left on the disk"):
        write_whole(folder / "x", write)
    assert storage.names(folder) == []


def test_events_in_a_store_come_in_pieces(folder, monkeypatch):
    """News from the shards waits for company; a later attempt goes on counting."""
    path = folder / "events.jsonl"
    for rows in (1, 2):
        journal = Journal(path, silent, 10)
        journal.write("start", rows=rows)
        journal.write("shard", shard=0)
        journal.write("shard", shard=1)
        assert len(storage.names(folder / "events")) == 2 * rows - 1
        with journal.phase("wide"):
            pass
    assert storage.names(folder / "events") == [f"{i:06d}.jsonl" for i in range(1, 5)]
    assert [event["event"] for event in read_events(path)] == ["start", "shard", "shard", "phase"] * 2
    monkeypatch.setattr("time.monotonic", lambda now=journal._chunks._flushed: now + FLUSH)
    journal.write("shard", shard=2)
    assert len(storage.names(folder / "events")) == 5


def test_library_in_a_store(folder):
    """Text and Parquet, by name and by pattern; a folder and a wrong name are told."""
    storage.put(folder / "a.smi", b"CCO ethanol\n")
    storage.put(folder / "b.smi", b"CC ethane\nC methane\n")
    with (folder / "c.parquet").open("wb") as file:
        pa.parquet.write_table(pa.table({"smiles": ["CCC"]}), file)
    library = open_library([f"{folder}/*.smi", f"{folder}/c.parquet"])
    assert [record.raw for record in library.records()] == ["CCO", "CC", "C", "CCC"]
    assert library.sources == ("a.smi", "b.smi", "c.parquet")
    assert len(set(library.digest().values())) == 3
    for place in (str(folder), f"{folder}/none.smi", f"{folder}/*.sdf"):
        with pytest.raises(LibraryError, match="no such object, and no pattern of any"):
            open_library([place])


def test_library_that_changes_in_its_store_is_refused(bucket):
    """Same size, other content: the store's own tag tells."""
    path = locate(f"{bucket}/a.smi")
    storage.put(path, b"CCO ethanol\n")
    library = open_library([str(path)])
    storage.put(path, b"CCN ethanol\n")
    with pytest.raises(RunError, match="the file changed while it was in use"):
        list(library.records())


def test_only_a_test_that_asks_for_a_bucket_has_a_store(endpoint):
    """Credentials that every later test would find are no credentials to test with."""
    assert os.environ.get("AWS_ENDPOINT_URL") != endpoint
    assert os.environ.get("AWS_ACCESS_KEY_ID") != "nobody"
