"""A benchmark as tables: on the terminal, in Markdown, CSV and JSON, beside what others have published."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from molscreen.data.csv_text import csv_text
from molscreen.markdown import markdown_table
from molscreen.number import DASH, spread_text
from molscreen.provenance import json_ready
from molscreen.report.number import typeset
from molscreen.training.benchmark.cross_validation import Comparison
from molscreen.training.benchmark.findings import Finding, Report, sign_of
from molscreen.training.benchmark.published import PublishedMethod, Source, load_published
from molscreen.training.benchmark.statistics import spread

COLUMNS = ("task", "metric", "method", "official", "95 % CI", "cleaned", "95 % CI", "published")
SHOWN_CONFLICTS = 20  # of each benchmark, in Markdown; all are in the JSON

Row = tuple[str, ...]


def summary_rows(report: Report) -> list[Row]:
    """One row per task, subset and method, averages first; see `COLUMNS`.

    In the last column, on a task's first row: the best published figure that a third party obtained again,
    or else the best of all.
    """
    rows: list[Row] = []
    for (task, metric, subset), methods in _grouped(report).items():
        best = _best_published(report, task, metric, subset)
        for method, variants in methods.items():
            official, cleaned = variants.get("official"), variants.get("cleaned")
            where = f"{metric}, {subset}" if subset else metric
            rows.append((task, where, method, *_cells(official), *_cells(cleaned), best))
            best = ""
    return rows


def method_rows(report: Report) -> list[Row]:
    """What each method is, and those that could not run."""
    return [*report.settings.items(), *report.missing.items()]


def rank_rows(report: Report) -> list[Row]:
    """Mean rank of each method over the tasks, with the published ones that have a figure for each.

    None for one task, or one method: such a rank says nothing.
    """
    found = ranks(report)
    if len(report.tasks) < 2 or len(found) < 2:
        return []
    return [(method, f"{rank:.2f}") for method, rank in found.items()]


def ranks(report: Report) -> dict[str, float]:
    """Mean rank over the tasks on the official folds; published methods are marked as such."""
    published = {f"{m.name} (published)": {t: f[0] for t, f in m.figures.items()} for m in _published(report)}
    return report.ranks(published)


def score_rows(comparison: Comparison) -> list[Row]:
    """Mean and sd of each method over the splits."""
    over = {name: spread(scores) for name, scores in comparison.scores.items()}
    return [(name, spread_text(each.mean, each.sd)) for name, each in over.items()]


def comparison_rows(comparison: Comparison) -> list[Row]:
    """Every pair of methods: difference of means, its 95 % interval, and p."""
    return [
        (
            f"{each.first} − {each.second}",
            typeset(f"{each.mean:+.3f}"),
            typeset(f"{each.low:+.3f} … {each.high:+.3f}"),
            f"{each.p:.2g}",
        )
        for each in comparison.differences
    ]


def as_json(report: Report) -> dict[str, Any]:
    """The report, mean ranks and the published figures of its tasks, with their sources."""
    tasks = {each.task for each in report.tasks}
    published = [
        dataclasses.asdict(each)
        | {"figures": {task: figure for task, figure in each.figures.items() if task in tasks}}
        | {
            "subsets": {
                s: {t: f for t, f in table.items() if t in tasks} for s, table in each.subsets.items()
            }
        }
        for each in _published(report)
    ]
    used = {each["source"] for each in published}
    sources = [dataclasses.asdict(each) for name, each in load_published().sources.items() if name in used]
    return dataclasses.asdict(report) | {"ranks": ranks(report), "published": published, "sources": sources}


def write_report(report: Report, folder: Path) -> list[Path]:
    """Write ``results.json``, ``results.csv`` and ``results.md``; the paths."""
    paths = [folder / f"results.{ending}" for ending in ("json", "csv", "md")]
    paths[0].write_text(to_json(as_json(report)), encoding="utf-8")
    paths[1].write_text(_to_csv(report), encoding="utf-8")
    paths[2].write_text(to_markdown(report), encoding="utf-8")
    return paths


def write_comparison(comparison: Comparison, folder: Path) -> list[Path]:
    """Write ``comparison-TASK.json`` and ``.md``; the paths."""
    paths = [folder / f"comparison-{comparison.task}.{ending}" for ending in ("json", "md")]
    paths[0].write_text(to_json(comparison), encoding="utf-8")
    parts = [f"# {comparison.task}, repeated cross-validation of the training fold"]
    parts.append(markdown_table(("method", comparison.metric), score_rows(comparison)))
    parts.append(
        markdown_table(("difference", "mean", "95 % interval", "p (Tukey HSD)"), comparison_rows(comparison))
    )
    paths[1].write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return paths


def to_markdown(report: Report) -> str:
    """The report as a page: figures, mean ranks, published figures with sources, conflicts."""
    seeds = "mean ± sd over seeds or repeats; 95 % bootstrap interval"
    parts = [
        f"# {report.title}",
        f"{report.protocol}. {seeds}.",
        markdown_table(COLUMNS, summary_rows(report)),
    ]
    parts += ["## Methods", markdown_table(("method", "what it is"), method_rows(report))]
    if found := rank_rows(report):
        parts += [
            f"## Mean rank over {len(report.tasks)} tasks, official",
            markdown_table(("method", "mean rank"), found),
        ]
    if rows := _published_rows(report):
        sources = load_published().sources
        used = dict.fromkeys(each.source for each in _published(report))
        listed = [f"- {n}: {sources[n].paper}. {_place(sources[n])}".rstrip() for n in used]
        parts += [
            "## Published",
            markdown_table(("task", "subset", "method", "figure", "source", "remark"), rows),
        ]
        parts += ["\n".join(listed)]
    parts += [
        "## Data",
        markdown_table(("task", "removed to clean", "conflicts", "refused"), _data_rows(report)),
    ]
    if conflicts := [(report_.task, each) for report_ in report.tasks for each in report_.conflicts]:
        rows = [
            (task, each.endpoint, each.keys[0], _values(each.values), " ".join(each.folds).strip())
            for task, each in conflicts[:SHOWN_CONFLICTS]
        ]
        parts += [f"## Conflicts, the first {len(rows)} of {len(conflicts)}"]
        parts += [markdown_table(("task", "endpoint", "compound", "values", "folds"), rows)]
    return "\n\n".join(parts) + "\n"


def _to_csv(report: Report) -> str:
    """Every finding, those of its runs in one cell."""
    names = [field.name for field in dataclasses.fields(Finding)]
    found = (
        {name: getattr(each, name) for name in names} | {"runs": " ".join(f"{run:.6g}" for run in each.runs)}
        for each in _findings(report)
    )
    return csv_text(names, (list(each.values()) for each in found))


def to_json(value: Any) -> str:
    """Strict JSON: NaN and infinities are null."""
    return json.dumps(json_ready(value), ensure_ascii=False, indent=1) + "\n"


def _findings(report: Report) -> list[Finding]:
    """Averages first, then task by task."""
    return [*report.groups, *(each for task in report.tasks for each in task.findings)]


def _grouped(report: Report) -> dict[tuple[str, str, str], dict[str, dict[str, Finding]]]:
    """Findings by (task, metric, subset), then method, then variant."""
    tree: dict[tuple[str, str, str], dict[str, dict[str, Finding]]] = {}
    for each in _findings(report):
        methods = tree.setdefault((each.task, each.metric, each.subset), {})
        methods.setdefault(each.method, {})[each.variant] = each
    return tree


def _cells(finding: Finding | None) -> tuple[str, str]:
    if finding is None:
        return DASH, DASH
    interval = DASH if math.isnan(finding.low) else f"{finding.low:.3f}–{finding.high:.3f}"
    return spread_text(finding.mean, finding.sd), interval


def _published(report: Report) -> tuple[PublishedMethod, ...]:
    """The methods with a figure for one of the report's tasks."""
    tasks = {each.task for each in report.tasks}
    return tuple(method for method in load_published().of(report.benchmark) if tasks & method.figures.keys())


def _figure(report: Report, method: PublishedMethod, task: str, subset: str) -> tuple[float, float] | None:
    """Mean and sd on a task, or the average over the tasks of a group where each has a figure."""
    grouped = {each.task for each in report.groups}
    if task not in grouped:
        known = method.of(task, subset)
        return None if known is None else (known[0], known[1] if len(known) > 1 else math.nan)
    group = task.split(",")[0]
    figures = [method.of(each.task, subset) for each in report.tasks if each.group == group]
    known_figures = [figure[0] for figure in figures if figure is not None]
    if len(known_figures) < len(figures):
        return None
    return sum(known_figures) / len(known_figures), math.nan


def _best_published(report: Report, task: str, metric: str, subset: str) -> str:
    known = [
        (figure, m) for m in _published(report) if (figure := _figure(report, m, task, subset)) is not None
    ]
    reproduced = [each for each in known if each[1].reproduced]
    if not known:
        return DASH
    (mean, sd), method = max(reproduced or known, key=lambda each: sign_of(metric) * each[0][0])
    return f"{spread_text(mean, sd)} {method.name}{', reproduced' if method.reproduced else ''}"


def _published_rows(report: Report) -> list[Row]:
    places = dict.fromkeys((task, metric, subset) for task, metric, subset in _grouped(report))
    rows: list[Row] = []
    for task, metric, subset in places:
        known = [(f, m) for m in _published(report) if (f := _figure(report, m, task, subset)) is not None]
        for (mean, sd), m in sorted(known, key=lambda each: -sign_of(metric) * each[0][0]):
            remark = ", ".join(
                word for word, is_so in (("reproduced", m.reproduced), ("leaky", m.leaky)) if is_so
            )
            rows.append((task, subset, m.name, spread_text(mean, sd), m.source, remark))
    return rows


def _data_rows(report: Report) -> list[Row]:
    return [(t.task, str(t.removed), str(len(t.conflicts)), str(t.refused)) for t in report.tasks]


def _values(values: Sequence[float]) -> str:
    return " / ".join(f"{value:.4g}" for value in values)


def _place(source: Source) -> str:
    return f"{source.repository} {source.path} @ {source.commit[:12]}" if source.repository else source.path
