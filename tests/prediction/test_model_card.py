from __future__ import annotations

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
