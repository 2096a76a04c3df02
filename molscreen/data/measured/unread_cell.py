"""Cells of measurements that cannot be read: what is written in them, and what to do about it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from molscreen.chem.compound import Rejection
from molscreen.data.decimal_comma import with_point

SHOWN = 6  # texts of a column
LONGEST = 40  # characters of a text
_INACTIVE = re.compile(r"\b(inactive|negative|no (activity|effect|inhibition|binding))\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadCell:
    """A cell that is refused: its row has no value there, and is refused itself where none is left.

    Attributes
    ----------
    column : str
    text : str
        Of the cell, without blanks around it.
    rejection : Rejection
        Of the cell alone, for a list of what is to be mended; its reason names the column.
    is_beside : bool
        Whether the value can be read, and the column says its relation or its unit.
    """

    column: str
    text: str
    rejection: Rejection
    is_beside: bool = False


def count_unread(cells: Iterable[UnreadCell]) -> dict[str, dict[str, int]]:
    """How often each text occurs, by column; the most frequent text first."""
    counts: dict[str, Counter[str]] = {}
    for each in cells:
        counts.setdefault(each.column, Counter())[each.text] += 1
    return {column: dict(texts.most_common()) for column, texts in counts.items()}


def describe_unread(cells: Sequence[UnreadCell]) -> tuple[str, ...]:
    """A sentence for each column, and more where commas may be decimal or compounds are called inactive.

    Examples
    --------
    ::

        column 'pIC50': 5 cells cannot be read: '5.3*' (4), 'TBC' (1); leave empty what was not measured
        column 'Standard Units': 7 cells cannot be used: '%' (7); the values beside them are left out
    """
    sentences: list[str] = []
    beside = {each.column for each in cells if each.is_beside}
    for column, texts in count_unread(cells).items():
        n = sum(texts.values())
        counted = f"column '{column}': {n:,} cell{'s' * (n != 1)} cannot be"
        if column in beside:
            lost = "values beside them are" if n > 1 else "value beside it is"
            sentences.append(f"{counted} used: {list_texts(texts)}; the {lost} left out")
            continue
        sentences.append(f"{counted} read: {list_texts(texts)}; leave empty what was not measured")
        if number := next((text for text in texts if with_point(text) != text), None):
            sentences.append(
                f"'{number}' in column '{column}' may have a decimal comma: if so, say --decimal comma"
                " (Python, and in a card: decimal='comma')"
            )
        if word := next(filter(_INACTIVE.search, texts), None):
            sentences.append(
                f"'{_shortened(word)}' in column '{column}' says that a value lies beyond a limit of the"
                " assay: write that limit, such as <5, or >10000 of a concentration; left out, it teaches"
                " nothing, and what is learnt is learnt from the actives"
            )
    return tuple(sentences)


def list_texts(texts: Mapping[str, int]) -> str:
    """The most frequent texts with their counts.

    Examples
    --------
    >>> list_texts({"active": 67, "inactive": 66})
    "'active' (67), 'inactive' (66)"
    """
    ranked = sorted(texts.items(), key=lambda each: -each[1])
    listed = ", ".join(f"'{_shortened(text)}' ({n:,})" for text, n in ranked[:SHOWN])
    return f"{listed} and {len(ranked) - SHOWN:,} other texts" if len(ranked) > SHOWN else listed


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
