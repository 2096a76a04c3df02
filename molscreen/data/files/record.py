"""Record: one row of a library as it was written, and how a library is asked to be read."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Protocol

from molscreen.chem.cleaning.refusal import Fault
from molscreen.chem.compound import Note, Rejection
from molscreen.config import check_positive
from molscreen.errors import ConfigError

CELL_LIMIT = 131_072
"""Characters in one cell: the limit of Python's csv module, held in every format alike."""

DELIMITERS: dict[str, str] = {"comma": ",", "semicolon": ";", "tab": "\t", "space": " "}
"""Delimiters that are hard to type on a command line, by name."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a library: every row gives exactly one, also the one that cannot be read.

    Attributes
    ----------
    row : int
        Counted from 0 over the whole library; blank and comment lines are no rows.
    source : str
        Name of the file.
    line : int
        Physical line that the record starts on, from 1; the row of the table in Parquet and Excel.
    id : str
        The user's id or name, exact text; empty where there is none.
    raw : str
        The structure, exact text; for a mol block or InChI the SMILES that RDKit writes of it.
    fields : tuple of str
        The user's other columns in the order of `Library.columns`, exact text.
    fault : Rejection or None
        Why the row could not be read; `raw` is then all the text there is of it.
    note : Note or None
        Something seen while reading that concerns the structure.
    """

    row: int
    source: str
    line: int
    id: str
    raw: str
    fields: tuple[str, ...] = ()
    fault: Rejection | None = None
    note: Note | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a file may ask of this machine while it is read; beyond it the file is refused."""

    decoded_bytes: int = 64 << 30  # of one file, decompressed
    ratio: int = 200  # decompressed to compressed, once past 8 MiB; libraries reach 4 to 30
    line_bytes: int = 16 << 20
    record_characters: int = 16 << 20  # of one SDF record
    columns: int = 256
    workbook_bytes: int = 512 << 20  # of an unpacked .xlsx, part of which openpyxl keeps in memory

    def __post_init__(self) -> None:
        check_positive(self, *(field.name for field in fields(self)), where="limit")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What the user says about a library instead of letting it be found out.

    Attributes
    ----------
    smiles_column, id_column : str or None
        A column's name (upper and lower case are alike where that is unambiguous) or its number
        from 1. In an SDF `id_column` is a property, and `smiles_column` does not apply.
    delimiter : str or None
        One character, or "comma", "semicolon", "tab", "space".
    header : bool or None
        Whether the first row names the columns.
    encoding : str or None
        Of text files, for example "cp1252"; without it UTF-8, or what a byte-order mark says.
    """

    smiles_column: str | None = None
    id_column: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    encoding: str | None = None
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        if self.delimiter is not None and self.delimiter not in DELIMITERS and len(self.delimiter) != 1:
            raise ConfigError(
                f"delimiter is '{self.delimiter}', expected one character or one of {', '.join(DELIMITERS)}"
            )
        if self.encoding is not None:
            try:
                codecs.lookup(self.encoding)
            except LookupError as error:
                raise ConfigError(
                    f"unknown encoding '{self.encoding}'; Python knows utf-8, cp1252, …"
                ) from error


FOUND_OUT = ReadOptions()
"""The user says nothing: everything is found out."""


class StructureFile(Protocol):
    """One file of a library, whatever its format; made by the ``open_…`` function of the format."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The user's columns besides structure and id."""
        ...

    @property
    def n_records(self) -> int:
        """How many records `records` gives, those with a fault included."""
        ...

    @property
    def described(self) -> str:
        """How the file is read, in one sentence."""
        ...

    def records(self, first_row: int, columns: Sequence[str]) -> Iterator[Record]:
        """The records in order, numbered from `first_row`, their fields laid out as `columns`."""
        ...


def faulty(row: int, source: str, line: int, *, raw: str, fault: Fault, width: int) -> Record:
    """The record of a row that could not be read; its `width` user fields are empty."""
    raw = raw if len(raw) <= CELL_LIMIT else raw[:CELL_LIMIT]
    rejection = Rejection(f"{source}:{line}", raw, "read", fault.status, fault.code, fault.reason)
    return Record(row, source, line, "", raw, ("",) * width, rejection)


def too_long(characters: int) -> Fault:
    """The fault of a cell beyond `CELL_LIMIT`; only its beginning is kept."""
    return Fault("unsupported", "too_long", f"a cell of {characters} characters, the limit is {CELL_LIMIT}")


def user_columns(names: Iterable[str], taken: Iterable[str], prefixes: tuple[str, ...] = ()) -> list[str]:
    """The user's column names, with ``input_`` before one that is ours, or begins as ours do.

    Examples
    --------
    >>> user_columns(["batch", "status"], ["status"])
    ['batch', 'input_status']
    >>> user_columns(["term_x"], [], prefixes=("term_",))
    ['input_term_x']
    """
    ours = set(taken)
    result: list[str] = []
    for name in names:
        while name in ours or name.startswith(prefixes):
            name = f"input_{name}"
        ours.add(name)
        result.append(name)
    return result
