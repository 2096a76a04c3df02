"""The plan's wishes in words: where each is met, how they become one score, and how the list was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from molscreen.report.content import Wish
from molscreen.report.legend import Legend
from molscreen.report.number import shown_unit, typeset

_LIMITS = {  # curve -> where it is met, where it is not
    "rise": ("≥ {high:g}", "≤ {low:g}"),
    "fall": ("≤ {low:g}", "≥ {high:g}"),
    "window": ("{low_ok:g} to {high_ok:g}", "≤ {low:g} or ≥ {high:g}"),
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


def _wish(term: Mapping[str, Any], legend: Legend) -> Wish:
    name = term["endpoint"]
    met, unmet = _limits(term)
    return Wish(
        name=name,
        unit=shown_unit(legend.unit(name)),
        met=met,
        unmet=unmet,
        weight=legend.weights[name],
        judged=_JUDGED.get(term.get("bound", "mean"), ""),
    )


def _limits(term: Mapping[str, Any]) -> tuple[str, str]:
    """Where the curve of a term is met, and where it is not; a curve of one's own is named."""
    curve = term["curve"]
    if curve not in _LIMITS:
        return f"curve '{curve}'", ""
    met, unmet = _LIMITS[curve]
    return typeset(met.format(**term)), typeset(unmet.format(**term))
