"""Whatever the bytes: no row is lost without a reason, and cells come back as they were."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from molscreen.data.files.library import open_library
from molscreen.data.files.record import ReadOptions
from molscreen.errors import LibraryError
from tests.data.unguarded import Unguarded

SMILES = [
    "CC(=O)Oc1ccccc1C(=O)O",
    "CN1C=NC2=C1C(=O)N(C)C(=O)N2C",
    "CC(C)Cc1ccc(cc1)C(C)C(=O)O",
    "CCO",
    "[Na+].[Cl-]",
]
NAMES = ["aspirin", "caffeine", "ibuprofen", "00123", "1e5", "NA", "a b", "x,y"]
FILE = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

cells = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
quoting = st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
VALID = "smiles,name,dose\n" + "".join(f"{s},{i:03d},{i}e5\n" for i, s in enumerate(SMILES * 8))


@pytest.fixture(autouse=True)
def unguarded(monkeypatch):
    monkeypatch.setattr("molscreen.data.files.structure.Guard", Unguarded)


def read(path, content, **options):
    path.write_bytes(content)
    library = open_library([str(path)], ReadOptions(**options))
    records = list(library.records())
    assert len(records) == library.n_records
    assert [record.row for record in records] == list(range(len(records)))
    for record in records:
        assert len(record.fields) == len(library.columns)
        assert record.fault is None or (record.fault.reason and record.fault.raw == record.raw)
    return records


def refusal(path, content, **options):
    """The message of the error that the content gives, None where it can be read."""
    try:
        read(path, content, **options)
    except LibraryError as error:
        return str(error)
    return None


@FILE
@given(st.lists(st.tuples(st.sampled_from(SMILES), cells, cells), min_size=1, max_size=20), quoting)
@example([("CCO", "#", "#")], csv.QUOTE_MINIMAL)
@example([("CCO", "\r", '"\n"')], csv.QUOTE_MINIMAL)
def test_csv_cells_come_back_as_written(tmp_path, rows, quoting):
    text = io.StringIO(newline="")
    csv.writer(text, quoting=quoting).writerows([("smiles", "id", "note"), *rows])
    records = read(tmp_path / "a.csv", text.getvalue().encode())
    assert [(r.raw, r.id, *r.fields) for r in records] == rows


@FILE
@given(st.lists(st.tuples(st.sampled_from(SMILES), cells), min_size=1, max_size=20))
def test_smi_names_come_back_as_written(tmp_path, rows):
    assume(not any(c in name for _, name in rows for c in "\r\n"))
    assume(not any(name[:1] in tuple(" \t|") for _, name in rows))
    content = "".join(f"{smiles} {name}\n" for smiles, name in rows).encode()
    records = read(tmp_path / "a.smi", content, delimiter="space", header=False)
    assert [(r.raw, r.id) for r in records] == rows


@FILE
@given(st.binary(max_size=400))
@pytest.mark.parametrize("name", ["a.csv", "a.smi", "a.sdf", "a.xlsx", "a.parquet", "a.csv.gz", "a.unknown"])
def test_random_bytes_are_rows_or_an_error(tmp_path, name, content):
    """Nothing but a LibraryError that names the file may come of any content."""
    refused = refusal(tmp_path / name, content)
    assert refused is None or refused.startswith(name)


@FILE
@given(st.integers(0, len(VALID)))
def test_truncation_loses_nothing_that_is_there(tmp_path, length):
    """Every whole line is a sound record; the line that was cut is one, or has a fault."""
    lines = VALID[:length].splitlines(keepends=True)[1:]
    assume(lines)
    records = read(tmp_path / "a.csv", VALID[:length].encode(), header=True)
    assert len(records) == len(lines)
    for record, line in zip(records, lines, strict=True):
        if line.endswith("\n"):
            assert ",".join([record.raw, record.id, *record.fields]) == line.rstrip()
            assert record.fault is None
        elif line.count(",") < 2:
            assert record.fault.code == "field_count"


@FILE
@given(st.data())
def test_damaged_byte_touches_only_its_neighbours(tmp_path, data):
    """One byte changed to anything: at most the line it is in, and the next, are other than before."""
    place = data.draw(st.integers(VALID.index("\n") + 1, len(VALID) - 1))
    byte = data.draw(st.integers(0, 127))
    content = bytearray(VALID.encode())
    content[place] = byte
    before = {
        (r.raw, r.id, r.fields) for r in read(tmp_path / "a.csv", VALID.encode(), smiles_column="smiles")
    }
    if refused := refusal(tmp_path / "a.csv", bytes(content), smiles_column="smiles"):
        assert "quote opened on line" in refused
        return
    records = read(tmp_path / "a.csv", bytes(content), smiles_column="smiles")
    after = {(r.raw, r.id, r.fields) for r in records}
    assert len(before - after) <= 2


@FILE
@given(st.integers(1, 4))
def test_duplicated_file_gives_its_rows_again(tmp_path, times):
    body = VALID.partition("\n")[2]
    records = read(tmp_path / "a.csv", ("smiles,name,dose\n" + body * times).encode())
    one = [(r.raw, r.id, r.fields) for r in records[: len(SMILES) * 8]]
    assert [(r.raw, r.id, r.fields) for r in records] == one * times


def test_this_file_is_no_library():
    """Prose with code is refused for want of a structure column, not read as molecules."""
    with pytest.raises(LibraryError, match=r"test_reading_properties\.py"):
        open_library([str(Path(__file__))])
