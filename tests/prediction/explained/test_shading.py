"""What an atom brings looks as large as it is, beside what the prediction's own uncertainty is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from molscreen.endpoint import Endpoint
from molscreen.prediction.explained.counterfactual import MIDDLE, STEP
from molscreen.prediction.explained.shading import EVEN, LIKELY, AtomMap

HERG = Endpoint(name="hERG", kind="classification", unit="probability")
LOGD = Endpoint(name="logD", unit="logD")
FULL = "full colour where the odds change as from 0.50 to 0.70"


def of_herg(value: float, *weights: float) -> AtomMap:
    return AtomMap.of(HERG, weights, value, None, None)


def test_full_colour_of_a_probability_is_the_step_that_a_small_change_must_take() -> None:
    assert (EVEN, LIKELY) == (MIDDLE, MIDDLE + STEP)
    shading = of_herg(LIKELY, STEP, 0.0).shading
    assert shading.weights == pytest.approx((shading.full, 0.0))


def test_negligible_effect_is_nearly_white() -> None:
    """0.01 of a probability once had the deepest blue, since it was the largest of its molecule."""
    [colour] = of_herg(0.5, -0.01).shading.colours.values()
    assert min(colour) > 0.95


def test_sure_prediction_still_tells_its_atoms_apart() -> None:
    """Of terfenadine's 0.98 no atom takes away more than 0.007, but that one a quarter of the odds."""
    terfenadine = of_herg(0.98, 0.007, -0.001)
    assert terfenadine.log_odds[0] == pytest.approx(math.log((0.98 / 0.02) / (0.973 / 0.027)))
    colours = terfenadine.shading.colours
    assert min(colours[0]) < 0.75 < 0.95 < min(colours[1])


def test_odds_are_bounded_where_nothing_can_tell_them() -> None:
    """Of 1 - 1e-9 and 0.9999 nobody knows which is right; what is no probability any more is the end."""
    assert of_herg(1 - 1e-9, 9e-5, 2.0).log_odds[0] == 0
    assert np.isfinite(of_herg(1 - 1e-9, 9e-5, 2.0).log_odds).all()


@pytest.mark.parametrize(
    ("low", "high", "full"), [(-1.0, 2.0, 1.5), (None, 2.0, None), (1.0, math.nan, None)]
)
def test_full_colour_of_a_quantity_is_half_its_interval(
    low: float | None, high: float | None, full: float | None
) -> None:
    """Where there is no interval the largest weight has the full colour, and no scale is told."""
    atoms = AtomMap.of(LOGD, [0.4, None], 1.0, low, high)
    assert atoms.shading.full == full
    assert math.isnan(atoms.shading.weights[1])
    assert ("full colour from 1.5 logD" in atoms.in_words("logD")) == (full is not None)


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ((0.0, math.nan), "no single atom moves it"),
        ((0.0, 0.0366), "strongest is atom 2, +0.037 mL"),
        ((-1234.0, 5.0), "strongest is atom 1, -1,200 mL"),
        ((24.7,), "strongest is atom 1, +25 mL"),
    ],
)
def test_strongest_atom_is_told_by_number_and_worth(weights: tuple[float, ...], told: str) -> None:
    assert AtomMap.of(LOGD, weights, 0.0, None, None).in_words("mL") == told


@pytest.mark.parametrize(
    ("value", "weights", "told"),
    [
        (0.48, (0.138, math.nan, -0.178), f"strongest is atom 3, -0.18 (0.66 without it); {FULL}"),
        (
            0.98,
            (0.007, -0.001),
            f"no single atom moves it by 0.02; strongest is atom 1, +0.007 (0.97 without it); {FULL}",
        ),
        (0.9999, (0.0, 0.0), "no single atom moves it"),
        (math.nan, (math.nan, math.nan), "no single atom moves it"),
    ],
)
def test_probability_is_told_as_one(value: float, weights: tuple[float, ...], told: str) -> None:
    """And that no single atom moves it, where that is so: the drawing alone would not tell."""
    assert of_herg(value, *weights).in_words() == told
