"""What a plan says of any compound is what a screen says of it in a library."""

from dataclasses import replace

import numpy as np
import pytest

from molscreen.errors import ConfigError
from molscreen.generation.scorer import PlanScorer
from molscreen.screening.plan.plan import load_plan
from molscreen.screening.results.run import open_run
from tests.small_run import TRAINING

METAL = "[Fe+2]"


@pytest.fixture
def plan(small_plan, tiny_bundle):
    return replace(load_plan(small_plan), bundles=(str(tiny_bundle),))


def test_scores_are_those_of_a_screen(plan, small_run):
    """What is optimised is what the same plan will rank a library by."""
    shortlist = open_run(small_run).shortlist_table
    with PlanScorer(plan) as score:
        assert score(shortlist["key"].to_pylist()).tolist() == shortlist["score"].to_pylist()


def test_caution_never_raises_a_score(plan):
    with PlanScorer(plan) as score:
        bold = score(TRAINING)
    with PlanScorer(plan, cautious=True) as score:
        wary = score(TRAINING)
    assert (wary <= bold).all()
    assert (wary < bold).any()


def test_a_compound_that_a_filter_refuses_has_no_score(plan):
    strict = replace(plan, filters=tuple(replace(rule, action="refuse") for rule in plan.filters))
    with PlanScorer(strict) as score:
        scores = score(["CC(=O)Oc1ccccc1C(=O)O", "CCCCO"])
        assert np.isnan(scores).tolist() == [True, False]


def test_training_compounds_are_inside_and_a_stranger_is_outside(plan):
    with PlanScorer(plan) as score:
        assert score.in_domain(TRAINING[:3]).all()
        assert not score.in_domain(["FC(F)(F)C(F)(F)C(F)(F)C(F)(F)C(F)(F)F"]).any()


def test_nothing_has_no_scores(plan):
    with PlanScorer(plan) as score:
        assert score([]).shape == (0,)
        assert score.in_domain([]).shape == (0,)


def test_a_plan_without_bundles_is_refused_before_anything_is_opened(plan):
    with pytest.raises(ConfigError, match="no bundles; name at least one"):
        PlanScorer(replace(plan, bundles=()))
