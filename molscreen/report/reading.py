"""A run folder becomes a `Page`: only the folder is needed, neither bundles nor the library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from molscreen import storage
from molscreen.endpoint import Endpoint
from molscreen.errors import ResumeError, RunError
from molscreen.provenance import RunRecord
from molscreen.report.accuracy import read_accuracies
from molscreen.report.caution import cautions
from molscreen.report.content import Page
from molscreen.report.distribution import Quantity, distributions
from molscreen.report.figure import Histogram
from molscreen.report.hits import DRAWN_ATOMS, read_hits
from molscreen.report.legend import Legend, read_legend
from molscreen.report.number import shown_unit
from molscreen.report.rows import count_judged_twice, read_noted, read_refused, read_steps
from molscreen.report.wishes import describe_aggregate, describe_choice, read_wishes
from molscreen.screening.folder.commit import nearby, parts, read_table
from molscreen.screening.folder.layout import FOLDERS, RECORD, SHORTLIST

HITS = 100  # shown in full; a page of all of a long shortlist would be slow and nobody reads it
PLOTS = 12  # distributions, in the order of the objective's terms

_NAMED = {  # table -> its place in the identity of a run
    "Library files, by sha256": "inputs",
    "Bundles, by sha256": "bundles",
    "Versions": "versions",
    "The plan with all its values": "plan",
}

Tables = dict[str, dict[str, str]]


def read_page(folder: Path) -> Page:
    """Everything the page says about the run in a folder.

    Raises
    ------
    ResumeError
        The folder holds no run.
    RunError
        The run is not complete.
    """
    record = _read_record(folder)
    counts = record.counts
    if record.state != "complete" or counts is None:
        raise RunError(
            f"{folder}: this run is not complete, so there is no report yet; finish it with --resume"
        )
    plan = record.execution["plan"]
    shortlist = read_table(folder / f"{SHORTLIST}.parquet")
    legend = read_legend(record)
    shown = shortlist.slice(0, HITS)
    accuracies = read_accuracies(legend)
    return Page(
        title=plan["name"],
        description=plan["description"],
        libraries=record.library,
        finished=record.finished.replace("T", " ").replace("+00:00", " UTC"),
        read=counts.read,
        scored=counts.scored,
        unscored=counts.unscored,
        rejected=sum(counts.rejected.values()),
        duplicates=counts.duplicates,
        steps=read_steps(folder, counts, shortlist.num_rows),
        judged_twice=count_judged_twice(folder),
        shortlisted=shortlist.num_rows,
        hits=read_hits(shown, legend),
        drawn_atoms=DRAWN_ATOMS,
        aggregate=describe_aggregate(plan["objective"]),
        choice=describe_choice(plan),
        wishes=read_wishes(plan["objective"], legend),
        plots=tuple(_plots(folder, shown, legend)),
        refused=read_refused(folder, counts),
        noted=read_noted(folder),
        accuracies=accuracies,
        warnings=tuple(cautions(counts, shortlist, legend, accuracies)),
        provenance=_provenance(record),
    )


def _read_record(folder: Path) -> RunRecord:
    path = folder / RECORD
    if not storage.is_file(path):
        raise ResumeError(f"{folder}: no run here (no {RECORD})")
    return RunRecord.from_json(path.read_text(encoding="utf-8"))


def _plots(folder: Path, shortlist: pa.Table, legend: Legend) -> Iterator[Histogram]:
    """The final score over the compounds judged again; endpoints over all that was scored."""
    rerank = parts(folder / FOLDERS["rerank"])
    score = Quantity("score", "final score of the compounds judged again")
    yield from distributions(rerank, [score], shortlist)
    wished = [legend.endpoints[name] for name in legend.weights if name in legend.endpoints][: PLOTS - 1]
    columns = ["score", *(endpoint.name for endpoint in wished)]
    with nearby(parts(folder / FOLDERS["wide"]), columns) as wide:
        yield from distributions(wide, [_quantity(endpoint) for endpoint in wished], shortlist)


def _quantity(endpoint: Endpoint) -> Quantity:
    log = endpoint.scale == "log10"
    unit = shown_unit(endpoint.unit) or endpoint.unit
    unit = f"{unit}, log axis" if log else unit
    return Quantity(endpoint.name, endpoint.name, unit, log)


def _provenance(record: RunRecord) -> Tables:
    """Tables of name and value, from the record."""
    identity = record.identity
    named = {title: _flat(identity.get(name, {})) for title, name in _NAMED.items()}
    rest = {name: value for name, value in identity.items() if name not in _NAMED.values()}
    return {
        "Run": {
            "fingerprint": record.fingerprint,
            "started": record.started,
            "finished": record.finished,
        },
        "How the library was read": {str(i): text for i, text in enumerate(record.described, start=1)},
        **named,
        "What else the result follows from": _flat(rest),
        "Where and how it ran": {**_flat(record.machine), **_flat(record.execution["plan"]["run"])},
        "Seconds": _flat(record.seconds),
    }


def _flat(value: Any, name: str = "") -> dict[str, str]:
    """Dotted name and text of every leaf."""
    if isinstance(value, Mapping):
        pairs = ((f"{name}.{key}" if name else str(key), inner) for key, inner in value.items())
        return {key: text for pair in pairs for key, text in _flat(pair[1], pair[0]).items()}
    if isinstance(value, list | tuple) and any(isinstance(each, Mapping) for each in value):
        return _flat({str(i): each for i, each in enumerate(value, 1)}, name)
    if isinstance(value, list | tuple):
        return {name: ", ".join(map(str, value))}
    return {name: str(value)}
