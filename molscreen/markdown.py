"""Markdown: tables and lines of which nobody's text can make markup."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

_TAG = re.compile(r"<(?=[A-Za-z/!?])")  # elsewhere "<" is itself (CommonMark, "Raw HTML")


def markdown_table(heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table, its values shown as `cell` does; nothing without rows.

    Examples
    --------
    >>> print(markdown_table(("endpoint", "n", "rmse"), [("pKi", 1202, 0.6741)]))
    | endpoint | n | rmse |
    |---|---|---|
    | pKi | 1,202 | 0.674 |
    """
    lines = [f"| {' | '.join(map(cell, row))} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(map(cell, heading))} |", "|---" * len(heading) + "|", *lines])


def cell(value: Any) -> str:
    r"""Counts with commas, figures to three digits, a dash for what is missing; nothing ends a cell early.

    Examples
    --------
    >>> print(cell(1202), cell(0.66667), cell(float("nan")), cell("10 µM | less"))
    1,202 0.667 – 10 µM \| less
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, float):
        return f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else plain(str(value)).replace("|", "\\|")


def plain(text: str) -> str:
    r"""Text of one line that no page takes for markup; what begins with a backtick is code already.

    Examples
    --------
    >>> plain("<b>active</b>,\n< 10 µM")
    '&lt;b>active&lt;/b>, < 10 µM'
    """
    text = " ".join(text.split())
    return text if text.startswith("`") else _TAG.sub("&lt;", text)
