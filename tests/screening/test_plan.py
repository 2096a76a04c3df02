"""A plan is checked before anything is started, and says exactly what is wrong with it."""

from __future__ import annotations

import dataclasses
import json

import pytest
from small_plan import make_plan

from molscreen.endpoint import Endpoint
from molscreen.errors import ConfigError
from molscreen.objectives.desirability import Curve, make_curve
from molscreen.screening.plan.plan import ScreenPlan, load_plan, ready_made
from molscreen.screening.plan.tables import Rerank
from molscreen.screening.screen import amend, screen

PLANS = ["oral-drug", "cns", "low-tox", "target:CHEMBL204_Ki"]


@pytest.mark.parametrize("name", PLANS)
def test_ready_made_plans_can_be_used(name):
    """Every filter and option in them exists; endpoints are checked against the bundles that ship."""
    plan = load_plan(name)
    assert len(plan.make_filters()) == len(plan.filters)
    assert plan.name == name
    assert plan.description


def test_every_plan_that_ships_is_tested():
    assert ready_made() == sorted(name.partition(":")[0] for name in PLANS)


def curve_of(plan: str, endpoint: str) -> Curve:
    """The curve of a ready-made plan's wish."""
    (term,) = [each for each in load_plan(plan).objective["term"] if each["endpoint"] == endpoint]
    return make_curve(term["curve"], {limit: term[limit] for limit in ("low", "high")})


@pytest.mark.parametrize("name", PLANS)
def test_who_is_not_known_to_block_herg_is_no_blocker(name):
    """69 % of the compounds that the model learnt from are blockers: 0.69 says nothing of another one."""
    unknown, terfenadine = curve_of(name, "hERG")([0.69, 0.98])
    assert unknown == pytest.approx(0.6, abs=0.02)
    assert terfenadine < 0.05


def test_no_ready_made_plan_asks_who_was_approved():
    """ClinTox compares clinical candidates with one another: dioxin counts as approved, and not toxic."""
    asked = {term["endpoint"] for name in PLANS for term in load_plan(name).objective["term"]}
    assert not asked & {"CT_TOX", "FDA_APPROVED"}


def test_limits_of_clearance_are_shares_that_the_liver_takes():
    """30 % and 70 % in one pass through a well-stirred liver, by the figures that the plan names."""
    curve = curve_of("oral-drug", "Clearance_microsome")
    intrinsic = [limit * 40 * 25.7 / 1000 for limit in (curve.low, curve.high)]  # mL/min/kg
    assert [each / (each + 20.7) for each in intrinsic] == pytest.approx([0.3, 0.7], abs=0.002)


def test_a_drug_of_usual_potency_is_well_liked():
    """Oral drugs have 50 nM on average (doi:10.1038/nrd3367); a hit of 1 µM is not enough."""
    hit, usual, good = curve_of("target:CHEMBL204_Ki", "CHEMBL204_Ki")([6.0, 7.3, 8.0])
    assert (hit, usual, good) == pytest.approx((0.05, 0.7, 0.95), abs=0.02)


@pytest.mark.parametrize("name", PLANS)
def test_resolved_plan_reads_back(name):
    """What run.json holds is the plan, defaults included."""
    plan = load_plan(name)
    resolved = json.loads(json.dumps(plan.resolve()))
    assert ScreenPlan.from_resolved(resolved, where=plan.where) == plan
    assert resolved["rerank"]["maximum"] == 10000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tops = 5", r"plan\.toml: unknown key 'tops'.*Did you mean 'top'\?"),
        ("top = 0", r"plan\.toml: top must be positive, got 0"),
        ("[rerank]\nfractoin = 0.1", r"plan\.toml, \[rerank\]: unknown key 'fractoin'.*'fraction'\?"),
        ("[rerank]\nminimum = 10\nmaximum = 5", r"minimum 10 is above maximum 5"),
        ("[run]\nexecutor = 'lokal'", r"executor.*'lokal'"),
        ("[diversity]\nmethod = 'maximin'", r"method.*'maximin'"),
        ("[standardize]\nmixtures = 'both'", r"mixtures"),
        ("[[filter]]\naction = 'flag'", r"\[\[filter\]\] 1: 'rule' is missing"),
        ("[[filter]]\nrule = 'pains'\naction = 'warn'", r"\[\[filter\]\] 1: .*'warn'"),
        ("top =", r"plan\.toml: not valid TOML"),
    ],
)  # fmt: skip
def test_mistake_is_named_with_its_place(tmp_path, text, message):
    path = tmp_path / "plan.toml"
    objective = "" if text.startswith("objective") else "\n[objective]\n"
    path.write_text(text + objective)
    with pytest.raises(ConfigError, match=message):
        load_plan(path)


def test_mistake_in_a_rule_is_found_before_the_library_is_read():
    plan = make_plan(filter=[{"rule": "pains"}, {"rule": "painz"}])
    with pytest.raises(ConfigError, match=r"test plan, \[\[filter\]\] 2: .*Did you mean 'pains'\?"):
        plan.make_filters()


def test_unknown_target_lists_the_choices():
    plan = load_plan("target:CHEMBL999_Ki")
    endpoints = [Endpoint(name="CHEMBL204_Ki"), Endpoint(name="hERG")]
    with pytest.raises(ConfigError, match=r"unknown endpoint 'CHEMBL999_Ki'.*CHEMBL204_Ki, hERG"):
        plan.make_objective(endpoints)


def test_unknown_plan_lists_the_choices():
    with pytest.raises(ConfigError, match=r"no plan 'oral'.*cns, low-tox, oral-drug, target.*'oral-drug'"):
        load_plan("oral")


def test_call_overrides_the_plan():
    plan = amend(
        "oral-drug",
        ["a.csv"],
        bundles=["mine"],
        top=7,
        run={"executor": "inline", "workers": 3, "gpus": None},
    )
    assert (plan.library, plan.bundles, plan.top) == (("a.csv",), ("mine",), 7)
    assert (plan.run.executor, plan.run.workers) == ("inline", 3)
    assert amend(plan) == plan


def test_caution_takes_the_less_desirable_end_of_what_is_predicted():
    """Terms on a bound, and descriptors, which have no interval, stay as they are."""
    limits = {"curve": "rise", "low": 0.0, "high": 4.0, "shape": "linear"}
    wishes = [
        {"endpoint": "x", **limits},
        {"endpoint": "QED", **limits},
        {"endpoint": "y", **limits, "bound": "high"},
    ]
    plan = ScreenPlan(name="wishes", objective={"aggregate": "geometric", "term": wishes})
    endpoints = [Endpoint(name=name, unit="pKi", direction="higher", role="activity") for name in "xy"]
    cautious = plan.cautious({"x", "y"}).make_objective(endpoints)
    assert cautious.columns == ("x_low", "x_high", "QED", "y_high")
    values = {"x_low": [1.0], "x_high": [3.0], "QED": [0.5], "y_high": [4.0]}
    assert cautious.explain(values)["x"].tolist() == [0.25]
    assert plan.make_objective(endpoints).columns == ("x", "QED", "y_high")


@pytest.mark.parametrize(
    ("n_scored", "top", "expected"),
    [
        (0, 100, 1000),
        (50_000, 100, 1000),
        (200_001, 100, 2001),
        (10_000_000, 100, 10_000),
        (500, 20_000, 20_000),
    ],
)
def test_size_of_the_second_look(n_scored, top, expected):
    """A fraction, within bounds, and never less than the shortlist needs."""
    assert Rerank().size(n_scored, top) == expected


def test_plan_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        load_plan("cns").top = 3


def test_a_call_with_wrong_types_starts_nothing(tmp_path):
    out = tmp_path / "run"
    for wrong, message in (
        ({"top": 2.5}, "oral-drug: 'top' is 2.5, expected int"),
        ({"top": "10"}, "oral-drug: 'top' is '10', expected int"),
        ({"workers": "2"}, r"\[run\]: 'workers' is '2', expected int"),
        ({"plan": {"name": "x"}}, "plan is a dict, expected the name of a plan, a TOML file or a ScreenPlan"),
    ):
        with pytest.raises(ConfigError, match=message):
            screen("library.smi", out=out, **wrong)
    assert not out.exists()
