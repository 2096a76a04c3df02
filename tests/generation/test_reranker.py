"""Whoever scores compounds, the numbers are the same, and one that ends its worker costs itself."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from molscreen.errors import RunError
from molscreen.generation.reranker import Reranker
from molscreen.generation.scorer import PlanScorer
from molscreen.screening.plan.plan import load_plan
from molscreen.screening.plan.setup import open_plan
from molscreen.screening.plan.tables import Execution
from tests.generation.own_predictor import PEROXIDE
from tests.small_run import TRAINING


@pytest.fixture
def plan(small_plan, tiny_bundle):
    wanted = replace(load_plan(small_plan), bundles=(str(tiny_bundle),))
    return replace(wanted, run=Execution(executor="inline"))


@pytest.fixture
def look(plan, tmp_path):
    with Reranker(tmp_path / "scoring", plan, open_plan(plan)[0], shard_size=3) as look:
        yield look


def shards_done(folder):
    """Numbers of the shards that were worked through, in order."""
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    return [event["shard"] for event in events if event["event"] == "shard"]


@pytest.mark.integration
@pytest.mark.parametrize("executor", ["local", "ray"])
def test_workers_elsewhere_say_what_this_process_says(plan, tmp_path, executor):
    """All of it, to the last bit: the reward, its terms, the control."""
    if executor == "ray":
        pytest.importorskip("ray")
    by_two = replace(plan, run=Execution(executor=executor, workers=2))
    said = []
    for each, folder in ((plan, "here"), (by_two, "there")):
        with PlanScorer(each, cautious=True, folder=tmp_path / folder, shard_size=4) as score:
            said.append(score.judge(TRAINING))
    here, there = said
    for name in ("score", "plain", "control", "terms"):
        assert np.array_equal(getattr(here, name), getattr(there, name), equal_nan=True)
    assert list(here.reason) == list(there.reason)


@pytest.mark.integration
def test_a_compound_that_ends_its_worker_costs_itself(plan, tmp_path):
    own = replace(
        plan,
        bundles=("tests.generation.own_predictor:touchy",),
        run=Execution(executor="local", workers=1),
    )
    with PlanScorer(own, folder=tmp_path / "scoring") as score:
        said = score.judge([*TRAINING[:3], f"CC{PEROXIDE}CC", *TRAINING[3:6]])
    assert np.isnan(said.score).tolist() == [False] * 3 + [True] + [False] * 3
    assert [reason for reason in said.reason if reason] == ["ended the process that worked on it"]
    assert '"event": "setback"' in (tmp_path / "scoring" / "events.jsonl").read_text()


def test_rows_come_in_the_order_of_the_keys(look):
    keys = list(TRAINING[::-1])
    assert look.table(keys)["key"].to_pylist() == keys


def test_what_is_committed_is_not_done_again(plan, look, tmp_path):
    """By the same workers, or by those of a later attempt; other compounds are other work."""
    first = look.table(TRAINING[:7])
    assert shards_done(tmp_path / "scoring") == [0, 1, 2]
    assert look.table(TRAINING[:7]).equals(first)
    look.__exit__(None, None, None)
    with Reranker(tmp_path / "scoring", plan, open_plan(plan)[0], shard_size=3) as later:
        assert later.table(TRAINING[:7]).equals(first)
        assert shards_done(tmp_path / "scoring") == [0, 1, 2]
        later.table([*TRAINING[:3], *TRAINING[4:7]])
    assert shards_done(tmp_path / "scoring") == [0, 1, 2, 1]


def test_a_part_that_is_not_of_these_compounds_is_refused(look, monkeypatch):
    """Another process may write to the folder."""
    look.table(TRAINING[:3])
    monkeypatch.setattr(look._executor, "work", lambda *_: iter(()))
    with pytest.raises(RunError, match="somebody else writes here; end it, and go on with --resume"):
        look.table(TRAINING[3:6])
