"""``molscreen search``: the rows of a store that are similar to a structure, or contain one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from molscreen.cli.console import print_json, print_table, say, short
from molscreen.cli.options import Json, check_out
from molscreen.errors import UsageError
from molscreen.storage import locate_here

if TYPE_CHECKING:
    import pyarrow as pa

    from molscreen.screening.store.read import Store

SHOWN = 50  # hits are printed; --out writes all


def search(
    store: Annotated[
        Path, typer.Argument(metavar="STORE", parser=locate_here, help="What `molscreen index` made.")
    ],
    similar: Annotated[str | None, typer.Option(metavar="SMILES", help="Find what is like it.")] = None,
    substructure: Annotated[str | None, typer.Option(metavar="SMARTS", help="Find what contains it.")] = None,
    threshold: Annotated[
        float | None, typer.Option(metavar="T", help="Least Tanimoto similarity of a hit, 0 to 1.")
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(min=1, metavar="K", help="The best K; without it and --threshold, 50, else all."),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=0, metavar="N", help="Processes for --substructure; 0 is one for each core.")
    ] = 0,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", parser=locate_here, help="Where to write all hits."),
    ] = None,
    json: Json = False,
) -> None:
    """Search a store, exactly: every row that is a hit is found.

    Similarity is Tanimoto on ECFP4 of 1,024 bits, most similar first. Substructures are matched
    by RDKit against standardised structures, in order of the rows.
    """
    from molscreen.screening.store.read import open_store

    if (similar is None) == (substructure is None):
        raise UsageError("give either --similar SMILES or --substructure SMARTS")
    if substructure is not None and (threshold is not None or top is not None):
        raise UsageError("--threshold and --top belong to --similar: a substructure is there or not")
    if out is not None:
        check_out(out, (".csv",))
    opened = open_store(store)
    if similar is not None:
        from molscreen.screening.store.search import find_similar

        found = find_similar(opened, similar, threshold=threshold, top=top)
    else:
        found = _substructure(opened, substructure or "", workers)
    if out is not None:
        _write(found, out)
    _show(found, opened, out, json=json)


def _substructure(store: Store, smarts: str, workers: int) -> pa.Table:
    """The hits; rows that could not be decided are told."""
    from molscreen.screening.store.substructure import find_substructure

    found = find_substructure(store, smarts, workers=workers)
    if found.undecided:
        rows = ", ".join(map(str, found.undecided[:10]))
        say(f"{len(found.undecided):,} rows could not be matched in time or at all, among them: {rows}")
    return found.table


def _write(table: pa.Table, path: Path) -> None:
    """The hits with all their columns, under the name only when the file is whole."""
    from pyarrow import csv

    from molscreen.screening.folder.commit import write_whole
    from molscreen.screening.folder.resume import claim_folder

    claim_folder(path.parent)
    write_whole(path, lambda file: csv.write_csv(table, file))


def _show(table: pa.Table, store: Store, out: Path | None, *, json: bool) -> None:
    shown = table.slice(0, SHOWN).to_pylist()
    if json:
        print_json(table.to_pylist())
    elif shown:
        with_similarity = "similarity" in table.column_names
        print_table(
            ("row", "id", *(["similarity"] if with_similarity else []), "SMILES"),
            [
                (
                    str(row["row"]),
                    row["id"] or f"{row['source']}:{row['line']}",
                    *([f"{row['similarity']:.3f}"] if with_similarity else []),
                    short(row["key"]),
                )
                for row in shown
            ],
        )
    more = (
        "" if json or len(table) <= SHOWN or out else f", the first {SHOWN} shown; --out FILE.csv writes all"
    )
    hits = "1 hit" if len(table) == 1 else f"{len(table):,} hits"
    say(f"{hits} in {len(store):,} rows{f', all in {out}' if out else more}")
