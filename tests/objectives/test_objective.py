"""Objectives as a plan writes them: scores, bounds, shares of the loss, and errors that show the way."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest

from molscreen.endpoint import Endpoint
from molscreen.errors import ConfigError
from molscreen.objectives.desirability import Fall, Rise, Window
from molscreen.objectives.objective import Objective
from molscreen.objectives.term import Term

ENDPOINTS = (
    Endpoint(name="EGFR_pIC50", unit="-log10(mol/L)", direction="higher", role="activity"),
    Endpoint(
        name="hERG_block", kind="classification", unit="probability", direction="lower", role="toxicity"
    ),
    Endpoint(name="logD", unit="log10", direction="none"),
)
PLAN = """
[objective]
aggregate = "geometric"

[[objective.term]]
endpoint = "EGFR_pIC50"
curve = "rise"
low = 6
high = 8
shape = "linear"
weight = 2

[[objective.term]]
endpoint = "hERG_block"
curve = "fall"
low = 0.2
high = 0.6
shape = "linear"
bound = "pessimistic"

[[objective.term]]
endpoint = "QED"
curve = "rise"
low = 0.2
high = 0.8
shape = "linear"
"""


def read(plan: str = PLAN) -> Objective:
    return Objective.from_table(tomllib.loads(plan)["objective"], ENDPOINTS, "screen.toml")


def term(endpoint: str, curve: object, **options: object) -> Term:
    return Term(endpoint=endpoint, curve=curve, **options)


POTENT = term("pIC50", Rise(low=5, high=9, shape="linear"), weight=3.0)
SAFE = term("hERG", Fall(low=0.0, high=1.0, shape="linear"))


def test_a_plan_reads_as_written():
    objective = read()
    assert [(each.endpoint, each.weight, each.bound) for each in objective.terms] == [
        ("EGFR_pIC50", 2.0, "mean"),
        ("hERG_block", 1.0, "pessimistic"),
        ("QED", 1.0, "mean"),
    ]
    assert objective.terms[0].curve == Rise(low=6, high=8, shape="linear")
    assert objective.columns == ("EGFR_pIC50", "hERG_block_low", "hERG_block_high", "QED")


def test_a_plan_scores_by_hand_calculation():
    """Potency 0.5, twice; hERG 0.4 is half way; QED 0.8 is all one could want: (0.5² · 0.5 · 1)^¼."""
    values = {"EGFR_pIC50": [7.0], "hERG_block_low": [0.1], "hERG_block_high": [0.4], "QED": [0.8]}
    assert read().score(values) == pytest.approx([(0.5**2 * 0.5) ** 0.25])


@pytest.mark.parametrize(
    ("aggregate", "score"),
    [
        ("geometric", (0.75**3 * 0.2) ** 0.25),
        ("arithmetic", (3 * 0.75 + 0.2) / 4),
        ("product", 0.75**3 * 0.2),
    ],
)
def test_weighted_aggregates_follow_their_formulas(aggregate, score):
    objective = Objective((POTENT, SAFE), aggregate)
    assert objective.score({"pIC50": [8.0], "hERG": [0.8]}) == pytest.approx([score])


def test_the_worst_term_is_the_score_of_min():
    objective = Objective((term("pIC50", POTENT.curve), SAFE), "min")
    values = {"pIC50": [8.0, 5.4], "hERG": [0.8, 0.5]}
    assert objective.score(values) == pytest.approx([0.2, 0.1])
    assert objective.loss_shares(values)["hERG"].tolist() == [1.0, 0.0]


def test_weights_of_min_are_refused_not_ignored():
    with pytest.raises(ConfigError, match="aggregate 'min' has no weights; leave them out"):
        Objective((POTENT, SAFE), "min")


def test_a_molecule_with_unknown_safety_has_no_score():
    """In REINVENT4 it ranks first (0.900 over 0.849), as the mean skips what is missing."""
    score = Objective((POTENT, SAFE)).score({"pIC50": [8.6, 8.6], "hERG": [np.nan, 0.2]})
    assert np.isnan(score[0])
    assert score[1] == pytest.approx((0.9**3 * 0.8) ** 0.25)


def test_a_pessimistic_bound_judges_the_less_desirable_end():
    low_high = {"x_low": np.array([1.0]), "x_high": np.array([3.0])}
    limits = {"low": 0.0, "high": 4.0, "shape": "linear"}
    for curve, end in ((Rise(**limits), 0.25), (Fall(**limits), 0.25)):
        assert term("x", curve, bound="pessimistic").desirability(low_high).tolist() == [end]
    assert term("x", Rise(**limits), bound="high").desirability(low_high).tolist() == [0.75]
    assert term("x", Fall(**limits), bound="low").desirability(low_high).tolist() == [0.75]


def test_a_pessimistic_window_wants_the_whole_interval_inside():
    window = term("x", Window(low=0, low_ok=1, high_ok=3, high=4, shape="linear"), bound="pessimistic")
    low, high = np.array([1.5, 0.5, 1.5]), np.array([2.5, 2.5, 3.9])
    assert window.desirability({"x_low": low, "x_high": high}) == pytest.approx([1.0, 0.5, 0.1])


def test_an_interval_with_one_end_missing_has_no_desirability():
    pessimistic = term("x", Rise(low=0, high=4), bound="pessimistic")
    assert np.isnan(pessimistic.desirability({"x_low": [1.0], "x_high": [np.nan]})).all()


def test_shares_name_what_holds_a_compound_back():
    objective = Objective((POTENT, SAFE))
    values = {"pIC50": [9.0, 7.0, 9.0], "hERG": [0.5, 0.0, 0.0]}
    assert objective.loss_shares(values)["hERG"].tolist() == [1.0, 0.0, 0.0]
    assert objective.loss_shares(values)["pIC50"].tolist() == [0.0, 1.0, 0.0]


def test_a_term_at_zero_takes_all_of_an_infinite_loss():
    shares = Objective((POTENT, SAFE)).loss_shares({"pIC50": [4.0], "hERG": [0.5]})
    assert (shares["pIC50"].tolist(), shares["hERG"].tolist()) == ([1.0], [0.0])


def test_terms_are_explained_in_the_order_of_the_plan():
    values = {"pIC50": [8.0], "hERG": [0.8]}
    assert {name: round(float(d[0]), 6) for name, d in Objective((POTENT, SAFE)).explain(values).items()} == {
        "pIC50": 0.75,
        "hERG": 0.2,
    }


def test_the_wide_tier_may_score_the_terms_it_has():
    wide = read().restricted_to({"EGFR_pIC50", "hERG_block"})
    assert wide.columns == ("EGFR_pIC50", "hERG_block_low", "hERG_block_high")
    with pytest.raises(ConfigError, match="an objective needs at least one term"):
        read().restricted_to({"nothing"})


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            '"hERG_block"',
            '"hERG_blok"',
            r"screen\.toml, \[\[objective\.term\]\] 2: unknown endpoint 'hERG_blok'\."
            r" Did you mean 'hERG_block'\? The bundles predict: EGFR_pIC50, hERG_block, logD\."
            r" Descriptors: .*QED.*$",
        ),
        (
            'curve = "fall"',
            'curve = "rise"',
            r"2: the curve wants 'hERG_block' higher, but this endpoint is better lower\."
            r" Turn the curve round, or confirm it with against_direction = true",
        ),
        ('curve = "fall"', 'curve = "fell"', r"2: unknown curve 'fell'.*Did you mean 'fall'\?"),
        ("weight = 2", "wieght = 2", r"1: .*unknown key 'wieght'\. Known: .*Did you mean 'weight'\?"),
        ("weight = 2", "weight = 0", r"1: .*'weight' is 0, expected above 0"),
        ("weight = 2", 'weight = "2"', r"1: .*'weight' is '2', expected float"),
        ('"pessimistic"', '"pesimistic"', r"2: .*'bound' is 'pesimistic', expected one of .*'pessimistic'"),
        ("low = 6", "low = 9", r"1: .*'low' 9 must be below 'high' 8"),
        ("low = 6", "", r"1: .*'low' is missing"),
        ('endpoint = "QED"', "", r"3: 'endpoint' is missing, expected a name"),
        (
            'endpoint = "QED"',
            'endpoint = "QED"\nbound = "low"',
            r"3: 'QED' is a descriptor and has no interval; leave 'bound' out",
        ),
        ('endpoint = "QED"', 'endpoint = "EGFR_pIC50"', "endpoint 'EGFR_pIC50' has 2 terms, expected one"),
        (
            '"geometric"',
            '"geometrical"',
            r"'aggregate' is 'geometrical', expected one of .*Did you mean 'geometric'\?",
        ),
        ("aggregate =", "agregate =", r"unknown key 'agregate'.*Did you mean 'aggregate'\?"),
    ],
)
def test_a_wrong_plan_says_where_what_and_what_to_do(before, after, message):
    assert before in PLAN
    with pytest.raises(ConfigError, match=message):
        read(PLAN.replace(before, after, 1))


def test_a_curve_against_the_direction_can_be_confirmed():
    """Someone may look for blockers, to test an assay."""
    plan = PLAN.replace('curve = "fall"', 'curve = "rise"\nagainst_direction = true')
    assert read(plan).terms[1].against_direction


def test_an_objective_without_terms_is_refused():
    with pytest.raises(
        ConfigError, match=r"screen\.toml, \[objective\]: an objective needs at least one term"
    ):
        Objective.from_table({}, ENDPOINTS, "screen.toml")


def test_one_table_where_an_array_should_be_is_named():
    with pytest.raises(
        ConfigError, match=r"\[objective\.term\] is one table, expected \[\[objective\.term\]\]"
    ):
        Objective.from_table({"term": {"endpoint": "QED"}}, ENDPOINTS, "screen.toml")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"term": "QED"}, r"screen\.toml, \[objective\]: 'term' is 'QED', expected \[\[objective"),
        ({"term": ["QED"]}, r"'term' is \['QED'\], expected \[\[objective\.term\]\] tables"),
        ({"aggregate": 3}, r"screen\.toml, \[objective\]: 'aggregate' is 3, expected str"),
    ],
)
def test_a_value_of_another_kind_is_named(table, message):
    whole = tomllib.loads(PLAN)["objective"]
    with pytest.raises(ConfigError, match=message):
        Objective.from_table(whole | table, ENDPOINTS, "screen.toml")


def test_a_column_that_was_not_given_is_named():
    with pytest.raises(
        ConfigError, match=r"term 'hERG' \(bound 'low'\) needs column 'hERG_low'\. Given: hERG"
    ):
        term("hERG", SAFE.curve, bound="low").desirability({"hERG": [0.5]})


def test_columns_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match=r"columns differ in length.*'pIC50': 2, 'hERG': 1"):
        Objective((POTENT, SAFE)).score({"pIC50": [8.0, 7.0], "hERG": [0.8]})


def test_no_compounds_have_no_scores():
    """An empty shard is a shard."""
    assert Objective((POTENT, SAFE)).score({"pIC50": np.empty(0), "hERG": np.empty(0)}).shape == (0,)
