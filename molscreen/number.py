"""Numbers as a chemist reads them: one rule for each kind of quantity, so that the figures of a column agree.

A probability has two decimals: no model here is surer than that. So has a logarithm, whose decimals say what
digits say elsewhere. A count is whole. All else has three significant digits, zeros at its end with them, and
as many as its whole part needs.
"""

from __future__ import annotations

import functools
import math

DASH = "–"
PROBABILITY = "probability"  # the unit of whatever lies in [0, 1] and is one
COUNTS = ("atoms", "bonds", "e", "groups", "rings")  # units of what is counted
WITHOUT = ("", "1", "log10", PROBABILITY)  # units that say no more than the name does
SCORE_DECIMALS = 4  # of a score: by so many it is ranked
ROUNDING = 1e-12  # below it a number is what was left of 0
WHOLE, POWERS = 1e2, 1e9  # from the first on no decimals, from the second on powers of ten


def number(value: float | None, unit: str = "") -> str:
    """A value in `unit`, without the unit; a missing one is an en dash.

    Zero is 0. A probability that is neither 0 nor 1 is never written as one of them.

    Examples
    --------
    >>> number(0.66), number(-2.0), number(1202.6), number(float("nan"))
    ('0.660', '-2.00', '1,203', '–')
    >>> number(0.0004, "probability"), number(0.143, "probability"), number(2.0, "groups")
    ('< 0.01', '0.14', '2')
    >>> number(-0.8551, "log10 mol/L"), number(0.07, "logD")
    ('-0.86', '0.07')
    """
    if value is None or not math.isfinite(value):
        return DASH
    if unit == PROBABILITY:
        return _probability(value)
    if unit in COUNTS:
        return f"{value:,.0f}"
    if _is_logarithm(unit):
        return f"{round(value, 2) + 0.0:.2f}"  # + 0.0: there is no -0.00
    if abs(value) < ROUNDING:
        return "0"
    if WHOLE <= abs(value) < POWERS:
        return f"{value:,.0f}"
    return f"{value:#.3g}".rstrip(".")


def interval(low: float | None, high: float | None, unit: str = "") -> str:
    """Both ends of an interval, or where both lie: "< 0.01"; an en dash where one is missing.

    Examples
    --------
    >>> interval(66.13, 99.7), interval(0.0, 0.0833, "probability"), interval(None, 1.0)
    ('66.1 to 99.7', '0.00 to 0.08', '–')
    """
    ends = [number(end, unit) for end in (low, high)]
    if DASH in ends:
        return DASH
    return ends[0] if ends[0] == ends[1] and ends[0][0] in "<>" else " to ".join(ends)


def score(value: float | None) -> str:
    """A score or reward at the resolution by which it is ranked; a missing one is an en dash.

    Examples
    --------
    >>> score(0.93), score(None)
    ('0.9300', '–')
    """
    return DASH if value is None or not math.isfinite(value) else f"{value:.{SCORE_DECIMALS}f}"


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


def spread_text(mean: float, sd: float) -> str:
    """Mean and standard deviation with three decimals; the latter is left out where there is none.

    Examples
    --------
    >>> spread_text(0.6741, 0.0031), spread_text(0.5, float("nan")), spread_text(float("nan"), 0.1)
    ('0.674 ± 0.003', '0.500', '–')
    """
    if math.isnan(mean):
        return DASH
    return f"{mean:.3f}" + ("" if math.isnan(sd) else f" ± {sd:.3f}")


def shown_unit(unit: str) -> str:
    """The unit where it is worth reading, else nothing.

    Examples
    --------
    >>> shown_unit("log10 mol/L"), shown_unit("probability")
    ('log10 mol/L', '')
    """
    return "" if unit in WITHOUT else unit


@functools.cache
def _is_logarithm(unit: str) -> bool:
    from molscreen.endpoint import named_scale  # needs numpy, which --help has no time for

    return named_scale("", unit).logarithm


def _probability(value: float) -> str:
    if 0 < value < 0.005:
        return "< 0.01"
    return "> 0.99" if 0.995 <= value < 1 else f"{value:.2f}"
