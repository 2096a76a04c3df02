"""What a plan says of any compound is what a screen says of it in a library."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import QED

from molscreen.errors import ConfigError
from molscreen.generation.scorer import PlanScorer
from molscreen.prediction.bundle.bundle_file import load_bundle
from molscreen.screening.plan.plan import load_plan
from molscreen.screening.plan.views import describe_bundle
from molscreen.screening.results.run import open_run
from tests.small_run import TRAINING


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
        assert (score.distance(TRAINING[:3]) <= 1).all()
        assert (score.distance(["FC(F)(F)C(F)(F)C(F)(F)C(F)(F)C(F)(F)F"]) > 1).all()


def test_nothing_has_no_scores(plan):
    with PlanScorer(plan) as score:
        assert score([]).shape == (0,)
        assert score.distance([]).shape == (0,)


def test_a_plan_without_bundles_is_refused_before_anything_is_opened(plan):
    with pytest.raises(ConfigError, match="no bundles; name at least one"):
        PlanScorer(replace(plan, bundles=()))


def test_a_judgement_says_why_there_is_no_score(plan):
    """By rule, so that a design can count them."""
    strict = replace(plan, filters=tuple(replace(rule, action="refuse") for rule in plan.filters))
    with PlanScorer(strict) as score:
        said = score.judge(["CC(=O)Oc1ccccc1C(=O)O", "CCCCO"])
        assert list(said.reason) == ["filter brenk", ""]
        assert np.isnan(said.plain).tolist() == np.isnan(said.control).tolist() == [True, False]


def test_a_judgement_is_of_the_plans_own_terms(plan):
    """The reward is their aggregate; without caution it is the plan's score."""
    with PlanScorer(plan) as score:
        said = score.judge(TRAINING)
        assert score.terms == ("pIC50", "hERG", "QED")
        weight = np.array([1, 0.5, 1])
        aggregate = np.exp((np.log(said.terms) * weight).sum(axis=1) / weight.sum())
        assert said.score == pytest.approx(aggregate, abs=1e-3)
        assert said.plain == pytest.approx(said.score, abs=1e-4)
    with PlanScorer(plan, cautious=True) as score:
        wary = score.judge(TRAINING)
        assert wary.plain == pytest.approx(said.plain, abs=1e-4)
        assert (wary.terms <= said.terms + 1e-6).all()


def test_the_control_is_the_fast_view_with_the_same_descriptors(plan, tiny_bundle):
    """It shares nothing with the reward but the wishes."""
    with PlanScorer(plan) as score:
        said = score.judge(TRAINING)
    wide = load_bundle(tiny_bundle).wide_view().predict(TRAINING)
    values = {"pIC50": wide.mean[:, 0], "hERG": wide.mean[:, 1]}
    values["QED"] = np.array([QED.qed(Chem.MolFromSmiles(key)) for key in TRAINING])
    assert said.control == pytest.approx(score.plain.score(values), abs=1e-3)
    assert not np.allclose(said.control, said.plain, atol=1e-3)


def test_a_bundle_may_be_named_as_control(plan):
    """One trained on other data also shows what comes from errors in the data."""
    guess = "tests.generation.own_predictor:guess"
    with PlanScorer(replace(plan, bundles=(guess,))) as score:
        by_itself = score.judge(TRAINING)
    with PlanScorer(plan, control=[guess]) as score:
        said = score.judge(TRAINING)
        assert said.control == pytest.approx(by_itself.plain, abs=1e-4)
        assert set(score.identity()["control"]) == {"guess"}


def test_what_is_rewarded_is_no_control(plan, tiny_bundle, tmp_path):
    """It would agree with itself, which looks like a model that cannot be fooled; a copy does as well."""
    copy = shutil.copytree(tiny_bundle, tmp_path / "copy")
    for control in (tiny_bundle, copy):
        with pytest.raises(
            ConfigError, match="control tiny: is what the plan rewards, so the gap would be 0"
        ):
            PlanScorer(plan, control=[str(control)])


def test_a_control_of_one_wish_may_leave_the_others_to_the_plans_own(plan, tiny_bundle, monkeypatch):
    """As of a bundle of the other half of the measurements, which knows nothing of toxicity."""
    tiny = describe_bundle(str(tiny_bundle))
    half = replace(tiny, name="half", digest="0" * 64, endpoints=tiny.endpoints[:1])
    rest = replace(tiny, endpoints=tiny.endpoints[1:])
    monkeypatch.setattr("molscreen.generation.scorer.find_bundle_infos", lambda _: [half, rest])
    assert PlanScorer(plan, control=["half", "tiny"]).controls == [half, rest]


def test_a_control_that_knows_another_endpoint_is_refused(plan):
    with pytest.raises(ConfigError, match="control admet-tox: does not predict 'pIC50', which the plan"):
        PlanScorer(plan, control=["admet-tox"])
