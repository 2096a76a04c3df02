"""What a round climbs: the score, or one way to weigh the wishes."""

import numpy as np
import pytest

from molscreen.errors import ConfigError
from molscreen.generation.search.direction import Direction
from molscreen.generation.search.history import Call

CALLS = (
    Call(1, 1, "C", 0.5, terms=(1.0, 0.0)),
    Call(2, 1, "CC", np.nan, terms=(np.nan, 0.5)),
    Call(3, 1, "CCC", 0.4, terms=(0.4, 0.4)),
    Call(4, 2, "CCCC", 0.3, terms=(0.0, 1.0)),
)


def test_without_weights_it_is_the_score():
    plain = Direction()
    assert repr(plain.worth(CALLS).tolist()) == repr([call.score for call in CALLS])
    assert [call.number for call, _ in plain.best(CALLS, 2)] == [1, 3]
    assert repr(plain.places(CALLS[:2], CALLS)) == "[0.5, nan]"


def test_weights_decide_who_is_best():
    for weights, best in (((0.9, 0.1), 1), ((0.5, 0.5), 3), ((0.1, 0.9), 4)):
        direction = Direction(np.array(weights))
        assert direction.best(CALLS, 1)[0][0].number == best
        assert len(direction.best(CALLS, 9)) == 3  # none without a score


def test_generators_are_told_places_that_directions_share():
    """The best in a hard direction is worth less than anybody in an easy one, and yet the best."""
    for weights in ((0.9, 0.1), (0.1, 0.9)):
        places = Direction(np.array(weights)).places(CALLS, CALLS)
        assert np.isnan(places[1])
        assert sorted(np.delete(places, 1)) == pytest.approx([1 / 3, 2 / 3, 1])


def test_directions_are_drawn_from_the_rng_alone():
    one, same, other = (Direction.draw(CALLS, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert one.weights.tolist() == same.weights.tolist() != other.weights.tolist()
    assert one.weights.sum() == pytest.approx(1)


def test_a_score_without_terms_has_no_front():
    with pytest.raises(ConfigError, match="pareto: this score does not tell its terms"):
        Direction.draw([Call(1, 1, "C", 0.5)], np.random.default_rng(0))
