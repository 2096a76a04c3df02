"""Parquet files and Excel workbooks as text (entries 45, 47 and 49)."""

from __future__ import annotations

import datetime
import io
import re
import tracemalloc
import zipfile
from collections import Counter

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from molscreen.data.files import table
from molscreen.data.files.library import open_library
from molscreen.data.files.record import Limits, ReadOptions
from molscreen.errors import LibraryError


def rows(library):
    return [(record.raw, record.id, *record.fields) for record in library.records()]


@pytest.fixture
def parquet(tmp_path):
    """The library of a Parquet file with those columns."""

    def read(columns):
        path = tmp_path / "a.parquet"
        pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), path)
        return open_library([str(path)])

    return read


@pytest.fixture
def book(tmp_path):
    """Path of a workbook with those rows."""

    def write(*sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for sheet in sheets:
            page = book.create_sheet()
            for row in sheet:
                page.append(row)
        path = tmp_path / "a.xlsx"
        book.save(path)
        return path

    return write


def test_49_parquet_types_become_their_text(parquet):
    library = parquet(
        {
            "smiles": ["CCO", "CCN"],
            "id": pa.array([123456789012345678, None]),
            "x": [0.1, 1e22],
            "ok": [True, None],
            "day": [datetime.date(2026, 5, 1), None],
            "word": pa.array(["a", "b"]).dictionary_encode(),
        }
    )
    assert rows(library) == [
        ("CCO", "123456789012345678", "0.1", "true", "2026-05-01", "a"),
        ("CCN", "", "1e+22", "", "", "b"),
    ]
    assert (
        "Parquet, header found, structure column 'smiles', id column 'id', 2 records" in library.described[0]
    )


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32(), pa.float16()])
def test_4_whole_numbers_in_a_float_column_stay_whole(parquet, kind):
    """Pandas makes floats of ids where one is missing; they must come out as they went in."""
    numbers = [7.0, 2048.0 - 1, -3.0, None, float("nan"), 2.5]
    column = pa.array(np.array(numbers, float), pa.float64(), from_pandas=False).cast(kind)
    assert [row[1] for row in rows(parquet({"smiles": ["CCO"] * 6, "id": column}))] == [
        "7", "2047", "-3", "", "", "2.5",
    ]  # fmt: skip


@given(st.lists(st.none() | st.integers(-(2**53) + 1, 2**53 - 1), min_size=1, max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
def test_4_ids_survive_the_way_through_pandas(parquet, ids):
    frame = pd.DataFrame({"smiles": ["CCO"] * len(ids), "id": pd.Series(ids, dtype=float)})
    table = pa.Table.from_pandas(frame)
    assert [row[1] for row in rows(parquet(table))] == ["" if each is None else str(each) for each in ids]


def test_4_large_ids_are_the_same_from_excel(book, parquet):
    ids = [12345678901.0, 1e10, 2.0**53 - 1]
    workbook = open_library([str(book([["smiles", "id"], *(["CCO", each] for each in ids)]))])
    assert [row[1] for row in rows(workbook)] == ["12345678901", "10000000000", "9007199254740991"]
    assert rows(parquet({"smiles": ["CCO"] * 3, "id": ids})) == rows(workbook)


def test_49_dictionary_column_of_structures_is_read(parquet):
    assert rows(parquet({"SMILES": pa.array(["CCO", "CCO", None]).dictionary_encode()})) == [
        ("CCO", ""),
        ("CCO", ""),
        ("", ""),
    ]


def test_49_nested_column_is_refused_and_the_columns_are_listed(parquet):
    with pytest.raises(LibraryError) as caught:
        parquet({"smiles": ["CCO"], "bits": [[1, 2]]})
    assert "a.parquet: column 'bits' holds list<" in str(caught.value)
    assert "which has no text form; remove or convert it. Columns: 'smiles' string, 'bits' list<" in str(
        caught.value
    )


def test_49_binary_that_is_no_text_is_refused(parquet):
    with pytest.raises(LibraryError, match=r"a\.parquet: not a sound Parquet file: .*UTF8"):
        parquet({"smiles": ["CCO"], "blob": [b"\xff\xfe"]})


def test_49_no_structure_column_lists_the_columns(parquet):
    with pytest.raises(LibraryError, match=r"no column of structures found\. Columns: 'gene', 'fold'"):
        parquet({"gene": ["EGFR"], "fold": [2.0]})


def test_30_parquet_without_rows_is_refused(parquet):
    with pytest.raises(LibraryError, match=r"a\.parquet: no molecules, the table has no rows"):
        parquet({"smiles": pa.array([], pa.string())})


def traced(read):
    """What is read, and the bytes that Arrow and Python hold at most meanwhile."""
    pool, before = pa.proxy_memory_pool(pa.default_memory_pool()), pa.default_memory_pool()
    pa.set_memory_pool(pool)
    tracemalloc.start()
    try:
        return read(), tracemalloc.get_traced_memory()[1] + pool.max_memory()
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(before)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_63_text_that_repeats_is_in_memory_once(parquet, kind):
    """A file of 500 bytes took 4 GB: 8,192 rows were unpacked before a cell was found too long."""
    places = pa.array([None, *([0] * 8191)], pa.int32())
    long = pa.DictionaryArray.from_arrays(places, pa.array(["x" * 200_000]))
    library = parquet({"smiles": ["CCO"] * 8192, "note": long if long.type == kind else long.cast(kind)})
    faults, peak = traced(
        lambda: Counter(record.fault and record.fault.reason for record in library.records())
    )
    assert faults == {None: 1, "a cell of 200000 characters, the limit is 131072": 8191}
    assert peak < 100e6


def test_63_parquet_that_unpacks_to_much_more_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    columns = {"smiles": ["CCO"] * 200, "note": [f"{'x' * 100_000}{i}" for i in range(200)]}
    pq.write_table(pa.table(columns), path, use_dictionary=False, compression="zstd")
    with pytest.raises(LibraryError, match=r"a\.parquet: unpacks from \d+ bytes to 20\d{6}, .* bomb"):
        open_library([str(path)])


def test_49_columns_of_one_name_are_read(parquet):
    table = pa.Table.from_arrays([pa.array(["CCO"]), pa.array(["a"]), pa.array(["b"])], ["smiles", "x", "x"])
    assert rows(parquet(table)) == [("CCO", "", "a", "b")]


def test_63_wide_rows_are_read_few_at_a_time(parquet, monkeypatch):
    """A row group is in memory as it is packed; its texts are not, all at once."""
    rng = np.random.default_rng(0)
    library = parquet({"smiles": ["CCO"] * 800, "note": [rng.bytes(50_000).hex() for _ in range(800)]})
    _, few = traced(lambda: sum(1 for _ in library.records()))
    monkeypatch.setattr(table, "_BATCH_BYTES", 1 << 30)
    _, all_at_once = traced(lambda: sum(1 for _ in library.records()))
    assert all_at_once - few > 40e6


def test_47_damaged_parquet_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"smiles": ["CCO"] * 1000}), path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(LibraryError, match=r"a\.parquet: not a sound Parquet file"):
        open_library([str(path)])


def test_many_row_groups_keep_their_order(tmp_path):
    path = tmp_path / "a.parquet"
    ids = [f"{i:05d}" for i in range(20_000)]
    pq.write_table(
        pa.table({"id": ids, "smiles": ["C" * (i % 9 + 1) for i in range(20_000)]}), path, row_group_size=999
    )
    records = list(open_library([str(path)]).records())
    assert [record.id for record in records] == ids
    assert [record.line for record in records] == list(range(1, 20_001))


def test_45_workbook_gives_values_and_sheet_rows(book):
    day = datetime.datetime(2026, 5, 1)
    path = book(
        [
            ["smiles", "id", "x", "day", "ok"],
            ["CCO", "00123", 3.0, day, True],
            [],
            ["CCN", 1e5, 0.1, None, None],
        ],
        [["another"]],
    )
    library = open_library([str(path)])
    assert rows(library) == [
        ("CCO", "00123", "3", "2026-05-01", "TRUE"),
        ("CCN", "100000", "0.1", "", ""),
    ]
    assert [record.line for record in library.records()] == [2, 4]
    assert "Excel, sheet 'Sheet', the first of 2, header found" in library.described[0]


def test_45_formula_is_never_computed_or_shown(book):
    """The value that Excel stored is read; one that was never stored is empty, not the formula."""
    path = book([["smiles", "id"], ["CCO", "=1+1"], ["=A2", "b"]])
    assert rows(open_library([str(path)])) == [("CCO", ""), ("", "b")]


def test_45_workbook_without_header_keeps_its_first_molecule(book):
    assert rows(open_library([str(book([["CCO", "ethanol"], ["CCN", "ethylamine"]]))]))[0] == (
        "CCO",
        "ethanol",
    )


@pytest.mark.parametrize(
    ("rows", "said"), [([], "the first sheet is empty"), ([["smiles"]], "only a header")]
)
def test_30_workbook_without_rows_is_refused(book, rows, said):
    with pytest.raises(LibraryError, match=rf"a\.xlsx: no molecules, {said}"):
        open_library([str(book(rows))])


def test_45_workbook_that_unpacks_to_too_much_is_refused(book, tmp_path):
    path = book([["smiles"], ["CCO"]])
    with pytest.raises(
        LibraryError, match=r"a\.xlsx: unpacks to \d+ bytes, the limit is 1000; save the sheet as CSV"
    ):
        open_library([str(path)], ReadOptions(limits=Limits(workbook_bytes=1000)))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", b"\0" * 50_000_000)
    with pytest.raises(LibraryError, match=r"part 'xl/media/image1\.png' unpacks from \d+ bytes to 50000000"):
        open_library([str(path)])


@pytest.mark.parametrize("name", ["../../evil.xml", "/etc/evil.xml"])
def test_47_workbook_with_names_that_point_elsewhere_is_refused(book, name):
    path = book([["smiles"], ["CCO"]])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "x")
    with pytest.raises(LibraryError, match=f"part '{re.escape(name)}' points outside the workbook"):
        open_library([str(path)])


def test_47_workbook_with_a_symlink_is_refused(book):
    path = book([["smiles"], ["CCO"]])
    link = zipfile.ZipInfo("xl/link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(LibraryError, match="part 'xl/link' points outside the workbook"):
        open_library([str(path)])


def test_47_damaged_workbook_is_refused(book, tmp_path):
    content = book([["smiles"], *[[f"{'C' * 20}{i}"] for i in range(2000)]]).read_bytes()
    path = tmp_path / "b.xlsx"
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(LibraryError, match=r"b\.xlsx: not a sound Excel workbook"):
        open_library([str(path)])


def test_44_word_document_is_no_workbook(tmp_path):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
    path = tmp_path / "a.xlsx"
    path.write_bytes(sink.getvalue())
    with pytest.raises(LibraryError, match=r"a\.xlsx: not a sound Excel workbook"):
        open_library([str(path)])
