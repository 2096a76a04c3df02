"""Rows of text become records: the step that text tables, Parquet and workbooks share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from molscreen.chem.compound import Note
from molscreen.chem.refusal import Fault
from molscreen.data.columns import Layout, Row
from molscreen.data.record import Record, faulty
from molscreen.data.structure import in_smiles, inchi_to_smiles


@dataclass(frozen=True, slots=True)
class Misread:
    """What stands in place of a row that could not be read: its text, and why."""

    text: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Placing:
    """Where rows go: which file they come from, from which row on, and under which columns."""

    source: str
    first_row: int
    columns: Sequence[str]


def to_records(
    rows: Iterable[tuple[int, Row | Misread]],
    layout: Layout,
    placing: Placing,
    note: Callable[[Row], Note | None] | None = None,
) -> Iterator[Record]:
    """One record for each row.

    Parameters
    ----------
    rows : iterable of (line, row)
    layout : Layout
    placing : Placing
    note : function, optional
        What there is to note about a row.
    """
    records = _to_records(rows, layout, placing, note)
    return in_smiles(records, inchi_to_smiles, placing.first_row) if layout.notation == "inchi" else records


def _to_records(
    rows: Iterable[tuple[int, Row | Misread]],
    layout: Layout,
    placing: Placing,
    note: Callable[[Row], Note | None] | None,
) -> Iterator[Record]:
    source, structure, identity = placing.source, layout.structure, layout.id
    pick = layout.picker(placing.columns)
    for number, (line, row) in enumerate(rows, placing.first_row):
        if isinstance(row, Misread):
            yield faulty(number, source, line, raw=row.text, fault=row.fault, width=len(placing.columns))
            continue
        name = "" if identity is None else row[identity]
        yield Record(number, source, line, name, row[structure], pick(row), None, note(row) if note else None)
