"""CSV as we write it: lines end with LF, and a cell with a break of any kind in it is quoted."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Protocol


class _Text(Protocol):
    def write(self, text: str, /) -> object: ...


class CsvLines:
    """Where `csv_writer` writes: turns the CRLF at the end of a row into LF."""

    def __init__(self, file: _Text) -> None:
        self._file = file

    def write(self, row: str) -> object:
        """One row, as `csv.writer` hands it over: whole, with its line end."""
        return self._file.write(row.removesuffix("\r\n") + "\n")


def csv_text(heading: Iterable[str], rows: Iterable[Sequence[Any]]) -> str:
    r"""A heading and its rows, whole.

    Examples
    --------
    >>> csv_text(("id", "smiles"), [("imatinib, base", "CC"), (None, "C")])
    'id,smiles\n"imatinib, base",CC\n,C\n'
    """
    text = io.StringIO(newline="")
    writer = csv_writer(text)
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue()


def csv_writer(file: _Text) -> Any:
    r"""A `csv.writer` on a text file opened with ``newline=""``.

    The module quotes a cell for the characters of its own line end only: told to end lines with LF, it
    would leave a CR in a cell bare, and readers would begin a row there.

    Examples
    --------
    >>> import io
    >>> text = io.StringIO()
    >>> csv_writer(text).writerow(["a\rb", "c"])
    8
    >>> text.getvalue()
    '"a\rb",c\n'
    """
    return csv.writer(CsvLines(file))
