"""What an atom brings looks as large as it is, beside what the prediction's own uncertainty is."""

from __future__ import annotations

import math

import pytest

from molscreen.chem.depict import Shading
from molscreen.endpoint import Endpoint
from molscreen.prediction.counterfactual import STEP
from molscreen.prediction.shading import FULL_PROBABILITY, shade, tell_strongest

HERG = Endpoint(name="hERG", kind="classification", unit="probability")
LOGD = Endpoint(name="logD", unit="logD")


def test_full_colour_of_a_probability_is_the_step_that_a_small_change_must_take() -> None:
    assert shade(HERG, [0.01, -0.02], 0.0, 0.9).full == FULL_PROBABILITY == STEP


def test_negligible_effect_is_nearly_white() -> None:
    """0.01 of a probability once had the deepest blue, since it was the largest of its molecule."""
    [colour] = shade(HERG, [-0.01], None, None).colours.values()
    assert min(colour) > 0.95


@pytest.mark.parametrize(
    ("low", "high", "full"), [(-1.0, 2.0, 1.5), (None, 2.0, None), (1.0, math.nan, None)]
)
def test_full_colour_of_a_quantity_is_half_its_interval(
    low: float | None, high: float | None, full: float | None
) -> None:
    """Where there is no interval the largest weight has the full colour, and no scale is told."""
    shading = shade(LOGD, [0.4, None], low, high)
    assert shading.full == full
    assert math.isnan(shading.weights[1])
    assert ("full colour from 1.5 logD" in tell_strongest(shading, "logD")) == (full is not None)


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ((0.0, math.nan), "no atom moves it"),
        ((0.0, 0.0366), "strongest is atom 2, +0.037 mL"),
        ((-1234.0, 5.0), "strongest is atom 1, -1,200 mL"),
        ((24.7,), "strongest is atom 1, +25 mL"),
    ],
)
def test_strongest_atom_is_told_by_number_and_worth(weights: tuple[float, ...], told: str) -> None:
    assert tell_strongest(Shading(weights), "mL") == told
