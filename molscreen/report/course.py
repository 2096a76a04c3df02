"""Course: what a search did call by call, as lines of a plot."""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from molscreen.chem.scaffold import murcko_scaffold
from molscreen.objectives.pareto import hypervolume
from molscreen.report.figure import HEIGHT, WIDTH, Tick
from molscreen.report.number import number

BEST = 10  # compounds whose mean is drawn, as benchmarks of molecule generation do
CONTROLLED = 100  # best compounds that are compared with the control
RECENT = 100  # calls among which scaffolds are counted
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a plot: its name, its points as SVG writes them, and its last value."""

    name: str
    points: str
    last: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Curves from 0 to 1 over the compounds scored."""

    name: str
    title: str
    curves: Sequence[Curve]
    ticks: Sequence[Tick]
    heights: Sequence[Tick]


def plots(rows: Sequence[Row], rounds: Sequence[Sequence[int]], *, is_front: bool = False) -> list[Plot]:
    """Score; best by the plan and by the control, where there is one; diversity and validity.

    And, where a front was searched, its hypervolume.

    Parameters
    ----------
    rows : sequence
        Of the history, in order.
    rounds : sequence of (calls, proposed, valid, admitted, scored)
    """
    n = len(rows)
    found = [_plot("course", "Reward after each scored compound", _scores(rows), n)]
    if any(math.isfinite(row["control"]) for row in rows):
        found.append(
            _plot("control", f"The {CONTROLLED} best so far, with and without control", _gap(rows), n)
        )
    if is_front:
        found.append(_plot("front", "Of all thinkable compounds", _front(rows), n))
    found.append(_plot("health", "Whether the search still looks around", _health(rows, rounds), n))
    return found


def _plot(name: str, title: str, curves: list[Curve], n: int) -> Plot:
    ticks = [Tick(WIDTH * i / 4, f"{n * i // 4:,}") for i in range(5)]
    return Plot(name, title, curves, ticks, [Tick(HEIGHT * (1 - value), f"{value:g}") for value in TICKS])


def _scores(rows: Sequence[Row]) -> list[Curve]:
    """The best, and the mean of the ten best, after each call."""
    best: list[float] = []
    single, mean = [], []
    for row in rows:
        if not math.isnan(row["score"]):
            best = sorted([*best, row["score"]], reverse=True)[:BEST]
        single.append(best[0] if best else math.nan)
        mean.append(float(np.mean(best)) if best else math.nan)
    return [_curve("best so far", single), _curve(f"mean of the {BEST} best so far", mean)]


def _gap(rows: Sequence[Row]) -> list[Curve]:
    """Mean plain score, and mean score by the control, of the best so far by reward."""
    best: list[tuple[float, int]] = []
    plain, control = [], []
    for place, row in enumerate(rows):
        if math.isfinite(row["control"]) and math.isfinite(row["plain"]):
            insort(best, (-row["score"], place))
            del best[CONTROLLED:]
        some = [rows[i] for _, i in best]
        plain.append(float(np.mean([each["plain"] for each in some])) if some else math.nan)
        control.append(float(np.mean([each["control"] for each in some])) if some else math.nan)
    return [_curve("by the plan", plain), _curve("by the control, which is never a reward", control)]


def _front(rows: Sequence[Row]) -> list[Curve]:
    """The hypervolume of the front so far, after each call."""
    t = max(len(row["terms"]) for row in rows)
    missing = [math.nan] * t
    terms = np.array([missing if math.isnan(row["score"]) else row["terms"] for row in rows], np.float64)
    return [_curve("the front so far is at least as good as (hypervolume)", hypervolume(terms).tolist())]


def _health(rows: Sequence[Row], rounds: Sequence[Sequence[int]]) -> list[Curve]:
    """Different scaffolds among the last calls, and proposals that pass the gates, as shares."""
    scaffolds = [murcko_scaffold(row["key"]) for row in rows]
    starts = [max(0, i + 1 - RECENT) for i in range(len(rows))]
    varied = [len(set(scaffolds[a : i + 1])) / (i + 1 - a) for i, a in enumerate(starts)]
    passed = list(_by_call(rounds, len(rows)))
    return [
        _curve(f"different scaffolds among the last {RECENT} compounds", varied),
        _curve("proposals that pass the gates, in each round", passed),
    ]


def _by_call(rounds: Sequence[Sequence[int]], n: int) -> Iterable[float]:
    """The share admitted in the round that each call belongs to; NaN for seeds."""
    done = 0
    for calls, proposed, _, admitted, scored in rounds:
        yield from [math.nan] * (calls - scored - done)
        yield from [admitted / proposed if proposed else math.nan] * scored
        done = max(done, calls)
    yield from [math.nan] * (n - done)


def _curve(name: str, values: Sequence[float]) -> Curve:
    """At most one point for each unit of width; what is missing is left out."""
    last = len(values) - 1
    shown = sorted({round(last * i / WIDTH) for i in range(int(WIDTH) + 1)}) if values else []
    places = [(WIDTH * (i + 1) / len(values), HEIGHT * (1 - values[i])) for i in shown]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places if not math.isnan(y))
    return Curve(name, points, number(values[-1] if values else None))
