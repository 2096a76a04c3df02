"""What a notebook shows of a shortlist, and of what is made of one."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from molscreen.screening.results.frame import HitFrame
from molscreen.screening.results.run import open_run

ASPIRIN, CAFFEINE = "CC(=O)Oc1ccccc1C(=O)O", "Cn1c(=O)c2c(ncn2C)n(C)c1=O"


@pytest.fixture
def hits() -> HitFrame:
    return HitFrame(
        {"id": ["a", "b"], "key": [ASPIRIN, CAFFEINE], "score": [0.5, 0.25], "series": ["acid", "xanthine"]}
    )


def rows(page: str) -> list[list[str]]:
    """The texts of each row's cells, headings first."""
    return [
        [re.sub("<[^>]*>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
        for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL)
    ]


def test_a_table_without_compounds_is_shown_as_pandas_does(hits: HitFrame) -> None:
    """Means of groups without the groups would say nothing; nor is there a structure to draw."""
    for made in (hits.groupby("series")[["score"]].mean(), hits[["id", "score"]], hits[["score"]].T):
        assert made._repr_html_() == pd.DataFrame(made)._repr_html_()


def test_labels_are_shown_unless_they_only_count(hits: HitFrame) -> None:
    assert rows(hits.iloc[[1]]._repr_html_())[1][:2] == ["", "b"]
    head, first, _ = rows(hits.set_index("id")._repr_html_())
    assert (head[:3], first[:2]) == (["id", "structure", "key"], ["a", ""])
    head, first, _ = rows(hits.set_index(["series", "id"])._repr_html_())
    assert (head[:3], first[:3]) == (["series", "id", "structure"], ["acid", "a", ""])


def test_a_column_that_is_there_twice_keeps_its_heading(hits: HitFrame) -> None:
    """Two runs are compared by putting their scores side by side."""
    other = hits[["score"]] / 2
    page = pd.concat([hits[["id", "key", "score"]], other, hits[["series"]]], axis=1)._repr_html_()
    assert rows(page)[:2] == [
        ["structure", "id", "key", "score", "score", "series"],
        ["", "a", ASPIRIN, "0.5", "0.25", "acid"],
    ]


def test_a_key_of_the_users_is_not_drawn(hits: HitFrame, capfd: pytest.CaptureFixture[str]) -> None:
    page = hits.assign(key=["cmpd-67", ASPIRIN])._repr_html_()
    assert page.count("<img") == 1
    assert "cmpd-67" in page
    assert capfd.readouterr().err == ""


def test_of_many_columns_those_are_shown_that_are_read_first(small_run: Path) -> None:
    """A shortlist has up to 150; how many there are is said, and pandas' own option shows them."""
    hits = open_run(small_run).shortlist
    head, first, *_ = rows(page := hits._repr_html_())
    assert sorted(head[1:]) == sorted(
        [*("rank", "id", "score", "status", "in_domain", "alerts"), "term_pIC50", "term_hERG", "term_QED"]
    )
    assert head[:4] == ["structure", "rank", "id", "score"]
    assert first[1:3] == ["1", hits["id"].iloc[0].replace("<", "&lt;").replace(">", "&gt;")]
    assert f"<p>5 of 5 rows, 9 of {len(hits.columns)} columns</p>" in page
    with pd.option_context("display.max_columns", None):
        head, *_ = rows(hits._repr_html_())
    assert {"inchikey", "hERG_high", "MolWt", "batch"} <= set(head)
    named = hits[["key", "hERG", "MolWt"]]._repr_html_()
    assert rows(named)[0] == ["structure", "key", "hERG", "MolWt"]
    assert "<p>" not in named


def test_of_many_rows_the_first_are_drawn() -> None:
    hits = HitFrame({"key": ["CCO"] * 40, "score": [0.5] * 40})
    assert "<p>30 of 40 rows, 2 of 2 columns</p>" in hits._repr_html_()
    assert hits[30:]._repr_html_().count("<img") == 10
    wide = HitFrame({"key": ["CCO"], **{f"mine {i}": [i] for i in range(30)}})
    assert "<p>1 of 1 rows, 20 of 31 columns</p>" in wide._repr_html_()
