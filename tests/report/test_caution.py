"""What a reader must know first."""

from collections.abc import Mapping
from types import MappingProxyType

import pyarrow as pa
import pytest

from molscreen.endpoint import Endpoint
from molscreen.provenance import Counts
from molscreen.report.caution import cautions
from molscreen.report.legend import Legend
from molscreen.screening.plan.views import BundleInfo

NOBODY = Legend((), {}, {})
NOTHING: Mapping[str, int] = MappingProxyType({})


def told(shortlist: pa.Table, legend: Legend = NOBODY, rejected: Mapping[str, int] = NOTHING) -> list[str]:
    """What is said of 208 rows, of a shortlist without notes unless it has some."""
    n = shortlist.num_rows
    plain = {"status": pa.array(["ok"] * n), "reason_code": pa.array([""] * n, pa.string())}
    for name, column in plain.items():
        if name not in shortlist.column_names:
            shortlist = shortlist.append_column(name, column)
    counts = Counts(read=208, scored=208 - sum(rejected.values()), unscored=0, rejected=rejected)
    return [str(each) for each in cautions(counts, shortlist, legend, [])]


def test_a_wish_that_nothing_meets_is_named_with_what_there_is():
    """A potency wished for from 6 to 9 of numbers that are kcal/mol ranks nothing, and looks like a score."""
    shortlist = pa.table(
        {
            "expt": [1.83, -15.0], "term_expt": [0.0, 0.0],
            "hERG": [0.1, 0.9], "term_hERG": [1.0, 0.0],
            "QED": [0.5, None], "term_QED": [0.0, None],
        }
    )  # fmt: skip
    said = told(shortlist)
    assert len(said) == 2
    assert said[0].startswith(
        "none of the 2 shortlisted meets the wish for expt at all: its values are -15.0 to 1.83."
    )
    assert "wish for QED" in said[1]


def test_of_an_empty_shortlist_nothing_is_said():
    nothing = pa.array([], pa.float32())
    assert told(pa.table({"expt": nothing, "term_expt": nothing})) == []


def test_a_model_that_guesses_is_named_first_where_it_is_ranked_by():
    """Beside a forest that is worse still, its figures look like a victory."""
    endpoints = (Endpoint(name="expt", unit="kcal/mol"), Endpoint(name="other", unit="kcal/mol"))
    bundle = BundleInfo("mine", "/gone", "0" * 64, endpoints, guessed=("expt", "other"))
    legend = Legend((bundle,), {each.name: each for each in endpoints}, {"expt": 1.0})
    [said] = told(pa.table({"in_domain": [True]}), legend)
    assert said.startswith("bundle 'mine' predicts expt no better than a constant guess in its own test")


def test_a_model_whose_test_was_too_small_is_named_as_well():
    endpoints = (Endpoint(name="expt", unit="kcal/mol"),)
    bundle = BundleInfo("mine", "/gone", "0" * 64, endpoints, untold=("expt",))
    assert list(bundle.say_guessed(["other"])) == []
    [said] = bundle.say_guessed(["expt"])
    assert said.startswith("whether bundle 'mine' predicts expt better than a constant guess cannot be told")


def test_compounds_outside_the_domain_are_named_by_rank():
    """On a page of a hundred nobody looks for three."""
    endpoint = Endpoint(name="logD", unit="logD")
    legend = Legend((BundleInfo("mine", "/gone", "0" * 64, (endpoint,)),), {"logD": endpoint}, {"logD": 1.0})
    assert told(pa.table({"in_domain": [True, False, None, False]}), legend) == [
        "2 of the 4 shortlisted lie outside the domain of mine: ranks 2, 4"
    ]
    [many] = told(pa.table({"in_domain": [False] * 20}), legend)
    assert many.endswith("of mine: ranks 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 8 more")


def test_every_note_is_counted():
    """Beside a stripped salt an open centre is the news."""
    shortlist = pa.table(
        {
            "status": ["warning", "ok", "warning"],
            "reason_code": ["stereo_undefined; salt_stripped", "", "stereo_undefined"],
        }
    )
    assert told(shortlist) == [
        "2 of the 3 shortlisted carry a note on the structure: 2 × stereo undefined, 1 × salt stripped"
    ]


@pytest.mark.parametrize(
    ("rejected", "said"),
    [
        (
            {"filtered/veber": 42, "filtered/out_of_domain": 2, "invalid/syntax": 1},
            ["more than a fifth of the 208 rows were refused by the plan: 42 by veber, 2 as out of domain"],
        ),
        (
            {"invalid/syntax": 40, "unsupported/metal": 5, "filtered/veber": 3},
            [
                "more than a fifth of the rows are no molecule that the models can judge:"
                " was the right column read?"
            ],
        ),
        ({"invalid/syntax": 30, "filtered/veber": 30}, []),
    ],
)
def test_the_file_is_not_doubted_where_the_plan_refused(rejected, said):
    """Whoever asked for a rule knows it, and looks for a wrong column in vain."""
    assert told(pa.table({"in_domain": [True]}), rejected=rejected) == said
