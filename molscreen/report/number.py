"""Numbers as a page sets them: those of `molscreen.number`, with true minus signs and raised powers."""

from __future__ import annotations

import re

from molscreen import number as plain
from molscreen.number import DASH

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_WRITTEN = {"angstrom2": "Å²", "cm3/mol": "cm³/mol"}  # units of descriptors, as chemists write them
_LOGARITHM = re.compile(r"(-?)log10[ (]([^()]+)\)?")
_POWER = re.compile(r"\^(-?\d+)")
_EXPONENT = re.compile(r"e([+-]\d+)\b")


def typeset(text: str) -> str:
    """What a number or a unit in plain text looks like on a page.

    A minus is U+2212, after which no line is broken.

    Examples
    --------
    >>> typeset("-4.82 to -1.98"), typeset("4.99e-05"), typeset("µL/min/10^6 cells")
    ('−4.82 to −1.98', '4.99 × 10⁻⁵', 'µL/min/10⁶ cells')
    """
    text = _EXPONENT.sub(lambda found: f" × 10{str(int(found[1])).translate(_RAISED)}", text)
    text = _POWER.sub(lambda found: found[1].translate(_RAISED), text)
    return re.sub(r"-(?=\d|log)", "−", text)


def number(value: float | None, unit: str = "") -> str:
    """As `molscreen.number.number`.

    Examples
    --------
    >>> number(-2.0), number(None)
    ('−2.00', '–')
    """
    return typeset(plain.number(value, unit))


def interval(low: float | None, high: float | None, unit: str = "") -> str:
    """As `molscreen.number.interval`."""
    return typeset(plain.interval(low, high, unit))


def shown_unit(unit: str) -> str:
    """The unit where it is worth reading, else nothing.

    Examples
    --------
    >>> shown_unit("log10 cm/s"), shown_unit("-log10(mol/kg)"), shown_unit("angstrom2"), shown_unit("1")
    ('log₁₀(cm/s)', '−log₁₀(mol/kg)', 'Å²', '')
    """
    shown = _WRITTEN.get(unit, plain.shown_unit(unit))
    return typeset(_LOGARITHM.sub(r"\1log₁₀(\2)", shown))


def with_unit(value: float | None, unit: str) -> str:
    """Number and unit in one; a count, and what is missing, goes without.

    Examples
    --------
    >>> with_unit(180.159, "g/mol"), with_unit(3.0, "groups"), with_unit(None, "g/mol")
    ('180 g/mol', '3', '–')
    """
    said, shown = number(value, unit), shown_unit(unit)
    return f"{said} {shown}" if shown and said != DASH and unit not in plain.COUNTS else said
