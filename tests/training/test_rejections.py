"""What a training could not use is listed in the words and columns of a screen."""

import csv

from molscreen.chem.compound import Rejection
from molscreen.screening.results.settle import REJECTION_COLUMNS
from molscreen.training.rejections import COLUMNS, count_reasons, write_rejections

PENTAVALENT = Rejection("a.csv:3", "CC(C)(C)(C)C", "standardize", "invalid", "valence", "five bonds", "neo")
WORDS = Rejection("a.csv:4", "CCO", "read", "invalid", "value", "column 'y': 'about 5' is not a number")


def test_columns_are_those_of_a_screen():
    """One table to learn for both."""
    assert [name for name in REJECTION_COLUMNS if name in COLUMNS] == list(COLUMNS)


def test_reasons_are_counted_the_most_frequent_first():
    assert count_reasons([WORDS, PENTAVALENT, WORDS]) == "2 invalid/value, 1 invalid/valence"


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
