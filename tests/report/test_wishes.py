"""The plan's wishes in words."""

from __future__ import annotations

import pytest

from molscreen.endpoint import Endpoint
from molscreen.objectives.aggregate import AGGREGATES
from molscreen.objectives.desirability import CURVES
from molscreen.report import wishes
from molscreen.report.figure import Limit
from molscreen.report.legend import Legend
from molscreen.report.wishes import (
    describe_aggregate,
    describe_choice,
    describe_limits,
    find_limits,
    judged_end,
    read_wishes,
)

LOGD = Endpoint(name="logD", unit="logD")
LEGEND = Legend((), {"logD": LOGD}, {"logD": 2.0, "QED": 1.0})


def test_wish_says_where_it_is_met_and_where_not() -> None:
    window = {"endpoint": "logD", "curve": "window", "low": -1.0, "low_ok": 1, "high_ok": 3, "high": 5.0}
    window["shape"] = "linear"
    rise = {"endpoint": "QED", "curve": "rise", "low": 0.34, "high": 0.67}
    logd, qed = read_wishes({"term": [window, rise]}, LEGEND)
    assert (logd.met, logd.unmet, logd.unit, logd.weight) == ("1 to 3", "≤ −1 or ≥ 5", "logD", 2.0)
    assert (qed.met, qed.unmet, qed.unit) == ("≥ 0.67", "≤ 0.34", "")
    assert (logd.shape, qed.shape) == ("linear", "smooth")


def test_wish_judged_by_a_bound_says_so() -> None:
    """Else the value on the card and the share of the wish that is met do not fit together."""
    term = {"endpoint": "logD", "curve": "fall", "low": 1, "high": 3, "bound": "pessimistic"}
    [wish] = read_wishes({"term": [term]}, LEGEND)
    assert wish.judged == "judged by its less desirable bound"


@pytest.mark.parametrize(
    ("curve", "limits", "end"),
    [
        ("rise", {"low": 0, "high": 4}, "low"),
        ("fall", {"low": 0, "high": 4}, "high"),
        ("window", {"low": 0, "low_ok": 1, "high_ok": 1.5, "high": 4}, "high"),
        ("window", {"low": 0, "low_ok": 2.5, "high_ok": 3, "high": 9}, "low"),
        ("bell", {}, ""),
    ],
)
def test_cautious_wish_is_judged_by_the_end_that_meets_it_less(
    curve: str, limits: dict[str, float], end: str
) -> None:
    term = {"endpoint": "logD", "curve": curve, **limits}
    row = {"logD": 2.0, "logD_low": 1.0, "logD_high": 3.0}
    assert judged_end({**term, "bound": "pessimistic"}, row) == end
    assert judged_end({**term, "bound": "pessimistic"}, {**row, "logD_low": None}) == ""
    assert judged_end({**term, "bound": "high"}, row) == "high"
    assert judged_end(term, row) == ""


def test_curve_of_ones_own_is_named() -> None:
    [wish] = read_wishes({"term": [{"endpoint": "logD", "curve": "bell"}]}, LEGEND)
    assert (wish.met, wish.unmet, wish.shape) == ("curve 'bell'", "", "")
    assert describe_limits({"curve": "bell"}) == "by curve 'bell'"
    assert find_limits({"term": [{"endpoint": "logD", "curve": "bell"}]}, "logD") == (None, None)


def test_limits_are_the_words_and_the_values() -> None:
    """What is drawn and what is said come from one place."""
    window = {"endpoint": "logD", "curve": "window", "low": -1.0, "low_ok": 1, "high_ok": 3, "high": 5.0}
    rise = {"endpoint": "QED", "curve": "rise", "low": 0.34, "high": 0.67}
    plan = {"term": [window, rise]}
    assert find_limits(plan, "logD") == (Limit("1 to 3", (1, 3)), Limit("≤ −1 or ≥ 5", (-1, 5)))
    assert find_limits(plan, "QED") == (Limit("≥ 0.67", (0.67,)), Limit("≤ 0.34", (0.34,)))


def test_every_curve_and_aggregate_of_ours_has_words() -> None:
    assert set(wishes._LIMITS) == set(wishes._VALUES) == set(CURVES)
    assert all(not describe_aggregate({"aggregate": name}).startswith("the aggregate") for name in AGGREGATES)
    assert describe_aggregate({}) == describe_aggregate({"aggregate": "geometric"})


@pytest.mark.parametrize(
    ("method", "words"),
    [("scaffold", "one Murcko scaffold"), ("maxmin", "most unlike each other"), ("none", "however alike")],
)
def test_choice_of_the_shortlist_is_told(method: str, words: str) -> None:
    assert words in describe_choice({"diversity": {"method": method, "per_scaffold": 3, "pool": 5}})
