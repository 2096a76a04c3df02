"""The plan's wishes in words."""

from __future__ import annotations

import pytest

from molscreen.endpoint import Endpoint
from molscreen.objectives.aggregate import AGGREGATES
from molscreen.objectives.desirability import CURVES
from molscreen.report import wishes
from molscreen.report.legend import Legend
from molscreen.report.wishes import describe_aggregate, describe_choice, read_wishes

LOGD = Endpoint(name="logD", unit="logD")
LEGEND = Legend((), {"logD": LOGD}, {"logD": 2.0, "QED": 1.0})


def test_wish_says_where_it_is_met_and_where_not() -> None:
    window = {"endpoint": "logD", "curve": "window", "low": -1.0, "low_ok": 1, "high_ok": 3, "high": 5.0}
    rise = {"endpoint": "QED", "curve": "rise", "low": 0.34, "high": 0.67}
    logd, qed = read_wishes({"term": [window, rise]}, LEGEND)
    assert (logd.met, logd.unmet, logd.unit, logd.weight) == ("1 to 3", "≤ −1 or ≥ 5", "logD", 2.0)
    assert (qed.met, qed.unmet, qed.unit) == ("≥ 0.67", "≤ 0.34", "")


def test_wish_judged_by_a_bound_says_so() -> None:
    """Else the value on the card and the share of the wish that is met do not fit together."""
    term = {"endpoint": "logD", "curve": "fall", "low": 1, "high": 3, "bound": "pessimistic"}
    [wish] = read_wishes({"term": [term]}, LEGEND)
    assert wish.judged == "judged by its less desirable bound"


def test_curve_of_ones_own_is_named() -> None:
    [wish] = read_wishes({"term": [{"endpoint": "logD", "curve": "bell"}]}, LEGEND)
    assert (wish.met, wish.unmet) == ("curve 'bell'", "")


def test_every_curve_and_aggregate_of_ours_has_words() -> None:
    assert set(wishes._LIMITS) == set(CURVES)
    assert all(not describe_aggregate({"aggregate": name}).startswith("the aggregate") for name in AGGREGATES)
    assert describe_aggregate({}) == describe_aggregate({"aggregate": "geometric"})


@pytest.mark.parametrize(
    ("method", "words"),
    [("scaffold", "one Murcko scaffold"), ("maxmin", "most unlike each other"), ("none", "however alike")],
)
def test_choice_of_the_shortlist_is_told(method: str, words: str) -> None:
    assert words in describe_choice({"diversity": {"method": method, "per_scaffold": 3, "pool": 5}})
