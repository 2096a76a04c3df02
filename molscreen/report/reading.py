"""A run folder becomes a `Page`: only the folder is needed, neither bundles nor the library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa

from molscreen.endpoint import Endpoint
from molscreen.errors import RunError
from molscreen.report.accuracy import read_accuracies
from molscreen.report.caution import cautions
from molscreen.report.content import Page
from molscreen.report.distribution import distributions
from molscreen.report.figure import Histogram, Limit, Quantity
from molscreen.report.hits import DRAWN_ATOMS, read_hits
from molscreen.report.legend import Legend, read_legend
from molscreen.report.looks import read_first_look, with_disagreements
from molscreen.report.number import shown_unit
from molscreen.report.provenance import run_provenance, when
from molscreen.report.rows import count_judged_twice, read_noted, read_refused, read_steps
from molscreen.report.wishes import describe_aggregate, describe_choice, find_limits, read_wishes
from molscreen.screening.folder.commit import nearby, parts, read_table
from molscreen.screening.folder.layout import FOLDERS, SHORTLIST
from molscreen.screening.folder.record import read_record

HITS = 100  # shown in full; a page of all of a long shortlist would be slow and nobody reads it
PLOTS = 12  # distributions, in the order of the objective's terms


def read_page(folder: Path) -> Page:
    """Everything the page says about the run in a folder.

    Raises
    ------
    ResumeError
        The folder holds no run.
    RunError
        The run is not complete.
    """
    record = read_record(folder)
    counts = record.counts
    if record.state != "complete" or counts is None:
        raise RunError(
            f"{folder}: this run is not complete, so there is no report yet; finish it with --resume"
        )
    plan = record.execution["plan"]
    shortlist = read_table(folder / f"{SHORTLIST}.parquet")
    legend = read_legend(record)
    shown = shortlist.slice(0, HITS)
    first = read_first_look(folder, shown, legend, plan["run"]["shard_size"])
    accuracies = read_accuracies(legend)
    return Page(
        title=plan["name"],
        description=plan["description"],
        libraries=tuple(PurePath(each).name or each for each in record.library),
        finished=when(record.finished),
        read=counts.read,
        scored=counts.scored,
        unscored=counts.unscored,
        rejected=sum(counts.rejected.values()),
        duplicates=counts.duplicates,
        steps=read_steps(folder, counts, shortlist.num_rows),
        judged_twice=count_judged_twice(folder),
        refuses_outside=plan.get("out_of_domain") == "refuse",
        shortlisted=shortlist.num_rows,
        hits=with_disagreements(read_hits(shown, legend), first, shown, legend),
        drawn_atoms=DRAWN_ATOMS,
        aggregate=describe_aggregate(plan["objective"]),
        choice=describe_choice(plan),
        wishes=read_wishes(plan["objective"], legend),
        plots=tuple(_plots(folder, first, shown, _quantities(plan["objective"], legend))),
        refused=read_refused(folder, counts),
        noted=read_noted(folder),
        accuracies=accuracies,
        cautions=tuple(cautions(counts, shortlist, legend, accuracies)),
        provenance=run_provenance(record),
    )


def _plots(
    folder: Path, first: pa.Table, second: pa.Table, wished: Sequence[Quantity]
) -> Iterator[Histogram]:
    """The final score over the compounds judged again; endpoints over all that was scored.

    Marked are the hits, each as the look that the bars are of saw it.
    """
    rerank = parts(folder / FOLDERS["rerank"])
    score = Quantity(column="score", title="final score of the compounds judged again")
    yield from distributions(rerank, [score], second)
    columns = ["score", *(quantity.column for quantity in wished)]
    with nearby(parts(folder / FOLDERS["wide"]), columns) as wide:
        yield from distributions(wide, wished, first)


def _quantities(objective: Mapping[str, Any], legend: Legend) -> list[Quantity]:
    """The endpoints that are wished for, in the plan's order."""
    wished = [legend.endpoints[name] for name in legend.weights if name in legend.endpoints]
    return [_quantity(endpoint, *find_limits(objective, endpoint.name)) for endpoint in wished[: PLOTS - 1]]


def _quantity(endpoint: Endpoint, met: Limit | None, unmet: Limit | None) -> Quantity:
    log = endpoint.scale == "log10"
    unit = shown_unit(endpoint.unit) or endpoint.unit
    unit = f"{unit}, log axis" if log else unit
    return Quantity(column=endpoint.name, title=endpoint.name, unit=unit, log=log, met=met, unmet=unmet)
