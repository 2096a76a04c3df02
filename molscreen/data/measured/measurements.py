"""From the records of a file to rows of measurements; a row or a cell that cannot be read is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

from molscreen.chem.cleaning.recipe import Recipe
from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Compound, Rejection
from molscreen.chem.guarded.guard import Casualty, Guard
from molscreen.chem.missing import MISSING
from molscreen.data.card import DataFile, DatasetCard
from molscreen.data.decimal_comma import find_decimal_commas, with_point
from molscreen.data.files.library import Library, open_library
from molscreen.data.files.record import Limits, ReadOptions, Record
from molscreen.data.measured.cell_value import read_fold, read_label, read_time
from molscreen.data.measured.record_cells import Cell, find_loose, read_cells, refuse
from molscreen.data.measured.unread_cell import UnreadCell
from molscreen.data.measurement import Measurement
from molscreen.errors import LibraryError, did_you_mean

T = TypeVar("T")

MAX_COLUMNS = 4096  # ToxCast has 618
SECONDS = 10.0  # for the structure of one compound; far more than any that standardises has taken


@dataclass(frozen=True, slots=True)
class Row:
    """One record as read: the structure as written, and what was measured on it."""

    smiles: str
    source: str  # file:line
    identifier: str
    split: str
    time: float  # years
    subsets: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class FileRows:
    """The records of one file in order, the cells that were refused, and how its columns were read.

    Attributes
    ----------
    loose : mapping of (column, relation) to int
        How many values of a column have such a relation, before the number or in a column of its own.
    """

    rows: tuple[Row | Rejection, ...]
    unread: tuple[UnreadCell, ...]
    decimal_commas: tuple[str, ...]
    loose: Counter[tuple[str, str]]


def read_rows(card: DatasetCard, file: DataFile, path: Path) -> FileRows:
    """The records of one file of a data set.

    Parameters
    ----------
    card : DatasetCard
    file : DataFile
        One of the card's files.
    path : Path
        Where it lies on this machine.

    Raises
    ------
    LibraryError
        The file cannot be read, or lacks a column that the card names.
    """
    library = open_measurements(path, card.smiles_column, card.id_column, encoding=card.encoding)
    columns = {name: i for i, name in enumerate(library.columns)}
    measured = [(j, m) for j, m in enumerate(card.measurements) if m.file in ("", file.path)]
    _require_columns(path, columns, _needed(card, [measurement for _, measurement in measured]))
    records = list(library.records())
    numbers = list(dict.fromkeys(m.column for _, m in measured if m.endpoint.kind == "regression"))
    commas = _decimal_commas(card, numbers, columns, records)
    rows: list[Row | Rejection] = []
    unread: list[UnreadCell] = []
    loose: Counter[tuple[str, str]] = Counter()
    for record in records:
        if record.fault is not None:
            rows.append(record.fault)
            continue
        fields = {name: record.fields[i].strip() for name, i in columns.items()}
        fields |= {column: with_point(fields[column]) for column in commas}
        cells, refused = read_cells(record, fields, measured)
        unread += refused
        loose.update(find_loose(fields, [card.measurements[cell.column] for cell in cells]))
        rows.append(_read_row(card, file, record, fields, cells, refused))
    return FileRows(tuple(rows), tuple(unread), commas, loose)


def _decimal_commas(
    card: DatasetCard, numbers: Sequence[str], columns: Mapping[str, int], records: Sequence[Record]
) -> tuple[str, ...]:
    """The columns, of those of numbers, in which a comma stands before decimals."""

    @cache
    def texts(column: str) -> frozenset[str]:
        cells = (each.fields[columns[column]].strip() for each in records if each.fault is None)
        return frozenset(cell for cell in cells if cell.lower() not in MISSING)

    others = [name for name in columns if name not in numbers]
    return find_decimal_commas(numbers, others, texts, decimal=card.decimal)


def _read_row(
    card: DatasetCard,
    file: DataFile,
    record: Record,
    fields: Mapping[str, str],
    cells: Sequence[Cell],
    unread: Sequence[UnreadCell],
) -> Row | Rejection:
    """One record, whose cells under `fields` are texts without blanks around them.

    It is refused where cells could not be read, and no other has a value.
    """
    try:
        row = Row(
            smiles=record.raw,
            source=f"{record.source}:{record.line}",
            identifier=record.id,
            split=file.split or _in_column(card.split_column, read_fold, fields),
            time=_in_column(card.time_column, read_time, fields),
            subsets=tuple(name for name, column in card.subsets.items() if read_label(fields[column])),
            cells=tuple(cells),
        )
    except ValueError as error:
        return refuse(record, "value", str(error))
    if unread and not cells:
        return refuse(record, "value", "; ".join(each.rejection.reason for each in unread))
    return row


def open_measurements(
    path: str | Path,
    smiles_column: str,
    id_column: str,
    *,
    encoding: str = "",
    setting: str = "smiles_column of the card",
) -> Library:
    """A file of measurements: its columns are named, and assay panels are wide.

    Parameters
    ----------
    path : path
    smiles_column, id_column : str
        Empty where the column is to be found.
    encoding : str
        Of a text file that is not UTF-8.
    setting : str
        What names the column of structures, for messages.

    Raises
    ------
    LibraryError
        The file cannot be read, or lacks a column.
    """
    options = ReadOptions(
        smiles_column=smiles_column or None,
        id_column=id_column or None,
        encoding=encoding or None,
        limits=Limits(columns=MAX_COLUMNS),
    )
    try:
        return open_library([str(path)], options)
    except LibraryError as error:
        if smiles_column and f"no column '{smiles_column}'" in str(error):
            raise LibraryError(
                f"{error} '{smiles_column}' was looked for as the column of structures:"
                f" name another with {setting}"
            ) from error
        raise


def _in_column(column: str, read: Callable[[str], T], fields: Mapping[str, str]) -> T:
    """What `read` makes of the cell of a column; an empty one where the file has no such column."""
    try:
        return read(fields.get(column, ""))
    except ValueError as error:
        raise ValueError(f"column '{column}': {error}") from None


def _needed(card: DatasetCard, measurements: Sequence[Measurement]) -> list[str]:
    """The columns, besides structure and id, that the card says a file has."""
    names = [card.split_column, card.time_column, *card.subsets.values()]
    for measurement in measurements:
        names += [measurement.column, measurement.relation_column, measurement.unit_column]
        names += measurement.where
    return [name for name in dict.fromkeys(names) if name]


def _require_columns(path: Path, columns: Mapping[str, int], needed: Sequence[str]) -> None:
    for name in needed:
        if name not in columns:
            raise LibraryError(
                f"{path}: no column '{name}'.{did_you_mean(name, columns)}"
                f" Columns: {', '.join(columns) or 'the structure alone'}"
            )


def standardize_all(smiles: Sequence[str], recipe: Recipe) -> list[Compound | Rejection]:
    """Every structure standardised in a watched process, each different text once, in the order given."""
    texts = list(dict.fromkeys(smiles))
    with Guard(partial(standardize, recipe=recipe), timeout=SECONDS) as guard:
        results = guard.map(texts)
    known = {
        text: Rejection("", text, "standardize", result.status, result.status, result.reason)
        if isinstance(result, Casualty)
        else result
        for text, result in zip(texts, results, strict=True)
    }
    return [known[text] for text in smiles]
