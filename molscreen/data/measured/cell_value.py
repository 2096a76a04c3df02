"""What one cell of measurements says: a value with its relation, a label, a fold, or a time."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime

from molscreen.chem.missing import MISSING
from molscreen.data.card import FOLDS
from molscreen.data.measured.assay_table import ABOVE, BELOW, EQUAL
from molscreen.endpoint import Endpoint

_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_COMPACT_DATE = re.compile(r"(19|20)\d{6}")  # 20150702: a date, and no year

LABELS: Mapping[str, float] = {
    **dict.fromkeys(("1", "1.0", "true", "yes", "active", "positive"), 1.0),
    **dict.fromkeys(("0", "0.0", "false", "no", "inactive", "negative"), 0.0),
}
RELATIONS: Mapping[str, int] = {
    **dict.fromkeys(("<", "<=", "≤", "<<"), BELOW),
    **dict.fromkeys((">", ">=", "≥", ">>"), ABOVE),
    **dict.fromkeys(("", "=", "==", "~"), EQUAL),
}
LOOSE: Mapping[str, str] = {"~": "exact", "<<": "<", ">>": ">"}
"""Relations that say more, or less, than what they are read as."""
SPLITS: Mapping[str, str] = {
    **dict.fromkeys(FOLDS, ""),
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("valid", "val", "validation", "dev"), "valid"),
    **dict.fromkeys(("test", "testing", "holdout"), "test"),
}


class RelationError(ValueError):
    """What a column of relations says is no relation, or denies the one before the number."""


def read_value(text: str, endpoint: Endpoint, relation: str = "") -> tuple[float, int]:
    """The number, and its relation, of one cell.

    Parameters
    ----------
    text : str
        ``6.3``, ``<5.0``, ``> 30``; for a label ``1``, ``active``, ``false`` and their like.
    endpoint : Endpoint
    relation : str
        The relation, where it is written in a column of its own; ``=`` there says nothing of a ``<`` here.

    Raises
    ------
    ValueError
        The text is no value of this endpoint.
    RelationError
        The column holds no relation, or the contrary of the text.

    Examples
    --------
    >>> read_value("<5.0", Endpoint(name="pKi"))
    (5.0, -1)
    >>> read_value("active", Endpoint(name="hERG", kind="classification"))
    (1.0, 0)
    """
    if endpoint.kind == "classification":
        return read_label(text), EQUAL
    here, number = split_relation(text)
    there = plain_relation(relation)
    for sign, fault in ((here, ValueError), (there, RelationError)):
        if sign not in RELATIONS:
            raise fault(f"the relation is '{sign}', expected one of <, <=, =, >=, >")
    if RELATIONS[here] * RELATIONS[there] < 0:
        raise RelationError(f"the cell says '{here}', and the column of relations '{there}'")
    try:
        value = float(number if "_" not in number else "")  # Python alone reads 1_0 as ten
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        hint = "; write a decimal point, and nothing between thousands" if "," in text else ""
        if _DECIMAL_COMMA.fullmatch(number):
            hint += (
                ", or say that commas stand before decimals: --decimal comma"
                " (Python, and in a card: decimal='comma')"
            )
        raise ValueError(f"'{text}' is not a number, with or without < or > before it{hint}")
    if endpoint.scale == "log10" and value <= 0:
        raise ValueError(f"'{text}' is not positive, and '{endpoint.name}' has a log10 scale")
    least, largest = endpoint.limits
    if not least <= value <= largest:
        raise ValueError(
            f"'{text}' is beyond {least:g} to {largest:g} {endpoint.unit}, where every share lies; if"
            f" '{endpoint.name}' is none, give its unit another name"
        )
    return value, RELATIONS[here] or RELATIONS[there]


def split_relation(text: str) -> tuple[str, str]:
    """The relation before a number, "" where there is none, and what follows it.

    Examples
    --------
    >>> split_relation(">= 30"), split_relation("6.3")
    (('>=', '30'), ('', '6.3'))
    """
    number = text.lstrip("<>=~≤≥ ")
    return text[: len(text) - len(number)].strip(), number


def plain_relation(text: str) -> str:
    """What a cell of a column of relations says, without the quotes of ChEMBL; "" where nothing.

    Examples
    --------
    >>> plain_relation("'>='"), plain_relation("n/a")
    ('>=', '')
    """
    sign = text.strip(" '\"")
    return "" if sign.lower() in MISSING else sign


def read_label(text: str) -> float:
    """1 or 0, from ``1``, ``active``, ``false`` and their like."""
    label = LABELS.get(text.lower())
    if label is None:
        raise ValueError(f"'{text}' is not a label: expected 0 or 1")
    return label


def read_fold(text: str) -> str:
    """The official fold that a cell names: "train", "valid", "test", or nothing where it is empty."""
    fold = SPLITS.get(text.lower())
    if fold is None:
        raise ValueError(f"the fold is '{text}', expected train, valid or test")
    return fold


def read_time(text: str) -> float:
    """Years, from a number (``2015``) or an ISO date (also ``20150702``); NaN from an empty cell.

    Examples
    --------
    >>> round(read_time("2015-07-02"), 2)
    2015.5
    """
    if text.lower() in MISSING:
        return math.nan
    if _PLAIN_NUMBER.fullmatch(text) and not _COMPACT_DATE.fullmatch(text):
        return float(text)
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"the time is '{text}', expected a year or a date such as 2015-07-02") from None
    return day.year + (day.timetuple().tm_yday - 0.5) / 365.25
