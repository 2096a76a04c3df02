"""What a reader must know first."""

import pyarrow as pa
import pytest

from molscreen.endpoint import Endpoint
from molscreen.provenance import Counts
from molscreen.report.caution import cautions, unmet
from molscreen.report.legend import Legend
from molscreen.screening.plan.views import BundleInfo


def test_a_wish_that_nothing_meets_is_named_with_what_there_is():
    """A potency wished for from 6 to 9 of numbers that are kcal/mol ranks nothing, and looks like a score."""
    shortlist = pa.table(
        {
            "expt": [1.83, -15.0], "term_expt": [0.0, 0.0],
            "hERG": [0.1, 0.9], "term_hERG": [1.0, 0.0],
            "QED": [0.5, None], "term_QED": [0.0, None],
        }
    )  # fmt: skip
    said = list(unmet(shortlist))
    assert len(said) == 2
    assert said[0].startswith(
        "none of the 2 shortlisted meets the wish for expt at all: its values are -15.0 to 1.83."
    )
    assert "wish for QED" in said[1]


def test_of_an_empty_shortlist_nothing_is_said():
    assert (
        list(unmet(pa.table({"expt": pa.array([], pa.float32()), "term_expt": pa.array([], pa.float32())})))
        == []
    )


def test_a_model_that_guesses_is_named_first_where_it_is_ranked_by():
    """Beside a forest that is worse still, its figures look like a victory."""
    endpoints = (Endpoint(name="expt", unit="kcal/mol"), Endpoint(name="other", unit="kcal/mol"))
    bundle = BundleInfo("mine", "/gone", "0" * 64, endpoints, guessed=("expt", "other"))
    legend = Legend((bundle,), {each.name: each for each in endpoints}, {"expt": 1.0})
    shortlist = pa.table({"status": ["ok"], "reason_code": [""], "in_domain": [True]})
    [said] = cautions(Counts(read=1, scored=1, unscored=0, rejected={}), shortlist, legend, [])
    assert said.startswith("bundle 'mine' predicts expt no better than a constant guess in its own test")


@pytest.mark.parametrize(
    ("rejected", "said"),
    [
        (
            {"filtered/veber": 42, "filtered/pains": 2, "invalid/syntax": 1},
            ["more than a fifth of the 208 rows were refused by rules of the plan: 42 by veber, 2 by pains"],
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
    counts = Counts(read=208, scored=208 - sum(rejected.values()), unscored=0, rejected=rejected)
    shortlist = pa.table({"status": ["ok"], "reason_code": [""], "in_domain": [True]})
    assert list(cautions(counts, shortlist, Legend((), {}, {}), [])) == said
