"""The column of dates is found where there is one, and never guessed where there are two."""

from __future__ import annotations

import pytest

from molscreen.data.own_file.time_column import find_time_column
from molscreen.data.own_file.user_card import UserColumns
from molscreen.errors import LibraryError

SMILES = ("CC(=O)Oc1ccccc1C(=O)O", "Cn1cnc2c1c(=O)n(C)c(=O)n2C", "CC(C)Cc1ccc(cc1)C(C)C(=O)O")
COLUMNS = UserColumns(targets=("pIC50",))


@pytest.fixture
def write(tmp_path):
    """A CSV of three drugs with the columns that are given."""

    def write(**columns):
        names = {"smiles": SMILES, "pIC50": ("2.1", "5", "1999")} | columns
        lines = [",".join(names), *(",".join(row) for row in zip(*names.values(), strict=True))]
        (tmp_path / "assay.csv").write_text("\n".join(lines) + "\n")
        return tmp_path / "assay.csv"

    return write


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("year", ("1996", "2001", "2010")),
        ("AssayDate", ("2015-07-02", "", "2016-01-01T12:00:00")),
        ("document_year", ("1996", "n/a", "2010")),
        ("time", ("1", "2", "3.5")),
        ("batch", ("1996", "2001", "2010")),
    ],
)
def test_one_column_of_times_is_found(write, name, values):
    """By its name, or, whatever its name, by holding nothing but years or ISO dates."""
    assert find_time_column(write(dose=("1", "2", "3"), **{name: values}), COLUMNS) == name


def test_a_name_outranks_content(write):
    """A number of a notebook page may look like a year; 'date' says what it is."""
    path = write(page=("1996", "2001", "2010"), date=("2015-07-02", "2016-07-02", "2017-07-02"))
    assert find_time_column(path, COLUMNS) == "date"


@pytest.mark.parametrize("name", ["retention_time", "lifetime", "yearning"])
def test_other_times_are_no_dates(write, name):
    """A retention time is a measurement."""
    with pytest.raises(LibraryError, match="no column of dates or years found"):
        find_time_column(write(**{name: ("3.2", "4.1", "7")}), COLUMNS)


def test_none_lists_the_columns_and_the_option(write):
    message = r"assay\.csv: no column of dates.*--time-column.*Columns: 'pIC50', 'dose'"
    with pytest.raises(LibraryError, match=message):
        find_time_column(write(dose=("1", "2", "3")), COLUMNS)


def test_several_are_named(write):
    path = write(year=("1996", "2001", "2010"), date=("2015-07-02", "2016-07-02", "2017-07-02"))
    with pytest.raises(LibraryError, match=r"2 columns could be the time: 'year', 'date'\. Name one with"):
        find_time_column(path, COLUMNS)


def test_dates_that_cannot_be_read_are_shown(write):
    """2 July or 7 February? The reader must say."""
    path = write(date=("02/07/2015", "03/07/2015", "04/07/2015"))
    with pytest.raises(LibraryError, match=r"'date' holds '02/07/2015', expected .* such as 2015-07-02"):
        find_time_column(path, COLUMNS)


def test_a_measurement_is_no_time(write):
    """A target whose values look like years is what is learnt, not when it was measured."""
    path = write(count=("1996", "2001", "2010"))
    with pytest.raises(LibraryError, match="no column of dates"):
        find_time_column(path, UserColumns(targets=("count",)))
