"""A run folder becomes a `Page`: only the folder is needed, neither bundles nor the library."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from molscreen.chem.compound import SCORED
from molscreen.endpoint import Endpoint
from molscreen.errors import ResumeError, RunError
from molscreen.provenance import Counts, RunRecord
from molscreen.report.content import Page, Refused, Step
from molscreen.report.distribution import distribution
from molscreen.report.figure import Histogram
from molscreen.report.hits import Legend, read_hits
from molscreen.screening.commit import parts
from molscreen.screening.folder import FOLDERS, RECORD, REJECTIONS, SHORTLIST
from molscreen.screening.views import BundleInfo

HITS = 100  # shown in full; a page of all of a long shortlist would be slow and nobody reads it
PLOTS = 12  # distributions, in the order of the objective's terms
EXAMPLES = 3  # of each reason for a rejection

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
    shortlist = pq.read_table(folder / f"{SHORTLIST}.parquet")
    legend = read_legend(record)
    shown = shortlist.slice(0, HITS)
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
        steps=_steps(folder, counts, shortlist.num_rows),
        shortlisted=shortlist.num_rows,
        hits=read_hits(shown, legend),
        plots=tuple(_plots(folder, shown, legend)),
        refused=_refused(folder, counts),
        warnings=tuple(_warnings(counts, shortlist)),
        provenance=_provenance(record),
    )


def read_legend(record: RunRecord) -> Legend:
    """What the columns of the run mean, from its record."""
    infos = [BundleInfo.from_json(each) for each in record.execution["bundles"]]
    endpoints: dict[str, Endpoint] = {each.name: each for info in infos for each in info.endpoints}
    terms = record.execution["plan"]["objective"]["term"]
    return Legend(endpoints, {term["endpoint"]: float(term.get("weight", 1.0)) for term in terms})


def _read_record(folder: Path) -> RunRecord:
    path = folder / RECORD
    if not path.is_file():
        raise ResumeError(f"{folder}: no run here (no {RECORD})")
    return RunRecord.from_json(path.read_text(encoding="utf-8"))


def _steps(folder: Path, counts: Counts, shortlisted: int) -> tuple[Step, ...]:
    """The funnel: each step a part of the one before."""
    filtered = sum(n for name, n in counts.rejected.items() if name.startswith("filtered/"))
    seen = {
        "rows of the library": counts.read,
        "a molecule that the models can judge": counts.scored + counts.unscored + filtered,
        "not refused by a rule of the plan": counts.scored + counts.unscored,
        "scored": counts.scored,
        "compounds looked at twice, and kept": _n_kept(folder),
        "shortlisted": shortlisted,
    }
    return tuple(
        Step(name=name, count=count, share=100 * count / max(counts.read, 1)) for name, count in seen.items()
    )


def _n_kept(folder: Path) -> int:
    """Compounds of the re-rank tier that got their final score."""
    scored = pa.array(SCORED)
    return sum(
        pc.sum(pc.is_in(pq.read_table(part, columns=["status"])["status"], scored)).as_py() or 0
        for part in parts(folder / FOLDERS["rerank"])
    )


def _plots(folder: Path, shortlist: pa.Table, legend: Legend) -> Iterator[Histogram]:
    """The final score over the compounds looked at twice; endpoints over all that was scored."""
    rerank, wide = parts(folder / FOLDERS["rerank"]), parts(folder / FOLDERS["wide"])
    yield distribution(rerank, "score", shortlist, title="final score of the compounds looked at twice")
    for name in [name for name in legend.weights if name in legend.endpoints][: PLOTS - 1]:
        yield distribution(wide, name, shortlist, unit=legend.unit(name))


def _refused(folder: Path, counts: Counts) -> tuple[Refused, ...]:
    """Every reason with its count, the most frequent first, and a few rows of each."""
    examples: dict[str, list[tuple[str, str, str]]] = {}
    with (folder / REJECTIONS).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows = examples.setdefault(f"{row['status']}/{row['reason_code']}", [])
            if len(rows) < EXAMPLES:
                rows.append((f"{row['source']}:{row['line']}", row["input_smiles"], row["reason"]))
    ordered = sorted(counts.rejected.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Refused(
            status=name.partition("/")[0],
            code=name.partition("/")[2],
            count=count,
            examples=tuple(examples.get(name, ())),
        )
        for name, count in ordered
    )


def _warnings(counts: Counts, shortlist: pa.Table) -> Iterator[str]:
    """What a reader must know before looking at the first molecule."""
    outside = pc.sum(pc.invert(shortlist["in_domain"])).as_py() or 0
    if outside:
        yield f"outside the domain of the models: {outside:,} of the {shortlist.num_rows:,} shortlisted"
    noted = pc.sum(pc.equal(shortlist["status"], "warning")).as_py() or 0
    if noted:
        yield f"with a note on the structure, such as undefined stereo: {noted:,} of the shortlisted"
    if counts.read and sum(counts.rejected.values()) > counts.read / 5:
        yield "more than a fifth of the rows were rejected: was the right column read?"


def _provenance(record: RunRecord) -> Tables:
    """Tables of name and value, from the record."""
    return {
        "Run": {
            "fingerprint": record.fingerprint,
            "started": record.started,
            "finished": record.finished,
        },
        "How the library was read": {str(i): text for i, text in enumerate(record.described, start=1)},
        "What the result follows from": _flat(record.identity),
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
