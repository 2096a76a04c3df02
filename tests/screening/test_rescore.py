"""A second look is ranked again without asking a model: as a screen by the other plan would rank it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from small_plan import make_plan, write_library

from molscreen.errors import ConfigError, UsageError
from molscreen.screening.plan.plan import ScreenPlan
from molscreen.screening.results.frame import HitFrame
from molscreen.screening.results.run import Run, open_run
from molscreen.screening.screen import screen

POTENCY = {"endpoint": "potency", "curve": "rise", "low": 4.0, "high": 9.0}
RISK = {"endpoint": "risk", "curve": "fall", "low": 0.1, "high": 0.9}
Screened = Callable[..., Run]


@pytest.fixture(scope="module")
def small(drugs: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """59 drugs, one of them twice, and a spoiled row: a plan of 60 looks at all of them again."""
    folder = tmp_path_factory.mktemp("small")
    bromides = [smiles for smiles in drugs if "Br" in smiles and "." not in smiles]
    return write_library(folder / "library.csv", [*drugs[:55], *bromides[:4], drugs[0], "c1cccc1"])


@pytest.fixture(scope="module")
def before(small: Path) -> Run:
    """The screen that all other plans are asked of."""
    return screen(small, plan=make_plan(), out=small.parent / "before")


@pytest.fixture
def screened(small: Path, tmp_path: Path) -> Screened:
    """A screen of them by `make_plan` with these changes."""

    def run(name: str, bundle: str = "stand_in:flat", **changes: object) -> Run:
        return screen(small, plan=make_plan(bundle, **changes), out=tmp_path / name)

    return run


def plain(frame: HitFrame) -> pd.DataFrame:
    return pd.DataFrame(frame)


def test_everything_that_was_looked_at_is_there(run: Run, plan: ScreenPlan) -> None:
    """In the order of the ranking, those on the shortlist with their rank; refused ones last, with why."""
    look = run.second_look
    assert len(look) == plan.rerank.minimum
    assert {"potency", "potency_low", "risk", "QED", "MolWt", "term_risk", "in_domain", "batch"} <= {*look}
    ranked, refused = look.dropna(subset="score"), look[look["score"].isna()]
    order = list(zip(-ranked["score"], ranked["key"], ranked["row"], strict=True))
    assert order == sorted(order)
    assert set(refused["reason_code"]) == {"pains"}
    assert refused["row"].is_monotonic_increasing
    assert look["score"].notna()[: len(ranked)].all()
    listed = look.dropna(subset="rank")
    for name in ("rank", "id", "row", "key", "score", "status", "reason", "risk_high", "QED", "term_QED"):
        assert listed[name].tolist() == run.shortlist[name].tolist()
    assert look[look["in_domain"]]["key"].str.len().max() <= 40  # a mask, refused rows or not


def test_it_is_drawn_and_new_each_time(run: Run) -> None:
    look = run.second_look
    look["score"] = 0.0
    assert run.second_look["score"].max() > 0
    assert isinstance(run.second_look, HitFrame)
    assert isinstance(run.rescore({}), HitFrame)


def test_the_plan_of_the_run_changes_nothing(run: Run, small_run: Path) -> None:
    for each in (run, open_run(small_run)):
        pd.testing.assert_frame_equal(plain(each.rescore(each.plan)), plain(each.second_look))
        pd.testing.assert_frame_equal(plain(each.rescore({})), plain(each.second_look))


def test_other_weights_are_a_screen_with_them(before: Run, screened: Screened) -> None:
    """Bit by bit, the shortlist that they make included."""
    weights = {"risk": 4.0, "QED": 0.25}
    plan = make_plan().weighted(weights)
    after = screened("after", objective=plan.objective)
    again = before.rescore(weights)
    pd.testing.assert_frame_equal(plain(again), plain(after.second_look))
    assert again.dropna(subset="rank")["key"].tolist() == after.shortlist["key"].tolist()
    assert after.shortlist["key"].tolist() != before.shortlist["key"].tolist()


@pytest.mark.parametrize(
    "changes",
    [
        {"objective": {"aggregate": "arithmetic", "term": [RISK, {**POTENCY, "bound": "pessimistic"}]}},
        {"objective": {"term": [POTENCY, {"endpoint": "MolWt", "curve": "fall", "low": 300, "high": 500}]}},
        {"top": 5, "diversity": {"method": "maxmin"}},
        {"filter": [{"rule": "pains"}, {"rule": "veber"}], "top": 20},
    ],
)
def test_another_plan_is_a_screen_by_it(changes: dict[str, object], before: Run, screened: Screened) -> None:
    """Curves, bounds, aggregate, descriptors, rules and choice may all be others.

    What a rule of the other plan refuses keeps the numbers that it has.
    """
    again, expected = before.rescore(make_plan(**changes)), screened("after", **changes).second_look
    columns = [name for name in expected if name in again]
    assert set(expected) - set(columns) <= {"in_domain"}
    is_ranked = expected["score"].notna()
    pd.testing.assert_frame_equal(plain(again)[is_ranked][columns], plain(expected)[is_ranked][columns])
    verdict = ["rank", "row", "score", "status", "stage", "reason_code", "reason"]
    pd.testing.assert_frame_equal(plain(again)[verdict], plain(expected)[verdict])


def test_how_far_a_score_may_fall_is_a_plan_too(before: Run) -> None:
    """By the less desirable end of each interval no compound is better than by its mean."""
    cautious = before.rescore(before.plan.cautious({"potency", "risk"})).set_index("row")
    plain_look = before.second_look.set_index("row")
    fall = (plain_look["score"] - cautious["score"]).dropna()
    assert len(fall) == plain_look["score"].count()
    assert (fall >= 0).all()
    assert (fall > 0).any()


def test_domain_of_the_same_activities_is_the_same(small_run: Path) -> None:
    """Of a bundle it goes by the activities that are wished for: without them it would be another."""
    run = open_run(small_run)
    terms = {term["endpoint"]: term for term in run.plan.objective["term"]}

    def by(*names: str) -> HitFrame:
        plan = run.plan.resolve() | {"objective": {"term": [terms[name] for name in names]}}
        return run.rescore(ScreenPlan.from_resolved(plan))

    assert by("pIC50")["in_domain"].tolist() == by("pIC50", "hERG", "QED")["in_domain"].tolist()
    assert "in_domain" not in by("hERG", "QED")


def test_what_lacked_a_number_has_one_for_who_does_not_ask(screened: Screened) -> None:
    """And the other way round it is told as the screen tells it."""
    silent = screened("silent", "stand_in:nothing", objective={"term": [RISK]})
    look = silent.second_look
    bromides = look["key"].str.contains("Br") & look["score"].notna()
    assert bromides.sum() > 0
    again = silent.rescore(make_plan(objective={"term": [RISK, POTENCY]}))
    lost = again[again["score"].isna() & (again["status"] == "error")]
    assert set(lost["key"]) == set(look["key"][bromides])
    assert set(lost["reason"]) == {"the models gave no number for potency"}
    assert again["rank"].count() == make_plan().top


def test_what_was_not_stored_is_told(run: Run, small_run: Path, tmp_path: Path) -> None:
    """Each with what to do instead; nothing is guessed."""
    instead = "screen the library by this plan"
    saturated = {"endpoint": "FractionCSP3", "curve": "rise", "low": 0.1, "high": 0.5}
    with pytest.raises(UsageError, match=rf"did not ask for FractionCSP3 but for: potency, .*; {instead}"):
        run.rescore(make_plan(objective={"term": [POTENCY, saturated]}))
    with pytest.raises(UsageError, match=rf"let pass \d+ compounds .* refused by pains, .*{instead}"):
        run.rescore(make_plan(filter=[]))
    with pytest.raises(UsageError, match=rf"out_of_domain = \"refuse\" .*{instead}"):
        run.rescore(make_plan(out_of_domain="refuse"))
    with pytest.raises(UsageError, match=rf"\[standardize\]: other compounds than this run's .*{instead}"):
        run.rescore(make_plan(standardize={"tautomer": True}))
    with pytest.raises(ConfigError, match=r"no term wishes for 'rsik'. Terms: .* Did you mean 'risk'\?"):
        run.rescore({"rsik": 2.0})
    with pytest.raises(ConfigError, match="'weight' is 0, expected above 0"):
        run.rescore({"risk": 0.0})
    with pytest.raises(ConfigError, match="all terms are descriptors"):
        run.rescore(make_plan(objective={"term": [make_plan().objective["term"][2]]}))
    with pytest.raises(ConfigError, match="unknown endpoint 'HIA'"):
        open_run(small_run).rescore("oral-drug")


def test_a_library_without_a_compound_has_nothing_to_look_at(tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_text("smiles,id\naspirin,1\n")
    run = screen(tmp_path / "names.csv", plan=make_plan(), out=tmp_path / "run")
    assert len(run.second_look) == 0
    assert len(run.rescore({"risk": 2.0})) == 0
