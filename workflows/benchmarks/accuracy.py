"""The test figures of the two bundles beside the baseline's and published ones, as Markdown tables.

    python workflows/benchmarks/accuracy.py [ADMET_TOX_DIR POTENCY_DIR]

Nothing is computed anew: the figures are those that training stored in each bundle.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator

from molscreen.errors import BundleError
from molscreen.metrics import METRICS
from molscreen.prediction.bundle.manifest import locate_bundle, read_manifest
from molscreen.training.benchmark.published import PublishedMethod, load_published
from molscreen.training.benchmark.suite import Task, load_suite

MOLECULEACE = ("SVM (ECFP)", "RF (ECFP)", "Chemprop 2 (2025)", "CheMeleon (2025)")
ENDS = ("", "cliff")  # of the titles of all compounds, and of those on cliffs
Figures = dict[str, dict[str, dict[str, float | None]]]


def find(figures: Figures, beginning: str, ending: str = "") -> dict[str, dict[str, float | None]]:
    """The table whose title begins and ends so; the subsets have titles of their own."""
    prefix = f"test fold, {beginning}"
    titles = [
        t
        for t in figures
        if t.startswith(prefix) and t.endswith(ending) and ("cliff" in t) == ("cliff" in ending)
    ]
    return figures[titles[0]] if titles else {}


def ours(figures: Figures, ending: str = "") -> dict[str, dict[str, float | None]]:
    """The table of what a shortlist is judged by: the blend, or the ensemble of a bundle without one."""
    return find(figures, "blend", ending) or find(figures, "ensemble", ending)


def cell(value: float | None, sd: float | None = None) -> str:
    if value is None or math.isnan(value):
        return "–"
    return f"{value:.3f}" + (f" ± {sd:.3f}" if sd is not None and not math.isnan(sd) else "")


def tasks_of_tdc() -> dict[str, Task]:
    """TDC's tasks by the name of their endpoint in the bundle."""
    return {endpoint.name: task for task in load_suite("tdc-admet").tasks for endpoint in task.endpoints}


def best_reproduced(task: Task) -> tuple[float, PublishedMethod] | None:
    """The best figure that others obtained again, and whose it is; None where there is none."""
    known = [(m.figures[task.name][0], m) for m in load_published().of("tdc-admet")
             if m.reproduced and not m.leaky and task.name in m.figures]  # fmt: skip
    choose = max if METRICS[task.metric].direction == "higher" else min
    return choose(known, key=lambda each: each[0]) if known else None


def beside_published(figures: Figures) -> Iterator[tuple[str, bool]]:
    """Each endpoint with a reproduced figure, and whether the blend is at or above the best of them."""
    for endpoint, task in tasks_of_tdc().items():
        best = best_reproduced(task)
        mine = ours(figures).get(endpoint, {}).get(task.metric)
        if best is not None and mine is not None:
            higher = METRICS[task.metric].direction == "higher"
            yield endpoint, mine >= best[0] if higher else mine <= best[0]


def admet_table(figures: Figures) -> str:
    lines = [
        "| endpoint | metric | single network, mean | blend | ECFP forest | Chemprop | best reproduced |",
        "|---|---|---|---|---|---|---|",
    ]
    networks, spread = find(figures, "single networks, mean"), find(figures, "single networks, sd")
    blend, forests = ours(figures), find(figures, "ECFP forests, mean")
    tasks = tasks_of_tdc()
    [chemprop] = [method for method in load_published().of("tdc-admet") if method.name == "Chemprop"]
    for endpoint in blend:
        task = tasks.get(endpoint)
        metric = task.metric if task else "auroc"
        best = best_reproduced(task) if task else None
        cells = (
            endpoint,
            metric,
            cell(networks[endpoint].get(metric), spread[endpoint].get(metric)),
            cell(blend[endpoint].get(metric)),
            cell(forests.get(endpoint, {}).get(metric)),
            cell(*(chemprop.figures.get(task.name, (None,)) if task else (None,))),
            f"{best[0]:.3f} {best[1].name}" if best else cell(None),
        )
        lines.append(f"| {' | '.join(cells)} |")
    told = dict(beside_published(figures))
    return "\n".join(
        [*lines, "", f"At or above the best reproduced figure: {sum(told.values())} of {len(told)}."]
    )


def mean_figure(table: dict[str, tuple[float, ...]]) -> float:
    return sum(figure[0] for figure in table.values()) / len(table) if table else math.nan


def potency_table(figures: Figures) -> str:
    def mean(table: dict[str, dict[str, float | None]], metric: str = "rmse") -> float:
        values = [row[metric] for row in table.values() if row.get(metric) is not None]
        return sum(values) / len(values) if values else math.nan

    rows = [
        (name, mean(table), mean(on_cliffs))
        for name, table, on_cliffs in (
            ("single network, mean", *(find(figures, "single networks, mean", end) for end in ENDS)),
            ("blend", *(ours(figures, end) for end in ENDS)),
            ("ECFP forest, mean of its seeds", *(find(figures, "ECFP forests, mean", end) for end in ENDS)),
        )
    ]
    for method in load_published().of("moleculeace"):
        if method.name in MOLECULEACE:
            both = (method.figures, method.subsets.get("cliff", {}))
            rows.append((f"{method.name}, published", *(mean_figure(table) for table in both)))
    lines = ["| model | mean RMSE of 24 targets | on cliff compounds |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {a:.3f} | {b:.3f} |" for name, a, b in rows)])


def coverage(figures: Figures) -> str:
    found = [row["coverage"] for row in ours(figures).values() if row.get("coverage") is not None]
    average = sum(found) / len(found)
    return f"{average:.3f} on average, {min(found):.3f} to {max(found):.3f} over {len(found)} endpoints"


def main() -> None:
    names = sys.argv[1:] or ("admet-tox", "potency")
    try:
        admet, potency = (read_manifest(locate_bundle(name))[0].about.metrics for name in names)
    except BundleError as error:
        sys.exit(str(error))
    print(f"## admet-tox\n\n{admet_table(admet)}\n\n90 % intervals hold: {coverage(admet)}\n")
    print(f"## potency\n\n{potency_table(potency)}\n\n90 % intervals hold: {coverage(potency)}")


if __name__ == "__main__":
    main()
