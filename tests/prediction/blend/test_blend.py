"""What experts say together: no more than they said, and nothing where they said nothing."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from molscreen.endpoint import Endpoint
from molscreen.prediction.blend.blend import Blend
from molscreen.prediction.blend.council import blended_std

ENDPOINTS = (Endpoint(name="pKi"), Endpoint(name="LogD"))
NAMES = ("networks", "kernel", "trees")


def blend(weight: list[list[float]], offset: tuple[float, float] = (0.0, 0.0)) -> Blend:
    """Of the first experts of `NAMES`, a row of two weights for each."""
    return Blend(NAMES[: len(weight)], np.array(weight, float), np.array(offset))


def said(*opinions: list[list[float]]) -> dict[str, NDArray[np.float64]]:
    """An opinion (n, 2) for each of the first experts."""
    return {name: np.array(each, float) for name, each in zip(NAMES, opinions, strict=False)}


def test_opinions_are_weighed_and_the_offset_is_added() -> None:
    mean, spread = blend([[0.25, 1.0], [0.75, 0.5]], offset=(0.5, 0.0)).combine(
        said([[4.0, 1.0]], [[8.0, 2.0]])
    )
    assert mean.tolist() == [[0.25 * 4 + 0.75 * 8 + 0.5, 1.0 + 0.5 * 2]]
    assert spread[0, 0] == pytest.approx(np.sqrt(0.25 * 3**2 + 0.75 * 1**2))  # around 7


@given(
    weight=st.lists(st.floats(0, 2), min_size=3, max_size=3).filter(lambda each: sum(each) > 0.01),
    opinion=st.lists(st.floats(-10, 10), min_size=3, max_size=3),
)
def test_spread_is_the_weighted_standard_deviation(weight: list[float], opinion: list[float]) -> None:
    """NumPy's weighted average is the oracle; an offset and the size of all weights do not matter."""
    column = blend([[each, 1.0] for each in weight], offset=(3.0, 0.0))
    _, spread = column.combine(said(*([[each, 0.0]] for each in opinion)))
    centre = np.average(opinion, weights=weight)
    expected = np.sqrt(np.average((np.array(opinion) - centre) ** 2, weights=weight))
    assert spread[0, 0] == pytest.approx(expected, abs=1e-9)


def test_one_expert_alone_has_no_spread() -> None:
    """There is nobody to disagree with, whatever its weight is."""
    rng = np.random.default_rng(0)
    opinions = said(rng.normal(size=(20, 2)).tolist(), rng.normal(size=(20, 2)).tolist())
    for weight in ([[0.7, 1.3]], [[0.7, 1.3], [0.0, 0.0]]):
        mean, spread = blend(weight).combine(opinions)
        assert (spread == 0).all()
        np.testing.assert_allclose(mean, opinions["networks"] * [0.7, 1.3])


def test_no_opinion_is_no_blend_of_the_others() -> None:
    """A weight of half an opinion would halve the prediction."""
    mean, spread = blend([[0.5, 0.5], [0.5, 0.5]]).combine(said([[1, 1], [1, 1]], [[np.nan, 1], [1, 1]]))
    for each in (mean, spread):
        assert np.isnan(each).tolist() == [[True, False], [False, False]]


@pytest.mark.parametrize("mute", [[[np.nan, 2], [np.nan, 2]], [[np.nan, 2], [5, 2]]])
def test_who_has_no_weight_may_be_mute(mute: list[list[float]]) -> None:
    """An expert that knows not the endpoint, or one that was not asked about every compound."""
    weight = [[1.0, 0.5], [0.0, 0.5]]
    mean, spread = blend(weight).combine(said([[3, 4], [6, 4]], mute))
    assert mean.tolist() == [[3, 3], [6, 3]]
    assert spread.tolist() == [[0, 1], [0, 1]]


def test_a_compound_is_judged_alike_alone_and_in_a_batch() -> None:
    rng = np.random.default_rng(1)
    opinions = {name: rng.normal(size=(50, 2)) for name in NAMES}
    for each in opinions.values():
        each[rng.random(each.shape) < 0.3] = np.nan
    column = blend([[0.5, 0.0], [0.5, 0.2], [0.0, 0.8]])
    together = column.combine(opinions)
    alone = [column.combine({name: each[i : i + 1] for name, each in opinions.items()}) for i in range(50)]
    for place in range(2):
        np.testing.assert_array_equal(together[place], np.concatenate([each[place] for each in alone]))


@pytest.mark.parametrize("weight", [[[0.5, 0.0], [0.5, 0.0]], [[0.0, 0.0], [0.0, 0.0]]])
def test_endpoint_that_nobody_speaks_for_is_not_known(weight: list[list[float]]) -> None:
    """An offset alone is no prediction."""
    mean, spread = blend(weight, offset=(0.0, 9.0)).combine(said([[1, 1]], [[1, 1]]))
    assert np.isnan([mean[0, 1], spread[0, 1]]).all()


def test_experts_without_any_weight_need_not_be_asked() -> None:
    """The full view does not ask them: an opinion costs milliseconds a compound."""
    mean, _ = blend([[1, 1], [0, 0], [0, 0]]).combine(said([[1, 2]]))
    assert mean.tolist() == [[1, 2]]


def test_no_compound_has_no_row() -> None:
    empty = np.empty((0, 2))
    mean, spread = blend([[0.5, 0.5], [0.5, 0.5]]).combine({"networks": empty, "kernel": empty})
    assert mean.shape == spread.shape == (0, 2)


def test_blend_comes_back_from_json() -> None:
    before = blend([[1 / 3, 0.0], [2 / 3, 0.1]], offset=(0.1, -1e-9))
    after = Blend.from_json(json.loads(json.dumps(before.to_json())), ENDPOINTS)
    assert after.experts == before.experts
    np.testing.assert_array_equal(after.weight, before.weight)
    np.testing.assert_array_equal(after.offset, before.offset)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": [[0.5, -0.5], [0.5, 0.5]]}, "a weight is negative or not a number"),
        ({"weight": [[0.5, float("nan")], [0.5, 0.5]]}, "a weight is negative or not a number"),
        ({"offset": [float("inf"), 0.0]}, "a weight is negative or not a number"),
        ({"weight": [[0.5], [0.5]]}, r"weights \(2, 1\) .*, expected 2 experts and 2 endpoints"),
        ({"experts": ["networks"]}, "expected 1 experts"),
        ({"offset": [0.0]}, r"offsets \(1,\)"),
        ({"weight": [[0.5, 0.5], [0.5]]}, "inhomogeneous shape"),
    ],
)
def test_blend_that_cannot_be_is_refused(change: dict[str, object], message: str) -> None:
    entry = blend([[0.5, 0.5], [0.5, 0.5]]).to_json() | change
    with pytest.raises(ValueError, match=message):
        Blend.from_json(entry, ENDPOINTS)


def test_noise_adds_to_disagreement_as_variances_do() -> None:
    """A blend is at least as unsure as its experts differ; of unknown noise nothing is added."""
    heard = Blend(("networks",), np.array([[1.0, 1.0, 0.0]]), np.zeros(3))
    std = blended_std(heard, np.array([[3.0, 3.0, 3.0]]), np.array([[4.0, np.nan, 4.0]]))
    assert std.tolist() == [[5.0, 3.0, 3.0]]  # the last is not the networks' word
