"""Whether the numbers of a column are written with decimal commas, as in ``52,5``."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Literal

from molscreen.errors import LibraryError

Decimal = Literal["", "comma", "point"]
"""What stands before decimals; empty where it is to be found."""

_SIGN = r"[<>=~≤≥ ]*[+-]?"
_NUMBER = re.compile(rf"{_SIGN}\d[\d.,]*([eE][+-]?\d+)?")
_DECIMAL = re.compile(rf"{_SIGN}\d+,\d+([eE][+-]?\d+)?")
_THOUSANDS = re.compile(rf"{_SIGN}[1-9]\d{{0,2}},\d{{3}}")
_POINT = re.compile(r"\d*\.\d")


def find_decimal_commas(
    targets: Sequence[str],
    others: Sequence[str],
    texts: Callable[[str], Collection[str]],
    *,
    decimal: Decimal = "",
) -> tuple[str, ...]:
    """Those of the targets that have commas, every one of them before decimals.

    Where all commas of a target may part thousands, as in ``6,364``, the other columns of the file decide:
    one program wrote them all. Commas are decimal then if a column of numbers has decimal commas, and no
    column of numbers has points.

    Parameters
    ----------
    targets, others : sequence of str
        Names of columns: of those asked about, and of the rest of the file.
    texts : callable
        The different texts of a column, without the missing ones; the other columns are asked for only where
        that is needed.
    decimal : {"", "comma", "point"}
        What stands before decimals, where that is known.

    Raises
    ------
    LibraryError
        It is said to be a comma, and a number has a point.
    """
    if decimal == "point":
        return ()
    if decimal == "comma":
        for name in targets:
            if pointed := [text for text in texts(name) if "." in text and _NUMBER.fullmatch(text)]:
                raise LibraryError(
                    f"column '{name}': '{min(pointed)}' has a point, although commas are said to stand before"
                    " decimals: take the points out of its numbers, or do not say so"
                )
        return tuple(name for name in targets if _with_comma(texts(name)))
    found = [name for name in targets if has_decimal_commas(texts(name))]
    unsure = [name for name in targets if name not in found and _may_be_decimal(texts(name))]
    if unsure:
        numeric = [each for each in map(texts, (*targets, *others)) if all(map(_NUMBER.fullmatch, each))]
        if any(map(has_decimal_commas, numeric)) and not any(map(_has_points, numeric)):
            found += unsure
    return tuple(name for name in targets if name in found)


def has_decimal_commas(texts: Iterable[str]) -> bool:
    """Whether every comma in the numbers of a column stands before decimals.

    A comma is not believed where a number has two of them, where another cell has a decimal point,
    or where it may part thousands in all the numbers that have one, as in ``1,234``. Cells that hold other
    things than a number say nothing.

    Examples
    --------
    >>> has_decimal_commas(["52,5", "<1,25", "7", "n.d., see notes"])
    True
    >>> has_decimal_commas(["1,234", "12"]), has_decimal_commas(["52,5", "6.3"])
    (False, False)
    """
    different = set(texts)
    return _may_be_decimal(different) and not all(map(_THOUSANDS.fullmatch, _with_comma(different)))


def with_point(text: str) -> str:
    """A number with a point in the place of its decimal comma; any other text as it is.

    Examples
    --------
    >>> with_point("<52,5"), with_point("toxic, not pure")
    ('<52.5', 'toxic, not pure')
    """
    return text.replace(",", ".") if _DECIMAL.fullmatch(text) else text


def _may_be_decimal(texts: Collection[str]) -> bool:
    """Whether there are numbers with commas, each has one, and no cell has a point."""
    commas = _with_comma(texts)
    return bool(commas) and all(map(_DECIMAL.fullmatch, commas)) and not _has_points(texts)


def _with_comma(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if "," in text and _NUMBER.fullmatch(text)]


def _has_points(texts: Iterable[str]) -> bool:
    return any(map(_POINT.search, texts))
