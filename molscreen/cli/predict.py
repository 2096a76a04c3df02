"""``molscreen predict``: one output row per input row, in order, each with a status."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from molscreen.chem.compound import SCORED
from molscreen.cli.console import print_json, print_table, say
from molscreen.cli.options import Bundles, Encoding, IdColumn, Json, SmilesColumn, check_out
from molscreen.cli.progress import Progress
from molscreen.cli.tally import Tally, by_number, commonest
from molscreen.errors import MolscreenError, UsageError
from molscreen.number import interval, number, percent
from molscreen.storage import locate_here

if TYPE_CHECKING:
    import pyarrow as pa

    from molscreen.data.files.library import Library
    from molscreen.data.files.record import ReadOptions
    from molscreen.endpoint import Endpoint
    from molscreen.prediction.bundle.bundle import Bundle
    from molscreen.prediction.table import View

IN_BRACKETS = re.compile(r"\[[^\]]*\]")
NO_SMILES = re.compile("[adefghijkmqtuvwxyz]")  # left: aromatic atoms, and the ends of Br and Cl
INSIDE = {True: "inside", False: "OUTSIDE"}


def predict(
    what: Annotated[str, typer.Argument(metavar="SMILES|FILE", help="One SMILES, a file, or - for stdin.")],
    bundle: Bundles = None,
    smiles_column: SmilesColumn = None,
    id_column: IdColumn = None,
    encoding: Encoding = None,
    view: Annotated[
        Literal["full", "wide"], typer.Option(help="All experts, or the fast network that screens libraries.")
    ] = "full",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv|.parquet", parser=locate_here, help="Where to write; else to stdout."),
    ] = None,
    json: Json = False,
) -> None:
    """Predict every endpoint of one molecule or of a file, with its interval.

    A table and --json also say where a value lies among approved drugs, in per cent of them below it; not for
    --view wide, as the drugs were judged by all experts.

    Every row is answered: one that cannot be scored has its status and reason. A file without --out
    is written to stdout as CSV, exact and unaltered (open it in a spreadsheet as text). Exit code 1:
    not one row could be predicted.
    """
    from molscreen.data.files.record import ReadOptions

    if out is not None:
        if json:
            raise UsageError("--out and --json are both given: leave one out")
        check_out(out, (".csv", ".parquet"), read=[what])
    options = ReadOptions(smiles_column=smiles_column, id_column=id_column, encoding=encoding)
    library = _open(what, options) if names_file(what) else None
    bundles = _load(bundle, view)
    tally = Tally()
    tables = tally.watch(_one(what, bundles, view) if library is None else _all(library, bundles, view))
    if json:
        print_json([row for table in tables for row in _rows(table, bundles)])
    elif out is not None:
        _write(tables, out)
    elif library is not None:
        _write_csv(tables, sys.stdout.buffer)
    else:
        [row] = _rows(next(tables), bundles)
        _show(row, bundles)
    _finish(what, tally, is_file=library is not None)


def _finish(what: str, tally: Tally, *, is_file: bool) -> None:
    """How many rows had which outcome; exit code 1 where none has a number."""
    if is_file:
        rows = "1 row" if tally.counts.total() == 1 else f"{tally.counts.total():,} rows"
        say("\n  ".join([f"{rows} answered", *by_number(tally.counts)]))
    if tally.n_scored:
        return
    if is_file:
        say(f"molscreen: {what}: not one row could be predicted ({commonest(tally.counts)})")
    else:
        say(f"molscreen: '{what}' could not be predicted; it was read as a SMILES, no file has this name")
    raise typer.Exit(MolscreenError.exit_code)


def names_file(what: str) -> bool:
    """Whether the argument means a file, there or not, and no SMILES.

    A file that does not exist is told by an ending or a beginning that no SMILES has; with a slash in
    it, also by a folder that does exist, or a letter that no SMILES has outside brackets.

    Examples
    --------
    >>> [names_file(what) for what in ("mols.csv", "./mols", "my/mols", "-")]
    [True, True, True, True]
    >>> [names_file(what) for what in ("F/C=C/F", "[Fe]/C=C/Br", "aspirin", "C/C=C/C(=O)O crotonic acid")]
    [False, False, False, False]
    """
    from molscreen.data.files.library import is_library_name

    if what == "-" or is_library_name(what) or os.path.exists(what):
        return True
    if what.startswith((os.sep, f".{os.sep}", f"..{os.sep}", f"~{os.sep}")):
        return True
    smiles = what.split(maxsplit=1)[0] if what.strip() else ""  # a name or an extension may follow it
    if os.sep not in smiles:
        return False
    return os.path.isdir(os.path.dirname(what)) or bool(NO_SMILES.search(IN_BRACKETS.sub("", smiles)))


def _open(path: str, options: ReadOptions) -> Library:
    """The file; how it is read is said at once."""
    from molscreen.data.files.library import open_library

    library = open_library([path], options)
    for sentence in library.described:
        say(sentence)
    return library


def _load(names: list[str] | None, view: View) -> list[Bundle]:
    """The bundles; for the wide view they know no drugs, which were judged by all experts."""
    from molscreen.prediction.bundle.bundle_file import load_bundle
    from molscreen.prediction.bundle.headline import warn_of_guesses
    from molscreen.prediction.bundle.manifest import find_bundles

    loaded = [load_bundle(name) for name in (names or find_bundles())]
    warn_of_guesses(loaded)
    return [replace(bundle, drugs=None) for bundle in loaded] if view == "wide" else loaded


def _one(smiles: str, bundles: list[Bundle], view: View) -> Iterator[pa.Table]:
    from molscreen.prediction.table import predict_smiles

    yield predict_smiles([smiles], bundles, view=view)


def _all(library: Library, bundles: list[Bundle], view: View) -> Iterator[pa.Table]:
    """The answers, streamed, with progress."""
    from molscreen.prediction.table import predict_table

    done = 0
    with Progress("predict") as progress:
        progress(done, library.n_records)
        for table in predict_table(library, bundles, view=view):
            yield table
            done += table.num_rows
            progress(done, library.n_records)


def _rows(table: pa.Table, bundles: list[Bundle]) -> list[dict[str, Any]]:
    """Its rows; those of bundles that know the drugs with ``drug_percentiles`` by endpoint."""
    from molscreen.prediction.bundle.drug_reference import named_percentiles

    rows: list[dict[str, Any]] = table.to_pylist()
    for bundle in bundles:
        if bundle.drugs is None:
            continue
        values = {each.name: table[each.name].to_numpy() for each in bundle.endpoints}
        for row, named in zip(rows, named_percentiles(bundle.drugs, bundle.endpoints, values), strict=True):
            row["drug_percentiles"] = row.get("drug_percentiles", {}) | named
    return rows


def _show(row: dict[str, Any], bundles: list[Bundle]) -> None:
    """One molecule as a table: an endpoint a line."""
    text = f"{row['input_smiles']}: {row['status']}"
    if row["reason_code"]:
        text += f"/{row['reason_code']}"
    say(f"{text}: {row['reason']}" if row["reason"] else text)
    if row["status"] not in SCORED:
        return
    from molscreen.prediction.columns import own_domain_column

    for bundle in bundles:
        columns = ["endpoint", "value", "range", "kind of range", "unit", "better"]
        lines = [_endpoint_line(row, endpoint) for endpoint in bundle.endpoints]
        own = (own_domain_column(endpoint.name) for endpoint in bundle.endpoints)
        verdicts: list[bool] = [row[column] for column in own if column in row]
        if verdicts:
            columns.append("domain")
            lines = [(*line, INSIDE[verdict]) for line, verdict in zip(lines, verdicts, strict=True)]
        if bundle.drugs is not None:
            columns.append("drugs below")
            below = row["drug_percentiles"]
            lines = [(*line, percent(below.get(line[0]))) for line in lines]
        print_table(
            columns,
            lines,
            title=f"{bundle.name} ({_where(row, bundle, verdicts)})",
        )


def _where(row: dict[str, Any], bundle: Bundle, verdicts: list[bool]) -> str:
    """Where a compound lies, in words; `verdicts` are those of the endpoints, where they have any."""
    if any(verdicts):
        return f"inside the domain of {sum(verdicts)} of {len(verdicts)} endpoints"
    from molscreen.prediction.columns import IN_DOMAIN, VERDICT

    inside = row.get(VERDICT + bundle.name, row[IN_DOMAIN])
    return f"{INSIDE[inside]} the domain of its training data"


def _endpoint_line(row: dict[str, Any], endpoint: Endpoint) -> tuple[str, ...]:
    from molscreen.endpoint import BOUNDS
    from molscreen.prediction.columns import value_columns

    name, unit = endpoint.name, endpoint.unit
    value, low, high = (row[column] for column in value_columns(name))
    return (
        name,
        number(value, unit),
        interval(low, high, unit),
        BOUNDS[endpoint.kind],
        unit,
        endpoint.direction,
    )


def _write(tables: Iterator[pa.Table], path: Path) -> None:
    """The tables as one file, under its name only when it is whole."""
    from molscreen.screening.folder.commit import write_whole
    from molscreen.screening.folder.resume import claim_folder

    claim_folder(path.parent)
    write = _write_csv if path.suffix.lower() == ".csv" else _write_parquet
    write_whole(path, lambda file: write(tables, file))


def _write_csv(tables: Iterator[pa.Table], file: Any) -> None:
    from pyarrow import csv

    first = next(tables)
    with csv.CSVWriter(file, first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)


def _write_parquet(tables: Iterator[pa.Table], file: Any) -> None:
    from pyarrow import parquet

    first = next(tables)
    with parquet.ParquetWriter(file, first.schema, compression="zstd") as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)
