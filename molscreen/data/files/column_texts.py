"""The cells of a file, column by column: what is looked at to find out what a column is."""

from __future__ import annotations

from molscreen.data.files.library import Library


def read_texts(library: Library) -> dict[str, list[str]]:
    """The cells of every column, without blanks around them; those of a row that is at fault are left out."""
    rows = [record.fields for record in library.records() if record.fault is None]
    return {name: [row[place].strip() for row in rows] for place, name in enumerate(library.columns)}
