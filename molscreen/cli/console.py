"""What the verbs print: results to stdout, everything else to stderr, user text made harmless."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

LINE = 70  # characters of a SMILES on the terminal
PIPE_WIDTH = 1000  # columns where nobody looks: a table is never cut for a file or a pager


def say(text: str) -> None:
    """One line of log, to stderr."""
    print(printable(text), file=sys.stderr, flush=True)


def printable(text: str) -> str:
    r"""The text with control characters shown, so that no file can steer the terminal.

    Examples
    --------
    >>> print(printable("aspirin\x1b[2J"))
    aspirin\x1b[2J
    """
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def place(path: Path) -> str:
    """Where something lies, as the user would type it: from the working directory, if it is in there."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def short(text: str, width: int = LINE) -> str:
    """The text, or as much of it as has room, with an ellipsis.

    Examples
    --------
    >>> short("CC(=O)Oc1ccccc1C(=O)O", 10)
    'CC(=O)Oc1…'
    """
    return text if len(text) <= width else f"{text[: width - 1]}…"


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "") -> None:
    """A table on stdout: boxed on a terminal, plain and uncut elsewhere."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, box=SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for name in columns:
        table.add_column(Text(printable(name)))
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)
    with console.capture() as drawn:  # printed by us: Rich ends the program at a closed pipe
        console.print(table)
    print(drawn.get(), end="")


def print_json(value: Any) -> None:
    """Strict JSON on stdout: NaN and infinities become null, dataclasses objects, paths their text."""
    from molscreen.provenance import json_ready  # hashes, metadata of packages: --help needs none

    print(json.dumps(json_ready(value), ensure_ascii=False, indent=2, default=str))
