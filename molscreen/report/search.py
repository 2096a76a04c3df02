"""``report.html`` of a design folder: how the search went, and where its best compounds came from."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from molscreen.errors import RunError
from molscreen.report.content import Picture
from molscreen.report.figure import HEIGHT, WIDTH, Tick
from molscreen.report.number import number
from molscreen.report.page import render
from molscreen.report.picture import drawing
from molscreen.report.write import REPORT
from molscreen.screening.folder.commit import read_table, write_text

RECORD, HISTORY, PROPOSALS = "design.json", "search/history.parquet", "proposals"
BEST = 10  # compounds whose mean is drawn, as benchmarks of molecule generation do
LINES = 6  # of descent that are drawn
LONGEST = 5  # compounds of each, the latest
AMONG = 100  # the best, among which the proposers' shares are counted
SMALL = (220, 170)  # pixels of a drawing
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a plot: its name, its points as SVG writes them, and its last value."""

    name: str
    points: str
    last: str


@dataclass(frozen=True, slots=True)
class Ancestor:
    """One compound of a line of descent, and the step that made it."""

    picture: Picture
    step: str
    proposer: str
    reward: str


@dataclass(frozen=True, slots=True)
class Share:
    """What one proposer brought."""

    name: str
    scored: int
    among_best: int
    best: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """All that the page shows."""

    title: str
    description: str
    figures: Mapping[str, str]
    curves: Sequence[Curve]
    ticks: Sequence[Tick]
    heights: Sequence[Tick]
    shares: Sequence[Share]
    refused: Mapping[str, int]
    lines: Sequence[Sequence[Ancestor]]
    settings: Mapping[str, str]
    has_proposals: bool


def write_search_report(folder: Path) -> Path:
    """Write the report of a finished design into its folder, and return its path.

    Raises
    ------
    RunError
        The design is not finished.
    """
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    if "outcome" not in record:
        raise RunError(f"{folder}: this design is not finished; go on with it by --resume (resume=True)")
    rows = read_table(folder / HISTORY).to_pylist()
    page = _read(record, rows, has_proposals=(folder / PROPOSALS).is_dir())
    write_text(folder / REPORT, render(page, template="search.html.j2"))
    return folder / REPORT


def _read(record: Row, rows: Sequence[Row], *, has_proposals: bool) -> SearchPage:
    asked, outcome = record["asked"], record["outcome"]
    scored = [row for row in rows if not math.isnan(row["score"])]
    ranked = sorted(scored, key=lambda row: (-row["score"], row["number"]))
    ten = [row["score"] for row in ranked[:BEST]]
    new = [row for row in ranked if row["picked"] != "seed"]
    return SearchPage(
        title=f"Design: {asked['plan']['name']}",
        description=asked["plan"]["description"],
        figures={
            "compounds scored": f"{outcome['calls']:,}",
            "best reward": number(ten[0]) if ten else "–",
            f"mean of the {BEST} best": number(float(np.mean(ten))) if ten else "–",
            "best seed": number(max((r["score"] for r in scored if r["picked"] == "seed"), default=math.nan)),
            "proposals refused": f"{sum(outcome['refused'].values()):,}",
        },
        curves=_curves([row["score"] for row in rows]),
        ticks=_calls(len(rows)),
        heights=[Tick(HEIGHT * (1 - value), f"{value:g}") for value in TICKS],
        shares=_shares(scored, ranked[:AMONG]),
        refused=outcome["refused"],
        lines=[_descent(row, {each["key"]: each for each in rows}) for row in new[:LINES]],
        settings={key: json.dumps(value) for key, value in asked["design"].items()},
        has_proposals=has_proposals,
    )


def _curves(scores: Sequence[float]) -> list[Curve]:
    """The best, and the mean of the ten best, after each call; at most one point for each unit of width."""
    best: list[float] = []
    single, mean = [], []
    for score in scores:
        if not math.isnan(score):
            best = sorted([*best, score], reverse=True)[:BEST]
        single.append(best[0] if best else math.nan)
        mean.append(float(np.mean(best)) if best else math.nan)
    last = len(scores) - 1
    shown = sorted({round(last * i / WIDTH) for i in range(int(WIDTH) + 1)}) if scores else []

    def line(name: str, values: Sequence[float]) -> Curve:
        places = [(WIDTH * (i + 1) / len(values), HEIGHT * (1 - values[i])) for i in shown]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places if not math.isnan(y))
        return Curve(name, points, number(values[-1]) if values else "–")

    return [line("best so far", single), line(f"mean of the {BEST} best so far", mean)]


def _calls(n: int) -> list[Tick]:
    """Five places along the calls."""
    return [Tick(WIDTH * i / 4, f"{n * i // 4:,}") for i in range(5)]


def _shares(scored: Sequence[Row], best: Sequence[Row]) -> list[Share]:
    among = Counter(row["proposer"] for row in best)
    made = Counter(row["proposer"] for row in scored)
    return [
        Share(
            name or "seeds", count, among[name],
            number(max(row["score"] for row in scored if row["proposer"] == name)),
        )
        for name, count in sorted(made.items())
    ]  # fmt: skip


def _descent(row: Row, by_key: Mapping[str, Row]) -> list[Ancestor]:
    """The compound and its forebears, the oldest first; of several parents, the better one."""
    line = [row]
    while len(line) < LONGEST:
        parents = [by_key[key] for key in line[-1]["parents"] if key in by_key]
        if not parents:
            break
        line.append(max(parents, key=lambda each: -1.0 if math.isnan(each["score"]) else each["score"]))
    return [
        Ancestor(
            drawing(each["key"], each["key"], size=SMALL),
            each["step"],
            each["proposer"] or "seed",
            number(each["score"]),
        )
        for each in reversed(line)
    ]
