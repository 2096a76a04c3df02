"""Text tables and SMILES files: every line is a record or is counted (entries 3, 12, 34-43)."""

from __future__ import annotations

import pytest

from molscreen.data.files.library import open_library
from molscreen.data.files.record import FOUND_OUT, Limits, ReadOptions
from molscreen.errors import ConfigError, LibraryError


@pytest.fixture
def read(tmp_path):
    """The library of one file with that content."""

    def read(name, content, options=FOUND_OUT):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_library([str(path)], options)

    return read


def rows(library):
    return [(record.raw, record.id, *record.fields) for record in library.records()]


def test_3_first_blank_ends_the_smiles_of_a_smi(read):
    library = read("a.smi", "CCO ethanol\nCCN\tethyl amine, pure\nCCC\n")
    assert rows(library) == [("CCO", "ethanol"), ("CCN", "ethyl amine, pure"), ("CCC", "")]
    assert "the first blank ends the SMILES, then comes the id" in library.described[0]
    assert all(record.note is None for record in library.records())


def test_3_name_that_is_a_structure_is_noted(read):
    """Acetic acid was read; that the rest was meant as its name is only likely."""
    (record,) = read("a.smi", "CC(=O)O c1ccccc1\n").records()
    assert (record.raw, record.id) == ("CC(=O)O", "c1ccccc1")
    assert record.note.code == "trailing_text_parses_as_smiles"
    assert "'c1ccccc1' after the structure was read as its name, but is a structure too" in record.note.text


@pytest.mark.parametrize("name", ["CHEMBL25", "NSC 12", "CN-1", "C60", "CCO"])
def test_3_ordinary_names_are_not_noted(read, name):
    (record,) = read("a.smi", f"CCO {name}\n").records()
    assert (record.id, record.note) == (name, None)


def test_3_blank_in_a_csv_cell_is_left_for_the_chemistry(read):
    assert rows(read("a.csv", "smiles,id\nCCO ethanol,1\n CC,2\n")) == [("CCO ethanol", "1"), (" CC", "2")]


def test_3_cxsmiles_extension_belongs_to_the_structure(read):
    library = read("a.smi", "C[C@H](N)O |&1:1| racemate one\nCCO |$;;x$|\nCCN |broken\n")
    assert rows(library) == [
        ("C[C@H](N)O |&1:1|", "racemate one"),
        ("CCO |$;;x$|", ""),
        ("CCN |broken", ""),
    ]


def test_5_only_ascii_blanks_end_a_smiles(read):
    """A no-break space is part of the text, so that it is refused and not trimmed."""
    assert rows(read("a.smi", "CCO\u00a0x name\n\u200bCC y\n"))[0] == ("CCO\u00a0x", "name")


def test_12_missing_words_are_ordinary_names(read):
    names = ["nan", "None", "NA", "#N/A", "null", ""]
    library = read("a.csv", "smiles,name,x\n" + "".join(f"CCO,{name},{name}\n" for name in names))
    assert rows(library) == [("CCO", name, name) for name in names]


@pytest.mark.parametrize("name", ["a.csv", "a.smi"])
@pytest.mark.parametrize("ends", [["\n"], ["\r\n"], ["\r"], ["\n", "\r\n", "\r"]])
def test_34_any_line_end_gives_the_same_rows(read, name, ends):
    glue = " " if name == "a.smi" else ","
    text = "".join(f"{'C' * i}O{glue}alcohol-{i}{ends[i % len(ends)]}" for i in range(1, 10))
    library = read(name, text)
    assert rows(library) == [("C" * i + "O", f"alcohol-{i}") for i in range(1, 10)]
    assert [record.line for record in library.records()] == list(range(1, 10))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "smiles;name;logP\nCCO;ethanol;-0,31\nCCN;ethylamine;-0,13\n", "semicolon-separated"),
        ("a.csv", "CCO;1,5\nCCN;2,5\n", "semicolon-separated"),
        ("a.csv", "smiles\tname\nCCO\tethanol, pure\n", "tab-separated"),
        ("a.tsv", "smiles,name\nCCO,ethanol\n", "comma-separated"),
        ("a.smi", "CCO\t1\t46.1\nCCN\t2\t45.1\n", "tab-separated"),
        ("a.smi", "CCO,ethanol\nCCN,ethylamine\n", "comma-separated"),
        ("a.smi", "CCO ethanol\nCCN ethylamine\n", "space-separated"),
        ("a.txt", "CCO ethanol\nCCN ethylamine\n", "space-separated"),
        ("a.txt", "CCO\nCCN\n", "space-separated"),
        ("a.csv", "smiles\nCCO\nCCN\n", "one column"),
    ],
)
def test_35_delimiter_is_found_and_stated(read, name, text, said):
    library = read(name, text)
    assert said in library.described[0]
    assert [record.raw for record in library.records()][:2] == ["CCO", "CCN"][: library.n_records]


def test_35_delimiter_can_be_said(read):
    library = read("a.csv", "smiles|name\nCCO|a,b\n", ReadOptions(delimiter="|"))
    assert rows(library) == [("CCO", "a,b")]
    with pytest.raises(ConfigError, match="expected one character or one of comma, semicolon, tab, space"):
        ReadOptions(delimiter="tabs")


def test_36_quoted_cells_are_exact_and_lines_are_physical(read):
    text = 'smiles,name,note\nCCO,"a ""good"" one","x, y"\n\nCCN,"two\r\nlines",z\nCCC,last,\n'
    library = read("a.csv", text)
    assert rows(library) == [
        ("CCO", 'a "good" one', "x, y"),
        ("CCN", "two\r\nlines", "z"),
        ("CCC", "last", ""),
    ]
    assert [record.line for record in library.records()] == [2, 4, 6]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('smiles,name\nCCO,"ethanol\nCCN,amine\n', 2),
        ('smiles,name\nCCO,ethanol\nCCN,"amine', 3),
        ('smiles,name\n"CC\nO",x\nCCO,"y\nCCN,z\n', 4),
        ('smiles,name\nCCO,"ethanol\nCCN,"amine"\nCCC,propane\n', 2),
        ('smiles,name\nCCO,"' + "x,y\n" * 50_000, 2),
    ],
)
def test_37_quote_that_is_not_closed_is_refused_with_its_line(read, text, line):
    with pytest.raises(LibraryError, match=f"a.csv: the quote opened on line {line} is not closed"):
        read("a.csv", text)


def test_37_quote_misplaced_within_a_line_costs_only_that_row(read):
    first, bad, last = read("a.csv", 'smiles,name\nCCO,a\nCCN,"b" c\nCCC,d\n').records()
    assert (first.id, last.id) == ("a", "d")
    assert (bad.fault.stage, bad.fault.status, bad.fault.code) == ("read", "invalid", "csv_syntax")
    assert bad.fault.raw == 'CCN,"b" c'
    assert "text after a closing quote" in bad.fault.reason


def test_38_ragged_row_is_refused_and_never_shifted(read):
    library = read("a.csv", "smiles,name,dose\nCCO,a,1\nCCN,b,x,2\nCCC,c\nCC,d,4\n")
    first, wide, narrow, last = library.records()
    assert [(r.raw, r.id, r.fields) for r in (first, last)] == [("CCO", "a", ("1",)), ("CC", "d", ("4",))]
    assert (wide.fault.status, wide.fault.code) == ("invalid", "field_count")
    assert wide.fault.reason == "4 fields, expected 3"
    assert (wide.fault.source, wide.fault.raw, wide.row) == ("a.csv:3", "CCN,b,x,2", 1)
    assert narrow.fault.reason == "2 fields, expected 3"
    assert (narrow.fields, narrow.id) == (("",), "")
    assert "2 unreadable (field_count)" in library.described[0]


def test_38_quote_that_swallows_rows_is_told_in_the_reason(read):
    text = 'smiles,name\nCCO,a\n"CCN,b\nCCC,c"\nCC,d\n'
    _, bad, last = read("a.csv", text).records()
    assert bad.fault.reason == "1 fields, expected 2; a quote holds lines 3 to 4 together"
    assert bad.fault.raw == '"CCN,b\nCCC,c"'
    assert last.line == 5


@pytest.mark.parametrize("name", ["a.csv", "a.smi", "a.txt"])
def test_39_first_molecule_without_header_is_kept(read, name):
    glue = " " if name == "a.smi" else ","
    library = read(name, f"CCO{glue}ethanol\nCCN{glue}ethylamine\n")
    assert rows(library) == [("CCO", "ethanol"), ("CCN", "ethylamine")]
    assert "no header found" in library.described[0]


def test_39_header_of_a_smi_is_no_molecule(read):
    assert rows(read("a.smi", "SMILES Name\nCCO ethanol\n")) == [("CCO", "ethanol")]


def test_39_header_can_be_said(read):
    text = "Stoff,CN\nethanol,CCO\n"
    assert len(rows(read("a.csv", text))) == 2
    library = read("a.csv", text, ReadOptions(header=True))
    assert library.columns == ("Stoff",)
    assert len(rows(read("a.csv", "smiles\nCCO\n", ReadOptions(header=False)))) == 2


def test_39_title_above_the_header_is_a_refused_row(read):
    """What stands before the header is not skipped in silence, and does not hide the header."""
    title, first = read("a.csv", "Our compounds 2026\nsmiles,name,x\nCCO,ethanol,1\n").records()
    assert (title.fault.code, title.fault.raw, title.line) == ("field_count", "Our compounds 2026", 1)
    assert (first.raw, first.id, first.fields, first.line) == ("CCO", "ethanol", ("1",), 3)


@pytest.mark.parametrize("header", ["smiles,smiles", "smiles,canonical_smiles", "SMILES,cxsmiles"])
def test_40_two_structure_columns_are_asked_about(read, header):
    first, second = header.split(",")
    with pytest.raises(LibraryError) as caught:
        read("a.csv", f"{header}\nCCO,CCN\n")
    assert f"2 columns could hold the structures: '{first}' (column 1), '{second}' (column 2)" in str(
        caught.value
    )
    assert "--smiles-column" in str(caught.value)
    assert rows(read("a.csv", f"{header}\nCCO,CCN\n", ReadOptions(smiles_column="2")))[0][0] == "CCN"


def test_40_other_repeated_columns_are_kept_under_two_names(read):
    library = read("a.csv", "smiles,y,y,\nCCO,1,2,3\n")
    assert library.columns == ("y", "y_3", "column_4")
    assert rows(library) == [("CCO", "", "1", "2", "3")]
    assert "unnamed or repeated columns are called 'y_3', 'column_4'" in library.described[0]


def test_41_comment_and_blank_lines_are_skipped_and_counted(read):
    library = read("a.csv", "# made by hand\n\nsmiles,name\nCCO,a\n   \n# x\nCCN,#1\n\n")
    assert rows(library) == [("CCO", "a"), ("CCN", "#1")]
    assert "3 blank lines and 2 comment lines skipped" in library.described[0]
    assert [record.line for record in library.records()] == [4, 7]


def test_41_row_that_begins_like_a_comment_is_no_comment(read):
    """A line with as many cells as a row is a row: better one refused structure than a lost one."""
    assert rows(read("a.csv", "id,smiles\n#7,CCO\n8,CCN\n")) == [("CCO", "#7"), ("CCN", "8")]


def test_41_smi_comments_are_counted(read):
    library = read("a.smi", "# two alcohols\nCO methanol\n\nCCO ethanol\n")
    assert rows(library) == [("CO", "methanol"), ("CCO", "ethanol")]
    assert "1 blank line and 1 comment line skipped" in library.described[0]


@pytest.mark.parametrize(
    "identity", ["00123", "1e5", "12345678901234567890123", "1.0", "0x1F", "+5", " 7 ", "TRUE"]
)
def test_42_ids_are_text(read, identity):
    assert rows(read("a.csv", f"id,smiles,x\n{identity},CCO,{identity}\n")) == [("CCO", identity, identity)]


def test_43_more_columns_than_the_limit_are_refused(read):
    header = ",".join(["smiles", *(f"c{i}" for i in range(299))])
    with pytest.raises(LibraryError, match=r"a\.csv: 300 columns, the limit is 256"):
        read("a.csv", f"{header}\nCCO{',1' * 299}\n")
    options = ReadOptions(limits=Limits(columns=300))
    assert len(read("a.csv", f"{header}\nCCO{',1' * 299}\n", options).columns) == 299
