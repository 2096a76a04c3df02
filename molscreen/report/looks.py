"""The two looks at a shortlisted compound: what the fast model said of it, and where the full one objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from molscreen.prediction.columns import TERM
from molscreen.report.content import Disagreement, Hit
from molscreen.report.legend import Legend
from molscreen.report.number import number, shown_unit
from molscreen.screening.folder.layout import FOLDERS
from molscreen.screening.results.outputs import rows_of_library

APART = 0.5
"""Of how far a wish is met, from 0 to 1: more than the way from not met to half met.

The curve of a wish says which differences of an endpoint matter to the plan, in its unit; Venn-ABERS bounds
are steps, outside of which the other view lies more often than not, and would say nothing here.
"""


def read_first_look(folder: Path, shortlist: pa.Table, legend: Legend, shard_size: int) -> pa.Table:
    """What the fast model said of these n compounds: of each wished endpoint its value and how far it is met.

    Parameters
    ----------
    folder : Path
        The run folder.
    shortlist : pyarrow.Table
        n rows.
    legend : Legend
    shard_size : int
        Rows of a part of the wide tier.
    """
    names = [name for name in legend.weights if name in legend.endpoints]
    seen = [column for name in names for column in (name, TERM + name)]
    rows = shortlist["row"].to_pylist()
    return rows_of_library(folder / FOLDERS["wide"], rows, shard_size, seen=seen).select(seen)


def with_disagreements(
    hits: Sequence[Hit], first: pa.Table, shortlist: pa.Table, legend: Legend
) -> tuple[Hit, ...]:
    """The same n hits, each with the wishes that its two looks see more than `APART` apart.

    Parameters
    ----------
    hits : sequence of n Hit
    first : pyarrow.Table
        As `read_first_look` gives it.
    shortlist : pyarrow.Table
        The n rows that the hits are made of.
    legend : Legend
    """
    before, after = (table.to_pylist() for table in (first, shortlist.select(first.column_names)))
    return tuple(
        replace(hit, disagreements=tuple(_disagreements(one, other, legend)))
        for hit, one, other in zip(hits, before, after, strict=True)
    )


def _disagreements(
    before: Mapping[str, Any], after: Mapping[str, Any], legend: Legend
) -> Iterator[Disagreement]:
    for name in legend.weights:
        if _is_apart(before.get(TERM + name), after.get(TERM + name)):
            unit = legend.unit(name)
            first, second = (_said(row, name, unit) for row in (before, after))
            yield Disagreement(name=name, unit=shown_unit(unit), first=first, second=second)


def _is_apart(before: float | None, after: float | None) -> bool:
    return before is not None and after is not None and abs(before - after) > APART


def _said(row: Mapping[str, Any], name: str, unit: str) -> tuple[str, str]:
    """The value, and how far the wish is met by it."""
    return number(row[name], unit), f"{row[TERM + name]:.2f}"
