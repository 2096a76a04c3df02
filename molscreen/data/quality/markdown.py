"""The data report as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from molscreen.data.quality.case import Case, Fault
from molscreen.data.quality.coverage import QUANTILES
from molscreen.data.quality.data_report import DataReport, EndpointReport
from molscreen.data.quality.findings import find_noteworthy, percent
from molscreen.markdown import markdown_table, plain

SHOWN = 20  # cases of one fault, texts of one column
MEMBERS = 10  # measurements of one case
LONGEST = 80  # characters of an id or a key

WITH_ROWS = """\
What the measurements are, and what is wrong with them. This page, and the list of cases that comes with it,
hold measured values and structures: they are yours, and no part of a bundle.
"""
COUNTS = "What the measurements are, and what is wrong with them: counts, and ids of a few records."
ON_REPLICATES = """\
Counts are of compounds. The spread is the largest less the least exact value of a compound, in the endpoint's
unit; in powers of ten where values are fitted by their logarithm, or cover three or more of them and are no
logarithms yet. The standard deviation is of compounds whose values are not all equal: equal ones are mostly
one measurement, written twice. A conflict is more than half a standard deviation of all values, or another
label. A compound counts once: the median of its exact values, or the majority of its labels. Forms are
stereoisomers and tautomers: one first block of the InChIKey.
"""
ON_TAILS = """\
A distribution is highly skewed beyond 1 (Bulmer, 1979). Far out is more than 3 interquartile ranges beyond
the quartiles (Tukey, 1977). Many values at one end are mostly a limit of the assay, and better written with <
or >.
"""
ON_CLIFFS = """\
Two compounds are alike, after van Tilborg et al. (doi:10.1021/acs.jcim.2c01073), if the Tanimoto similarity
of their ECFP4, or of the ECFP4 of their graphs without elements and bond orders, is at least 0.9. Graphs of
fewer than 15 heavy atoms are not compared. Their third criterion, the similarity of SMILES texts, is left
out: it finds as many compounds again. Exact values alone count.
"""
ON_LEAKAGE = """\
Counts are of compounds. Of a compound that is in both folds as read, the test values alone are kept. A
near-duplicate has an ECFP4 Tanimoto similarity of at least 0.9.
"""


def data_report(report: DataReport, *, with_rows: bool) -> str:
    """Markdown for whoever made, or must trust, the measurements.

    Parameters
    ----------
    report : DataReport
    with_rows : bool
        Whether values and structures are shown, as for a file of one's own. Of a data set that is somebody
        else's only counts and a few ids are.
    """
    measured = [each for each in report.endpoints if each.endpoint.kind == "regression"]
    labelled = [each for each in report.endpoints if each.endpoint.kind == "classification"]
    sections = {
        f"# Data report: {plain(report.name)}": WITH_ROWS if with_rows else COUNTS,
        "## What matters": "\n".join(f"- {plain(each)}" for each in find_noteworthy(report)) or "Nothing.",
        "## Rows": _rows(report),
        "## Cells that cannot be read": _unread(report, with_rows=with_rows),
        "## Coverage of measured quantities": _coverage(measured),
        "## Balance of classes": _classes(labelled),
        "## Replicates": _explained(_replicates(report.endpoints), ON_REPLICATES),
        "## Tails": _explained(_tails(measured), ON_TAILS),
        "## Activity cliffs": _explained(_cliffs(report.endpoints), ON_CLIFFS),
        "## Leakage": _explained(_leakage(report.endpoints), ON_LEAKAGE),
        "## Not looked at": "\n".join(f"- {note}" for note in report.notes),
        "## Cases": _cases(report.endpoints, with_rows=with_rows),
    }
    return "\n".join(f"{heading}\n\n{text.strip()}\n" for heading, text in sections.items() if text)


def _explained(table: str, text: str) -> str:
    return f"{table}\n\n{text}" if table else ""


def _rows(report: DataReport) -> str:
    rows = [(d.name, d.rows, d.records, d.rows - d.records, d.compounds) for d in report.datasets]
    refused = [(d.name, reason, n) for d in report.datasets for reason, n in sorted(d.refused.items())]
    tables = (
        f"{report.compounds:,} compounds in all.",
        markdown_table(("data set", "rows", "used", "refused", "compounds"), rows),
        markdown_table(("data set", "refused for", "rows"), refused),
    )
    return "\n\n".join(filter(None, tables))


def _unread(report: DataReport, *, with_rows: bool) -> str:
    """How many cells of each column are missing because of what is written in them, and what that is."""
    rows = [
        (d.name, column, sum(texts.values()), *([_code(*_counted(texts))] if with_rows else []))
        for d in report.datasets
        for column, texts in d.unread.items()
    ]
    return markdown_table(("data set", "column", "cells", *(("texts",) if with_rows else ())), rows)


def _counted(texts: Mapping[str, int]) -> list[str]:
    return [f"{text} ({n:,})" for text, n in texts.items()][:SHOWN]


def _coverage(endpoints: Sequence[EndpointReport]) -> str:
    heading = (
        "endpoint", "unit", "compounds", "values", "exact", "<", ">",
        "least", *(percent(quantile) for quantile in QUANTILES[1:-1]), "largest",
        "scaffolds", "largest scaffold", "without rings",
    )  # fmt: skip
    rows = [
        (
            *(e.endpoint.name, e.endpoint.unit, c.compounds, c.values, c.exact, c.below, c.above),
            *(*c.quantiles, c.scaffolds, percent(c.largest), percent(c.ringless)),
        )
        for e in endpoints
        for c in [e.coverage]
    ]
    return markdown_table(heading, rows)


def _classes(endpoints: Sequence[EndpointReport]) -> str:
    heading = (
        "endpoint", "compounds", "values", "label 1", "label 0", "share of label 1",
        "scaffolds", "largest scaffold", "without rings",
    )  # fmt: skip
    rows = [
        (
            *(e.endpoint.name, c.compounds, c.values, c.positives, c.compounds - c.positives),
            percent(c.positives / max(1, c.compounds)),
            *(c.scaffolds, percent(c.largest), percent(c.ringless)),
        )
        for e in endpoints
        for c in [e.coverage]
    ]
    return markdown_table(heading, rows)


def _replicates(endpoints: Sequence[EndpointReport]) -> str:
    heading = (
        "endpoint", "measured twice or more", "all values equal", "median spread", "95 % of spreads up to",
        "standard deviation", "conflict above", "conflicts", "left without a value", "in several forms",
        "forms that disagree",
    )  # fmt: skip
    rows = [
        (
            *(e.endpoint.name, r.repeated, r.copies),
            *((r.median, r.p95, r.deviation, r.limit) if e.tails else [None] * 4),  # labels have no spread
            *(len(r.conflicts), r.dropped, r.forms, len(r.form_conflicts)),
        )
        for e in endpoints
        for r in [e.replicates]
    ]
    return markdown_table(heading, rows)


def _tails(endpoints: Sequence[EndpointReport]) -> str:
    heading = (
        "endpoint", "powers of ten", "skew", "skew of the logarithms", "a logarithm would fit better",
        "most frequent end", "share there", "far out",
    )  # fmt: skip
    rows = [
        (
            *(e.endpoint.name, t.decades, t.skew, t.log_skew),
            "fitted by it" if e.endpoint.scale == "log10" else "yes" if t.wants_logarithm else "no",
            *(t.edge, percent(t.at_edge), len(t.far_out)),
        )
        for e in endpoints
        if (t := e.tails)
    ]
    return markdown_table(heading, rows)


def _cliffs(endpoints: Sequence[EndpointReport]) -> str:
    heading = (
        "endpoint", "compounds", "far apart is", "pairs, similar structure", "pairs, similar graph",
        "compounds in a cliff", "share",
    )  # fmt: skip
    rows = [
        (
            *(e.endpoint.name, c.compared, c.words, c.pairs),
            c.graph_pairs if e.endpoint.kind == "regression" else None,
            *(c.compounds, percent(c.compounds / max(1, c.compared))),
        )
        for e in endpoints
        if (c := e.cliffs)
    ]
    return markdown_table(heading, rows)


def _leakage(endpoints: Sequence[EndpointReport]) -> str:
    heading = (
        "endpoint", "tested", "training", "in both as read", "another form trains", "near-duplicate trains",
        "share", "train another endpoint",
    )  # fmt: skip
    rows = [
        (
            *(e.endpoint.name, k.tested, k.training, k.repeated, len(k.forms)),
            *((None, None) if k.near is None else (k.near, percent(k.near / k.tested))),
            k.elsewhere,
        )
        for e in endpoints
        if (k := e.leakage)
    ]
    return markdown_table(heading, rows)


def _cases(endpoints: Sequence[EndpointReport], *, with_rows: bool) -> str:
    """The worst cases of each fault, over all endpoints."""
    origin = {each.endpoint.name: each.dataset for each in endpoints}
    texts = []
    for fault in get_args(Fault):
        own = [[case for case in each.cases if case.fault == fault] for each in endpoints]
        ranked = [(rank, -case.severity, case) for cases in own for rank, case in enumerate(cases)]
        worst = [case for *_, case in sorted(ranked, key=lambda each: each[:2])[:SHOWN]]
        n = sum(e.cliffs.pairs for e in endpoints if e.cliffs) if fault == "activity cliff" else len(ranked)
        count = f"{n:,}" if n == len(worst) else f"{len(worst)} of {n:,}, the worst of each endpoint first"
        if worst:
            texts += [f"### {fault.capitalize()}: {count}", _listed(worst, origin, with_rows=with_rows)]
    return "\n\n".join(texts)


def _listed(cases: Sequence[Case], origin: Mapping[str, str], *, with_rows: bool) -> str:
    """One line for each measurement, or the ids of each case alone."""
    ids = [[_own_id(each.id, origin[case.endpoint]) for each in case.entries[:MEMBERS]] for case in cases]
    if not with_rows:
        return markdown_table(
            ("endpoint", "ids"), [(c.endpoint, _code(*i)) for c, i in zip(cases, ids, strict=True)]
        )
    rows = [
        (number, case.endpoint, _code(each.id), _code(each.key), _code(each.value))
        for number, case in enumerate(cases, start=1)
        for each in case.entries[:MEMBERS]
    ]
    return markdown_table(("case", "endpoint", "id", "structure", "value"), rows)


def _own_id(ids: str, dataset: str) -> str:
    """Of the ids that one compound has in several data sets, the first in this one."""
    return next((each for each in ids.split("; ") if each.startswith(f"{dataset}:")), ids)


def _code(*texts: str) -> str:
    """Texts of strangers, shortened, as code."""
    one_line = (" ".join(text.replace("`", "'").split()) for text in texts)
    return ", ".join(f"`{t if len(t) <= LONGEST else f'{t[: LONGEST - 1]}…'}`" for t in one_line)
