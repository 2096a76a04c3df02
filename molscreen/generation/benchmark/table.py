"""Table: the runs of a benchmark side by side with what others have published, to print and to write."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from molscreen.data.csv_text import csv_text
from molscreen.generation.benchmark.curve import BUDGET
from molscreen.generation.benchmark.rating import Rating
from molscreen.generation.benchmark.runs import Plan, TaskRun
from molscreen.generation.benchmark.start import DRUGS
from molscreen.markdown import markdown_table
from molscreen.number import spread_text
from molscreen.provenance import json_ready
from molscreen.screening.folder.commit import write_text
from molscreen.training.benchmark.published import PublishedMethod, Source, load_published

PUBLISHED = Path(__file__).with_name("published.toml")
MAIN = {"pmo": "auc", "guacamol": "guacamol"}  # figure of a rating that benchmarks sum up
TITLE = {"pmo": "AUC top-10", "guacamol": "GuacaMol score"}
OTHERS = {
    "top1": "top-1",
    "top10": "top-10",
    "top100": "top-100",
    "filtered": "filtered",
    "diverse": "diverse",
    "combined": "combined",
    "passing": "passing",
    "diversity": "diversity",
}
SUMMED = ("filtered", "diverse", "combined")

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkSummary:
    """The runs of a plan, by task.

    Attributes
    ----------
    plan : Plan
    runs : mapping of task to runs
        One for each seed.
    """

    plan: Plan
    runs: Mapping[str, tuple[TaskRun, ...]]

    @classmethod
    def of(cls, plan: Plan, runs: Sequence[TaskRun]) -> BenchmarkSummary:
        """Of the runs that `molscreen.generation.benchmark.runs.run_all` gave."""
        return cls(
            plan=plan,
            runs={task: tuple(run for run in runs if run.rating.task == task) for task in plan.tasks},
        )

    @property
    def figure(self) -> str:
        """The figure of a rating that the benchmark sums up."""
        return MAIN[self.plan.benchmark]

    def mean(self, task: str, figure: str) -> float:
        """Over the seeds; NaN where there is none."""
        return float(np.mean([getattr(run.rating, figure) for run in self.runs[task]]))

    def sd(self, task: str, figure: str) -> float:
        """Over the seeds, of a sample; NaN for one seed."""
        values = [getattr(run.rating, figure) for run in self.runs[task]]
        return float(np.std(values, ddof=1)) if len(values) > 1 else math.nan

    def total(self, figure: str) -> tuple[float, float]:
        """Sum over the tasks, of each seed: their mean and standard deviation."""
        by_seed = [
            math.fsum(getattr(run.rating, figure) for run in runs)
            for runs in zip(*self.runs.values(), strict=True)
        ]
        return float(np.mean(by_seed)), float(np.std(by_seed, ddof=1)) if len(by_seed) > 1 else math.nan

    @property
    def source(self) -> str:
        """What the molecules that the runs began with were drawn from; empty for none."""
        return next(iter(self.runs.values()))[0].source

    @property
    def is_comparable(self) -> bool:
        """Whether what others have published was obtained under these conditions."""
        return self.source != DRUGS and (self.plan.benchmark != "pmo" or self.plan.budget == BUDGET)

    def published(self) -> tuple[PublishedMethod, ...]:
        """Methods with a figure for each task that was run; none where conditions differ."""
        if not self.is_comparable:
            return ()
        known = load_published(PUBLISHED).of(self.plan.benchmark)
        return tuple(method for method in known if set(self.plan.tasks) <= method.figures.keys())

    def sources(self) -> tuple[Source, ...]:
        """Where the published figures were read, each once."""
        described = load_published(PUBLISHED).sources
        return tuple(described[name] for name in dict.fromkeys(m.source for m in self.published()))


def main_rows(summary: BenchmarkSummary) -> tuple[Row, list[Row]]:
    """Heading, and a row for each task and their sum: the benchmark's figure beside the published ones."""
    methods = summary.published()
    heading = ("task", TITLE[summary.plan.benchmark], *(method.name for method in methods))
    rows = [
        (
            task,
            spread_text(summary.mean(task, summary.figure), summary.sd(task, summary.figure)),
            *(f"{method.figures[task][0]:.3f}" for method in methods),
        )
        for task in summary.plan.tasks
    ]
    sums = (f"{math.fsum(method.figures[t][0] for t in summary.plan.tasks):.3f}" for method in methods)
    return heading, [*rows, (_sum_name(summary), spread_text(*summary.total(summary.figure)), *sums)]


def detail_rows(summary: BenchmarkSummary) -> tuple[Row, list[Row]]:
    """Heading, and a row for each task: everything else that is known of its runs, means over the seeds."""
    heading = ("task", *OTHERS.values(), "calls", "core seconds")
    rows = []
    for task, runs in summary.runs.items():
        cells = (_number(summary.mean(task, figure)) for figure in OTHERS)
        calls = max(run.rating.calls for run in runs)
        rows.append((task, *cells, f"{calls:,}", f"{np.mean([run.seconds for run in runs]):.0f}"))
    sums = (_number(summary.total(f)[0]) if f in SUMMED else "" for f in OTHERS)
    return heading, [*rows, (_sum_name(summary), *sums, "", "")]


def as_json(summary: BenchmarkSummary) -> dict[str, Any]:
    """Every figure of every run, and the published ones; NaN stays NaN."""
    plan = summary.plan
    return {
        "benchmark": plan.benchmark,
        "method": plan.method.name,
        "generators": plan.method.generators,
        "config": asdict(plan.method.within(plan.budget)),
        "start": plan.method.start,
        "start_source": summary.source,
        "budget": plan.budget,
        "seeds": plan.seeds,
        "sum": dict(zip(("mean", "sd"), summary.total(summary.figure), strict=True)),
        "of_tasks": len(plan.tasks),
        "runs": [
            asdict(run.rating) | {"seconds": run.seconds} for runs in summary.runs.values() for run in runs
        ],
        "published": [
            {"name": m.name, "source": m.source, "figures": {t: m.figures[t][0] for t in plan.tasks}}
            for m in summary.published()
        ],
        "sources": [asdict(source) for source in summary.sources()],
    }  # fmt: skip


def write_tables(summary: BenchmarkSummary) -> list[Path]:
    """Write ``results.json``, ``results.csv`` and ``results.md`` beside the runs.

    Returns
    -------
    list of Path
    """
    out = summary.plan.out
    heading = (*Rating.__dataclass_fields__, "seconds")
    rows = ((*asdict(run.rating).values(), run.seconds) for runs in summary.runs.values() for run in runs)
    contents = {
        "results.json": json.dumps(json_ready(as_json(summary)), indent=1),
        "results.csv": csv_text(heading, rows),
        "results.md": _markdown(summary),
    }
    for name, content in contents.items():
        write_text(out / name, content)
    return [out / name for name in contents]


def describe(summary: BenchmarkSummary) -> str:
    """What was run, in a line."""
    plan, n = summary.plan, len(summary.plan.seeds)
    start = f"{plan.method.start} {summary.source}" if summary.source else "nothing"
    return (
        f"{plan.benchmark}: {plan.method.name} ({', '.join(plan.method.generators)}), {plan.budget:,} calls,"
        f" {n} {'seed' if n == 1 else 'seeds'}, {start} to start with"
    )


def _markdown(summary: BenchmarkSummary) -> str:
    parts = [
        f"# {describe(summary)}",
        "",
        markdown_table(*main_rows(summary)),
        "",
        markdown_table(*detail_rows(summary)),
        "",
    ]
    parts.append(
        "Filtered, diverse and combined: AUC top-10 of molecules that a chemist would look at, that differ"
        " from each other, and both. Passing and diversity: of the 100 best."
    )
    parts += ["", *(f"- {s.name}: {s.paper}; {s.repository} {s.path}".rstrip() for s in summary.sources())]
    return "\n".join(parts) + "\n"


def _sum_name(summary: BenchmarkSummary) -> str:
    return f"sum of {len(summary.plan.tasks)}"


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"
