"""RowFile: a file of rows of text, whatever its format, and the records that its rows become."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from molscreen.chem.cleaning.refusal import Fault
from molscreen.chem.compound import Note
from molscreen.data.files.columns import Layout
from molscreen.data.files.header import Row
from molscreen.data.files.record import Record, faulty
from molscreen.data.files.structure import in_smiles, inchi_to_smiles


@dataclass(frozen=True, slots=True)
class Misread:
    """What stands in place of a row that could not be read: its text, and why."""

    text: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class RowFile:
    """A text table, SMILES file, Parquet file or workbook: a `StructureFile` made of rows.

    Attributes
    ----------
    source : str
        Name of the file, as records call it.
    layout : Layout
    n_records : int
    described : str
        How the file is read, in one sentence.
    rows : function
        Reads the file from its beginning: (line, row) of every record.
    note : function, optional
        What there is to note about a row.
    """

    source: str
    layout: Layout
    n_records: int
    described: str
    rows: Callable[[], Iterator[tuple[int, Row | Misread]]]
    note: Callable[[Row], Note | None] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The user's columns besides structure and id."""
        return self.layout.columns

    def records(self, first_row: int, columns: Sequence[str]) -> Iterator[Record]:
        """The records in order, numbered from `first_row`, their fields laid out as `columns`."""
        records = self._records(first_row, columns)
        return in_smiles(records, inchi_to_smiles, first_row) if self.layout.notation == "inchi" else records

    def _records(self, first_row: int, columns: Sequence[str]) -> Iterator[Record]:
        """The records with the structure as the file has it."""
        source, structure, identity = self.source, self.layout.structure, self.layout.id
        pick, note = self.layout.picker(columns), self.note
        for number, (line, row) in enumerate(self.rows(), first_row):
            if isinstance(row, Misread):
                yield faulty(number, source, line, raw=row.text, fault=row.fault, width=len(columns))
                continue
            name = "" if identity is None else row[identity]
            seen = note(row) if note else None
            yield Record(number, source, line, name, row[structure], pick(row), None, seen)
