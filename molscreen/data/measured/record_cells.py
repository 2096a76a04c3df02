"""What one record measures: its cells as values with their relations, and those that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from molscreen.chem.compound import Rejection
from molscreen.chem.missing import MISSING
from molscreen.data.files.record import Record
from molscreen.data.measured.assay_table import ABOVE, BELOW, EQUAL
from molscreen.data.measured.cell_value import (
    LOOSE,
    RelationError,
    plain_relation,
    read_value,
    split_relation,
)
from molscreen.data.measured.unread_cell import UnreadCell
from molscreen.data.measurement import Measurement
from molscreen.endpoint import MOLAR, to_p_scale
from molscreen.errors import did_you_mean


class UnitError(ValueError):
    """What a column of units says is no unit of concentration."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One measurement as read: the column of the table, the value, and its relation."""

    column: int
    value: float
    relation: int


def read_cells(
    record: Record, fields: Mapping[str, str], measured: Sequence[tuple[int, Measurement]]
) -> tuple[list[Cell], list[UnreadCell]]:
    """The measurements of one record, and the cells that are refused; an empty cell gives neither."""
    cells: list[Cell] = []
    unread: dict[str, UnreadCell] = {}  # one of a column, however many endpoints are read by it
    for column, measurement in measured:
        text = fields[measurement.column]
        if text.lower() in MISSING:
            continue
        if any(fields[name] not in accepted for name, accepted in measurement.where.items()):
            continue
        relation = fields.get(measurement.relation_column, "")
        try:
            read = _on_p_scale(read_value(text, measurement.endpoint, relation), measurement, fields)
            cells.append(Cell(column, *_within_limits(read, measurement)))
        except ValueError as error:
            at = _column_at_fault(error, measurement)
            unread[at] = UnreadCell(
                column=at,
                text=fields[at],
                rejection=refuse(record, "cell", f"column '{measurement.column}': {error}"),
                is_beside=at != measurement.column,
            )
    return cells, list(unread.values())


def _column_at_fault(error: ValueError, measurement: Measurement) -> str:
    """The column of values, or that beside it which says what cannot be used."""
    if isinstance(error, RelationError):
        return measurement.relation_column
    return measurement.unit_column if isinstance(error, UnitError) else measurement.column


def _on_p_scale(
    read: tuple[float, int], measurement: Measurement, fields: Mapping[str, str]
) -> tuple[float, int]:
    """A concentration as its p-value, whose relation is the other way round: above 10 uM is below 5."""
    if not measurement.is_concentration:
        return read
    value, relation = read
    return float(to_p_scale(value, _unit(measurement, fields))), -relation


def _unit(measurement: Measurement, fields: Mapping[str, str]) -> str:
    """The molar unit of a cell.

    Raises
    ------
    UnitError
    """
    column = measurement.unit_column
    written = fields.get(column, "")
    unit = measurement.molar if written.lower() in MISSING else written
    if unit not in MOLAR:
        what = f"is '{unit}'" if unit else "is missing"
        raise UnitError(
            f"the unit in column '{column}' {what}, expected one of {', '.join(MOLAR)}."
            f"{did_you_mean(unit, MOLAR)}"
        )
    return unit


def _within_limits(read: tuple[float, int], measurement: Measurement) -> tuple[float, int]:
    """A value at a limit of the assay says "at most" or "at least"."""
    value, relation = read
    if relation == EQUAL and measurement.floor is not None and value <= measurement.floor:
        return value, BELOW
    if relation == EQUAL and measurement.ceiling is not None and value >= measurement.ceiling:
        return value, ABOVE
    return value, relation


def find_loose(fields: Mapping[str, str], measurements: Sequence[Measurement]) -> Iterator[tuple[str, str]]:
    """Column and relation of each value of one record whose relation is in `LOOSE`."""
    for each in measurements:
        if each.endpoint.kind == "regression":
            sign = split_relation(fields[each.column])[0]
            sign = sign or plain_relation(fields.get(each.relation_column, ""))
            if sign in LOOSE:
                yield each.column, sign


def refuse(record: Record, code: str, reason: str) -> Rejection:
    """The record, or a cell of it, as a Rejection."""
    return Rejection(f"{record.source}:{record.line}", record.raw, "read", "invalid", code, reason, record.id)
