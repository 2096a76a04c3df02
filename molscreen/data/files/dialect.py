"""How a text file separates its cells, told from its first lines."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence

from molscreen.data.files.header import Row, is_header, structure_share
from molscreen.data.files.record import ReadOptions

SPACE = " "
"""Not a csv delimiter: the first blank ends the SMILES and the rest of the line is its name."""

SAMPLE_LINES = 1000

_BY_SUFFIX: dict[str, tuple[str, ...]] = {  # candidates, the likeliest first
    ".csv": (",", ";", "\t"),
    ".tsv": ("\t", ",", ";"),
    ".tab": ("\t", ",", ";"),
    ".smi": (SPACE, "\t", ",", ";"),
    ".txt": ("\t", ",", ";", SPACE),
}
SMILES_SUFFIXES = (".smi", ".smiles", ".ism", ".can", ".cxsmiles")


def find_delimiter(lines: Sequence[str], suffix: str) -> str:
    """The delimiter of a text file; `SPACE` for a SMILES file, "," for a single column.

    A delimiter is believed as far as it cuts the rows into equally many cells and one of the
    columns then holds molecules: ``CCO;1,5`` is cut equally by both.

    Parameters
    ----------
    lines : sequence of str
        The first lines of the file, with their line ends.
    suffix : str
        Of the file's name, such as ".csv"; it settles ties and whether a blank may separate.

    Examples
    --------
    >>> find_delimiter(["CCO;1,5", "CCN;2,5"], ".csv")
    ';'
    >>> find_delimiter(["CCO ethyl alcohol", "CCN ethylamine"], ".smi") == SPACE
    True
    """
    candidates = _BY_SUFFIX.get(".smi" if suffix in SMILES_SUFFIXES else suffix, _BY_SUFFIX[".txt"])
    whole = [line for line in lines if line.strip(" \r\n") and not line.startswith("#")] or list(lines)
    scores = {each: _score(list(cut(whole, each)), each) for each in candidates}
    best = max(scores.values())
    if best == 0.0:
        return SPACE if SPACE in candidates else ","
    return next(each for each in candidates if scores[each] == best)


def cut(lines: Sequence[str], delimiter: str) -> Iterator[Row]:
    """The rows of some lines, without those that cannot be cut."""
    if delimiter == SPACE:
        yield from (line.strip().split(maxsplit=1) for line in lines)
        return
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        try:
            yield next(reader)
        except csv.Error:
            continue
        except StopIteration:
            return


def row_width(rows: Sequence[Row], options: ReadOptions) -> int:
    """How many cells a row has: as many as the header, else as most rows do."""
    if is_header(rows, options):
        return len(rows[0])
    return Counter(map(len, rows)).most_common(1)[0][0]


def _score(rows: Sequence[Row], delimiter: str) -> float:
    """How well a delimiter fits, in [0, 2]: rows as wide as the first, and molecules in one column."""
    rows = [row for row in rows if row]
    width = len(rows[0]) if rows else 0
    if width < 2:
        return 0.0
    spread = rows[:: max(1, len(rows) // 50)]
    best = max(structure_share([row[i] for row in spread if i < len(row)]) for i in range(min(width, 64)))
    if delimiter == SPACE:  # a name may hold blanks, but tabs in it are further columns
        alike = sum("\t" not in row[-1] for row in rows) / len(rows) if best >= 0.5 else 0.0
    else:
        alike = sum(len(row) == width for row in rows) / len(rows)
    return alike * (1 + best)
