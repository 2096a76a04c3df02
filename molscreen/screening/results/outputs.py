"""The shortlist as files: Parquet, CSV and SDF, and a description of every column."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from molscreen.chem.features.descriptors import DESCRIPTORS
from molscreen.data.csv_text import csv_text
from molscreen.endpoint import BOUNDS, Endpoint
from molscreen.number import COUNTS, shown_unit
from molscreen.prediction.columns import TERM, VERDICT
from molscreen.screening.folder.commit import (
    part_path,
    parts,
    read_schema,
    read_table,
    write_text,
    write_whole,
)
from molscreen.screening.folder.layout import COLUMNS, FOLDERS, SHORTLIST
from molscreen.screening.results.sdf import sdf_record, sdf_tags, sdf_text
from molscreen.screening.shard import JUDGED, their_columns
from molscreen.screening.shortlist import Entry

OF_THE_ROW = ("row", "source", "line", "id", "input_smiles", "status", "reason_code", "reason")
FIRST = ("rank", "id", "score", "key", "inchikey", "input_smiles", "source", "line", "row")
FOR_PROGRAMS = ("neighbours", "attributions", "counterfactuals", "drug_percentiles")  # JSON

Described = Mapping[str, tuple[str, str]]  # column -> its unit and its meaning

_MEANING = {
    "rank": "place on the shortlist, 1 is best",
    "row": "row of the library, counted from 0 over all files: the key to join tables of a run on, as ids may"
    " be missing or repeat",
    "source": "file",
    "line": "line in the file where the record starts",
    "id": "your id, unchanged, empty where there is none: one that begins with = + - or @ is a formula to a"
    " spreadsheet, which should be told to import text; so with your other columns",
    "input_smiles": "the structure as received",
    "key": "the structure as scored: canonical SMILES of the standardised parent",
    "inchikey": "standard InChIKey of the structure as scored",
    "status": "ok or warning: scored; anything else: not, and why",
    "stage": "where a row was refused: read, standardize, predict or filter",
    "reason_code": "the reason, for programs; of a scored row the notes on its structure, joined by '; ',"
    " what leaves most open first",
    "reason": "the reason, and what standardisation did, for readers",
    "score": "0 to 1, higher is better, ties by key and row; in scores/ from endpoints by the fast view,"
    " on the shortlist from all terms by the full view",
    "in_domain": "inside the domain of the training data of every bundle that the score uses; on the"
    " shortlist, of those measured for the activities that the plan wishes for",
    "alerts": "structural alerts that the plan only flags",
    "duplicates": "ids (or file:line) of the other rows with this structure, JSON",
    "duplicate_of": "first row with the same structure",
    "neighbours": "nearest training compounds and domain verdict of each bundle, and the activity that they"
    " were measured for, empty where they trained any endpoint, JSON",
    "attributions": "change of an endpoint when an atom is hidden, for each atom of key, JSON",
    "counterfactuals": "nearest analogue, one step away, for which the wish that costs most of the score"
    " turns round: from one side of half met to the other, by more than 0.2; predictions of both, JSON",
    "drug_percentiles": "per cent of approved drugs for which a lower value is predicted, by endpoint, JSON",
}


def shortlist_table(folder: Path, entries: Sequence[Entry], shard_size: int) -> pa.Table:
    """The chosen compounds, best first, with all that the three tiers know of them.

    Parameters
    ----------
    folder : Path
        The run folder.
    entries : sequence of Entry
        Best first.
    shard_size : int
        Rows of a part of the wide tier, to find a row's part.
    """
    rows = [entry.row for entry in entries]
    received = rows_of_library(folder / FOLDERS["wide"], rows, shard_size)
    judged = _rows_by_number(folder / FOLDERS["rerank"], rows).drop_columns(list(JUDGED))
    explained = _rows_by_number(folder / FOLDERS["explain"], rows).drop_columns(["row", "key"])
    columns: dict[str, Any] = {
        "rank": pa.array(range(1, len(rows) + 1), pa.int64()),
        "score": pa.array([entry.score for entry in entries], pa.float64()),
        "key": pa.array([entry.key for entry in entries], pa.string()),
        "duplicates": pa.array(_aliases(folder / FOLDERS["wide"], entries), pa.string()),
    }
    columns |= {name: received[name] for name in OF_THE_ROW}
    columns |= {name: judged[name] for name in judged.column_names}
    columns |= {name: explained[name] for name in explained.column_names}
    order = [*FIRST, *(name for name in columns if name not in FIRST)]
    fields = [pa.field(name, columns[name].type) for name in order]
    theirs = their_columns(received.schema)
    return pa.Table.from_arrays(
        [*(columns[name] for name in order), *(received[name] for name in theirs)],
        schema=pa.schema([*fields, *(received.schema.field(name) for name in theirs)]),
    )


def write_shortlist(folder: Path, table: pa.Table, described: Described, *, name: str = SHORTLIST) -> None:
    """``shortlist.parquet``, ``.csv`` and ``.sdf``, or of another name, each whole.

    An SD file travels without its ``columns.csv``: its tags have the units.
    """
    write_whole(folder / f"{name}.parquet", lambda file: pq.write_table(table, file, compression="zstd"))
    cells = {each: [_cell(value, each) for value in table[each].to_pylist()] for each in table.column_names}
    write_text(folder / f"{name}.csv", csv_text(cells, zip(*cells.values(), strict=True)))
    write_text(folder / f"{name}.sdf", sdf_text(_sdf_records(cells, described)))


def write_columns(folder: Path, described: Described) -> None:
    """``columns.csv``: name, unit and meaning of every column."""
    rows = ((name, *said) for name, said in described.items())
    write_text(folder / COLUMNS, csv_text(("column", "unit", "meaning"), rows))


def describe_columns(table: pa.Table, endpoints: Sequence[Endpoint]) -> dict[str, tuple[str, str]]:
    """Unit and meaning of every column of a shortlist, and of those that only the scores have."""
    predicted = {endpoint.name: endpoint for endpoint in endpoints}
    theirs = their_columns(table.schema)
    names = [*table.column_names, "stage", "duplicate_of"]
    described = {name: _describe(name, predicted) for name in names if name not in theirs}
    tags = _tags(table.column_names, described)
    described |= {name: ("", _say_theirs(name, tags[name])) for name in theirs}
    return {name: described[name] for name in names}


def _say_theirs(name: str, tag: str) -> str:
    """What there is to know of a column of the user's."""
    return "your column, unchanged" + (f"; in the SD file its tag is '{tag}'" if tag != name else "")


def _describe(name: str, endpoints: Mapping[str, Endpoint]) -> tuple[str, str]:
    """Unit and meaning of one column of ours."""
    stem, _, end = name.rpartition("_")
    if name in endpoints:
        endpoint = endpoints[name]
        better = f"; better {endpoint.direction}" if endpoint.direction != "none" else ""
        return endpoint.unit, f"{endpoint.description}{better}"
    if stem in endpoints and end in ("low", "high"):
        side, endpoint = "lower" if end == "low" else "upper", endpoints[stem]
        return endpoint.unit, f"{side} end of the {BOUNDS[endpoint.kind]} of {stem}"
    if name.startswith(TERM):
        return "1", f"how far the wish for {name.removeprefix(TERM)} is met, 0 to 1"
    if name in DESCRIPTORS:
        return DESCRIPTORS[name][0], "descriptor, by RDKit"
    if name.startswith(VERDICT):
        return "", f"inside the domain of the training data of bundle {name.removeprefix(VERDICT)}"
    return "", _MEANING[name]


def rows_of_library(
    scores: Path, rows: Sequence[int], shard_size: int, *, seen: Sequence[str] = ()
) -> pa.Table:
    """These rows of the wide tier, in this order; only the parts that hold them are read.

    `seen` names columns of what the first look saw, which are given as well.
    """
    found, wanted = [], pa.array(rows, pa.int64())
    for shard in sorted({row // shard_size for row in rows}):
        path = part_path(scores, shard)
        columns = [*OF_THE_ROW, *seen, *their_columns(read_schema(path))]
        table = read_table(path, columns)
        found.append(table.filter(pc.is_in(table["row"], wanted)))
    if not found:
        first = read_schema(parts(scores)[0])
        names = [*OF_THE_ROW, *seen, *their_columns(first)]
        found = [pa.schema([first.field(name) for name in names]).empty_table()]
    return _in_order(pa.concat_tables(found), rows)


def _rows_by_number(folder: Path, rows: Sequence[int]) -> pa.Table:
    return _in_order(pa.concat_tables([read_table(path) for path in parts(folder)]), rows)


def _in_order(table: pa.Table, rows: Sequence[int]) -> pa.Table:
    place = {row: i for i, row in enumerate(table["row"].to_pylist())}
    return table.take(pa.array([place[row] for row in rows], pa.int64()))


def _aliases(scores: Path, entries: Sequence[Entry]) -> list[str]:
    """For each entry, the ids of all other rows with its key; ``file:line`` where there is no id."""
    keys = pa.array([entry.key for entry in entries], pa.string())
    chosen = {entry.row for entry in entries}
    found: dict[str, list[str]] = {entry.key: [] for entry in entries}
    for path in parts(scores):
        columns = ["row", "key", "id", "source", "line"]
        table = read_table(path, columns)
        for row in table.filter(pc.is_in(table["key"], keys)).to_pylist():
            if row["row"] not in chosen:
                found[row["key"]].append(row["id"] or f"{row['source']}:{row['line']}")
    return [json.dumps(found[entry.key], ensure_ascii=False) if found[entry.key] else "" for entry in entries]


def _sdf_records(cells: Mapping[str, Sequence[str]], described: Described) -> Iterator[str]:
    tags = _tags(cells, described)
    for i, key in enumerate(cells["key"]):
        title = cells["id"][i] or f"{cells['source'][i]}:{cells['line'][i]}"
        yield sdf_record(key, title, {tag: cells[name][i] for name, tag in tags.items()})


def _tags(names: Iterable[str], described: Described) -> dict[str, str]:
    """Column -> its tag in an SD file, with the unit of what is measured; a count has none."""
    told = [name for name in names if name not in FOR_PROGRAMS]
    units = {name: shown_unit(described[name][0]) for name in told if name in described}
    named = (
        f"{name} ({unit})" if (unit := units.get(name)) and unit not in COUNTS else name for name in told
    )
    return dict(zip(told, sdf_tags(named), strict=True))


def _cell(value: Any, name: str) -> str:
    """The text of a value: the score at its resolution, other numbers with four digits."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.4f}" if name == "score" else f"{value:.4g}"
    return str(value)
