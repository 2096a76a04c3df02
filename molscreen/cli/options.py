"""The options that several verbs share, each worded once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from molscreen.storage import locate, locate_here

Bundles = Annotated[
    list[str] | None,
    typer.Option("--bundle", metavar="NAME|DIR", help="A shipped bundle or a folder; may be repeated."),
]
SmilesColumn = Annotated[
    str | None, typer.Option(metavar="C", help="The structure column, where it is not found by itself.")
]
Encoding = Annotated[
    str | None, typer.Option(metavar="E", help="Of text files that are not UTF-8, for example cp1252.")
]
IdColumn = Annotated[str | None, typer.Option(metavar="C", help="The column that names a molecule.")]
MolarUnit = Annotated[
    str | None,
    typer.Option(metavar="nM|uM|…", help="The measured columns are concentrations: IC50 is read as pIC50."),
]
OutFolder = Annotated[
    Path, typer.Option("--out", metavar="DIR", parser=locate_here, help="The folder to write.")
]
RunFolder = Annotated[
    Path,
    typer.Option(
        "--out", metavar="DIR|URL", parser=locate, help="The folder to write, here or s3://…, gs://…."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
