"""``molscreen enumerate``: a library of building blocks or R-groups, streamed, each row with its route."""

from __future__ import annotations

import io
import itertools
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, TextIO

import typer

from molscreen.chem.compound import Rejection
from molscreen.cli.console import say
from molscreen.cli.options import check_out
from molscreen.cli.tally import by_number
from molscreen.data.csv_text import csv_writer
from molscreen.errors import MolscreenError, UsageError
from molscreen.storage import locate_here

if TYPE_CHECKING:
    from molscreen.generation.reactions.enumerate import Enumerated, Enumeration

COLUMNS = ("smiles", "id", "route")


def enumerate_library(
    reaction: Annotated[
        str, typer.Option(metavar="NAME", help="A named reaction, such as 'amide coupling'; ? lists them.")
    ] = "",
    blocks: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Building blocks; may be repeated. Else those that ship."),
    ] = None,
    core: Annotated[
        str, typer.Option(metavar="SMILES", help="A core with [*:1], [*:2] …, in place of a reaction.")
    ] = "",
    groups: Annotated[
        list[str] | None,
        typer.Option(metavar="N=FILE", help="R-groups with one * for position N; once for each."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", parser=locate_here, help="Where to write; else to stdout."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="At most so many combinations.")
    ] = None,
) -> None:
    """List the products of a reaction over building blocks, or of a core over R-groups, as a library.

    A CSV with smiles, id and route, one row for each combination that has one product, which `screen` reads
    from a file, or from stdin: molscreen enumerate … | molscreen screen - …. How many have none, and why,
    is said at the end. Exit code 1: not one has.
    """
    if bool(reaction) is bool(core):
        raise UsageError("give either --reaction or --core: see molscreen enumerate --help")
    if reaction == "?":
        _list_reactions()
        return
    if out is not None:
        check_out(out, (".csv",), read=[*(blocks or []), *(_split_group(each)[1] for each in groups or [])])
    made = _of_reaction(reaction, blocks or [], groups) if reaction else _of_core(core, groups or [], blocks)
    n = min(made.n, limit or made.n)
    say(f"{n:,} of {made.n:,} combinations" if n < made.n else f"{n:,} combinations")
    refused: Counter[str] = Counter()
    rows = _products(made, n, refused)
    written = _write(rows, sys.stdout) if out is None else _write_file(rows, out)
    say("\n  ".join([f"{written:,} rows written", *by_number(refused)]))
    if not written:
        say("molscreen: not one combination has a product")
        raise typer.Exit(MolscreenError.exit_code)


def _list_reactions() -> None:
    from molscreen.generation.reactions.table import shipped_reactions

    for each in shipped_reactions().members:
        print(f"{each.name} ({' + '.join(each.roles)})")


def _of_reaction(name: str, paths: list[str], groups: list[str] | None) -> Enumeration:
    from molscreen.generation.reactions.blocks import read_blocks, shipped_blocks
    from molscreen.generation.reactions.enumerate import enumerate_reaction
    from molscreen.generation.reactions.table import shipped_reactions

    if groups:
        raise UsageError("--groups belongs to --core, not to --reaction; give building blocks by --blocks")
    wanted = shipped_reactions()[name]
    blocks = read_blocks(paths) if paths else shipped_blocks()
    for each in blocks.rejections:
        say(f"block refused: {each.source}: {each.reason}")
    return enumerate_reaction(wanted, blocks)


def _of_core(core: str, groups: list[str], blocks: list[str] | None) -> Enumeration:
    from molscreen.generation.reactions.enumerate import enumerate_substituents

    if blocks:
        raise UsageError("--blocks belongs to --reaction, not to --core; give R-groups by --groups")
    lists: dict[int, list[tuple[str, str]]] = {}
    for text in groups:
        number, path = _split_group(text)
        if number in lists:
            raise UsageError(f"--groups {text}: position {number} is given twice")
        lists[number] = _read_groups(path)
    return enumerate_substituents(core, lists)


def _split_group(text: str) -> tuple[int, str]:
    number, _, path = text.partition("=")
    if not number.isdecimal() or not path:
        raise UsageError(f"--groups {text}: expected a position and a file, for example 1=amines.smi")
    return int(number), path


def _read_groups(path: str) -> list[tuple[str, str]]:
    """Id and SMILES of each row; they are no molecules yet, so they are not standardised."""
    from molscreen.data.files.library import open_library

    groups: list[tuple[str, str]] = []
    for record in open_library([path]).records():
        if fault := record.fault:
            raise UsageError(f"--groups {fault.source}: {fault.reason}. Correct the row, or remove it")
        groups.append((record.id or f"{record.source}:{record.line}", record.raw))
    return groups


def _products(made: Enumeration, n: int, refused: Counter[str]) -> Iterator[Enumerated]:
    """The combinations that have a product; the others are counted."""
    for row in itertools.islice(made.rows(), n):
        if isinstance(row, Rejection):
            refused[row.reason] += 1
        else:
            yield row


def _write(rows: Iterator[Enumerated], file: TextIO) -> int:
    writer = csv_writer(file)
    writer.writerow(COLUMNS)
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007  its last value is the number of rows
        writer.writerow(row)
    return count


def _write_file(rows: Iterator[Enumerated], path: Path) -> int:
    """The rows as one file, under its name only when it is whole."""
    from molscreen.screening.folder.commit import write_whole
    from molscreen.screening.folder.resume import check_writable, claim_folder

    check_writable(path.parent)
    claim_folder(path.parent)
    counted = []

    def write(file: BinaryIO) -> None:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        counted.append(_write(rows, text))
        text.flush()
        text.detach()

    write_whole(path, write)
    return counted[0]
