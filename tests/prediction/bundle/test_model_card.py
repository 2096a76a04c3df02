from __future__ import annotations

from dataclasses import replace

from molscreen.prediction.bundle.card import NEAREST
from tests.prediction.tiny_bundle import tiny_bundle


def test_card_follows_the_oecd_principles() -> None:
    card = tiny_bundle().card
    headings = [line for line in card.splitlines() if line.startswith("## ")]
    for principle in ("Endpoint", "Algorithm", "Domain", "Performance", "Interpretation"):
        assert any(heading.endswith(principle) for heading in headings)
    assert "Research use only" in card
    assert "CC BY-SA 3.0" in card
    assert "10 uM \\| or less" in card  # a bar in a description does not end its cell
    assert "| hERG | – | – |" in card


def test_a_figure_stands_with_its_interval() -> None:
    bundle = tiny_bundle()
    sure = {"n": 30, "rmse": 0.9123, "rmse, from": 0.7, "rmse, to": 1.1}
    few = {"n": 8, "rmse": 0.5, "rmse, from": None, "rmse, to": None}
    metrics = {"test fold, blend": {"LogD": sure, "half-life": few}}
    card = replace(bundle, about=replace(bundle.about, metrics=metrics)).card
    assert "| endpoint | n | rmse |" in card
    assert "| LogD | 30 | 0.912 (0.7 to 1.1) |" in card
    assert "| half-life | 8 | 0.5 (too few to say) |" in card
    assert "95 % bootstrap interval" in card
    assert "95 % bootstrap interval" not in bundle.card


def test_the_figures_say_of_which_split_they_are() -> None:
    """Those of a random split and of new scaffolds look alike; a refitted bundle has its judge's."""
    record = {
        "recipe": {"split": {"method": "scaffold"}},
        "tested on": 30,
        "folds": "[split] method; per compound",
        NEAREST: 0.412,
    }
    bundle = tiny_bundle()
    for training in (record, {"tested on": 0, "judged by": record}):
        card = replace(bundle, about=replace(bundle.about, training=training)).card
        assert (
            "The test fold: 30 compounds; 'scaffold' split; per compound. Half of them are less than" in card
        )
        assert "0.41 similar" in card
    assert "The test fold" not in bundle.card


def test_a_cell_that_ends_in_a_bundle_shows_what_it_predicts() -> None:
    """And not two megabytes of numbers, nor a card of a thousand lines."""
    bundle = tiny_bundle()
    assert repr(bundle).startswith("Bundle('tiny', 3 endpoints, made with molscreen ")
    assert len(repr(bundle)) < 100
    shown = bundle._repr_markdown_()
    assert all(f"| {endpoint.name} |" in shown for endpoint in bundle.endpoints)
    assert shown.count("\n") < 20
    said = bundle.predict(["CCO", "CCN"])
    assert repr(said) == f"Prediction(2 compounds, 3 endpoints, {said.in_domain.sum()} in domain)"
