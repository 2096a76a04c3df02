"""What a bundle admits about itself."""

import dataclasses

import pytest

from molscreen.prediction.calibration import Calibration
from molscreen.prediction.conformal import ConformalInterval
from molscreen.training.about import known_limits, missing_intervals, short_intervals
from molscreen.training.recipe import TrainRecipe
from tests.prediction.tiny_bundle import tiny_bundle

FULL = "endpoint LogD has 8 calibration labels: no interval"
WIDE = "endpoint LogD has 8 calibration labels in the wide view: no interval there"


@pytest.mark.parametrize(
    ("views", "told"), [((), ()), (("wide",), (WIDE,)), (("full",), (FULL,)), (("full", "wide"), (FULL,))]
)
def test_an_interval_that_either_view_lacks_is_told_once(views, told):
    """The wide view has a fifth of the labels: it may have no bounds where the full view has some."""
    bundle = tiny_bundle()
    for view in views:
        calibration = getattr(bundle, view)
        lacking = (ConformalInterval(None, 1.0, 8), *calibration.columns[1:])
        bundle = dataclasses.replace(bundle, **{view: Calibration(calibration.endpoints, lacking)})
    assert missing_intervals(bundle) == told


def test_intervals_that_hold_less_than_they_promise_are_named():
    """Two standard errors of 0.9 are 0.06 of 100 measurements and 0.019 of 1,000."""
    figures = {
        "few": {"coverage": 0.85, "n": 100.0},
        "many": {"coverage": 0.85, "n": 1000.0},
        "enough": {"coverage": 0.89, "n": 1000.0},
        "label": {"auroc": 0.7, "n": 1000.0},
    }
    wide = {"many": {"coverage": 0.5, "n": 1000.0}}
    said = short_intervals({"test fold, wide": wide, "test fold, blend": figures})
    assert said == ("on the test fold, the 90 % intervals of many held 85 % of 1,000 measurements",)
    assert short_intervals({}) == ()


def test_what_is_no_better_than_guessing_is_its_first_known_limit():
    """A card whose figures alone say so is read by few."""
    metrics = {"test fold, blend": {"LogD": {"rmse": 0.9}}, "test fold, constant": {"LogD": {"rmse": 0.8}}}
    limits = known_limits(tiny_bundle(), TrainRecipe(name="mine"), metrics)
    assert limits[0].startswith("LogD is predicted no better than by a constant guess")
    assert not any("guess" in limit for limit in known_limits(tiny_bundle(), TrainRecipe(name="mine"), {}))
