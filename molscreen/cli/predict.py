"""``molscreen predict``: one output row per input row, in order, each with a status."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from molscreen.chem.compound import SCORED
from molscreen.cli.console import print_json, print_table, say
from molscreen.cli.options import Bundles, Json, SmilesColumn
from molscreen.cli.progress import Progress
from molscreen.errors import UsageError
from molscreen.report.number import number

if TYPE_CHECKING:
    import pyarrow as pa

    from molscreen.endpoint import Endpoint
    from molscreen.prediction.bundle import Bundle

# What a missing file is told by: no SMILES ends like this.
FILE_SUFFIXES = (".smi", ".csv", ".tsv", ".txt", ".sdf", ".parquet", ".xlsx", ".gz", ".zst", ".bz2")


def predict(
    what: Annotated[str, typer.Argument(metavar="SMILES|FILE", help="One SMILES, a file, or - for stdin.")],
    bundle: Bundles = None,
    smiles_column: SmilesColumn = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.csv|.parquet", help="Where to write; else to stdout.")
    ] = None,
    json: Json = False,
) -> None:
    """Predict every endpoint of one molecule or of a file, with its interval.

    Every row is answered: one that cannot be scored has its status and reason. A file without --out
    is written to stdout as CSV, exact and unaltered (open it in a spreadsheet as text).
    """
    if out is not None and out.suffix not in (".csv", ".parquet"):
        raise UsageError(f"--out {out}: the suffix is '{out.suffix}', expected .csv or .parquet")
    if not _is_file(what):
        _predict_one(what, bundle, out, json=json)
        return
    tables = _predict_file(what, bundle, smiles_column)
    if json:
        print_json([row for table in tables for row in table.to_pylist()])
    elif out is None:
        _write_csv(tables, sys.stdout.buffer)
    else:
        _write(tables, out)


def _is_file(what: str) -> bool:
    """Whether the argument names a file: a SMILES has no known suffix, and rarely exists on disk."""
    return what == "-" or Path(what).suffix.lower() in FILE_SUFFIXES or os.path.exists(what)


def _predict_one(smiles: str, names: list[str] | None, out: Path | None, *, json: bool) -> None:
    from molscreen.prediction.bundle import find_bundles, load_bundle
    from molscreen.prediction.table import predict_smiles

    bundles = [load_bundle(name) for name in (names or find_bundles())]
    table = predict_smiles([smiles], bundles)
    if out is not None:
        _write(iter([table]), out)
    elif json:
        print_json(table.to_pylist())
    else:
        [row] = table.to_pylist()
        _show(row, bundles)


def _show(row: dict[str, Any], bundles: list[Bundle]) -> None:
    """One molecule as a table: an endpoint a line."""
    text = f"{row['input_smiles']}: {row['status']}"
    if row["reason_code"]:
        text += f"/{row['reason_code']}"
    say(f"{text}: {row['reason']}" if row["reason"] else text)
    if row["status"] not in SCORED:
        return
    for bundle in bundles:
        inside = row.get(f"in_domain_{bundle.name}", row["in_domain"])
        print_table(
            ("endpoint", "value", "90 % interval", "unit", "better"),
            [_endpoint_line(row, endpoint) for endpoint in bundle.endpoints],
            title=f"{bundle.name} ({'inside' if inside else 'OUTSIDE'} the domain of its training data)",
        )


def _endpoint_line(row: dict[str, Any], endpoint: Endpoint) -> tuple[str, ...]:
    value, low, high = (number(row[endpoint.name + end]) for end in ("", "_low", "_high"))
    return endpoint.name, value, f"{low} to {high}", endpoint.unit, endpoint.direction


def _predict_file(path: str, bundles: list[str] | None, smiles_column: str | None) -> Iterator[pa.Table]:
    """The answers, streamed, with progress; how the file was read is said first."""
    from molscreen.data.library import ReadOptions, open_library
    from molscreen.prediction.bundle import find_bundles, load_bundle
    from molscreen.prediction.table import predict_table

    library = open_library([path], ReadOptions(smiles_column=smiles_column))
    for sentence in library.described:
        say(sentence)
    loaded = [load_bundle(name) for name in (bundles or find_bundles())]
    done = 0
    with Progress("predict") as progress:
        progress(done, library.n_records)
        for table in predict_table(library, loaded):
            yield table
            done += table.num_rows
            progress(done, library.n_records)
    say(f"{done:,} rows answered")


def _write(tables: Iterator[pa.Table], path: Path) -> None:
    """The tables as one file, under its name only when it is whole."""
    from molscreen.screening.commit import write_whole

    write = _write_csv if path.suffix == ".csv" else _write_parquet
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
