"""Bytes on disk: compression, encodings, bombs, damage, foreign files (entries 30-33, 43-47, 50)."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import re
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from molscreen.data.files.library import open_library
from molscreen.data.files.record import FOUND_OUT, Limits, ReadOptions
from molscreen.errors import ConfigError, LibraryError, RunError

PACK = {  # zstd with a checksum, as its command line writes
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}
DRUGS = b"smiles,name\nCC(=O)Oc1ccccc1C(=O)O,aspirin\nCN1C=NC2=C1C(=O)N(C)C(=O)N2C,caffeine\n"


@pytest.fixture
def write(tmp_path):
    """A file of that name and content; its path as text."""

    def write(name, content):
        (tmp_path / name).write_bytes(content)
        return str(tmp_path / name)

    return write


def names(path, options=FOUND_OUT):
    return [record.id for record in open_library([path], options).records()]


def refusal(path, options=FOUND_OUT):
    with pytest.raises(LibraryError) as caught:
        open_library([path], options)
    assert caught.value.exit_code == 2
    return str(caught.value)


@pytest.mark.parametrize("content", [b"", b"smiles,name\n", b"\n\n", b"# nothing here\n"])
@pytest.mark.parametrize("packing", ["", ".gz"])
def test_30_file_without_molecules_is_refused(write, content, packing):
    path = write("empty.csv" + packing, gzip.compress(content) if packing else content)
    assert re.match(r"empty\.csv(\.gz)?: .*no molecules", refusal(path))


def test_31_byte_order_mark_is_invisible(write):
    library = open_library([write("a.csv", b"\xef\xbb\xbf" + DRUGS)])
    assert [record.id for record in library.records()] == ["aspirin", "caffeine"]
    assert library.columns == ()
    assert "structure column 'smiles'" in library.described[0]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_32_utf_16_is_converted_and_said(write, encoding):
    library = open_library([write("a.csv", DRUGS.decode().encode(encoding))])
    assert [record.id for record in library.records()] == ["aspirin", "caffeine"]
    assert f"converted from {encoding}" in library.described[0]


def test_32_utf_16_without_mark_is_named(write):
    assert "UTF-16 without a byte-order mark" in refusal(write("a.csv", DRUGS.decode().encode("utf-16-le")))


def test_33_latin_1_is_refused_with_the_offset_of_the_byte(write):
    """A guess could turn a name into another name; the user knows what the file is."""
    content = DRUGS + "CCO,éthanol\n".encode("latin-1")
    message = refusal(write("a.csv", content))
    assert f"byte 0xe9 at offset {len(DRUGS) + 4} (line 4) is not UTF-8" in message
    assert "encoding='cp1252'" in message


def test_33_latin_1_is_read_when_the_user_says_so(write):
    path = write("a.csv", DRUGS + "CCO,éthanol\n".encode("cp1252"))
    assert names(path, ReadOptions(encoding="cp1252"))[-1] == "éthanol"


def test_33_bad_byte_far_into_the_file_is_found_before_any_work(write):
    path = write("a.csv", DRUGS + b"CCO,ethanol\n" * 100_000 + b"CCO,\xff\n")
    assert "(line 100004) is not UTF-8" in refusal(path)


def test_43_line_of_50_megabytes_is_refused(write):
    path = write("a.csv", DRUGS + b"C" * 50_000_000 + b",long\n")
    assert "line 4 is longer than the limit of 16777216 bytes" in refusal(path)


@pytest.mark.parametrize("name", ["a.csv", "a.smi", "a.parquet"])
def test_43_cell_beyond_the_limit_costs_only_its_row(tmp_path, name):
    long, path = "C" * 200_000, tmp_path / name
    smiles, ids = ["CCO", long, "CCN"], ["x1", "x2", "x3"]
    if name == "a.parquet":
        pq.write_table(pa.table({"smiles": smiles, "id": ids}), path)
    else:
        glue = "," if name == "a.csv" else " "
        path.write_text("".join(f"{s}{glue}{i}\n" for s, i in zip(smiles, ids, strict=True)))
    first, bad, last = open_library([str(path)]).records()
    assert (first.id, last.id) == ("x1", "x3")
    assert (bad.fault.status, bad.fault.code) == ("unsupported", "too_long")
    assert re.search(r"a cell of 20000\d characters, the limit is 131072", bad.fault.reason)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (b"<!DOCTYPE html><html>Not found</html>", "a web page (HTML)"),
        (b"\n  <HTML><body>404</body>", "a web page (HTML)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old .xls workbook"),
        (b"PAR1\x15\x04", "a Parquet file"),
        (b"\x80\x04\x95\x10\x00", "a Python pickle, which molscreen never opens"),
        (gzip.compress(gzip.compress(DRUGS)), "gzip data, compressed twice"),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.sdf"])
def test_44_foreign_content_is_named(write, name, content, kind):
    message = refusal(write(name, content))
    assert f"this is {kind}" in message
    assert f"although its name ends in {name[1:]}" in message


def test_44_zip_and_workbook_are_told_apart(write):
    for member, kind in [
        ("library.csv", "a ZIP archive; unpack it"),
        ("xl/workbook.xml", "an Excel workbook"),
    ]:
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w") as archive:
            archive.writestr(member, "CCO")
        assert f"this is {kind}" in refusal(write("a.csv", sink.getvalue()))


@pytest.mark.parametrize("packing", PACK)
def test_compression_is_told_by_content(write, packing):
    """A file renamed by a browser, or packed without its suffix, is read all the same."""
    assert names(write(f"a.csv.{packing}", PACK[packing](DRUGS))) == ["aspirin", "caffeine"]
    assert names(write("b.csv", PACK[packing](DRUGS))) == ["aspirin", "caffeine"]
    assert names(write(f"c.csv.{packing}", DRUGS)) == ["aspirin", "caffeine"]
    assert (
        names(write(f"d.csv.{packing}", PACK[packing](DRUGS) + PACK[packing](b"CCO,ethanol\n")))[-1]
        == "ethanol"
    )


@pytest.mark.parametrize("packing", PACK)
def test_46_decompression_bomb_is_stopped(write, packing):
    """It stops at 8 MiB of output, before the 24 MB inside."""
    message = refusal(write(f"a.smi.{packing}", PACK[packing]((b"C" * 9999 + b"\n") * 2400)))
    assert re.search(r"more than 8388608 bytes come out of \d+, refused as a decompression bomb", message)


def test_46_byte_cap_holds_for_plain_files_too(write):
    options = ReadOptions(limits=Limits(decoded_bytes=50))
    assert "more than 50 bytes" in refusal(write("a.csv", DRUGS), options)


@pytest.mark.parametrize("packing", PACK)
def test_47_truncated_or_corrupt_file_is_refused(write, packing):
    """Damage anywhere is found when the library is opened, not in the last hour of a run."""
    body = b"".join(b"CCO,%032x\n" % (i * 0x9E3779B97F4A7C15F39CC0605CEDC835) for i in range(10_000))
    whole = PACK[packing](DRUGS + body)
    middle = len(whole) // 2
    for damaged in (whole[:middle], whole[:-3], whole[:middle] + b"\0" * 64 + whole[middle + 64 :]):
        assert "data is damaged or cut short" in refusal(write(f"a.csv.{packing}", damaged))


def test_50_file_that_changes_while_in_use_is_refused(write):
    path = write("a.csv", DRUGS)
    library = open_library([path])
    before = library.digest()
    write("a.csv", DRUGS + b"CCO,ethanol\n")
    with pytest.raises(RunError, match=r"a\.csv: the file changed while it was in use"):
        list(library.records())
    assert open_library([path]).digest() != before


def test_file_that_vanishes_between_two_looks_ends_the_work_in_words(write, tmp_path):
    """A share that is unmounted in the night: what is done is kept, and the run says how to go on."""
    library = open_library([write("a.csv", DRUGS), write("b.csv", DRUGS)])
    records = library.records()
    next(records)
    (tmp_path / "b.csv").unlink()
    with pytest.raises(RunError, match=r"b\.csv: the file cannot be read any more: No such file"):
        list(records)


def test_50_file_that_changes_during_reading_is_refused(write):
    path = write("a.csv", DRUGS)
    records = open_library([path]).records()
    next(records)
    os.utime(path, ns=(1, 1))
    with pytest.raises(RunError, match="changed while it was in use"):
        list(records)


def test_50_file_that_changes_is_refused_long_before_its_end(write, monkeypatch):
    """Its rows may take a night to be scored."""
    monkeypatch.setattr("molscreen.data.files.container.LOOK", 0.0)
    path = write("a.csv", DRUGS + 200_000 * b"CCO,ethanol\n")
    records = open_library([path]).records()
    next(records)
    os.utime(path, ns=(1, 1))
    given = []
    with pytest.raises(RunError, match="changed while it was in use"):
        given.extend(record.row for record in records)
    assert len(given) < 100_000


def test_standard_input_is_kept_for_as_long_as_the_library(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    library = open_library(["-"], stdin=io.BytesIO(gzip.compress(DRUGS)))
    assert [record.id for record in library.records()] == ["aspirin", "caffeine"]
    assert [record.source for record in library.records()] == ["standard input"] * 2
    assert list(library.digest()) == ["standard input"]
    assert len(list(tmp_path.iterdir())) == 1
    del library
    assert list(tmp_path.iterdir()) == []


def test_unknown_encoding_is_a_config_error():
    with pytest.raises(ConfigError, match="unknown encoding 'klingon'"):
        ReadOptions(encoding="klingon")
