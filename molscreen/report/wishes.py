"""The plan's wishes in words: where each is met, how they become one score, and how the list was chosen."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from molscreen.objectives.desirability import CURVES, make_curve
from molscreen.report.content import Wish
from molscreen.report.figure import Limit
from molscreen.report.legend import Legend
from molscreen.report.number import shown_unit, typeset

_LIMITS = {  # curve -> where it is met, where it is not
    "rise": ("≥ {high:g}", "≤ {low:g}"),
    "fall": ("≤ {low:g}", "≥ {high:g}"),
    "window": ("{low_ok:g} to {high_ok:g}", "≤ {low:g} or ≥ {high:g}"),
}
_VALUES = {  # curve -> its limits, where it is met, where it is not
    "rise": (("high",), ("low",)),
    "fall": (("low",), ("high",)),
    "window": (("low_ok", "high_ok"), ("low", "high")),
}
_AGGREGATE = {
    "geometric": "the weighted geometric mean of the wishes: one that fails is not bought off by the others",
    "arithmetic": "the weighted mean of the wishes: good ones make up for bad ones",
    "product": "the weighted product of the wishes: every further wish costs",
    "min": "the wish that is met least",
}
_JUDGED = {
    "low": "judged by its lower bound",
    "high": "judged by its upper bound",
    "pessimistic": "judged by its less desirable bound",
}


def read_wishes(objective: Mapping[str, Any], legend: Legend) -> tuple[Wish, ...]:
    """One wish per ``[[objective.term]]``, in the plan's order."""
    return tuple(_wish(term, legend) for term in objective["term"])


def find_limits(objective: Mapping[str, Any], endpoint: str) -> tuple[Limit | None, Limit | None]:
    """Where the wish for an endpoint is met, and where it is not; None of a curve of one's own.

    Examples
    --------
    >>> wish = {"endpoint": "hERG", "curve": "fall", "low": 0.3, "high": 0.8}
    >>> find_limits({"term": [wish]}, "hERG")
    (Limit(words='≤ 0.3', values=(0.3,)), Limit(words='≥ 0.8', values=(0.8,)))
    """
    [term] = [term for term in objective["term"] if term["endpoint"] == endpoint]
    if term["curve"] not in _VALUES:
        return None, None
    met, unmet = (
        Limit(words, tuple(float(term[name]) for name in names))
        for words, names in zip(_limits(term), _VALUES[term["curve"]], strict=True)
    )
    return met, unmet


def describe_aggregate(objective: Mapping[str, Any]) -> str:
    """How the wishes become one score."""
    name = objective.get("aggregate", "geometric")
    return _AGGREGATE.get(name, f"the aggregate '{name}' of the wishes")


def describe_choice(plan: Mapping[str, Any]) -> str:
    """How the shortlist was taken from the ranking.

    Examples
    --------
    >>> describe_choice({"diversity": {"method": "scaffold", "per_scaffold": 3, "pool": 5}})
    'At most 3 compounds of one Murcko scaffold were taken, unless too few others were left.'
    """
    diversity = plan["diversity"]
    if diversity["method"] == "scaffold":
        limit = diversity["per_scaffold"]
        few = "compound" if limit == 1 else "compounds"
        return f"At most {limit} {few} of one Murcko scaffold were taken, unless too few others were left."
    if diversity["method"] == "maxmin":
        times = f"{diversity['pool']} times as many"
        return f"From the best, {times} as are listed, those most unlike each other (ECFP4) were taken."
    return "The best were taken, however alike they are."


def judged_end(term: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """Which end of its interval a wish is judged by in one row: "low", "high", or "" for the value itself.

    Of the two ends that a cautious wish reads, the one that meets it less; "" where one is missing, or where
    the curve is one of the user's own, which is not at hand here.
    """
    bound = term.get("bound", "mean")
    if bound != "pessimistic":
        return "" if bound == "mean" else str(bound)
    ends = {end: row[f"{term['endpoint']}_{end}"] for end in ("low", "high")}
    if None in ends.values() or term["curve"] not in _LIMITS:
        return ""
    names = [field.name for field in dataclasses.fields(CURVES[term["curve"]])]  # type: ignore[arg-type]
    curve = make_curve(term["curve"], {name: term[name] for name in names if name in term})
    return min(ends, key=lambda end: float(curve([ends[end]])[0]))


def _wish(term: Mapping[str, Any], legend: Legend) -> Wish:
    name = term["endpoint"]
    met, unmet = _limits(term)
    return Wish(
        name=name,
        unit=shown_unit(legend.unit(name)),
        met=met,
        unmet=unmet,
        shape=term.get("shape", "smooth") if term["curve"] in _LIMITS else "",
        weight=legend.weights[name],
        judged=_JUDGED.get(term.get("bound", "mean"), ""),
    )


def describe_limits(term: Mapping[str, Any]) -> str:
    """Where a wish is met and where it is not, in a line.

    Examples
    --------
    >>> describe_limits({"curve": "fall", "low": 20, "high": 50})
    'met ≤ 20, not met ≥ 50'
    """
    met, unmet = _limits(term)
    return f"met {met}, not met {unmet}" if unmet else f"by {met}"


def _limits(term: Mapping[str, Any]) -> tuple[str, str]:
    """Where the curve of a term is met, and where it is not; a curve of one's own is named."""
    curve = term["curve"]
    if curve not in _LIMITS:
        return f"curve '{curve}'", ""
    met, unmet = _LIMITS[curve]
    return typeset(met.format(**term)), typeset(unmet.format(**term))
