"""Counterfactuals: the nearest analogue that flips, by a definition that can be computed by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from molscreen.chem.analogues.analogues import Analogue, analogues
from molscreen.endpoint import Direction, Endpoint, Scale
from molscreen.errors import UsageError
from molscreen.graphs.pack import PackedGraphs
from molscreen.prediction.bundle.bundle import Bundle
from molscreen.prediction.explained.counterfactual import (
    CONFIRMED,
    Counterfactual,
    Question,
    find_counterfactuals,
)
from molscreen.prediction.predictor import Prediction
from tests.prediction.tiny_bundle import drug_keys, tiny_bundle

PARENT = "Clc1ccccc1"
NEAR = tuple(
    Analogue(key, change, similarity)
    for key, change, similarity in (
        ("Fc1ccccc1", "Cl → F", 0.9),
        ("Oc1ccccc1", "Cl → OH", 0.8),
        ("N#Cc1ccccc1", "Cl → CN", 0.7),
        ("Cc1ccccc1", "Cl → CH3", 0.6),
        ("COc1ccccc1", "Cl → OCH3", 0.5),
        ("c1ccccc1", "Cl → H", 0.4),
    )
)
BLOCKS = Endpoint(name="hERG", kind="classification", direction="lower", unit="probability")


class Told:
    """Says what it is told of each key, ± `half` (on a log10 scale a factor), and counts who asks."""

    def __init__(
        self,
        values: Mapping[str, float],
        endpoint: Endpoint = BLOCKS,
        *,
        half: float = 0.1,
        outside: str = "",
    ) -> None:
        self.endpoints = (endpoint,)
        self._values, self._half, self._outside = values, half, outside
        self.asked: list[str] = []

    def predict(self, keys: Sequence[str], graphs: PackedGraphs | None = None) -> Prediction:
        assert graphs is not None
        assert len(graphs) == len(keys)
        self.asked += keys
        mean = np.array([[self._values.get(key, np.nan)] for key in keys], np.float32).reshape(-1, 1)
        if self.endpoints[0].scale == "log10":
            low, high = mean / self._half, mean * self._half
        else:
            low, high = mean - self._half, mean + self._half
        distance = np.array([2.0 if key == self._outside else 0.5 for key in keys], np.float32)
        return Prediction(self.endpoints, mean, mean * 0, low, high, distance, distance <= 1)


def values(parent: float, *others: float) -> dict[str, float]:
    """Of `PARENT` and of the analogues in order; the rest is like the parent."""
    padded = [*others, *[parent] * (len(NEAR) - len(others))]
    return {PARENT: parent} | {each.key: value for each, value in zip(NEAR, padded, strict=True)}


def flips(
    full: Told,
    wide: Told | None = None,
    wish: Callable[[Mapping[str, NDArray[np.float64]]], NDArray[np.float64]] | None = None,
    count: int = 5,
) -> list[Counterfactual]:
    question = Question(PARENT, full.endpoints[0].name, NEAR, wish)
    return find_counterfactuals(wide or full, full, [question], count=count)[0]


def changes(found: Sequence[Counterfactual]) -> list[str]:
    return [each.analogue.change for each in found]


@pytest.mark.parametrize(
    ("before", "after", "does"),
    [
        (0.71, 0.28, True),
        (0.28, 0.71, True),  # what would spoil it, too
        (0.71, 0.52, False),  # far, but on the same side
        (0.55, 0.45, False),  # on the other side, but not far
        (0.69, 0.495, False),
        (0.95, 0.51, False),
        (0.05, 0.51, True),
        (0.5, 0.29, True),
        (float("nan"), 0.9, False),
        (0.9, float("nan"), False),
    ],
)
def test_probability_flips_across_the_middle_and_by_a_step(before: float, after: float, does: bool) -> None:
    assert bool(flips(Told(values(before, after)))) is does


@pytest.mark.parametrize(("after", "does"), [(5.2, True), (4.8, False), (2.5, True), (3.1, False)])
def test_quantity_flips_where_it_leaves_the_interval(after: float, does: bool) -> None:
    """4 ± 1 covers what a repeated measurement of the compound might give."""
    assert bool(flips(Told(values(4.0, after), Endpoint(name="pKi"), half=1.0))) is does


def test_interval_on_a_log_scale_is_a_factor() -> None:
    half_life = Endpoint(name="half-life", unit="h", scale="log10", direction="higher")
    found = flips(Told(values(4.0, 30.0, 50.0, 0.5, 0.3), half_life, half=10.0))
    assert changes(found) == ["Cl → OH", "Cl → CH3"]


def test_wish_takes_the_place_of_the_value() -> None:
    """A rare label: 0.12 is much for this user, and 0.5 is never reached."""
    full = Told(values(0.12, 0.09, 0.03))
    assert flips(full) == []

    def rare(columns: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        assert set(columns) == {"hERG", "hERG_low", "hERG_high"}
        return np.clip(1.5 - columns["hERG"] / 0.08, 0, 1)  # 0.5 at 0.08

    [found] = flips(full, wish=rare)
    assert (found.analogue, found.before, found.after, found.better) == (NEAR[1], 0.12, 0.03, True)


@pytest.mark.parametrize(
    ("direction", "better"), [("lower", [True, False]), ("higher", [False, True]), ("none", [None, None])]
)
def test_better_is_by_the_endpoints_direction(direction: Direction, better: list[bool | None]) -> None:
    found = flips(Told(values(4.0, 1.0, 9.0), Endpoint(name="logD", direction=direction), half=1.0))
    assert [each.better for each in found] == better


def test_nearest_comes_first() -> None:
    found = flips(Told(values(0.9, 0.8, 0.1, 0.9, 0.2, 0.1)))
    assert changes(found) == ["Cl → OH", "Cl → CH3", "Cl → OCH3"]
    assert changes(flips(Told(values(0.9, 0.8, 0.1, 0.9, 0.2, 0.1)), count=1)) == ["Cl → OH"]


def test_full_view_decides_on_what_the_wide_view_finds() -> None:
    """It is asked of the most similar few alone, and shown is what it says of both."""
    wide, full = Told(values(0.9, 0.1, 0.1)), Told(values(0.8, 0.7, 0.3, 0.1))
    [found] = flips(full, wide)
    assert (found.analogue.change, found.before, found.after) == ("Cl → OH", 0.8, 0.3)
    assert full.asked == [PARENT, NEAR[0].key, NEAR[1].key]
    everyone = Told(values(0.9, *[0.1] * len(NEAR)))
    flips(everyone, Told(values(0.9, *[0.1] * len(NEAR))), count=1)
    assert len(everyone.asked) == 1 + CONFIRMED


def test_views_that_differ_on_the_compound_are_brought_together() -> None:
    """The student says 0.5 where the experts say 0.85: its difference counts, not its level."""
    wide, full = Told(values(0.5, 0.05, 0.3)), Told(values(0.85, 0.35, 0.7))
    assert changes(flips(full, wide)) == ["Cl → F"]


def test_analogue_outside_the_domain_proves_nothing() -> None:
    outside = Told(values(0.9, 0.1, 0.1), outside=NEAR[0].key)
    assert changes(flips(outside)) == ["Cl → OH"]
    inside = Told(values(0.9, 0.1, 0.1), outside=PARENT)
    assert changes(flips(inside)) == ["Cl → F", "Cl → OH"]


@pytest.mark.parametrize("view", [0, 1])
def test_each_view_has_a_domain_of_its_own(view: int) -> None:
    views = [Told(values(0.9, 0.1, 0.1)), Told(values(0.9, 0.1, 0.1))]
    views[view] = Told(values(0.9, 0.1, 0.1), outside=NEAR[0].key)
    assert changes(flips(*views)) == ["Cl → OH"]


def test_less_than_one_cannot_be_looked_for() -> None:
    with pytest.raises(UsageError, match="count=0"):
        flips(Told(values(0.9, 0.1)), count=0)


def test_last_bits_decide_nothing() -> None:
    """Three significant digits are judged, and shown: 0.6999 is 0.7 whatever the batch was."""
    for noise in (-1e-4, 0.0, 1e-4):
        [found] = flips(Told(values(0.7001 + noise, 0.3)))
        assert (found.before, found.after) == (0.7, 0.3)


@pytest.mark.parametrize("scale", ["linear", "log10"])
def test_compound_without_analogues_has_none(scale: Scale) -> None:
    told = Told({"C": 1.0}, Endpoint(name="x", scale=scale))
    assert find_counterfactuals(told, told, [Question("C", "x", ())]) == [[]]
    assert find_counterfactuals(told, told, []) == []


def test_unknown_endpoint_is_named() -> None:
    with pytest.raises(UsageError, match=r"unknown endpoint 'hERGG'.*Did you mean 'hERG'"):
        tiny_bundle().counterfactuals(PARENT, "hERGG")


def all_questions(bundle: Bundle) -> list[Question]:
    names = [endpoint.name for endpoint in bundle.endpoints]
    keys = [key for key in drug_keys() if len(key) < 60][:6]
    return [Question(key, name, tuple(analogues(key, 30))) for key in keys for name in names]


def test_answers_do_not_depend_on_who_else_is_asked() -> None:
    """Networks, kernel and calibration included: together, alone, or in another order."""
    bundle = tiny_bundle()
    questions = all_questions(bundle)
    views = bundle.wide_view(), bundle.full_view()
    together = find_counterfactuals(*views, questions, count=3)
    assert [find_counterfactuals(*views, [each], count=3)[0] for each in questions] == together
    assert find_counterfactuals(*views, questions[::-1], count=3) == together[::-1]


def test_bundle_says_what_its_full_view_predicts() -> None:
    bundle = tiny_bundle()
    for question in all_questions(bundle):
        column = [endpoint.name for endpoint in bundle.endpoints].index(question.endpoint)
        for found in bundle.counterfactuals(question.key, question.endpoint):
            said = bundle.predict([question.key, found.analogue.key]).mean[:, column]
            assert [found.before, found.after] == pytest.approx(said.tolist(), rel=6e-3)
