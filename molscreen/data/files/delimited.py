"""Text tables, .csv .tsv .txt, and SMILES files, .smi: every line is a record or is accounted for."""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from molscreen.chem.cleaning.refusal import Fault
from molscreen.chem.compound import Note
from molscreen.data.files.columns import Layout, find_layout
from molscreen.data.files.container import Container
from molscreen.data.files.dialect import SAMPLE_LINES, SMILES_SUFFIXES, SPACE, cut, find_delimiter, row_width
from molscreen.data.files.header import Row, is_header, structure_share
from molscreen.data.files.record import CELL_LIMIT, DELIMITERS, ReadOptions, too_long
from molscreen.data.files.rows import Misread, RowFile
from molscreen.errors import LibraryError

_SMILES_LINE = re.compile(r" *([^ \t]*)[ \t]*(.*)", re.DOTALL)
_DELIMITER_WORDS = {delimiter: f"{word}-separated" for word, delimiter in DELIMITERS.items()}
_LIKE_SMILES = re.compile(r"(?=.*[0-9()=#\[\]])(?:[BCNOPSFIbcnops0-9()=#/\\@+-]|Cl|Br|\[[^\]]*\])+")
_BLANK = " \r\n"
_SAMPLE = 50  # lines that are tried for SMILES


def open_delimited(container: Container, suffix: str, options: ReadOptions) -> RowFile:
    """A text table or SMILES file, read through once so that its faults are known before any work.

    Raises
    ------
    LibraryError
        No structure column, a quote that is never closed, bytes that are not text, no records.
    """
    with container.open_text() as text:
        sample = list(itertools.islice(text, SAMPLE_LINES))
    delimiter = _delimiter(sample, suffix, options)
    try:
        width, layout = _layout(sample, delimiter, options, container.name)
        if delimiter == SPACE and suffix not in SMILES_SUFFIXES and options.delimiter is None:
            _check_smiles(sample, container.name)
    except LibraryError:
        _check_quotes(container, delimiter)  # the more telling error, where there is one
        raise
    with container.open_text() as text:
        lines = _Lines(text, delimiter, width)
        faults = Counter(
            row.fault.code if isinstance(row, Misread) else ""
            for row in _rows(lines, layout.header, container.name)
        )
    if not (n_records := faults.total()):
        raise LibraryError(f"{container.name}: no molecules, only {lines.skipped or 'a header'}")
    parts = [
        container.described,
        _DELIMITER_WORDS.get(delimiter, f"delimiter '{delimiter}'") if width > 1 else "one column",
        layout.described,
        f"{n_records:,} records",
        ", ".join(f"{n:,} unreadable ({code})" for code, n in faults.items() if code),
        f"{lines.skipped} skipped" if lines.skipped else "",
    ]
    described = f"{container.name}: {', '.join(part for part in parts if part)}"
    rows = partial(_numbered_rows, container, delimiter, width, layout.header)
    note = _name_note if delimiter == SPACE else None
    return RowFile(container.name, layout, n_records, described, rows, note)


def _delimiter(sample: Sequence[str], suffix: str, options: ReadOptions) -> str:
    if options.delimiter is not None:
        return DELIMITERS.get(options.delimiter, options.delimiter)
    return find_delimiter(sample, suffix)


def _layout(sample: Sequence[str], delimiter: str, options: ReadOptions, where: str) -> tuple[int, Layout]:
    """The width of a row, and what its columns are."""
    lines = [line for line in sample if line.strip(_BLANK)]
    rows = [*map(_split_line, lines)] if delimiter == SPACE else [row for row in cut(lines, delimiter) if row]
    named = [row for row in rows if not row[0].startswith("#")]
    if not named:
        raise LibraryError(f"{where}: no molecules, only blank and comment lines")
    if delimiter == SPACE:
        header = is_header(named, options)
        described = (
            f"{'a' if header else 'no'} header found, the first blank ends the SMILES, then comes the id"
        )
        return 2, Layout(("smiles", "name"), 0, 1, "smiles", header, described)
    width = row_width(named, options)
    fitting = [row for row in (named if width == 1 else rows) if len(row) == width]
    return width, find_layout(fitting, options, where=where)


def _check_smiles(sample: Sequence[str], where: str) -> None:
    """Refuse prose: where neither name nor dialect speaks for SMILES, some lines must begin with one."""
    words = [line.split()[0] for line in sample if line.strip()]
    if structure_share(words[-_SAMPLE:]) < 0.1:
        raise LibraryError(f"{where}: no column of structures found, and hardly a line begins with a SMILES")


def _check_quotes(container: Container, delimiter: str) -> None:
    with container.open_text() as text:
        for _ in _rows(_Lines(text, delimiter, 1), False, container.name):
            pass


class _Lines:
    """Physical lines of a text table: numbered, without the blank and the comment lines."""

    def __init__(self, text: Iterable[str], delimiter: str, width: int) -> None:
        self._text = text
        self.delimiter = delimiter
        self.width = width
        self.number = 0  # of the last line read
        self.first = 0  # line of the record in hand
        self.pending: list[str] = []  # lines of the record in hand
        self._blank = self._comments = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._text:
            self.number += 1
            if not self.pending:
                if line[0] in "# \r\n" and self._skips(line):
                    continue
                self.first = self.number
            self.pending.append(line)
            yield line

    def misread(self, fault: Fault) -> Misread:
        """The record in hand, unread."""
        return Misread("".join(self.pending).rstrip("\r\n"), fault)

    @property
    def skipped(self) -> str:
        """How many lines were no records."""
        counts = (self._blank, "blank"), (self._comments, "comment")
        return " and ".join(f"{n:,} {kind} line{'s' * (n > 1)}" for n, kind in counts if n)

    def _skips(self, line: str) -> bool:
        """A line of blanks, unless it is the one cell of its row; a comment, unless it is cut like a row."""
        bare = line.strip(_BLANK if self.width > 1 or self.delimiter == SPACE else "\r\n")
        if not bare:
            self._blank += 1
            return True
        if line[0] != "#":
            return False
        comment = self.width == 1 or self.delimiter == SPACE or _cells(line, self.delimiter) != self.width
        self._comments += comment
        return comment


def _cells(line: str, delimiter: str) -> int:
    return len(next(cut([line], delimiter), ()))


def _numbered_rows(
    container: Container, delimiter: str, width: int, header: bool
) -> Iterator[tuple[int, Row | Misread]]:
    with container.open_text() as text:
        lines = _Lines(text, delimiter, width)
        for row in _rows(lines, header, container.name):
            yield lines.first, row


def _rows(lines: _Lines, header: bool, where: str) -> Iterator[Row | Misread]:
    """The rows without the header; what is no row of the table's width is misread, a title line too."""
    rows = _split_lines(lines) if lines.delimiter == SPACE else _parse(lines, where)
    for row in rows if header else ():
        if not isinstance(row, Misread):
            break
        yield row
    yield from rows


def _split_lines(lines: _Lines) -> Iterator[Row | Misread]:
    for line in lines:
        yield _split_line(line) if len(line) <= CELL_LIMIT else lines.misread(too_long(len(line)))
        lines.pending.clear()


def _split_line(line: str) -> Row:
    """SMILES and name of one line: the first blank ends the SMILES, a CXSMILES extension included."""
    smiles, name = _SMILES_LINE.match(line.rstrip("\r\n")).groups()  # type: ignore[union-attr]  # matches anything
    if not name.startswith("|"):
        return [smiles, name]
    extension, bar, name = name[1:].partition("|")
    return [f"{smiles} |{extension}{bar}", name.lstrip(" \t")]


def _name_note(row: Row) -> Note | None:
    """A note where the name of a SMILES line looks like the rest of the structure."""
    name = next(iter(row[1].split(maxsplit=1)), "")
    if not _LIKE_SMILES.fullmatch(name) or name == row[0] or not structure_share([name]):
        return None
    text = f"'{name[:60]}' after the structure was read as its name, but is a structure too"
    return Note("trailing_text_parses_as_smiles", text)


def _parse(lines: _Lines, where: str) -> Iterator[Row | Misread]:
    """Rows by Python's strict csv reader, which goes on with the next line after a fault."""
    reader = csv.reader(lines, delimiter=lines.delimiter, strict=True)
    width = lines.width
    while True:
        lines.pending.clear()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _explain(error, lines, where)
            continue
        yield row if len(row) == width else _ragged(row, lines)


def _ragged(row: Row, lines: _Lines) -> Misread:
    reason = f"{len(row)} fields, expected {lines.width}"
    if len(lines.pending) > 1:
        reason += f"; a quote holds lines {lines.first} to {lines.number} together"
    return lines.misread(Fault("invalid", "field_count", reason))


def _explain(error: csv.Error, lines: _Lines, where: str) -> Misread:
    """The fault of one line; a quote that runs over lines leaves nothing to go on from.

    Raises
    ------
    LibraryError
        A quote was opened and not closed, or closed somewhere in another row.
    """
    if len(lines.pending) > 1 or "unexpected end" in str(error):
        raise LibraryError(
            f"{where}: the quote opened on line {_open_quote(lines)} is not closed where its cell ends. "
            "Close it, double it if it belongs to the text, or say which delimiter is used"
        ) from error
    if "field limit" in str(error):
        return lines.misread(too_long(max(map(len, lines.pending))))
    return lines.misread(Fault("invalid", "csv_syntax", f"text after a closing quote ({error})"))


def _open_quote(lines: _Lines) -> int:
    """The physical line of the last quote that opens a cell of the record in hand."""
    inside, cell_begins, opened = False, True, lines.first
    for number, line in enumerate(lines.pending, lines.first):
        for character in line:
            if character == '"' and (inside or cell_begins):
                inside = not inside
                opened = number if inside and cell_begins else opened
                cell_begins = False
            elif not inside:
                cell_begins = character in (lines.delimiter, "\r", "\n")
    return opened
