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
