"""``report.html`` of a design folder: how the search went, and where its best compounds came from."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from molscreen.errors import RunError
from molscreen.number import DASH, score
from molscreen.report.content import Picture
from molscreen.report.course import BEST, Plot, Row, plots
from molscreen.report.number import number, typeset
from molscreen.report.page import render
from molscreen.report.picture import drawing
from molscreen.report.provenance import design_provenance, when
from molscreen.report.write import write_report
from molscreen.screening.folder.commit import read_table, write_text
from molscreen.screening.folder.layout import (
    DESIGN,
    DESIGN_LAYOUT,
    PROPOSALS,
    RECORD,
    REPORT,
    SEARCH_HISTORY,
)
from molscreen.screening.folder.record import read_record

SHOWN = 10  # proposals that are drawn beside what they are like
LINES = 6  # of descent that are drawn
LONGEST = 5  # compounds of each, the latest
AMONG = 100  # the best, among which the proposers' shares are counted
SMALL = (220, 170)  # pixels of a drawing


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
class Pair:
    """A proposal beside the nearest compound whose structure is known."""

    rank: int
    id: str
    reward: str
    plain: str
    picture: Picture
    nearest: Picture | None
    similarity: str
    known: str  # the nearest of all, by name
    known_similarity: str
    domain: str
    alerts: str


@dataclass(frozen=True, slots=True)
class DesignPage:
    """All that the page shows."""

    title: str
    description: str
    finished: str
    figures: Mapping[str, str]
    plots: Sequence[Plot]
    gap: str
    is_controlled: bool
    outside: int
    is_far: bool
    hopeless: str
    front_warning: str
    remedies: Sequence[str]
    unscored: Mapping[str, int]
    judged_by_mean: Sequence[str]
    pairs: Sequence[Pair]
    shares: Sequence[Share]
    refused: Mapping[str, int]
    lines: Sequence[Sequence[Ancestor]]
    is_bold: bool
    settings: Mapping[str, str]
    provenance: Mapping[str, Mapping[str, str]]  # table -> name -> value
    keep: str
    alerts: str
    has_proposals: bool


def write_design_report(folder: Path) -> Path:
    """Write the report of a finished design into its folder, and return its path.

    Beside it, in their own folder, the report of the run of its proposals.

    Raises
    ------
    RunError
        The design is not finished, or was made by another version.
    """
    record = json.loads((folder / DESIGN).read_text(encoding="utf-8"))
    if record["asked"].get("layout") != DESIGN_LAYOUT:
        raise RunError(f"{folder}: a design of another version of molscreen, which wrote its report")
    if "outcome" not in record:
        raise RunError(f"{folder}: this design is not finished; go on with it by --resume (resume=True)")
    screened = folder / PROPOSALS / RECORD
    if screened.is_file():
        write_report(folder / PROPOSALS)
    finished = read_record(folder / PROPOSALS).finished if screened.is_file() else ""
    rows = read_table(folder / SEARCH_HISTORY).to_pylist()
    table = folder / f"{PROPOSALS}.parquet"
    proposals = read_table(table).to_pylist() if table.is_file() else []
    page = _read(record, rows, proposals, when(finished))
    write_text(folder / REPORT, render(page, template="design.html.j2"))
    return folder / REPORT


def _read(record: Row, rows: Sequence[Row], proposals: Sequence[Row], finished: str) -> DesignPage:
    about, asked, outcome = record["about"], record["asked"], record["outcome"]
    scored = [row for row in rows if not math.isnan(row["score"])]
    inside = [row for row in scored if not row["outside"]]
    ranked = sorted(inside, key=lambda row: (-row["score"], row["number"]))
    on_the_way = {"score": math.nan, "plain": math.nan, "control": math.nan}
    told = [{**row, **on_the_way} if row["outside"] else row for row in rows]
    new = [row for row in ranked if row["picked"] != "seed"]
    drawn = plots(told, outcome["rounds"], is_front=bool(outcome["front"]))
    return DesignPage(
        title=f"Design: {about['name']}",
        description=about["description"],
        finished=finished,
        figures=_figures(outcome, ranked, proposals),
        plots=drawn,
        gap=outcome["gap_in_words"],
        is_controlled=any(plot.name == "control" for plot in drawn),
        outside=outcome["outside"],
        is_far=outcome["is_far"],
        hopeless=outcome["hopeless"],
        front_warning=outcome["front"]["warning"] if outcome["front"] else "",
        remedies=outcome["remedies"],
        unscored=outcome["reasons"],
        judged_by_mean=outcome["judged_by_mean"],
        pairs=[_pair(each) for each in proposals[:SHOWN]],
        shares=_shares(scored, ranked),
        refused=outcome["refused"] | {"passed the gates, and was not picked": outcome["passed_over"]},
        lines=[_descent(row, {each["key"]: each for each in rows}) for row in new[:LINES]],
        is_bold=asked["design"]["bold"],
        settings={key: json.dumps(value) for key, value in asked["design"].items()},
        provenance=design_provenance(asked),
        keep=about.get("keep", ""),
        alerts=about.get("alerts", ""),
        has_proposals=bool(proposals),
    )


def _figures(outcome: Row, ranked: Sequence[Row], proposals: Sequence[Row]) -> dict[str, str]:
    ten = [row["score"] for row in ranked[:BEST]]
    gap, front = outcome["gap"]["gap"], outcome["front"]
    found = {
        "compounds scored": f"{outcome['calls']:,}",
        "best reward": score(ten[0]) if ten else DASH,
        f"mean of the {BEST} best": score(float(np.mean(ten))) if ten else DASH,
        "best seed": score(outcome["best_seed"]),
        "control gap": DASH if gap is None else typeset(f"{gap:+.2f}"),
        "proposals": f"{outcome['proposed']:,}",
        "refused": f"{sum(outcome['refused'].values()):,}",
    }
    if proposals and outcome["best_seed"] is not None:
        better = sum(row["better_than_seeds"] for row in proposals)
        found["above the best seed"] = f"{better:,}"
    if front:
        found["compounds on the front"] = f"{front['compounds']:,} of {front['of']:,}"
        found["hypervolume"] = number(front["hypervolume"])
    return found


def _pair(row: Row) -> Pair:
    known = row["nearest_structure"]
    return Pair(
        row["rank"],
        row["id"],
        score(row["reward"]),
        score(row["plain_score"]),
        drawing(row["key"], row["key"], size=SMALL),
        drawing(known, known, size=SMALL) if known else None,
        number(row["nearest_structure_similarity"]) if known else DASH,
        row["nearest_known"],
        number(row["nearest_known_similarity"]),
        row["domain"],
        row["alerts"] or "",
    )


def _shares(scored: Sequence[Row], ranked: Sequence[Row]) -> list[Share]:
    """What each proposer brought: of all that has a score, and of what lies inside the domain, best first."""
    made = Counter(row["proposer"] for row in scored)
    among = Counter(row["proposer"] for row in ranked[:AMONG])
    best = {row["proposer"]: row["score"] for row in reversed(ranked)}
    return [
        Share(name or "seeds", count, among[name], score(best[name]) if name in best else DASH)
        for name, count in sorted(made.items())
    ]


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
            score(each["score"]) + (" (outside the domain)" if each["outside"] else ""),
        )
        for each in reversed(line)
    ]
