"""Tally: how many rows had which outcome, as ``screen`` and ``predict`` end by saying it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from molscreen.chem.compound import SCORED

if TYPE_CHECKING:
    import pyarrow as pa

COMMONEST = 3  # reasons that a sentence names; a list names all


class Tally:
    """Counts rows of predictions by ``status`` or ``status/code`` while their tables pass.

    Attributes
    ----------
    counts : Counter of str
    n_scored : int
        Rows with numbers.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.n_scored = 0

    def watch(self, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """The tables, unchanged."""
        for table in tables:
            statuses, codes = (table[name].to_pylist() for name in ("status", "reason_code"))
            self.n_scored += sum(status in SCORED for status in statuses)
            self.counts.update(f"{s}/{c}" if c else s for s, c in zip(statuses, codes, strict=True))
            yield table


def by_number(counts: Mapping[str, int]) -> list[str]:
    """One ``name: n`` for each, the most frequent first.

    Examples
    --------
    >>> by_number({"invalid/ring": 2, "ok": 8759, "invalid/empty": 2})
    ['ok: 8,759', 'invalid/empty: 2', 'invalid/ring: 2']
    """
    return [f"{name}: {n:,}" for name, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def commonest(counts: Mapping[str, int]) -> str:
    """The most frequent few, in a row.

    Examples
    --------
    >>> commonest({"a": 1, "b": 2, "c": 3, "d": 4})
    'd: 4, c: 3, b: 2, …'
    """
    return ", ".join([*by_number(counts)[:COMMONEST], *(["…"] if len(counts) > COMMONEST else [])])
