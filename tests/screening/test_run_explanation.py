"""Why a shortlisted compound stands where it does, as the run stored it: what the models say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from small_plan import NARROW, make_plan

from molscreen.errors import UsageError
from molscreen.prediction.explanation import Neighbour, explain
from molscreen.screening.results.run import Run, open_run
from molscreen.screening.screen import screen
from tests.small_run import TRAINING


def test_it_is_what_the_models_say(small_run: Path, tiny_bundle: Path) -> None:
    """But for the digits that are kept."""
    run = open_run(small_run)
    for rank in run.shortlist["rank"]:
        for endpoint in ("pIC50", "hERG"):
            stored = run.explanation(rank, endpoint)
            asked = explain(stored.key, bundle=tiny_bundle, endpoint=endpoint)
            assert stored.endpoint == asked.endpoint
            told = [[each.value, each.low, each.high] for each in (stored, asked)]
            assert told[0] == pytest.approx(told[1], rel=0.02)  # Venn-ABERS bounds are steps
            np.testing.assert_allclose(stored.atoms, asked.atoms, rtol=0.01, atol=1e-5)
            assert stored.elements == asked.elements
            assert stored.drugs_below == pytest.approx(asked.drugs_below, abs=0.2)


def test_domain_is_that_of_the_shortlist(small_run: Path) -> None:
    """Of the activities that the plan wishes for, whichever endpoint is explained."""
    run = open_run(small_run)
    for row in run.shortlist.to_dict("records"):
        said = run.explanation(row["rank"], "hERG")
        assert said.in_domain == row["in_domain"]
        nearest = json.loads(row["neighbours"])["tiny"]["nearest"]
        assert list(said.neighbours) == [Neighbour(*each) for each in nearest]
        assert said.measured == "pIC50"


def test_the_costliest_comes_unasked(flipped: Run) -> None:
    """The wish with the largest share of what keeps the score from 1: here the least met one."""
    for row in flipped.shortlist.to_dict("records"):
        costliest = min(("hERG", "pIC50"), key=lambda name: row[f"term_{name}"])
        assert flipped.explanation(row["rank"]).endpoint.name == costliest


def test_what_would_turn_it_round_is_an_object(flipped: Run) -> None:
    found = 0
    for row in flipped.shortlist.to_dict("records"):
        for endpoint, told in json.loads(row["counterfactuals"]).items():
            [flip] = flipped.explanation(row["rank"], endpoint).counterfactuals
            assert flip.analogue._asdict() == {name: told[name] for name in ("key", "change", "similarity")}
            assert (flip.before, flip.after, flip.better) == (told["from"], told["to"], told["better"])
            found += 1
    assert found > 0
    assert all(not flipped.explanation(rank, "pIC50").counterfactuals for rank in range(1, 9))


def test_it_is_drawn(flipped: Run) -> None:
    assert 'src="data:image/svg+xml;base64,' in flipped.explanation(1)._repr_html_()


def test_what_was_not_explained_is_told(run: Run, flipped: Run, tiny_bundle: Path) -> None:
    """And whom to ask. A predictor of one's own is not asked for its atoms."""
    for rank in (0, 9, -1, "1"):
        with pytest.raises(UsageError, match=rf"rank {rank!r}: the shortlist has 8 compounds, ranks from 1"):
            flipped.explanation(rank)
    with pytest.raises(UsageError, match=r"'hERGG' was not explained.*: (hERG, pIC50|pIC50, hERG)\."):
        flipped.explanation(1, "hERGG")
    with pytest.raises(UsageError, match="rank 1: nothing was explained, because no predictor of this run"):
        run.explanation(1)


@pytest.mark.parametrize("ships", [True, False])
def test_whom_to_ask_can_be_pasted(
    ships: bool, tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bundle that is found by its name is called so, another by its folder."""
    if ships:
        monkeypatch.setenv("MOLSCREEN_BUNDLES", str(tiny_bundle.parent))
    (tmp_path / "library.smi").write_text(f"{TRAINING[0]} a\n")
    third = {"endpoint": "QED", "curve": "rise", "low": 0.2, "high": 0.9}
    plan = make_plan(str(tiny_bundle), objective={"term": [NARROW[0], third]}, top=1)
    run = screen(tmp_path / "library.smi", plan=plan, out=tmp_path / "run")
    name = "tiny" if ships else tiny_bundle.resolve()
    with pytest.raises(UsageError, match=rf"bundle='{name}', endpoint='pIC50'\) asks the models"):
        run.explanation(1, "pIC50")
