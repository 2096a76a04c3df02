"""What a training refuses, rows and cells: counted for the reader, listed for whoever mends the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from molscreen.aloud import Tell
from molscreen.chem.compound import Rejection
from molscreen.data.csv_text import csv_writer
from molscreen.data.measured.assay_table import AssayTable
from molscreen.data.measured.unread_cell import describe_unread
from molscreen.data.reasons import count_reasons, list_reasons
from molscreen.storage import replacing

COLUMNS = ("source", "line", "id", "input_smiles", "status", "stage", "reason_code", "reason")
"""Named as in the ``rejections.csv`` of a screen."""


def tell_rejections(tables: Mapping[str, AssayTable], *, path: Path | None, tell: Tell) -> None:
    """Say how many rows and cells are refused and why, and list them in a file; without any there is none.

    Parameters
    ----------
    tables : mapping of data set to AssayTable
        As read.
    path : Path, optional
        The file; without it nothing is listed.
    tell : callable
        Called with each sentence of `describe_refused`.
    """
    if path is not None:
        path.unlink(missing_ok=True)  # of a call before
    sentences = describe_refused(tuple(tables.values()))
    if sentences and path is not None:
        write_rejections(path, {name: list_refused(table) for name, table in tables.items()})
        sentences = (f"{sentences[0]}; see {path}", *sentences[1:])
    for sentence in sentences:
        tell(sentence)


def list_refused(table: AssayTable) -> list[Rejection]:
    """The rows that are refused, and the cells of those that are used, file by file from the top."""
    rows = {each.source for each in table.rejections}
    cells = [each.rejection for each in table.unread if each.rejection.source not in rows]
    listed = [*table.rejections, *cells]
    files = list(dict.fromkeys(_place(each)[0] for each in listed))
    return sorted(listed, key=lambda each: (files.index(_place(each)[0]), _place(each)[1]))


def describe_refused(tables: Sequence[AssayTable]) -> tuple[str, ...]:
    """How many rows and cells cannot be used and why, in sentences; nothing where all can.

    Examples
    --------
    ::

        3 of 4 rows refused (1 invalid/valence, 1 invalid/value, 1 invalid/empty)
        9 cells of the 200 rows that are used cannot be read, and are missing there
        column 'pKi_b': 9 cells cannot be read: '5.3*' (9); leave empty what was not measured
    """
    rows = [each for table in tables for each in table.rejections]
    n_used = sum(map(len, tables))
    n_cells = sum(len(list_refused(table)) for table in tables) - len(rows)
    sentences = []
    if rows:
        sentences.append(
            f"{len(rows):,} of {len(rows) + n_used:,} rows refused ({list_reasons(count_reasons(rows))})"
        )
    if n_cells:
        is_one = n_cells == 1
        sentences.append(
            f"{n_cells:,} cell{'s' * (not is_one)} of the {n_used:,} rows that are used cannot be read,"
            f" and {'is' if is_one else 'are'} missing there"
        )
    return (*sentences, *describe_unread([cell for table in tables for cell in table.unread]))


def write_rejections(path: Path, rejections: Mapping[str, Sequence[Rejection]]) -> None:
    """A CSV of what is refused of one or more data sets, by name; it replaces `path` in one step.

    Texts are exact. Of several data sets, a source has the name of its data set before it.
    """
    with replacing(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv_writer(file)
        writer.writerow(COLUMNS)
        for name, refused in rejections.items():
            prefix = f"{name}/" if len(rejections) > 1 else ""
            writer.writerows(_row(each, prefix) for each in refused)


def _place(rejection: Rejection) -> tuple[str, int]:
    """The file, and the line or the number in it."""
    source, _, line = rejection.source.rpartition(":")
    return source, int(line)


def _row(rejection: Rejection, prefix: str) -> tuple[str, ...]:
    source, line = _place(rejection)
    return (
        f"{prefix}{source}",
        str(line),
        rejection.source_id,
        rejection.raw,
        rejection.status,
        rejection.stage,
        rejection.code,
        rejection.reason,
    )
