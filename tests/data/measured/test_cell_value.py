"""Cells: what counts as a value, a label, a relation, a fold and a time."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molscreen.data.measured.cell_value import read_fold, read_time, read_value
from molscreen.endpoint import Endpoint

PKI = Endpoint(name="pKi", unit="pKi")
PPB = Endpoint(name="PPB", unit="%")
HALF_LIFE = Endpoint(name="Half_life", unit="h", scale="log10")
HERG = Endpoint(name="hERG", kind="classification")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6.3", (6.3, 0)),
        ("<5.0", (5.0, -1)),
        ("<= 5", (5.0, -1)),
        ("≤5", (5.0, -1)),
        ("> 30", (30.0, 1)),
        (">>1e4", (1e4, 1)),
        ("=7", (7.0, 0)),
        ("~7", (7.0, 0)),
        ("-0.4", (-0.4, 0)),
        (">-0.4", (-0.4, 1)),
    ],
)
def test_relation_before_the_number_is_kept(text, expected):
    """A censored value that is read as exact teaches the model that it was measured there."""
    assert read_value(text, PKI) == expected


def test_relation_in_its_own_column_is_kept():
    assert read_value("30000", PKI, relation="'>'") == (30000.0, 1)  # ChEMBL quotes its relations


@pytest.mark.parametrize(("text", "relation"), [("<5", ">"), (">=5", "<="), (">>5", "'<'")])
def test_a_relation_that_the_column_denies_is_refused(text, relation):
    """Either of them would be a bound on the wrong side."""
    with pytest.raises(ValueError, match=r"the cell says '.*', and the column of relations '"):
        read_value(text, PKI, relation=relation)


@pytest.mark.parametrize(
    ("text", "relation"), [("<5", "="), ("<5", "<="), ("5", "<"), ("=5", "<"), ("~5", "<")]
)
def test_a_bound_stands_beside_an_equals_sign(text, relation):
    assert read_value(text, PKI, relation=relation) == (5.0, -1)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["", "<", ">", "="]))
def test_what_is_written_is_read(number, sign):
    value, relation = read_value(f"{sign}{number!r}", PKI)
    assert value == number
    assert relation == {"": 0, "=": 0, "<": -1, ">": 1}[sign]


@pytest.mark.parametrize("text", ["1", "1.0", "Active", "TRUE", "yes"])
def test_positive_labels(text):
    assert read_value(text, HERG) == (1.0, 0)


@pytest.mark.parametrize("text", ["0", "0.0", "inactive", "False", "no"])
def test_negative_labels(text):
    assert read_value(text, HERG) == (0.0, 0)


@pytest.mark.parametrize(
    ("text", "endpoint", "message"),
    [
        ("about 5", PKI, "'about 5' is not a number"),
        ("1_0", PKI, "'1_0' is not a number"),
        ("5,2", PKI, "'5,2' is not a number, .*; write a decimal point, and nothing between thousands"),
        ("inf", PKI, "'inf' is not a number"),
        ("<", PKI, "'<' is not a number"),
        ("<>5", PKI, "the relation is '<>'"),
        ("0", HALF_LIFE, "'0' is not positive, and 'Half_life' has a log10 scale"),
        ("-3", HALF_LIFE, "is not positive"),
        ("104", PPB, r"'104' is beyond 0 to 100 %, where every share lies; if 'PPB' is none, give its unit"),
        ("-0.1", PPB, r"'-0.1' is beyond 0 to 100 %"),
        ("0.5", HERG, "'0.5' is not a label: expected 0 or 1"),
        ("<1", HERG, "'<1' is not a label"),
    ],
)
def test_what_is_no_value_is_refused(text, endpoint, message):
    with pytest.raises(ValueError, match=message):
        read_value(text, endpoint)


@pytest.mark.parametrize(
    ("text", "fold"),
    [("Train", "train"), ("val", "valid"), ("validation", "valid"), ("TEST", "test"), ("", "")],
)
def test_folds_have_synonyms(text, fold):
    assert read_fold(text) == fold


def test_unknown_fold_is_refused():
    with pytest.raises(ValueError, match="the fold is 'fold3', expected train, valid or test"):
        read_fold("fold3")


def test_times_are_ordered_whatever_their_notation():
    written = ["2014", "2014-12-31", "2015", "2015-01-02", "2015-06-30T12:00:00", "2016"]
    years = [read_time(text) for text in written]
    assert years == sorted(years)
    assert len(set(years)) == len(years)


def test_missing_time_is_nan_and_a_word_is_refused():
    assert math.isnan(read_time(""))
    with pytest.raises(ValueError, match="the time is 'last spring'"):
        read_time("last spring")


def test_a_compact_date_is_a_date():
    """20150702 years would put it after everything else."""
    assert read_time("20150702") == read_time("2015-07-02")
    for text in ("inf", "2_015", "soon"):
        with pytest.raises(ValueError, match=f"the time is '{text}', expected a year or a date"):
            read_time(text)
