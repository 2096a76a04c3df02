"""Which column of a file says when a value was measured, found by name and content."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from molscreen.chem.missing import MISSING
from molscreen.data.files.column_texts import read_texts
from molscreen.data.files.columns import quoted
from molscreen.data.files.header import plain_name
from molscreen.data.measured.cell_value import read_time
from molscreen.data.own_file.user_card import UserColumns, open_user_file
from molscreen.errors import LibraryError

NAMES = frozenset({"date", "datetime", "time", "timestamp", "year"})
FIRST, LAST = 1900, 2100  # years; a number outside is no year unless the column's name says so

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_HINT = "Name one with --time-column (Python: UserColumns(time=…)), or choose another split"


def find_time_column(path: str | Path, columns: UserColumns) -> str:
    """The one column of dates or years in a file of measurements.

    A column whose name is or contains the word date, time or year, and most of whose values are such,
    comes first; without one, a column that holds nothing but years and ISO dates.

    Parameters
    ----------
    path : path
    columns : UserColumns
        Its columns are not looked at: a measurement is no time.

    Raises
    ------
    LibraryError
        The file cannot be read, or has no such column, or several; the message lists the columns.
    """
    library = open_user_file(path, columns)
    texts = {
        name: {cell for cell in cells if cell.lower() not in MISSING}
        for name, cells in read_texts(library).items()
        if name not in columns.named
    }
    named = [name for name, found in texts.items() if _is_named(name) and _share(name, found) >= 0.5]
    dates = [name for name, found in texts.items() if found and all(map(is_date, found))]
    candidates = named or dates
    if len(candidates) == 1:
        return candidates[0]
    found = "no column of dates or years found"
    if candidates:
        found = f"{len(candidates)} columns could be the time: {quoted(candidates)}"
    elif misread := [(name, min(each)) for name, each in texts.items() if each and _is_named(name)]:
        name, text = misread[0]
        found += f" ('{name}' holds '{text}', expected a year or a date such as 2015-07-02)"
    raise LibraryError(f"{path}: {found}. {_HINT}. Columns: {quoted(library.columns)}")


def is_date(text: str) -> bool:
    """Whether a cell is a year or an ISO date of our time.

    Examples
    --------
    >>> is_date("2015"), is_date("2015-07-02"), is_date("7.2"), is_date("02/07/2015")
    (True, True, False, False)
    """
    if re.fullmatch(r"\d{4}", text):
        return FIRST <= int(text) <= LAST
    try:
        return FIRST <= datetime.fromisoformat(text).year <= LAST
    except ValueError:
        return False


def _is_named(name: str) -> bool:
    """Whether a word of the name says date, time or year: ``AssayDate``, ``document_year``."""
    return any(word.lower() in NAMES for word in _WORD.findall(name))


def _share(name: str, texts: set[str]) -> float:
    """The fraction of the values that are times: any number where the whole name says so."""
    readable = _is_time if plain_name(name) in NAMES else is_date
    return sum(map(readable, texts)) / len(texts) if texts else 0.0


def _is_time(text: str) -> bool:
    try:
        read_time(text)
    except ValueError:
        return False
    return True
