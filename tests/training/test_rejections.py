"""What a training could not use is listed in the words and columns of a screen."""

import csv

import numpy as np

from molscreen.chem.compound import Rejection
from molscreen.data.measured.assay import read_assay
from molscreen.data.measured.unread_cell import UnreadCell, describe_unread
from molscreen.data.own_file.user_card import UserColumns, card_for_file
from molscreen.data.reasons import count_reasons, list_reasons
from molscreen.screening.results.settle import REJECTION_COLUMNS
from molscreen.training.rejections import (
    COLUMNS,
    describe_refused,
    list_refused,
    tell_rejections,
    write_rejections,
)

PENTAVALENT = Rejection("a.csv:3", "CC(C)(C)(C)C", "standardize", "invalid", "valence", "five bonds", "neo")
WORDS = Rejection("a.csv:4", "CCO", "read", "invalid", "value", "column 'y': 'about 5' is not a number")


def test_columns_are_those_of_a_screen():
    """One table to learn for both."""
    assert [name for name in REJECTION_COLUMNS if name in COLUMNS] == list(COLUMNS)


def test_reasons_are_counted_the_most_frequent_first():
    assert list_reasons(count_reasons([WORDS, PENTAVALENT, WORDS])) == "2 invalid/value, 1 invalid/valence"


def test_rows_and_cells_are_told_and_listed_from_the_top(tmp_path):
    """A row of two targets keeps the one that can be read; it is refused where nothing is left."""
    path = tmp_path / "a.csv"
    path.write_text("smiles,a,b\nCCO,5,5.3*\nCC(C)(C)(C)C,5,5\nCCN,6,7\nCCC,high,high\nCCCC,high,4\n")
    columns = UserColumns(targets=("a", "b"), kind="regression")
    table = read_assay(card_for_file(path, columns))
    assert len(table) + len(table.rejections) == 5
    assert [(each.source, each.code) for each in list_refused(table)] == [
        ("a.csv:2", "cell"),
        ("a.csv:3", "valence"),
        ("a.csv:5", "value"),
        ("a.csv:6", "cell"),
    ]
    assert describe_refused([table]) == (
        "2 of 5 rows refused (1 invalid/valence, 1 invalid/value)",
        "2 cells of the 3 rows that are used cannot be read, and are missing there",
        "column 'b': 2 cells cannot be read: '5.3*' (1), 'high' (1); leave empty what was not measured",
        "column 'a': 2 cells cannot be read: 'high' (2); leave empty what was not measured",
    )


def test_the_column_at_fault_is_told_not_the_value_beside_it(tmp_path):
    """An IC50 of 45 % can be read; that nobody should leave it empty, but look at its unit, is said."""
    path = tmp_path / "a.csv"
    path.write_text(
        "smiles,IC50,rel,unit,logD\nCCO,5,=,nM,1\nCCN,45,=,%,2\nCCC,50,=,%,3\nCCCC,<7,>,uM,4\nCCCN,9,about,uM,5\n"
    )
    said = UserColumns(targets=("IC50", "logD"), relations={"IC50": "rel"}, units={"IC50": "unit"})
    table = read_assay(card_for_file(path, said))
    assert len(table) == 5
    assert describe_refused([table]) == (
        "4 cells of the 5 rows that are used cannot be read, and are missing there",
        "column 'unit': 2 cells cannot be used: '%' (2); the values beside them are left out",
        "column 'rel': 2 cells cannot be used: '>' (1), 'about' (1); the values beside them are left out",
    )
    assert [(each.source, each.reason.partition(": ")[0]) for each in list_refused(table)] == [
        (f"a.csv:{line}", "column 'IC50'") for line in (3, 4, 5, 6)
    ]


def test_nothing_is_said_of_what_is_used(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("smiles,a\nCCO,5\nCCN,\n")
    assert describe_refused([read_assay(card_for_file(path, UserColumns(targets=("a",))))]) == ()


def test_inactive_is_a_limit_that_was_not_written():
    """Left out, the compounds that do nothing teach nothing, and all the rest is active."""
    texts = [f"5.{i}*" for i in range(7)] + ["Inactive"] * 40
    cells = [UnreadCell(column="pIC50", text=text, rejection=WORDS) for text in texts]
    counted, hint = describe_unread(cells)
    assert counted.startswith("column 'pIC50': 47 cells cannot be read: 'Inactive' (40), '5.0*' (1), ")
    assert counted.endswith("'5.4*' (1) and 2 other texts; leave empty what was not measured")
    assert hint.startswith("'Inactive' in column 'pIC50' says that a value lies beyond a limit of the assay")


def test_only_with_a_file_is_it_named(tmp_path):
    """That of a call before is taken away where nothing is refused any more."""
    path, listed = tmp_path / "a.csv", tmp_path / "rejections.csv"
    path.write_text("smiles,a,b\nCCO,5,5.3*\nCCN,6,7\n")
    columns = UserColumns(targets=("a", "b"), kind="regression")
    table = read_assay(card_for_file(path, columns))
    for place, end in ((None, "is missing there"), (listed, f"is missing there; see {listed}")):
        told: list[str] = []
        tell_rejections({"a.csv": table}, path=place, tell=told.append)
        assert told[0] == f"1 cell of the 2 rows that are used cannot be read, and {end}"
        assert listed.exists() == (place is not None)
    tell_rejections({"a.csv": table.select(np.array([1]))}, path=listed, tell=told.append)
    assert len(told) == 2
    assert not listed.exists()


def test_every_rejection_is_a_row_with_its_line(tmp_path):
    """A cell may hold commas and quotes; it comes back as it was."""
    path = tmp_path / "new" / "rejections.csv"
    write_rejections(path, {"a.csv": [PENTAVALENT, WORDS]})
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == {
        "source": "a.csv",
        "line": "3",
        "id": "neo",
        "input_smiles": "CC(C)(C)(C)C",
        "status": "invalid",
        "stage": "standardize",
        "reason_code": "valence",
        "reason": "five bonds",
    }
    assert rows[1]["reason"] == WORDS.reason
    assert [each.name for each in path.parent.iterdir()] == ["rejections.csv"]


def test_files_of_one_name_are_told_apart(tmp_path):
    """Every TDC data set has a train_val.csv.gz."""
    path = tmp_path / "rejections.csv"
    write_rejections(path, {"herg": [PENTAVALENT], "ames": [WORDS]})
    with path.open(newline="") as file:
        assert [row["source"] for row in csv.DictReader(file)] == ["herg/a.csv", "ames/a.csv"]
