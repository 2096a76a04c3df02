"""The page of a design: what it counts, whom it credits, and that it shows nothing of an unfinished one."""

import json
import math

import pyarrow as pa
import pytest

from molscreen.errors import RunError
from molscreen.generation.search.history import Call, to_arrow
from molscreen.report.search import write_search_report
from molscreen.screening.folder.commit import write_part

SEED, CHILD, GRANDCHILD = "Cc1ccccc1", "Oc1ccccc1", "Nc1ccccc1"
CALLS = (
    Call(1, 1, SEED, 0.2),
    Call(2, 1, "CCO", math.nan),
    Call(3, 2, CHILD, 0.5, "genetic", (SEED,), "CH3 → OH", "ucb"),
    Call(4, 3, GRANDCHILD, 0.75, "<b>fragments</b>", (CHILD, "CCO"), "O → N", "share"),
)
RECORD = {
    "asked": {
        "plan": {"name": "two wishes", "description": "Potent & clean"},
        "design": {"budget": 4, "bold": False},
    },
    "outcome": {
        "calls": 4, "unscored": 1, "refused": {"too large": 3, "known": 2}, "stopped": "spent",
        "bad_seeds": [],
    },
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "search").mkdir()
    (tmp_path / "design.json").write_text(json.dumps(RECORD))
    table: pa.Table = to_arrow(CALLS)
    write_part(tmp_path / "search" / "history.parquet", table, {})
    return tmp_path


def test_figures_are_those_of_the_history(folder):
    page = write_search_report(folder).read_text()
    for name, value in (("compounds scored", "4"), ("best reward", "0.75"), ("best seed", "0.2")):
        assert f"<dt>{name}</dt><dd>{value}</dd>" in page
    assert "<dt>proposals refused</dt><dd>5</dd>" in page
    assert "best so far: 0.75" in page
    assert f"mean of the 10 best so far: {(0.2 + 0.5 + 0.75) / 3:.3g}" in page


def test_descent_goes_by_the_better_parent_from_the_seed(folder):
    """CCO has no score: the line of aniline goes by phenol."""
    page = write_search_report(folder).read_text()
    first = page[page.index("Where the best came from") :]
    order = [first.index(f'alt="{key}"') for key in (SEED, CHILD, GRANDCHILD)]
    assert order == sorted(order)
    assert 'alt="CCO"' not in first


def test_names_are_text_and_never_markup(folder):
    page = write_search_report(folder).read_text()
    assert "<b>fragments</b>" not in page
    assert "&lt;b&gt;fragments&lt;/b&gt;" in page
    assert "Potent &amp; clean" in page


def test_an_unfinished_design_has_no_page(folder):
    (folder / "design.json").write_text(json.dumps({"asked": RECORD["asked"]}))
    with pytest.raises(RunError, match="this design is not finished; go on with it by --resume"):
        write_search_report(folder)


def test_before_the_first_score_there_is_no_curve(folder):
    """Missing is never zero."""
    table = to_arrow([Call(1, 1, "CCO", math.nan), *CALLS[:1]])
    write_part(folder / "search" / "history.parquet", table, {})
    page = write_search_report(folder).read_text()
    assert 'points="320.0,88.0"' in page
    assert "best so far: 0.2" in page
