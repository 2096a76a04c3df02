"""The options that several verbs share, each worded and checked once."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import typer

from molscreen.errors import UsageError
from molscreen.storage import locate, locate_here

Task = Literal["regression", "classification"]
Method = Literal["random", "scaffold", "cluster", "time"]

Bundles = Annotated[
    list[str] | None,
    typer.Option("--bundle", metavar="NAME|DIR", help="A shipped bundle or a folder; may be repeated."),
]
Plan = Annotated[
    str, typer.Option(metavar="NAME|FILE", help="oral-drug, cns, low-tox, target:ENDPOINT, or a file.")
]
Top = Annotated[int | None, typer.Option(min=1, metavar="K", help="Length of the shortlist.")]
SmilesColumn = Annotated[
    str | None, typer.Option(metavar="C", help="The structure column, where it is not found by itself.")
]
Encoding = Annotated[
    str | None, typer.Option(metavar="E", help="Of text files that are not UTF-8, for example cp1252.")
]
DecimalMark = Annotated[
    Literal["comma", "point"] | None,
    typer.Option(
        "--decimal", help="What stands before decimals; found, where nothing else can be meant, if left out."
    ),
]
IdColumn = Annotated[str | None, typer.Option(metavar="C", help="The column that names a molecule.")]
MolarUnit = Annotated[
    str | None,
    typer.Option(metavar="nM|uM|…", help="The measured columns are concentrations: IC50 is read as pIC50."),
]
RelationColumns = Annotated[
    list[str] | None,
    typer.Option(
        "--relation-column",
        metavar="C|T=C",
        help="The column of <, = and > beside the measured ones, or beside T alone; 'none': there is none."
        " Looked for where left out.",
    ),
]
UnitColumns = Annotated[
    list[str] | None,
    typer.Option(
        "--unit-column",
        metavar="C|T=C",
        help="The column of nM, uM …, row by row; otherwise like --relation-column.",
    ),
]
Names = Annotated[
    list[str] | None,
    typer.Option(
        "--name",
        metavar="N|T=N",
        help="What the bundle calls the measured quantity: pIC50, where a file says Standard Value.",
    ),
]
Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target-column",
        metavar="T",
        help="A column of measurements; may be repeated. A card names its own.",
    ),
]
Kind = Annotated[
    Task | None,
    typer.Option("--task", help="Found from the values, and said, where it is left out."),
]
SplitColumn = Annotated[
    str | None, typer.Option(metavar="C", help="A column of train, valid and test, instead of --split.")
]
TimeColumn = Annotated[
    str | None, typer.Option(metavar="C", help="When a value was measured, for --split time.")
]
WORKERS = "Who does the work"  # a panel of --help
Executor = Annotated[
    Literal["inline", "local", "ray"] | None,
    typer.Option(help="In this process, in worker processes, or on a Ray cluster.", rich_help_panel=WORKERS),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1, metavar="N", help="Processes, or actors; one for each core.", rich_help_panel=WORKERS
    ),
]
Address = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT", help="Ray cluster to join; else one is started here.", rich_help_panel=WORKERS
    ),
]
Gpus = Annotated[
    float | None,
    typer.Option(
        min=0, metavar="SHARE", help="Of a GPU for each worker on Ray: 0.25.", rich_help_panel=WORKERS
    ),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        min=1,
        metavar="SECONDS",
        help="That a shard may take; else 20 times what others took.",
        rich_help_panel=WORKERS,
    ),
]


def _locate_folder(text: str) -> Path:
    return _as_folder(locate(text))


def _locate_folder_here(text: str) -> Path:
    return _as_folder(locate_here(text))


def _as_folder(out: Path) -> Path:
    """The folder to write, unless it is named like a file: who writes --out hits.csv expects one."""
    from molscreen.data.files.library import is_library_name

    if is_library_name(out.name) and not out.exists():
        raise UsageError(f"--out {out}: named like a file, expected a folder, for example '{out.stem}'")
    return out


OutFolder = Annotated[
    Path, typer.Option("--out", metavar="DIR", parser=_locate_folder_here, help="The folder to write.")
]
RunFolder = Annotated[
    Path,
    typer.Option(
        "--out", metavar="DIR|URL", parser=_locate_folder, help="The folder to write, here or s3://…, gs://…."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def check_out(out: Path, suffixes: tuple[str, ...], *, read: Iterable[str] = ()) -> None:
    """Refuse an --out that cannot be written, or is one of the files that are `read`, before any work.

    Parameters
    ----------
    out : Path
        Of the file to write.
    suffixes : tuple of str
        Those that it may have, in lower case.
    read : iterable of str
        Files, or patterns of files.

    Raises
    ------
    UsageError
        Another suffix, a folder, an input, or a place where nobody may write.
    """
    from molscreen.screening.folder.resume import check_writable

    if out.suffix.lower() not in suffixes:
        raise UsageError(f"--out {out}: the suffix is '{out.suffix}', expected {' or '.join(suffixes)}")
    if out.is_dir():
        example = out / f"out{suffixes[0]}"
        raise UsageError(f"--out {out}: a folder; expected the name of a file, for example {example}")
    inputs = [name for each in read for name in (each, *glob.glob(each))]
    if os.path.realpath(out) in map(os.path.realpath, inputs):
        raise UsageError(f"--out {out}: a file that is read, which would be overwritten. Name another file")
    check_writable(out.parent)
