"""The page of a design: what it counts, whom it credits, and that it shows nothing of an unfinished one."""

import json
import math
import re
from dataclasses import replace

import pyarrow as pa
import pytest

from molscreen.errors import RunError
from molscreen.generation.search.history import Call, to_arrow
from molscreen.report.course import plots
from molscreen.report.design import write_design_report
from molscreen.screening.folder.commit import write_part

SEED, CHILD, GRANDCHILD = "Cc1ccccc1", "Oc1ccccc1", "Nc1ccccc1"
CALLS = (
    Call(1, 1, SEED, 0.2, terms=(0.2, 0.2)),
    Call(2, 1, "CCO", math.nan),
    Call(3, 2, CHILD, 0.5, "genetic", (SEED,), "CH3 → OH", "ucb", plain=0.6, control=0.5, terms=(0.5, 0.5)),
    Call(
        4,
        3,
        GRANDCHILD,
        0.75,
        "<b>fragments</b>",
        (CHILD, "CCO"),
        "O → N",
        "share",
        plain=0.8,
        control=0.4,
        terms=(1.0, 0.5),
    ),
)
RECORD = {
    "about": {"name": "two wishes", "description": "Potent & clean", "keep": "'c' is SMARTS"},
    "asked": {"design": {"budget": 4, "bold": False}, "layout": 2},
    "outcome": {
        "calls": 4, "unscored": 1, "outside": 0, "is_far": False, "hopeless": "", "best_seed": 0.2,
        "reasons": {"filter veber": 1},
        "refused": {"too large": 3, "known": 2},
        "proposed": 10, "passed_over": 3, "stopped": "spent", "bad_seeds": [],
        "remedies": ["after call 2: <b>nothing</b> new"], "judged_by_mean": ["pIC50"],
        "gap": {"n": 2, "optimised": 0.7, "control": 0.5, "gap": 0.2, "seeds": 0.01},
        "gap_in_words": "best 2: 0.700 by the plan, 0.500 by the control",
        "front": {"compounds": 2, "of": 3, "warning": "", "hypervolume": 0.3},
        "rounds": [[3, 5, 5, 3, 1], [4, 5, 4, 3, 1]],
    },
}  # fmt: skip
PROPOSAL = {
    "rank": 1, "id": "D00004", "key": GRANDCHILD, "reward": 0.75, "plain_score": 0.8,
    "better_than_seeds": True,
    "domain": "tiny: in, its 5 nearest are 0.60 similar",
    "alerts": "aniline", "nearest_known": "toluene & co", "nearest_known_similarity": 0.61,
    "nearest_structure": SEED, "nearest_structure_similarity": 0.5,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "search").mkdir()
    (tmp_path / "design.json").write_text(json.dumps(RECORD))
    table: pa.Table = to_arrow(CALLS)
    write_part(tmp_path / "search" / "history.parquet", table, {})
    return tmp_path


def test_figures_are_those_of_the_history(folder):
    page = write_design_report(folder).read_text()
    for name, value in (("compounds scored", "4"), ("best reward", "0.7500"), ("best seed", "0.2000")):
        assert f"<dt>{name}</dt><dd>{value}</dd>" in page
    assert "<dt>refused</dt><dd>5</dd>" in page
    assert "<dt>control gap</dt><dd>+0.20</dd>" in page
    assert '<th scope="row">passed the gates, and was not picked</th><td class="n">3</td>' in page
    assert '<th scope="row">filter veber</th><td class="n">1</td>' in page
    assert "judged by the mean: pIC50" in page
    assert "after call 2: &lt;b&gt;nothing&lt;/b&gt; new" in page
    assert "best so far: 0.750" in page
    assert f"mean of the 10 best so far: {(0.2 + 0.5 + 0.75) / 3:.3g}" in page


def test_descent_goes_by_the_better_parent_from_the_seed(folder):
    """CCO has no score: the line of aniline goes by phenol."""
    page = write_design_report(folder).read_text()
    first = page[page.index("Where the best came from") :]
    order = [first.index(f'alt="{key}"') for key in (SEED, CHILD, GRANDCHILD)]
    assert order == sorted(order)
    assert 'alt="CCO"' not in first


def test_names_are_text_and_never_markup(folder):
    page = write_design_report(folder).read_text()
    assert "<b>fragments</b>" not in page
    assert "&lt;b&gt;fragments&lt;/b&gt;" in page
    assert "Potent &amp; clean" in page


def test_page_can_be_walked_through_and_traced(folder):
    """As a run's: by links to its sections, and by what the result follows from."""
    asked = RECORD["asked"] | {"bundles": {"tiny": "d" * 64}, "versions": {"rdkit": "2"}, "seeds": [SEED]}
    (folder / "design.json").write_text(json.dumps(RECORD | {"asked": asked}))
    page = write_design_report(folder).read_text()
    sections = set(re.findall(r'<section id="(\w+)"', page))
    assert (
        set(re.findall(r'href="#(\w+)"', page))
        == sections
        == {"course", "descent", "refused", "settings", "provenance"}
    )
    assert '<a class="skip" href="#course">' in page
    provenance = page.partition('id="provenance"')[2]
    assert "d" * 64 in provenance
    assert "1 in design.json" in provenance
    assert '<th scope="row">rdkit</th>' in provenance


def test_structures_can_be_copied(folder):
    """What is read off a picture is mistyped."""
    write_part(folder / "proposals.parquet", pa.Table.from_pylist([PROPOSAL]), {})
    page = write_design_report(folder).read_text()
    assert page.count(f"<figcaption><code>{GRANDCHILD}</code>") == 2
    assert f"<figcaption><code>{SEED}</code><br>Tanimoto" in page


def test_caution_is_told_unless_the_search_was_bold(folder):
    caution = "each wish judged by the less desirable end of its interval"
    assert caution in write_design_report(folder).read_text()
    asked = RECORD["asked"] | {"design": {"budget": 4, "bold": True}}
    (folder / "design.json").write_text(json.dumps(RECORD | {"asked": asked}))
    assert caution not in write_design_report(folder).read_text()


def test_a_warning_keeps_its_names(folder):
    """A sentence begins with a capital letter, and hERG stays hERG."""
    front = RECORD["outcome"]["front"] | {"warning": "of hERG and QED most is on the front"}
    (folder / "design.json").write_text(
        json.dumps(RECORD | {"outcome": RECORD["outcome"] | {"front": front}})
    )
    assert "Of hERG and QED most is on the front." in write_design_report(folder).read_text()


def test_an_unfinished_design_has_no_page(folder):
    (folder / "design.json").write_text(json.dumps({"asked": RECORD["asked"]}))
    with pytest.raises(RunError, match="this design is not finished; go on with it by --resume"):
        write_design_report(folder)


def test_a_design_of_another_version_has_no_page(folder):
    (folder / "design.json").write_text(json.dumps(RECORD | {"asked": {"design": {}}}))
    with pytest.raises(RunError, match="a design of another version of molscreen"):
        write_design_report(folder)


def test_before_the_first_score_there_is_no_curve(folder):
    """Missing is never zero."""
    table = to_arrow([Call(1, 1, "CCO", math.nan), *CALLS[:1]])
    write_part(folder / "search" / "history.parquet", table, {})
    page = write_design_report(folder).read_text()
    assert 'points="320.0,88.0"' in page
    assert "best so far: 0.2" in page


def test_what_the_control_says_is_drawn_beside_the_plan(folder):
    """Of the two that both have a number for: 0.7 and 0.45 on average."""
    page = write_design_report(folder).read_text()
    assert "by the plan: 0.700 " in page
    assert "by the control, which is never a reward: 0.45" in page


def test_without_a_control_the_page_says_so(folder):
    calls = [replace(call, plain=math.nan, control=math.nan) for call in CALLS]
    write_part(folder / "search" / "history.parquet", to_arrow(calls), {})
    gap = dict.fromkeys(("optimised", "control", "gap", "seeds")) | {"n": 0}
    outcome = RECORD["outcome"] | {"gap": gap, "gap_in_words": "no control: one view"}
    (folder / "design.json").write_text(json.dumps(RECORD | {"outcome": outcome}))
    page = write_design_report(folder).read_text()
    assert "<dt>control gap</dt><dd>–</dd>" in page
    assert "no control: one view" in page
    assert "by the control, which" not in page


def test_a_control_that_has_seen_seeds_alone_is_told_of_once(folder):
    """Beneath its own plot, which there is."""
    seed = replace(CALLS[0], plain=0.3, control=0.2)
    write_part(folder / "search" / "history.parquet", to_arrow([seed, CALLS[1]]), {})
    gap = dict.fromkeys(("optimised", "control", "gap")) | {"n": 0, "seeds": 0.1}
    outcome = RECORD["outcome"] | {"gap": gap, "gap_in_words": "nothing to compare"}
    (folder / "design.json").write_text(json.dumps(RECORD | {"outcome": outcome}))
    page = write_design_report(folder).read_text()
    assert page.count("nothing to compare") == 1
    assert "<figcaption>nothing to compare. Lines that part" in page


def test_a_proposal_stands_beside_what_it_is_most_like(folder):
    write_part(folder / "proposals.parquet", pa.Table.from_pylist([PROPOSAL]), {})
    page = write_design_report(folder).read_text()
    pairs = page[page.index("The best, and what is known") : page.index("Where the best came from")]
    assert pairs.index(f'alt="{GRANDCHILD}"') < pairs.index(f'alt="{SEED}"')
    assert "reward 0.7500, by predictions as they stand 0.8000" in pairs
    assert "<dt>above the best seed</dt><dd>1</dd>" in page
    assert "Nearest of all: toluene &amp; co, 0.61" in pairs
    assert "its 5 nearest are 0.60 similar" in pairs


def test_shares_of_the_last_calls_are_drawn_for_each_round():
    """Seeds come from no round; three of five and three of five proposals passed."""
    rows = to_arrow(CALLS).to_pylist()
    [*_, health] = plots(rows, RECORD["outcome"]["rounds"])
    varied, passed = health.curves
    assert varied.last == "0.500"  # benzene and no ring, of four
    assert passed.last == "0.600"
    assert passed.points == "240.0,44.0 320.0,44.0"


def test_a_front_shows_its_volume(folder):
    """Two compounds reach half of all that can be thought of; without a front there is no such curve."""
    page = write_design_report(folder).read_text()
    assert "<dt>compounds on the front</dt><dd>2 of 3</dd>" in page
    assert "at least as good as (hypervolume): 0.5" in page
    (folder / "design.json").write_text(json.dumps(RECORD | {"outcome": RECORD["outcome"] | {"front": None}}))
    assert "hypervolume" not in write_design_report(folder).read_text()


def test_a_step_outside_the_domain_is_told_and_is_among_nobodys_best(folder):
    step = Call(5, 4, "CCCCCCCC", 0.9, "genetic", (CHILD,), "C → CC", "share", plain=0.9, control=0.1,
                terms=(1.0, 1.0), outside=True)  # fmt: skip
    write_part(folder / "search" / "history.parquet", to_arrow((*CALLS, step)), {})
    outcome = {**RECORD["outcome"], "calls": 5, "outside": 1, "is_far": True}
    (folder / "design.json").write_text(json.dumps({**RECORD, "outcome": outcome}))
    page = write_design_report(folder).read_text()
    assert "seeds or on the way to it; not proposed, and in no curve: 1." in page
    assert "No new compound inside the domain of the models has a score." in page
    assert "0.9" not in page
    assert "best so far: 0.750" in page
    assert "<dt>best reward</dt><dd>0.7500</dd>" in page
