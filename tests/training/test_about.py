"""A bundle says what it lacks, in either view."""

import dataclasses

import pytest

from molscreen.prediction.calibration import Calibration
from molscreen.prediction.conformal import ConformalInterval
from molscreen.training.about import missing_intervals
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
