"""Findings: what a benchmark says of each method, per task and over groups of tasks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from molscreen.metrics import METRICS, UndefinedMetricError
from molscreen.training.benchmark.exam import Conflict
from molscreen.training.benchmark.statistics import Score, bootstrap_mean, rank_methods, spread
from molscreen.training.benchmark.suite import Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The figure of one method on one task, or on a group of tasks.

    Attributes
    ----------
    task, method, metric : str
    variant : str
        "official" or "cleaned".
    subset : str
        Of the test compounds, such as "cliff"; empty for all.
    runs : tuple of float
        The figure of each seed, or of each repeat.
    low, high : float
        95 % interval of the mean: over other test compounds, or over other tasks for a group; NaN for a
        target of a virtual screen.
    n_train, n_test : int
        Rows; 0 for a group.
    mean, sd : float
        Over the runs; the sd of one run is NaN.
    """

    task: str
    method: str
    metric: str
    variant: str
    subset: str = ""
    runs: tuple[float, ...]
    low: float
    high: float
    n_train: int = 0
    n_test: int = 0
    mean: float = field(init=False)
    sd: float = field(init=False)

    def __post_init__(self) -> None:
        over = spread(self.runs)
        object.__setattr__(self, "mean", over.mean)
        object.__setattr__(self, "sd", over.sd)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReport:
    """A task and the findings on it.

    Attributes
    ----------
    task : str
    metric : str
        The one that ranks methods.
    group : str
    findings : tuple of Finding
    removed : int
        Training rows that the cleaned variant does without.
    refused : int
        Records that could not be used in either.
    conflicts : tuple of Conflict
    """

    task: str
    metric: str
    group: str
    findings: tuple[Finding, ...]
    removed: int
    refused: int
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A benchmark and all that was found.

    Attributes
    ----------
    benchmark, title, protocol : str
    tasks : tuple of TaskReport
    groups : tuple of Finding
        Averages over the tasks of a group.
    settings : mapping of method to str
    missing : mapping of method to str
        What has to be installed before it can run.
    """

    benchmark: str
    title: str
    protocol: str
    tasks: tuple[TaskReport, ...]
    groups: tuple[Finding, ...]
    settings: Mapping[str, str]
    missing: Mapping[str, str] = field(default_factory=dict)

    def ranks(self, others: Mapping[str, Mapping[str, float]], variant: str = "official") -> dict[str, float]:
        """Mean rank over the tasks, of our methods and of others with a figure for each task; 1 is best.

        Parameters
        ----------
        others : mapping of method to mapping of task to float
        variant : str
        """
        figures: dict[str, dict[str, float]] = {method: dict(known) for method, known in others.items()}
        for report in self.tasks:
            for each in report.findings:
                if (each.metric, each.variant, each.subset) == (report.metric, variant, ""):
                    figures.setdefault(each.method, {})[report.task] = each.mean
        return rank_methods(figures, {report.task: sign_of(report.metric) for report in self.tasks})


def gather(
    suite: Suite, tasks: Sequence[TaskReport], settings: Mapping[str, str], missing: Mapping[str, str]
) -> Report:
    """The report of a suite, with the averages over its groups."""
    return Report(
        benchmark=suite.name,
        title=suite.title,
        protocol=suite.protocol,
        tasks=tuple(tasks),
        groups=_average_groups(tasks),
        settings=settings,
        missing=missing,
    )


def _average_groups(tasks: Sequence[TaskReport]) -> tuple[Finding, ...]:
    """Averages over the tasks of each group, for each method, metric, variant and subset.

    The sd is that of the average over runs, NaN where the tasks have different numbers of runs; the
    interval is over tasks.
    """
    members: dict[tuple[str, str, str, str, str], list[Finding]] = {}
    for report in tasks:
        for each in report.findings:
            if report.group:
                place = report.group, each.method, each.metric, each.variant, each.subset
                members.setdefault(place, []).append(each)
    found = []
    for (group, method, metric, variant, subset), parts in members.items():
        if len({len(part.runs) for part in parts}) == 1:
            runs = tuple(np.mean([part.runs for part in parts], axis=0).tolist())
        else:
            runs = (float(np.mean([part.mean for part in parts])),)
        low, high = bootstrap_mean([part.mean for part in parts])
        found.append(
            Finding(
                task=f"{group}, mean of {len(parts)}",
                method=method,
                metric=metric,
                variant=variant,
                subset=subset,
                runs=runs,
                low=low,
                high=high,
            )
        )
    return tuple(found)


def sign_of(metric: str) -> int:
    """1 where a higher value is better, else -1."""
    return 1 if METRICS[metric].direction == "higher" else -1


def score_of(metric: str) -> Score:
    """The metric, averaged over endpoints.

    Endpoints that admit none (nothing measured, one class only) are left out of the average, as the
    literature does; a tested compound without a prediction makes it NaN.
    """
    function: Callable[..., float] = METRICS[metric].function

    def score(truth: NDArray[np.float64], prediction: NDArray[np.float64]) -> float:
        values = []
        for measured, said in zip(truth.T, prediction.T, strict=True):
            known = ~np.isnan(measured)
            if not known.any():
                continue
            if np.isnan(said[known]).any():
                return math.nan
            try:
                values.append(function(measured[known], said[known]))
            except UndefinedMetricError:
                continue
        return float(np.mean(values)) if values else math.nan

    return score
