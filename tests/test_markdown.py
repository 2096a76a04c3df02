"""A table stays a table, whatever is written in it."""

from __future__ import annotations

from molscreen.markdown import cell, markdown_table, plain


def test_no_text_ends_its_cell_or_its_line():
    """Names of columns, data sets and endpoints are their owners'."""
    assert markdown_table(("a|b", "c\nd"), [("x | y", "one\n\ntwo")]).splitlines() == [
        "| a\\|b | c d |",
        "|---|---|",
        "| x \\| y | one two |",
    ]


def test_tags_are_shown_and_comparisons_left_alone():
    assert cell("<img src=x>") == "&lt;img src=x>"
    assert plain("IC50 < 10 µM, <5 of them") == "IC50 < 10 µM, <5 of them"
    assert plain("`<b>`") == "`<b>`"  # code is shown as it is


def test_missing_is_a_dash_and_no_rows_are_no_table():
    assert [cell(None), cell(float("nan")), cell(0.0), cell(12_345)] == ["–", "–", "0", "12,345"]
    assert markdown_table(("endpoint", "n"), []) == ""
