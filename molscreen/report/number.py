"""Numbers as a chemist reads them: three significant digits, a dash for what is missing."""

from __future__ import annotations

import math

DASH = "–"
WITHOUT = ("", "1", "probability")  # units that say no more than the name does


def number(value: float | None, digits: int = 3) -> str:
    """A measured value with `digits` significant digits; a missing one is an en dash.

    Examples
    --------
    >>> number(0.123456), number(1234567.0), number(float("nan"))
    ('0.123', '1,234,567', '–')
    """
    if value is None or not math.isfinite(value):
        return DASH
    if abs(value) >= 10 ** (digits + 1):
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def quantity(value: float | None, unit: str) -> str:
    """A value with its unit, where it has one that is worth reading.

    Examples
    --------
    >>> quantity(-4.213, "log10 mol/L"), quantity(0.5, "probability")
    ('-4.21 log10 mol/L', '0.5')
    """
    text = number(value)
    return text if text == DASH or unit in WITHOUT else f"{text} {unit}"
