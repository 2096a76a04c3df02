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


def percent(value: float | None) -> str:
    """A percentile in whole per cent, never all and never none; a missing one is an en dash.

    Examples
    --------
    >>> percent(73.2), percent(100.0), percent(0.2), percent(None)
    ('73 %', '> 99 %', '< 1 %', '–')
    """
    if value is None or not math.isfinite(value):
        return DASH
    if value > 99:
        return "> 99 %"
    return "< 1 %" if value < 1 else f"{value:.0f} %"


def shown_unit(unit: str) -> str:
    """The unit where it is worth reading, else nothing.

    Examples
    --------
    >>> shown_unit("log10 mol/L"), shown_unit("probability")
    ('log10 mol/L', '')
    """
    return "" if unit in WITHOUT else unit
