"""``molscreen index``: a library in, a store out, prepared once for many screens and searches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from molscreen.chem.compound import SCORED
from molscreen.cli.console import place, print_json, say
from molscreen.cli.options import Encoding, IdColumn, Json, OutFolder, SmilesColumn
from molscreen.cli.progress import Progress
from molscreen.cli.screen import telling_how_to_go_on
from molscreen.cli.tally import by_number, commonest
from molscreen.errors import MolscreenError

if TYPE_CHECKING:
    from molscreen.screening.store.read import Store


def index(
    library: Annotated[list[str], typer.Argument(metavar="LIBRARY...", help="Files, globs, or - for stdin.")],
    out: OutFolder,
    append: Annotated[bool, typer.Option("--append", help="Add to the store in --out.")] = False,
    tautomer: Annotated[
        bool, typer.Option("--tautomer", help="End with the canonical tautomer, as a plan may ask for.")
    ] = False,
    smiles_column: SmilesColumn = None,
    id_column: IdColumn = None,
    encoding: Encoding = None,
    workers: Annotated[int, typer.Option(min=0, metavar="N", help="Processes; 0 is one for each core.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what was begun in --out.")] = False,
    json: Json = False,
) -> None:
    """Prepare a library once: `screen` takes the store in its place, `search` looks things up in it.

    Every row is in it, refused ones with their reason. Exit code 1: not one row is a compound.
    """
    from molscreen.chem.cleaning.recipe import Recipe
    from molscreen.data.files.record import ReadOptions
    from molscreen.screening.index import index as run_index
    from molscreen.screening.store.layout import ORDERS

    with telling_how_to_go_on(out / ORDERS), Progress("index") as progress:
        store = run_index(
            library,
            out=out,
            workers=workers,
            append=append,
            resume=resume,
            recipe=Recipe(tautomer=tautomer),
            options=ReadOptions(smiles_column=smiles_column, id_column=id_column, encoding=encoding),
            progress=progress,
        )
    _show(store, json=json)


def _show(store: Store, *, json: bool) -> None:
    """How many rows went where and why, and what they take on the disk."""
    counts, n_rows = store.manifest.counts, len(store)
    indexed = sum(counts.get(status, 0) for status in SCORED)
    rejected = {name: n for name, n in counts.items() if name not in SCORED}
    if json:
        print_json({"store": store.path, "rows": n_rows, "counts": counts, "bytes": store.manifest.bytes})
    for sentence in store.described[1:]:
        say(sentence)
    summary = f"{n_rows:,} rows read: {indexed:,} indexed, {n_rows - indexed:,} rejected"
    say("\n  ".join([summary, *by_number(rejected)]))
    size = store.manifest.bytes
    written = f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"
    say(f"store  {place(store.path)}, {written}: {size / max(1, n_rows):,.0f} bytes a row")
    if not indexed:
        say(f"molscreen: not one of {n_rows:,} rows is a compound ({commonest(rejected)})")
        raise typer.Exit(MolscreenError.exit_code)
