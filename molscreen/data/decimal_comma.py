"""Whether the numbers of a column are written with decimal commas, as in ``52,5``."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SIGN = r"[<>=~≤≥ ]*[+-]?"
_DECIMAL = re.compile(rf"{_SIGN}\d+,\d+([eE][+-]?\d+)?")
_THOUSANDS = re.compile(rf"{_SIGN}[1-9]\d{{0,2}},\d{{3}}")
_POINT = re.compile(r"\d*\.\d")


def has_decimal_commas(texts: Iterable[str]) -> bool:
    """Whether every comma in the cells of a column stands before decimals.

    A comma is not believed where a cell has two of them, where another cell has a decimal point,
    or where it may part thousands in all the cells that have one, as in ``1,234``.

    Examples
    --------
    >>> has_decimal_commas(["52,5", "<1,25", "7"])
    True
    >>> has_decimal_commas(["1,234", "12"]), has_decimal_commas(["52,5", "6.3"])
    (False, False)
    """
    different = set(texts)
    commas = [text for text in different if "," in text]
    return (
        bool(commas)
        and all(map(_DECIMAL.fullmatch, commas))
        and not all(map(_THOUSANDS.fullmatch, commas))
        and not any(map(_POINT.search, different))
    )
