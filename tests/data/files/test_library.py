"""Several files as one library: names, columns, rows, digests, flat memory (entries 50, 58, 60)."""

from __future__ import annotations

import gzip
import hashlib
import os
import tracemalloc

import pytest

from molscreen.data.files.library import open_library
from molscreen.data.files.record import ReadOptions
from molscreen.errors import LibraryError


def test_files_with_different_columns_are_united(tmp_path):
    (tmp_path / "a.csv").write_text("id,smiles,dose\n1,CCO,007\n")
    (tmp_path / "b.tsv").write_text("SMILES\tKi\tdose\nCCN\t5\t1e5\n")
    (tmp_path / "c.smi").write_text("CCC propane\n")
    library = open_library([str(tmp_path / name) for name in ("a.csv", "b.tsv", "c.smi")])
    assert library.columns == ("dose", "Ki")
    assert [(r.row, r.source, r.line, r.id, r.raw, r.fields) for r in library.records()] == [
        (0, "a.csv", 2, "1", "CCO", ("007", "")),
        (1, "b.tsv", 2, "", "CCN", ("1e5", "5")),
        (2, "c.smi", 1, "propane", "CCC", ("", "")),
    ]
    assert library.n_records == 3
    assert library.described[3:] == (
        "a.csv: has no column 'Ki'; left empty",
        "c.smi: has no column 'dose', 'Ki'; left empty",
    )


def test_pattern_stands_for_its_files_in_order(tmp_path):
    for i in (2, 1, 10):
        (tmp_path / f"part-{i:02d}.smi").write_text(f"{'C' * i} n{i}\n")
    library = open_library([str(tmp_path / "*.smi")])
    assert library.sources == ("part-01.smi", "part-02.smi", "part-10.smi")
    assert [record.id for record in library.records()] == ["n1", "n2", "n10"]


def test_all_files_that_cannot_be_read_are_told_at_once(tmp_path):
    """Each attempt counts every row of the files before the first bad one."""
    (tmp_path / "p1.csv").write_text("smiles\nCCO\n")
    (tmp_path / "p2.csv").touch()
    (tmp_path / "p3.csv.gz").write_bytes(gzip.compress(b"smiles\n" + 400 * b"CCO\n")[:30])
    with pytest.raises(LibraryError) as said:
        open_library([str(tmp_path / "p*")])
    first, *faults = str(said.value).splitlines()
    assert first == "2 of the files cannot be read:"
    assert [fault.split(":")[0].strip() for fault in faults] == ["p2.csv", "p3.csv.gz"]
    for i in range(12):
        (tmp_path / f"q{i}.csv").touch()
    with pytest.raises(LibraryError, match=r"^12 of the files (.*\n){11}  and 2 more$"):
        open_library([str(tmp_path / "q*")])


def test_50_digest_is_that_of_the_file_on_disk(tmp_path):
    (tmp_path / "a.smi").write_bytes(b"CCO ethanol\n")
    assert open_library([str(tmp_path / "a.smi")]).digest() == {
        "a.smi": hashlib.sha256(b"CCO ethanol\n").hexdigest()
    }


def test_files_of_one_name_are_told_apart_by_their_paths(tmp_path):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.smi").write_text("CCO ethanol\n")
    paths = [str(tmp_path / folder / "a.smi") for folder in ("x", "y")]
    assert open_library(paths).sources == tuple(paths)


def test_58_paths_may_hold_blanks_marks_and_newlines(tmp_path):
    for name in ("my library (1).smi", "größe.smi", "two\nlines.smi", "[abc]*.smi"):
        (tmp_path / name).write_text("CCO ethanol\n")
        assert open_library([str(tmp_path / name)]).sources == (name,)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "no library given"),
        (["drug.smi"], r"drug\.smi: no such file\. Did you mean 'drugs\.smi'"),
        (["*.sdf"], r"\*\.sdf: no file matches the pattern"),
        (["."], r"\.: a folder; name its files, for example '\./\*\.csv'"),
        (["drugs.smi", "*.smi"], r"^drugs\.smi: given twice; each file is read once"),
        (
            ["drugs.smi", "./drugs.smi"],
            r"^\./drugs\.smi: given twice, also as drugs\.smi; each file is read once",
        ),
        (["same.smi", "drugs.smi"], r"^drugs\.smi: given twice, also as same\.smi"),
    ],
)
def test_paths_that_give_no_library_are_refused(tmp_path, monkeypatch, given, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drugs.smi").write_text("CCO ethanol\n")
    if "same.smi" in given:
        (tmp_path / "same.smi").symlink_to("drugs.smi")
    with pytest.raises(LibraryError, match=message):
        open_library(given)


def test_58_name_that_is_not_utf8_is_refused(tmp_path):
    """It cannot be written into a result; the run would end when its record is."""
    name = os.fsdecode(b"\xff\xfe.smi")
    (tmp_path / name).write_text("CCO ethanol\n")
    for given in (str(tmp_path / name), str(tmp_path / "*.smi")):
        with pytest.raises(LibraryError, match=r"udcfe\.smi': the name of this file is not UTF-8\. Ren"):
            open_library([given])


def test_unknown_suffix_is_told_by_content(tmp_path):
    (tmp_path / "drugs.dat").write_text("id;smiles\n1;CCO\n")
    (tmp_path / "drugs.x").write_text("water\n\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n"
                                      "    0.0000    0.0000    0.0000 O   0  0\nM  END\n$$$$\n")  # fmt: skip
    table, sdf = open_library([str(tmp_path / "drugs.dat"), str(tmp_path / "drugs.x")]).records()
    assert (table.raw, table.id, sdf.raw, sdf.id) == ("CCO", "1", "O", "water")


def test_smiles_column_applies_to_tables_among_other_files(tmp_path):
    (tmp_path / "a.csv").write_text("smiles,product_smiles\nCCO,CC=O\n")
    (tmp_path / "b.smi").write_text("CCN\n")
    paths = [str(tmp_path / "a.csv"), str(tmp_path / "b.smi")]
    library = open_library(paths, ReadOptions(smiles_column="product_smiles"))
    assert [record.raw for record in library.records()] == ["CC=O", "CCN"]


@pytest.mark.parametrize("name", ["a.csv", "a.smi", "a.csv.gz"])
def test_60_memory_does_not_grow_with_the_library(tmp_path, name):
    """Ten times the rows, the same peak, within what the allocator wobbles."""
    import gzip

    def peak(n):
        glue = " " if name == "a.smi" else ","
        text = "".join(f"{'C' * (i % 20 + 1)}O{glue}id-{i}\n" for i in range(n)).encode()
        (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith("gz") else text)
        del text
        tracemalloc.start()
        count = sum(1 for _ in open_library([str(tmp_path / name)]).records())
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count == n
        return highest

    small, large = peak(5_000), peak(50_000)
    assert large < 1.2 * small + 200_000
