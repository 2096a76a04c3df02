"""The column ``counterfactuals`` of a screen: true of the bundle, alike for any batch, told where none is."""

from __future__ import annotations

import contextlib
import csv
import json
from pathlib import Path

import pytest
from small_plan import NARROW, make_plan

from molscreen.chem.analogues import analogues as room
from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.guarded.fork_server import ForkServer
from molscreen.chem.guarded.guard import Casualty
from molscreen.objectives.objective import Objective
from molscreen.prediction.bundle.bundle_file import load_bundle
from molscreen.screening.plan.views import Views, describe_bundle, open_views
from molscreen.screening.results.run import Run
from molscreen.screening.shard import cut_compounds
from molscreen.screening.tiers import explain, stages
from molscreen.screening.tiers.explain import ExplainTier


def test_shortlist_tells_what_the_bundle_says(flipped: Run, tiny_bundle: Path) -> None:
    """Key, step and both predictions, of an analogue one step away that turns the wish round."""
    bundle = load_bundle(tiny_bundle)
    wish = make_plan(str(tiny_bundle), objective={"term": NARROW}).make_objective(bundle.endpoints).terms[0]
    met = {False: 0, True: 0}
    for row in flipped.shortlist.to_dict("records"):
        for endpoint, said in json.loads(row["counterfactuals"]).items():
            assert endpoint == "hERG"
            assert standardize(said["key"]).key == said["key"]
            assert (said["key"], said["change"], said["similarity"]) in room.analogues(row["key"])
            assert said["from"] == pytest.approx(row["hERG"], rel=6e-3)
            assert said["to"] == pytest.approx(bundle.predict([said["key"]]).mean[0, 1], rel=6e-3)
            before, after = wish.desirability({"hERG": [said["from"], said["to"]]})
            assert (before > 0.5) != (after > 0.5)
            assert abs(after - before) > 0.2
            assert said["better"] is bool(after > before)
            met[said["better"]] += 1
    assert sum(met.values()) >= 1


def test_column_is_described_and_kept_from_the_sdf(flipped: Run) -> None:
    with (flipped.path / "columns.csv").open(encoding="utf-8", newline="") as file:
        meaning = {row["column"]: row["meaning"] for row in csv.DictReader(file)}
    assert "turns round" in meaning["counterfactuals"]
    assert "counterfactuals" not in (flipped.path / "shortlist.sdf").read_text()


def tables(views: Views, keys: list[str], size: int) -> list[str]:
    """The column for these compounds, explained so many together."""
    objective = Objective.from_table({"term": NARROW}, views.full.endpoints, "test")
    said = []
    with contextlib.closing(ForkServer()) as forks:
        tier = ExplainTier((), [views], objective, forks=forks)
        with contextlib.closing(tier):
            for shard in cut_compounds(list(range(len(keys))), keys, size):
                said += tier.table(shard, stages.Stopwatch())["counterfactuals"].to_pylist()
    return said


def test_who_is_explained_together_changes_nothing(flipped: Run, tiny_bundle: Path) -> None:
    """Eight at once, three, or each alone: the same text, to the last digit."""
    keys = flipped.shortlist["key"].tolist()
    views = open_views(describe_bundle(str(tiny_bundle)))
    whole = tables(views, keys, 8)
    assert whole == flipped.shortlist["counterfactuals"].tolist()
    assert tables(views, keys, 3) == tables(views, keys, 1) == whole


def test_search_that_fails_is_told(flipped: Run, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty column alone would say that no step turns the wish round."""
    key = flipped.shortlist["key"].iloc[0]
    objective = Objective.from_table({"term": NARROW}, load_bundle(tiny_bundle).endpoints, "test")
    monkeypatch.setattr(
        ExplainTier, "_near", lambda _, keys: [Casualty("timeout", "took too long") for _ in keys]
    )
    with contextlib.closing(ForkServer()) as forks:
        tier = ExplainTier((), [open_views(describe_bundle(str(tiny_bundle)))], objective, forks=forks)
        with contextlib.closing(tier):
            [shard] = cut_compounds([0], [key], 1)
            table = tier.table(shard, stages.Stopwatch())
    assert table["counterfactuals"].to_pylist() == ["{}"]
    assert table["alerts"].to_pylist() == ["the analogues could not be sought: took too long"]


def test_search_that_fails_costs_the_column_only() -> None:
    """A compound at which RDKit crashes or hangs has no analogues; its remarks are another item."""
    assert explain._analogues(Casualty("crashed", "ended the process")) == []
    [alert] = explain._survived(Casualty("timeout", "took longer than the limit of 10 s")).alerts
    assert alert == "the alerts could not be sought: took longer than the limit of 10 s"
