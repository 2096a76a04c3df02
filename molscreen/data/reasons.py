"""Reasons for refusals, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from molscreen.chem.compound import Rejection


def count_reasons(rejections: Iterable[Rejection]) -> Counter[str]:
    """How often each reason occurs, as ``status/code``."""
    return Counter(f"{each.status}/{each.code}" for each in rejections)


def list_reasons(counts: Mapping[str, int]) -> str:
    """Reasons with their counts, the most frequent first.

    Examples
    --------
    >>> list_reasons({"invalid/value": 2, "invalid/syntax": 1_000})
    '1,000 invalid/syntax, 2 invalid/value'
    """
    return ", ".join(f"{n:,} {reason}" for reason, n in Counter(counts).most_common())
