"""Rejections of a training: counted for the reader, listed for whoever mends the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from molscreen.chem.compound import Rejection
from molscreen.data.csv_text import csv_writer
from molscreen.storage import replacing

COLUMNS = ("source", "line", "id", "input_smiles", "status", "stage", "reason_code", "reason")
"""Named as in the ``rejections.csv`` of a screen."""


def count_reasons(rejections: Iterable[Rejection]) -> str:
    """How often each reason occurs, the most frequent first.

    Examples
    --------
    >>> refused = Rejection("a.csv:2", "C(", "standardize", "invalid", "syntax", "…")
    >>> count_reasons([refused, refused])
    '2 invalid/syntax'
    """
    counts = Counter(f"{each.status}/{each.code}" for each in rejections)
    return ", ".join(f"{n:,} {name}" for name, n in counts.most_common())


def tell_rejections(
    rejections: Mapping[str, Sequence[Rejection]],
    *,
    read: int,
    path: Path | None,
    tell: Callable[[str], None],
) -> None:
    """Say how many rows are refused and why, and list them in a file; without any there is none.

    Parameters
    ----------
    rejections : mapping of data set to sequence of Rejection
    read : int
        Rows of all data sets.
    path : Path, optional
        The file; without it nothing is listed.
    tell : callable
        Called with one sentence, where there is anything to say.
    """
    refused = [each for some in rejections.values() for each in some]
    if path is not None:
        path.unlink(missing_ok=True)  # of a call before
    if not refused:
        return
    if path is not None:
        write_rejections(path, rejections)
    where = f"; see {path}" if path is not None else ""
    tell(f"{len(refused):,} of {read:,} rows refused ({count_reasons(refused)}){where}")


def write_rejections(path: Path, rejections: Mapping[str, Sequence[Rejection]]) -> None:
    """A CSV of the rejections of one or more data sets, by name; it replaces `path` in one step.

    Texts are exact. Of several data sets, a source has the name of its data set before it.
    """
    with replacing(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv_writer(file)
        writer.writerow(COLUMNS)
        for name, refused in rejections.items():
            prefix = f"{name}/" if len(rejections) > 1 else ""
            writer.writerows(_row(each, prefix) for each in refused)


def _row(rejection: Rejection, prefix: str) -> tuple[str, ...]:
    source, _, line = rejection.source.rpartition(":")
    return (
        f"{prefix}{source}",
        line,
        rejection.source_id,
        rejection.raw,
        rejection.status,
        rejection.stage,
        rejection.code,
        rejection.reason,
    )
