"""Thompson: better choices are made more often, and new ones are tried."""

from __future__ import annotations

import json

import numpy as np
import pytest

from molscreen.generation.reactions.thompson import LEAST_SPREAD, Thompson

BOTH = np.arange(2)


def share(belief: Thompson, n: int = 2000) -> float:
    rng = np.random.default_rng(0)
    return float(np.mean([belief.best(BOTH, rng) == 0 for _ in range(n)]))


def test_before_any_score_all_choices_are_alike() -> None:
    assert share(Thompson(["a", "b"])) == pytest.approx(0.5, abs=0.05)


def test_the_better_choice_is_made_more_often() -> None:
    belief = Thompson(["a", "b"])
    shares = []
    for _ in range(3):
        belief.take_in("a", 0.6)
        belief.take_in("b", 0.4)
        shares.append(share(belief))
    assert 0.5 < shares[0] < shares[1] < shares[2] < 1


def test_a_choice_without_a_score_is_still_made() -> None:
    belief = Thompson(["a", "b"])
    for score in (0.7, 0.5, 0.6, 0.6, 0.7, 0.5):
        belief.take_in("a", score)
    assert share(belief) < 0.95


def test_draws_have_the_mean_and_spread_of_the_belief() -> None:
    """n scores and one at the mean of all: expected (total + mean) / (n + 1), spread s / sqrt(n + 1)."""
    belief = Thompson(["a", "b"])
    for score in (0.2, 0.4, 0.9):
        belief.take_in("a", score)
    mean, spread = np.mean([0.2, 0.4, 0.9]), np.std([0.2, 0.4, 0.9])
    rng = np.random.default_rng(1)
    draws = np.array([belief.draw(BOTH, rng) for _ in range(20_000)])
    assert draws.mean(axis=0) == pytest.approx([mean, mean], abs=0.01)
    assert draws.std(axis=0) == pytest.approx([spread / 2, spread], abs=0.01)
    assert spread > LEAST_SPREAD


def test_state_goes_through_json() -> None:
    belief, other = Thompson(["a", "b"]), Thompson(["b", "a", "c"])
    belief.take_in("a", 0.3)
    belief.take_in("b", 0.8)
    other.take_in("c", 1.0)
    other.restore(json.loads(json.dumps(belief.state())))
    assert other.state() == {"": belief.state()[""], "b": [1.0, 0.8], "a": [1.0, 0.3]}
    with pytest.raises(KeyError, match="b"):
        Thompson(["a"]).restore(belief.state())
