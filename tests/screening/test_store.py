"""A store is its library: every row in it, every screen of it the same, and nothing else is believed."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_plan import make_plan, result_files, write_library
from stand_in import LETHAL

from molscreen.chem.cleaning.recipe import Recipe
from molscreen.data.files.library import open_library
from molscreen.data.files.record import ReadOptions
from molscreen.errors import ConfigError, LibraryError, ResumeError, RunError, RunLockedError, UsageError
from molscreen.screening.folder.commit import parts
from molscreen.screening.folder.lock import RunLock
from molscreen.screening.index import index
from molscreen.screening.screen import amend, rehearse, screen
from molscreen.screening.store.layout import ORDERS
from molscreen.screening.store.read import Store, open_store


@pytest.mark.parametrize("opened", [lambda place: index("a.smi", out=place), open_store])
def test_a_store_lies_on_disks_of_this_machine(opened, tmp_path, monkeypatch):
    """A bucket's address is no folder here."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.smi").write_text("CCO\n")
    with pytest.raises(UsageError, match="s3://lab/store: not supported here; name a local path"):
        opened("s3://lab/store")
    assert not (tmp_path / "s3:").exists()


class StopError(Exception):
    """Stands for Ctrl-C."""


@pytest.fixture(scope="module")
def store(library, tmp_path_factory) -> Store:
    """The drugs, in shards of 100 rows."""
    return index(library, out=tmp_path_factory.mktemp("stores") / "drugs", workers=1, shard_size=100)


@pytest.fixture
def copy(store, tmp_path) -> Path:
    return shutil.copytree(store.path, tmp_path / "drugs")


def scores(run) -> pa.Table:
    """All rows; without the footers, which name the run."""
    tables = (pq.read_table(path).replace_schema_metadata() for path in parts(run.path / "scores"))
    return pa.concat_tables(tables)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_folder_of_a_store_is_closed_to_other_users(store):
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o700


def test_an_open_store_stays_open_where_the_folder_changes(store, tmp_path, monkeypatch):
    monkeypatch.chdir(store.path.parent)
    opened = open_store(store.path.name)
    monkeypatch.chdir(tmp_path)
    assert opened.similar("CCO", top=3).equals(store.similar("CCO", top=3))


def test_an_open_store_is_screened_as_its_folder_is(store, plan, tmp_path):
    assert amend(plan, store) == amend(plan, [store]) == amend(plan, store.path)
    run = screen(store, plan=plan, out=tmp_path / "run")
    assert run.record.library == (str(store.path),)


def test_rows_in_are_rows_out(store, library, structures):
    """Refused rows too, with the user's text, columns and line."""
    assert len(store) == len(structures) == sum(store.manifest.counts.values())
    assert store.manifest.counts["invalid/empty"] == 1
    [shard] = store.shards(10_000)
    batch = shard.batch
    assert batch["raw"].to_pylist() == structures
    assert batch["row"].to_pylist() == list(range(len(structures)))
    assert batch["id"].to_pylist() == [f"{i:05d}" for i in range(len(structures))]
    assert batch["field_batch"].to_pylist() == [f"=b{i % 7}" for i in range(len(structures))]
    assert [key is None for key in batch["ready_key"].to_pylist()] == [
        status not in ("ok", "warning") for status in batch["ready_status"].to_pylist()
    ]


def test_records_of_a_store_are_those_of_its_library(store, library, tmp_path):
    """To be standardised anew; only what could not be read is refused already."""

    def told(records):
        return [replace(record, note=None) for record in records]

    assert told(store.records()) == told(open_library([str(library)]).records())
    torn = tmp_path / "torn.csv"
    torn.write_text("smiles,id\nCCO,a\nCCN,b,more\nCC(C)(C)(C)C,c\n")
    found = list(index(torn, out=tmp_path / "torn", workers=1).records())
    assert found == list(open_library([str(torn)]).records())
    assert [record.fault and record.fault.code for record in found] == [None, "field_count", None]


def test_screen_of_a_store_is_the_screen_of_its_library(store, run, plan, tmp_path):
    """Every score, reason and byte of the result; the shards of the two are not cut alike."""
    again = screen(store.path, plan=plan, out=tmp_path / "run")
    assert scores(again).equals(scores(run), check_metadata=True)
    ours, theirs = result_files(again.path), result_files(run.path)
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if "part-" not in name and ours[name] != theirs[name]] == []
    assert again.record.counts == run.record.counts
    assert list(again.record.identity["inputs"]) == ["store drugs"]


def test_refused_outside_and_unscored_are_alike(store, library, tmp_path):
    """Rows refused by the wide tier itself."""
    plan = make_plan("stand_in:nothing", out_of_domain="refuse")
    one, other = (
        screen(source, plan=plan, out=tmp_path / Path(source).name) for source in (library, store.path)
    )
    assert scores(one).equals(scores(other))
    assert {"filtered", "error"} < set(scores(one)["status"].to_pylist())


def test_shards_are_those_of_the_library_whatever_the_size(store, library):
    """What is cut otherwise on disk is cut anew, with the same digests."""
    from molscreen.data.files.library import open_library
    from molscreen.screening.source import shards_of

    for size in (64, 100, 1000):
        ours, theirs = (list(shards_of(source, size)) for source in (store, open_library([str(library)])))
        assert [(s.index, s.first, len(s), s.digest()) for s in ours] == [
            (s.index, s.first, len(s), s.digest()) for s in theirs
        ]


def test_row_that_ends_its_worker_is_found(tmp_path):
    """Bisection marks a row of a store as it marks one of a library."""
    library = write_library(tmp_path / "lethal.csv", ["CCO", "CCN", f"C{LETHAL}C", "CCC", "c1ccccc1"] * 2)
    index(library, out=tmp_path / "store", workers=1)
    plan = make_plan("stand_in:upset", run={"executor": "inline", "shard_size": 4})
    one, other = (
        screen(tmp_path / name, plan=plan, out=tmp_path / f"run-{name}") for name in ("lethal.csv", "store")
    )
    assert scores(one).equals(scores(other))
    assert [reason for reason in scores(other)["reason_code"].to_pylist() if reason] == ["exception"] * 2


def test_store_without_a_compound_is_answered(tmp_path):
    """Nothing to predict, nothing to find, and every row with its reason."""
    library = write_library(tmp_path / "bad.csv", ["C(C", "", "c1cccc1"])
    store = index(library, out=tmp_path / "store", workers=1)
    run = screen(store.path, plan=make_plan(), out=tmp_path / "run")
    assert run.record.counts.rejected == {"invalid/empty": 1, "invalid/kekulize": 1, "invalid/syntax": 1}
    assert len(store.similar("CCO")) == len(store.substructure("C", workers=1)) == 0


def test_interrupted_screen_of_a_store_resumes(store, run, plan, tmp_path):
    def progress(done, total=None):
        if done >= 150:
            raise StopError

    out = tmp_path / "run"
    with pytest.raises(StopError):
        screen(store.path, plan=plan, out=out, progress=progress)
    assert 0 < len(parts(out / "scores")) < 7
    assert scores(screen(store.path, plan=plan, out=out, resume=True)).equals(scores(run))


def test_workers_take_shards_of_a_store(store, run, plan, tmp_path):
    """Through the pipe, prepared."""
    again = screen(store.path, plan=plan, out=tmp_path / "run", executor="local", workers=2)
    assert scores(again).equals(scores(run))


def test_estimate_of_a_store(store, plan):
    found = rehearse(amend(plan, store.path))
    assert (found.rows, found.sample_rows) == (416, 416)
    assert any("a store of 416 rows" in line for line in found.described)


def test_store_of_another_recipe_is_refused(store, tmp_path):
    """The plan's promise would be broken without a word."""
    plan = make_plan(standardize={"tautomer": True, "min_atoms": 4})
    with pytest.raises(
        LibraryError, match=r"otherwise than test plan, \[standardize\] asks: .*min_atoms: 2 → 4"
    ):
        screen(store.path, plan=plan, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_store_of_another_featuriser_is_refused(copy):
    edit(copy / "store.json", featuriser="0" * 64)
    with pytest.raises(
        LibraryError, match=r"made with another featuriser \(000000000000….*Index the library again"
    ):
        open_store(copy)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 99}, "format 99, this molscreen reads format 3"),
        ({"colour": "red"}, "unknown key 'colour'"),
    ],
)
def test_manifest_of_another_kind_is_refused(copy, change, said):
    edit(copy / "store.json", **change)
    with pytest.raises((LibraryError, ConfigError), match=said):
        open_store(copy)


def test_manifest_cut_short_is_refused(copy):
    (copy / "store.json").write_text('{"format": 1,')
    with pytest.raises(LibraryError, match=r"store\.json: damaged"):
        open_store(copy)


@pytest.mark.parametrize("name", ["shard-000002.arrow", "shard-000002.text.arrow"])
@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "gone"])
def test_damaged_shard_is_refused_by_name(copy, plan, tmp_path, name, harm):
    """One bit is enough, wherever it is; nothing is complete."""
    path = copy / "shards" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    harms = {"flip": data, "cut": data[:-8], "empty": b""}
    path.unlink() if harm == "gone" else path.write_bytes(bytes(harms[harm]))
    with pytest.raises(LibraryError, match=rf"{name}: (damaged|missing)"):
        screen(copy, plan=plan, out=tmp_path / "run")
    assert json.loads((tmp_path / "run" / "run.json").read_text())["state"] == "running"


def test_shard_that_points_outside_itself_is_refused(copy):
    """Made by somebody who also wrote the checksum."""
    path = copy / "shards" / "shard-000000.arrow"
    data = pa.py_buffer(bytearray(path.read_bytes()))
    offsets = pa.ipc.open_file(data).get_batch(0)["graph"].buffers()[1]
    start = offsets.address - data.address
    forged = bytearray(data)
    forged[start + 4 : start + 8] = (1 << 30).to_bytes(4, "little")
    path.write_bytes(forged)
    manifest = json.loads((copy / "store.json").read_text())
    checksum = hashlib.blake2b(forged, digest_size=16).hexdigest()
    manifest["shards"][0]["molecules"]["blake2b"] = checksum
    (copy / "store.json").write_text(json.dumps(manifest))
    with pytest.raises(LibraryError, match=r"shard-000000\.arrow: not a shard of a store"):
        open_store(copy).similar("CCO")


def test_store_that_grows_while_it_is_screened_spoils_nothing(copy, run, plan, drugs, tmp_path):
    """It stays usable meanwhile; the run is of the rows that were there when it began."""
    more = write_library(tmp_path / "more.csv", drugs[:20])

    def progress(done, total=None):
        if len(open_store(copy)) == total:
            index(more, out=copy, append=True, workers=1)

    grown = screen(copy, plan=plan, out=tmp_path / "run", progress=progress)
    assert len(open_store(copy)) == run.record.counts.read + 20
    assert scores(grown).equals(scores(run))
    again = screen(copy, plan=plan, out=tmp_path / "run", resume=True)
    assert again.record.counts.read == run.record.counts.read


def test_interrupted_screen_resumes_with_the_store_as_it_was(copy, run, plan, drugs, tmp_path):
    def progress(done, total=None):
        if done >= 150:
            raise StopError

    out, more = tmp_path / "run", write_library(tmp_path / "more.csv", [*drugs[:20], "CCO"])
    with pytest.raises(StopError):
        screen(copy, plan=plan, out=out, progress=progress)
    index(more, out=copy, append=True, workers=1)
    assert scores(screen(copy, plan=plan, out=out, resume=True)).equals(scores(run))
    assert screen(copy, plan=plan, out=tmp_path / "new").record.counts.read == run.record.counts.read + 21


def test_store_that_is_another_at_the_end_spoils_the_run(copy, plan, tmp_path):
    def progress(done, total=None):
        edit(copy / "store.json", versions={"rdkit": "1"})

    with pytest.raises(RunError, match="store drugs: changed while it was screened"):
        screen(copy, plan=plan, out=tmp_path / "run", progress=progress)


def test_store_is_used_alone_and_as_it_is(store, library, plan, tmp_path):
    with pytest.raises(LibraryError, match="a store, and named with others"):
        screen([store.path, library], plan=plan, out=tmp_path / "run")
    with pytest.raises(LibraryError, match="a store is read as it is"):
        screen(store.path, plan=plan, out=tmp_path / "run", options=ReadOptions(smiles_column="x"))


# ── making one ───────────────────────────────────────────────────────────────────────────────────


def test_workers_and_interruptions_leave_no_trace(store, library, tmp_path):
    """Promise 5: the bytes of an unbroken, one-process indexing."""

    def progress(done, total=None):
        if done >= 200:
            raise StopError

    out = tmp_path / "drugs"
    with pytest.raises(StopError):
        index(library, out=out, workers=2, shard_size=100, progress=progress)
    assert (out / ORDERS).exists()
    with pytest.raises(LibraryError, match="a store that is not finished"):
        open_store(out)
    with pytest.raises(UsageError, match=r"indexing was begun here and not finished\. Give --resume"):
        index(library, out=out, shard_size=100)
    (out / "shards" / "shard-000001.text.arrow").write_bytes(b"torn")
    seen = []
    index(
        library, out=out, workers=2, shard_size=100, resume=True, progress=lambda done, _: seen.append(done)
    )
    assert seen[-1] == 416
    assert files(out) == files(store.path)
    index(library, out=out, shard_size=100, resume=True)  # of a finished one: nothing to do
    assert files(out) == files(store.path)


def test_going_on_with_something_else_is_refused(library, tmp_path):
    def progress(done, total=None):
        raise StopError

    out = tmp_path / "drugs"
    with pytest.raises(StopError):
        index(library, out=out, workers=1, shard_size=100, progress=progress)
    with pytest.raises(ResumeError, match=r"recipe\.tautomer: False → True"):
        index(library, out=out, shard_size=100, resume=True, recipe=Recipe(tautomer=True))
    with pytest.raises(ResumeError, match="shard_size: 100 → 50"):
        index(library, out=out, shard_size=50, resume=True)


def test_append_is_indexing_both(drugs, library, plan, tmp_path):
    """Rows go on, columns are united, and the screen is that of the two files."""
    more = tmp_path / "more.csv"
    more.write_text(
        "smiles,id,price\n" + "\n".join(f"{smiles},m{i},{i}" for i, smiles in enumerate(drugs[:70]))
    )
    out = tmp_path / "store"
    before = files(index(library, out=out, workers=1, shard_size=100).path)
    both = index(more, out=out, workers=1, append=True)
    assert both.columns == ("batch", "score", "price")
    assert [shard.rows for shard in both.manifest.shards] == [100, 100, 100, 100, 16, 70]
    assert {name: data for name, data in files(out).items() if name in before and name != "store.json"} == {
        name: data for name, data in before.items() if name != "store.json"
    }
    one = screen([library, more], plan=plan, out=tmp_path / "one")
    assert scores(screen(out, plan=plan, out=tmp_path / "other")).equals(scores(one))
    with pytest.raises(UsageError, match=r"more\.csv: a file of this name is in .* already"):
        index(more, out=out, append=True)


def test_interrupted_append_leaves_the_store_as_it_was(copy, drugs, tmp_path):
    def progress(done, total=None):
        raise StopError

    more = write_library(tmp_path / "more.csv", drugs[:20])
    with pytest.raises(StopError):
        index(more, out=copy, workers=1, append=True, progress=progress)
    assert len(open_store(copy)) == 416
    assert len(index(more, out=copy, workers=1, append=True, resume=True)) == 436
    assert not (copy / ORDERS).exists()


def test_append_by_another_recipe_is_refused(copy, tmp_path):
    more = write_library(tmp_path / "more.csv", ["CCO"])
    with pytest.raises(LibraryError, match="tautomer: False → True"):
        index(more, out=copy, append=True, recipe=Recipe(tautomer=True))


def test_append_by_another_rdkit_is_refused(copy, tmp_path):
    """Screening is allowed, and told."""
    edit(copy / "store.json", versions={"molscreen": "0.1.0", "rdkit": "2020.03.1"})
    with pytest.raises(LibraryError, match=r"made with rdkit 2020\.03\.1, this is"):
        index(write_library(tmp_path / "more.csv", ["CCO"]), out=copy, append=True)
    assert any("made with rdkit 2020.03.1" in line for line in open_store(copy).described)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "a store is here. Give --append"),
        ({"out": "new", "append": True}, "no store to append to"),
        ({"out": "new", "resume": True}, "nothing to go on with here"),
        ({"out": "."}, "not empty, and no store"),
    ],
)
def test_folders_that_do_not_fit_are_refused(copy, library, tmp_path, options, said):
    out = tmp_path / options.pop("out", "drugs")
    with pytest.raises(UsageError, match=said):
        index(library, out=out, **options)


def test_one_process_at_a_time_writes(copy, tmp_path):
    more = write_library(tmp_path / "more.csv", ["CCO"])
    with RunLock(copy), pytest.raises(RunLockedError):
        index(more, out=copy, append=True)


def test_store_is_no_library_to_index(store, tmp_path):
    with pytest.raises(UsageError, match="a store already; name the files of a library"):
        index(store.path, out=tmp_path / "new")
