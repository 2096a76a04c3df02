"""What a design says of itself: counts, reasons, and how far it runs ahead of its control."""

import math

import pytest

from molscreen.generation.outcome import AMONG, explain_zero, measure_gap, sum_up
from molscreen.generation.search.history import Call, History, Remedy, Round
from molscreen.generation.seeds import Seeds

SEEDS = tuple(Call(i, 1, "C" * i, 0.1, plain=0.2, control=0.25) for i in range(1, 4))


def new(n, control=0.5):
    return tuple(
        Call(i, 2, "C" * i + "O", i / 1000, "me", picked="ucb", plain=0.9, control=control)
        for i in range(4, n + 4)
    )


def test_the_gap_is_of_the_best_new_compounds_alone():
    """A hundred of them by reward; seeds are told apart, and nobody optimised these."""
    worse = tuple(
        Call(900 + i, 3, "N" * i, 0.0001, "me", picked="share", plain=0.0, control=1.0) for i in (1, 2)
    )
    gap = measure_gap(History(SEEDS + worse + new(AMONG)), is_controlled=True)
    assert (gap.n, gap.optimised, gap.control) == (100, 0.9, 0.5)
    assert gap.gap == pytest.approx(0.4)
    assert gap.seeds == pytest.approx(-0.05)
    assert str(gap) == "best 100: 0.900 by the plan, 0.500 by the control, gap +0.400, of the seeds -0.050"


def test_without_a_control_there_is_no_gap():
    """Missing is not zero, which would look like a good model."""
    gap = measure_gap(History(SEEDS[:1] + new(3, control=math.nan)), is_controlled=False)
    assert (gap.n, gap.gap) == (0, None)
    assert str(gap).startswith("no control: ")


def test_without_a_new_compound_the_control_is_not_denied():
    """Nothing new has a score: the control is there, and has judged the seeds."""
    unscored = Call(9, 2, "CN", math.nan, "me", picked="share", reason="filter veber")
    gap = measure_gap(History((*SEEDS, unscored)), is_controlled=True)
    assert gap.gap is None
    assert str(gap) == (
        "nothing to compare: no new compound has a score by the plan and the control, of the seeds -0.050"
    )
    assert "no control" not in str(measure_gap(History((unscored,)), is_controlled=True))


def test_counts_and_reasons_are_those_of_the_history():
    unscored = Call(9, 2, "CN", math.nan, "me", picked="share", reason="filter veber")
    remedy = Remedy(5, 9, "standstill")
    history = History(
        (*SEEDS, unscored), {"too large": 2, "known": 5}, "spent", (Round(4, 10, 10, 3, 1),), (remedy,)
    )
    outcome = sum_up(history, Seeds(("C", "CC", "CCC"), (), 2), is_controlled=True)
    assert (outcome.calls, outcome.unscored, outcome.reasons) == (4, 1, {"filter veber": 1})
    assert list(outcome.refused) == ["known", "too large"]  # the commonest first
    assert (outcome.proposed, outcome.passed_over, outcome.repeated_seeds) == (10, 2, 2)
    assert outcome.remedies == (str(remedy),)
    history.check()


def rewarded(*terms):
    """New compounds of these terms, rewarded by their product."""
    return History(
        tuple(
            Call(i, 1, "C" * i, math.prod(each), "me", picked="ucb", terms=each)
            for i, each in enumerate(terms, 1)
        )
    )


def test_a_search_without_any_reward_names_the_wishes_that_nothing_meets():
    """All scores alike at 0 are no ranking; one wish in the wrong unit does that to all of them."""
    names = ("pIC50", "MolWt", "QED")
    told = explain_zero(rewarded((0.9, 0.0, 0.5), (0.2, 1e-6, 0.7)), names)
    assert told.startswith("no new compound scores above 0: the wish for MolWt is met by none of 2. Are the")
    told = explain_zero(rewarded((0.0, 0.0, 0.5), (0.0, 0.0, 0.7)), names)
    assert "the wishes for pIC50, MolWt are met by none of 2" in told
    told = explain_zero(rewarded((0.0, 1.0, 0.5), (0.0, 1.0, 0.5), (1.0, 0.0, 0.5)), names)
    assert "all of them by none; the wish for pIC50 is met least by most of them (2 of 3)" in told
    assert explain_zero(rewarded((0.9, 0.0, 0.5), (0.2, 0.1, 0.7)), names) == ""
    assert explain_zero(History(), names) == ""


def test_the_best_seed_is_one_that_the_models_may_judge():
    """What is proposed is compared with it; what lies outside their domain is no measure."""
    stranger = Call(9, 1, "CN", 0.9, outside=True)
    outcome = sum_up(History((*SEEDS, stranger, *new(3))), Seeds(("C",)), is_controlled=True)
    assert outcome.best_seed == 0.1
    unscored = Call(1, 1, "CO", math.nan)
    assert sum_up(History((unscored,)), Seeds(("CO",)), is_controlled=True).best_seed is None
