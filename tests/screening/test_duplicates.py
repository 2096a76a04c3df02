"""Which rows repeat a structure is exact, and takes the memory of a bucket, whatever the library's size."""

import tracemalloc

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from molscreen.screening.folder import duplicates
from molscreen.screening.folder.commit import part_path, parts, read_table, write_part
from molscreen.screening.folder.duplicates import with_duplicates, write_duplicates

DRUGS = ["CC(=O)Oc1ccccc1C(=O)O", "CC(=O)Nc1ccc(O)cc1", "CC(C)Cc1ccc(C(C)C(=O)O)cc1", "CN1CCC[C@H]1c1cccnc1"]


def write_keys(folder, *shards):
    """Parts of these keys, and how many rows they have."""
    folder.mkdir(exist_ok=True)
    n = 0
    for index, keys in enumerate(shards):
        rows = pa.array(range(n, n + len(keys)), pa.int64())
        write_part(part_path(folder, index), pa.table({"row": rows, "key": pa.array(keys, pa.string())}), {})
        n += len(keys)
    return n


def test_duplicates_point_to_the_first(tmp_path):
    """Across parts, in order of their rows; what is no compound repeats nothing."""
    n = write_keys(tmp_path, ["CCO", None, "CCN"], ["CCO", None, "CCC", "CCO"])
    write_duplicates(tmp_path, tmp_path / "duplicates.parquet", n_rows=n)
    pairs = read_table(tmp_path / "duplicates.parquet").to_pydict()
    assert pairs == {"row": [3, 6], "duplicate_of": [0, 0]}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(shards=st.lists(st.lists(st.sampled_from([*DRUGS, None]), min_size=1, max_size=9), max_size=6))
def test_buckets_and_ranges_change_nothing(tmp_path, monkeypatch, shards):
    """Of three rows each, dealt to two files at once, so that every list passes through several of both."""
    monkeypatch.setattr(duplicates, "BUCKET", 3)
    monkeypatch.setattr(duplicates, "FAN", 2)
    for old in tmp_path.glob("part-*"):
        old.unlink()
    keys = [key for shard in shards for key in shard]
    path = tmp_path / "duplicates.parquet"
    write_duplicates(tmp_path, path, n_rows=write_keys(tmp_path, *shards))
    expected = [(row, keys.index(key)) for row, key in enumerate(keys) if key and key in keys[:row]]
    assert list(zip(*read_table(path).to_pydict().values(), strict=True)) == expected
    tables = (read_table(part, ["row"]) for part in parts(tmp_path))
    told = [row for table in with_duplicates(tables, path) for row in table.to_pylist()]
    assert [row["row"] for row in told] == list(range(len(keys)))
    assert [(row["row"], row["duplicate_of"]) for row in told if row["duplicate_of"] is not None] == expected
    assert not (tmp_path / "spill").exists()


def some_repeat(n, share):
    """n keys, of which about `share` are those of other rows."""
    rng = np.random.default_rng(0)
    numbers = np.where(rng.random(n) < share, rng.integers(0, n // 4, n), np.arange(n))
    return [f"CC(=O)Oc1ccccc1C(=O)N{number:09d}" for number in numbers]


def peak(folder, keys):
    """Bytes that Python, numpy and Arrow hold at most."""
    n = write_keys(folder, *(keys[i : i + 1000] for i in range(0, len(keys), 1000)))
    pool, before = pa.proxy_memory_pool(pa.default_memory_pool()), pa.default_memory_pool()
    pa.set_memory_pool(pool)
    tracemalloc.start()
    try:
        write_duplicates(folder, folder / "duplicates.parquet", n_rows=n)
        return tracemalloc.get_traced_memory()[1] + pool.max_memory()
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(before)


@pytest.mark.parametrize("share", [0.05, 0.6])
def test_memory_does_not_grow_with_the_library(tmp_path, monkeypatch, share):
    """A bound of 64 MB that grew with it ended every screen of 20 million rows after all the work."""
    monkeypatch.setattr(duplicates, "BUCKET", 500)
    few, many = (peak(tmp_path / str(n), some_repeat(n, share)) for n in (10_000, 80_000))
    assert many < 1.3 * few


def test_one_structure_all_over_takes_no_more_memory(tmp_path, monkeypatch):
    """Its bucket holds every row of the library."""
    monkeypatch.setattr(duplicates, "BUCKET", 2000)
    few, many = (peak(tmp_path / str(n), DRUGS[:1] * n) for n in (10_000, 80_000))
    assert many < 1.3 * few


def test_files_are_opened_in_proportion_to_the_rows(tmp_path, monkeypatch):
    """For each bucket's worth of rows every bucket's file was opened: 15 million times for 10^9 rows."""
    monkeypatch.setattr(duplicates, "BUCKET", 20)
    monkeypatch.setattr(duplicates, "FAN", 8)
    n = write_keys(tmp_path, some_repeat(1200, 0.5))
    opened, append = [], duplicates._deal
    monkeypatch.setattr(
        duplicates,
        "_deal",
        lambda table, place, files: opened.append(len(files)) or append(table, place, files),
    )
    write_duplicates(tmp_path, tmp_path / "duplicates.parquet", n_rows=n)
    assert max(opened) <= 8
    assert sum(opened) < 2 * 2 * 8 * (1200 / 20 + 8)  # two columns dealt, twice, and a remainder of each


def test_what_a_killed_driver_spilled_is_not_read(tmp_path):
    n = write_keys(tmp_path, ["CCO", "CCN"])
    (tmp_path / "spill").mkdir()
    (tmp_path / "spill" / "keys-0").write_bytes(b"half a bucket")
    write_duplicates(tmp_path, tmp_path / "duplicates.parquet", n_rows=n)
    assert read_table(tmp_path / "duplicates.parquet").num_rows == 0
    assert not (tmp_path / "spill").exists()
