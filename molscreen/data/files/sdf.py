"""SDF: one record per `$$$$`, also where a record is broken or its end is missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from molscreen.chem.cleaning.refusal import Fault
from molscreen.chem.compound import Note
from molscreen.data.files.columns import find_column
from molscreen.data.files.container import Container
from molscreen.data.files.header import ID_NAMES, plain_name
from molscreen.data.files.record import CELL_LIMIT, ReadOptions, Record, faulty, too_long
from molscreen.data.files.structure import in_smiles, molblock_to_smiles
from molscreen.errors import LibraryError

_END = "M  END"
_DELIMITER = "$$$$"
_COUNTS = re.compile(r"(?:[ \d]{2}\d){2}.*V[23]000\s*$")
_OLD_COUNTS = re.compile(r"(?:[ \d]{2}\d){2}( |$)")  # of the time before "V2000" ended the line
_SAMPLE = 1000  # records whose titles tell whether titles are ids
_TAG = re.compile(r">.*<([^<>]+)>")


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one record, the `$$$$` left out.

    Attributes
    ----------
    first : int
        Physical line of the first.
    lines : list of str
        Without line ends.
    terminated : bool
        Whether a `$$$$` followed.
    """

    first: int
    lines: list[str]
    terminated: bool

    @property
    def end(self) -> int:
        """How many lines belong to the mol block: up to and with ``M  END``, else up to the first tag."""
        for i, line in enumerate(self.lines):
            if line.rstrip() == _END:
                return i + 1
            if line.startswith(">"):
                return i
        return len(self.lines)

    @property
    def molblock(self) -> str:
        """The mol block, without blank lines that were put before its three header lines."""
        lines = self.lines[self._blank_lines : self.end]
        return "\n".join([*lines, ""])

    @property
    def title(self) -> str:
        """The first line, where a writer puts the name."""
        return self.lines[self._blank_lines] if self.lines else ""

    @property
    def fault(self) -> Fault | None:
        """What is wrong with the outline of the mol block; its atoms are left to RDKit."""
        lines = self.lines[self._blank_lines : self.end]
        if not any(line.strip() for line in self.lines):
            return Fault("invalid", "empty", "the record is empty")
        if sum(map(len, lines)) > CELL_LIMIT:
            return too_long(sum(map(len, lines)))
        if (longest := self._longest_cell) > CELL_LIMIT:
            return too_long(longest)
        if len(lines) < 4 or not (_COUNTS.match(lines[3]) or _OLD_COUNTS.match(lines[3])):
            text = lines[3].strip() if len(lines) > 3 else ""
            return _broken(f"line {self.first + self._blank_lines + 3} is no counts line: '{text[:60]}'")
        if lines[-1].rstrip() != _END:
            return _broken(f"'{_END}' is missing: the mol block is cut short")
        atoms, bonds = int(lines[3][:3]), int(lines[3][3:6])
        if "V3000" not in lines[3] and len(lines) - 5 < atoms + bonds:
            return _broken(
                f"the counts line promises {atoms} atoms and {bonds} bonds, {len(lines) - 5} lines follow"
            )
        return None

    @property
    def properties(self) -> dict[str, str]:
        """Tag to value, exact text; the blank line that ends a value is no part of it."""
        values: dict[str, list[str]] = {}
        value: list[str] = []
        for line in self.lines[self.end :]:
            if line.startswith(">") and (tag := _TAG.match(line)):
                value = values.setdefault(tag[1], [])
            else:
                value.append(line)
        return {tag: "\n".join(lines).rstrip("\n") for tag, lines in values.items()}

    @property
    def _longest_cell(self) -> int:
        """Characters of the longest property; 0 where none can pass the limit."""
        if sum(map(len, self.lines)) + len(self.lines) <= CELL_LIMIT:
            return 0
        return max(map(len, self.properties.values()), default=0)

    @property
    def _blank_lines(self) -> int:
        counts = next((i for i, line in enumerate(self.lines[:20]) if _COUNTS.match(line)), 3)
        extra = max(0, counts - 3)
        return 0 if any(line.strip() for line in self.lines[:extra]) else extra


@dataclass(frozen=True, slots=True)
class SdfFile:
    """An SDF; its properties are the user's columns, its title lines the ids unless a property is.

    Attributes
    ----------
    container : Container
    columns : tuple of str
        Properties of all records, in the order they first occur.
    id_property : str or None
        The property that holds the id; None for the title line.
    n_records : int
    described : str
    """

    container: Container
    columns: tuple[str, ...]
    id_property: str | None
    n_records: int
    described: str

    def records(self, first_row: int, columns: Sequence[str]) -> Iterator[Record]:
        """The records in order, numbered from `first_row`, their fields laid out as `columns`."""
        return in_smiles(self._records(first_row, columns), molblock_to_smiles, first_row)

    def _records(self, first_row: int, columns: Sequence[str]) -> Iterator[Record]:
        """The records with their mol blocks as `raw`."""
        source = self.container.name
        for row, block in enumerate(_read_blocks(self.container), first_row):
            if fault := block.fault:
                reason = f"record {row - first_row + 1}: {fault.reason}"
                fault = Fault(fault.status, fault.code, reason)
                raw = "\n".join(block.lines)
                yield faulty(row, source, block.first, raw=raw, fault=fault, width=len(columns))
                continue
            values = block.properties
            name = block.title if self.id_property is None else values.get(self.id_property, "")
            fields = tuple(values.get(column, "") for column in columns)
            note = None if block.terminated else Note("sdf_unterminated", "no '$$$$' ends this SDF record")
            yield Record(row, source, block.first, name, block.molblock, fields, None, note)


def open_sdf(container: Container, options: ReadOptions) -> SdfFile:
    """An SDF, read through once to count its records and to collect the names of its properties.

    Raises
    ------
    LibraryError
        No records, more properties than columns are allowed, or an id property that is not there.
    """
    tags: dict[str, None] = {}
    titles: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    for block in _read_blocks(container):
        fault = block.fault
        faults[fault.code if fault else ""] += 1
        if fault is None:
            tags.update(dict.fromkeys(block.properties))
        if faults.total() <= _SAMPLE:
            titles[block.title.strip()] += 1
        if len(tags) > options.limits.columns:
            raise LibraryError(
                f"{container.name}: more than {options.limits.columns} properties by line {block.first}; "
                "remove those you do not need, or raise Limits.columns"
            )
    if not (n_records := faults.total()):
        raise LibraryError(f"{container.name}: no molecules, only blank lines")
    id_property = _find_id(tuple(tags), titles, options.id_column, container.name)
    columns = tuple(tag for tag in tags if tag != id_property)
    parts = [
        container.described,
        "SDF",
        "id in the title line" if id_property is None else f"id in property '{id_property}'",
        f"{len(columns)} other properties" if columns else "no other properties",
        f"{n_records:,} records",
        ", ".join(f"{n:,} unreadable ({code})" for code, n in faults.items() if code),
    ]
    described = f"{container.name}: {', '.join(part for part in parts if part)}"
    return SdfFile(container, columns, id_property, n_records, described)


def looks_like_sdf(container: Container) -> bool:
    """Whether text without a telling name is an SDF, by a counts line on line 4 of its beginning."""
    lines = container.head.decode(container.encoding, errors="replace").splitlines()
    return len(lines) > 3 and _COUNTS.match(lines[3]) is not None


def _find_id(tags: Sequence[str], titles: Counter[str], wanted: str | None, where: str) -> str | None:
    """The title line where titles differ; else the property with the most telling name."""
    if wanted is not None:
        return tags[find_column(tags, wanted, where)]
    named = titles.total() - titles[""]
    if 2 * named >= titles.total() and (len(titles) > 1 or titles.total() == 1):
        return None
    by_name = {plain_name(tag): tag for tag in reversed(tags)}
    return next((by_name[name] for name in ID_NAMES if name in by_name), None)


def _read_blocks(container: Container) -> Iterator[Block]:
    with container.open_text() as text:
        yield from split_blocks(text, where=container.name, limit=container.limits.record_characters)


def split_blocks(text: TextIO, *, where: str, limit: int) -> Iterator[Block]:
    """The records of an SDF: cut at `$$$$`, and before a second mol block where that is missing.

    Raises
    ------
    LibraryError
        A record is longer than `limit` characters.
    """
    lines: list[str] = []
    first, end, size = 1, 0, 0
    for number, line in enumerate(text, 1):
        line = line.rstrip("\r\n")
        if line.startswith(_DELIMITER) and line.rstrip() == _DELIMITER:
            yield Block(first, lines, terminated=True)
            lines, first, end, size = [], number + 1, 0, 0
            continue
        if end and _COUNTS.match(line):
            header = max(end, len(lines) - 3)
            yield Block(first, lines[:header], terminated=False)
            lines, first, end, size = lines[header:], first + header, 0, 0
        lines.append(line)
        if not end and line.startswith(_END):
            end = len(lines)
        size += len(line)
        if size > limit:
            raise LibraryError(
                f"{where}: the record at line {first} is longer than the limit of {limit} characters"
            )
    if any(map(str.strip, lines)):
        yield Block(first, lines, terminated=False)


def _broken(reason: str) -> Fault:
    return Fault("invalid", "sdf_syntax", reason)
