"""What a bundle admits about itself."""

import dataclasses

import numpy as np
import pytest

from molscreen.data.measured.assay_table import AssayTable
from molscreen.endpoint import Endpoint
from molscreen.prediction.bundle.headline import KEPT
from molscreen.prediction.certainty.calibration import Calibration
from molscreen.prediction.certainty.conformal import ConformalInterval
from molscreen.prediction.certainty.neighbours import NeighbourDomain
from molscreen.training.about import (
    BOUNDS,
    count_bounds,
    known_limits,
    missing_intervals,
    rough_intervals,
    short_intervals,
    unlike_compounds,
    what_bounds_taught,
)
from molscreen.training.recipe import TrainRecipe
from tests.prediction.tiny_bundle import drug_keys, tiny_bundle

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
        lacking = (ConformalInterval(None, 1.0, 0.0, 0.0, 0.5, 8), *calibration.columns[1:])
        bundle = dataclasses.replace(bundle, **{view: Calibration(calibration.endpoints, lacking)})
    assert missing_intervals(bundle) == told


def test_a_series_of_unlike_compounds_is_told_that_its_domain_is_small():
    """Whoever measured diverse compounds should not learn from an empty shortlist that all are outside."""
    keys, apart = drug_keys()[:200], np.arange(200) % 5 == 0
    measured = {"LogD": np.ones(200, bool)}
    unlike = NeighbourDomain.fit(keys, keys, apart, measured=measured)
    bundle = dataclasses.replace(tiny_bundle(), neighbours=unlike)
    [said] = unlike_compounds(bundle)
    share = unlike.activities["LogD"].share_inside
    assert share < 0.5
    assert said.startswith("the compounds measured for LogD are unlike each other")
    assert f"{1 - share:.0%} of those held out" in said
    assert said in known_limits(bundle, TrainRecipe(name="mine"), {})
    assert f"| LogD | 200 | {unlike.activities['LogD'].edges.inside:.3g} |" in bundle.card
    chains = [f"{'C' * (i % 40 + 3)}{'O' * (i // 40)}" for i in range(200)]
    alike = NeighbourDomain.fit(chains, chains, apart, measured=measured)
    assert unlike_compounds(dataclasses.replace(bundle, neighbours=alike)) == ()


def test_intervals_from_few_compounds_are_said_to_be_rough():
    """90 % from twenty compounds are 75 to 99 %."""
    bundle = tiny_bundle()
    columns = tuple(
        dataclasses.replace(column, n=n) for column, n in zip(bundle.full.columns, (20, 500, 20), strict=True)
    )
    bundle = dataclasses.replace(bundle, full=Calibration(bundle.full.endpoints, columns))
    [said] = rough_intervals(bundle)
    assert said.startswith(
        "the 90% intervals of LogD are calibrated on 20 compounds: of others like these they"
    )
    assert "hold 75% to 99%" in said
    assert said in known_limits(bundle, TrainRecipe(name="mine"), {})


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


def test_what_cannot_be_told_and_what_is_off_are_limits_as_well():
    sure = {"rmse": 0.9, "rmse, from": 0.7, "rmse, to": 1.1, "spearman": 0.8, "n": 24}
    ends = {"share of a guess's error avoided, from": -0.2, "share of a guess's error avoided, to": 0.3}
    for low, said in (
        (-0.1, "whether LogD is predicted better"),
        (0.3, "LogD is ranked better than by chance"),
    ):
        ours = {"LogD": sure | ends | {"spearman, from": low, "spearman, to": 0.9}}
        metrics = {"test fold, blend": ours, "test fold, constant": {"LogD": {"rmse": 1.0}}}
        assert known_limits(tiny_bundle(), TrainRecipe(name="mine"), metrics)[0].startswith(said)


def test_bounds_and_what_they_taught_are_known_limits():
    """Also that an interval promises nothing of what lies beyond them."""
    bundle = tiny_bundle()
    counts = {"LogD": {"bounds": 30, "of": 100}, "hERG": {"bounds": 1, "of": 3}}
    about = dataclasses.replace(bundle.about, training={BOUNDS: counts})
    metrics = {"test fold, blend": {"LogD": {"bounds": 12.0, KEPT: 0.75}}}
    told = what_bounds_taught(dataclasses.replace(bundle, about=about), metrics)
    assert told[:2] == (
        "LogD: 30 of 100 measurements are bounds (< or >); of 12 in the test fold 75% are kept by their"
        " prediction",
        "hERG: 1 of 3 measurements are bounds (< or >)",
    )
    assert told[2].startswith(
        "Bounds: networks learn from the probability of the allowed side; the kernel from the value that is"
        " expected beyond. Figures other than"
    )
    assert "not known" in told[2]
    assert what_bounds_taught(bundle, metrics) == ()


def test_bounds_are_counted_for_the_record():
    table = AssayTable(
        keys=("C", "CC", "CCC"),
        endpoints=(Endpoint(name="a"), Endpoint(name="b")),
        value=np.array([[1, 1], [2, 2], [3, np.nan]], np.float32),
        relation=np.array([[0, 0], [-1, 0], [1, 0]], np.int8),
        split=np.full((3, 2), ""),
        time=np.full(3, np.nan),
        ids=("1", "2", "3"),
    )
    assert count_bounds(table) == {BOUNDS: {"a": {"bounds": 2, "of": 3}}}
    assert count_bounds(table.masked(table.relation == 0)) == {}


def test_what_is_no_better_than_guessing_is_its_first_known_limit():
    """A card whose figures alone say so is read by few."""
    metrics = {"test fold, blend": {"LogD": {"rmse": 0.9}}, "test fold, constant": {"LogD": {"rmse": 0.8}}}
    limits = known_limits(tiny_bundle(), TrainRecipe(name="mine"), metrics)
    assert limits[0].startswith("LogD is predicted no better than by a constant guess")
    assert not any("guess" in limit for limit in known_limits(tiny_bundle(), TrainRecipe(name="mine"), {}))
