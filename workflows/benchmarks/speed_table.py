"""Figures of the speed benchmark: rates, ratios within one round, seconds by stage; all as Markdown."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

WIDE = "-wide"  # ends the name of a row that is not run by itself: a phase of a screen


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one contestant did in one round.

    Attributes
    ----------
    name, title, gives : str
        As in `workflows.benchmarks.contestants.Contestant`.
    n, answered : int
        Molecules given, and molecules in the result.
    seconds, startup : float
        Wall time of the whole call, and of the same call on one molecule.
    peak_mib : float
        The most memory of all its processes; NaN for a phase.
    stages : mapping
        Seconds by ``tier.stage``; empty for peers.
    """

    name: str
    title: str
    gives: str
    n: int
    answered: int
    seconds: float
    startup: float
    peak_mib: float
    stages: Mapping[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Molecules per second of the whole call."""
        return self.n / self.seconds

    @property
    def net_rate(self) -> float:
        """Molecules per second, start-up and its one molecule left out; NaN where no time is left."""
        beyond = self.seconds - self.startup
        return (self.n - 1) / beyond if beyond > 0 else math.nan


Round = Mapping[str, Measurement]


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times faster one contestant is to be than another."""

    faster: str
    slower: str
    wanted: float | None = None


RATIOS = (
    Ratio("molscreen", "admet-ai", 60),
    Ratio("molscreen", "chemprop-cuik", 6),
    Ratio("molscreen", "chemprop"),
    Ratio("molscreen-both", "admet-ai"),
    Ratio("molscreen-both", "chemprop-cuik"),
    Ratio("molscreen-store", "molscreen", 3),
    Ratio("molscreen-both-store", "molscreen-both", 3),
    Ratio("molscreen-wide", "admet-ai"),
    Ratio("molscreen-wide", "chemprop-cuik"),
    Ratio("molscreen-store-wide", "molscreen-wide"),
    Ratio("rdkit", "molscreen"),
    Ratio("rdkit", "molscreen-wide"),
)


def wide_tier(run: Measurement, startup_stages: Mapping[str, float]) -> Measurement:
    """The wide tier of a run as a row of its own: every molecule answered, before the second look."""
    return Measurement(
        run.name + WIDE,
        f"{run.title}: wide tier alone",
        "of these, what every molecule gets",
        run.n,
        run.answered,
        run.stages["wall.wide"],
        startup_stages["wall.wide"],
        math.nan,
    )


def ratios(rounds: Sequence[Round], ratio: Ratio) -> tuple[list[float], list[float]]:
    """Whole calls, and without start-up: one ratio for each round in which both ran.

    Rates of two rounds are never divided: a machine is not as fast at noon as at midnight.
    """
    pairs = [(r[ratio.faster], r[ratio.slower]) for r in rounds if {ratio.faster, ratio.slower} <= set(r)]
    return [a.rate / b.rate for a, b in pairs], [a.net_rate / b.net_rate for a, b in pairs]


def speed_table(rounds: Sequence[Round], missing: Mapping[str, str]) -> str:
    """One line for each contestant, medians over the rounds; who did not run is named with the reason."""
    rows = []
    for name in names(rounds):
        every = [r[name] for r in rounds if name in r]
        first = every[0]
        answered = f"{first.answered:,}" if first.answered >= 0 else "all"
        rows.append(
            (
                first.title, first.gives, answered,
                number(median(e.seconds for e in every)), number(median(e.startup for e in every)),
                number(median(e.rate for e in every)), number(median(e.net_rate for e in every)),
                number(median(e.peak_mib for e in every)),
            )
        )  # fmt: skip
    rows += [(title, why, *("–" for _ in range(6))) for title, why in missing.items()]
    head = (
        "program", "what comes out of it", "molecules", "whole call (s)", "start-up (s)",
        "molecules/s", "without start-up", "memory (MiB)",
    )  # fmt: skip
    return markdown(head, rows)


def ratio_table(rounds: Sequence[Round]) -> str:
    """Median ratios of speed, each taken within a round, with what is wanted."""
    titles = {name: each.title for r in rounds for name, each in r.items()}
    rows = []
    for ratio in RATIOS:
        whole, net = ratios(rounds, ratio)
        if whole:
            wanted = "" if ratio.wanted is None else f"≥ {ratio.wanted:g}"
            pair = f"{titles[ratio.faster]} ÷ {titles[ratio.slower]}"
            rows.append((pair, times(whole), times(net), wanted))
    return markdown(("ratio of speeds", "whole calls", "without start-up", "wanted"), rows)


def stage_table(run: Measurement) -> str:
    """Where one run spent its time: phases of the clock, then busy seconds of its workers.

    The phases and the rest, before the first and after the last, add up to the whole call. The busy
    seconds of a tier are summed over workers that ran side by side.
    """
    wall = {name: s for name, s in run.stages.items() if name.startswith("wall.")}
    wall["rest: start of the program, report"] = run.seconds - sum(wall.values())
    busy = {name: s for name, s in run.stages.items() if not name.startswith("wall.")}
    rows = []
    for title, part in (("clock", wall), ("workers", busy)):
        total = sum(part.values())
        rows += [
            (
                title,
                name.removeprefix("wall."),
                number(s),
                number(1e6 * s / run.n),
                f"{100 * s / total:.1f} %",
            )
            for name, s in sorted(part.items(), key=lambda item: -item[1])
        ]
    return markdown(("", "stage", "seconds", "µs per molecule of the library", "share"), rows)


def names(rounds: Iterable[Round]) -> list[str]:
    """Of all contestants that ran, in the order in which they did."""
    return list(dict.fromkeys(name for each in rounds for name in each))


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def median(values: Iterable[float]) -> float:
    """Median; NaN where there is no number."""
    known = [value for value in values if not math.isnan(value)]
    return statistics.median(known) if known else math.nan


def number(value: float) -> str:
    """Three significant digits, and no digit of an integer left out.

    Examples
    --------
    >>> number(12345.6), number(12.345), number(0.01234), number(math.nan)
    ('12,346', '12.3', '0.0123', '–')
    """
    if math.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def times(values: Sequence[float]) -> str:
    """The median of ratios; with several, their range. NaN is left out: too short to be measured.

    Examples
    --------
    >>> times([2.0]), times([61.25, 59.0, 63.0])
    ('2.0 ×', '61.2 × (59.0 to 63.0)')
    """
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return "–"
    middle = f"{median(known):.1f} ×"
    return middle if len(known) == 1 else f"{middle} ({min(known):.1f} to {max(known):.1f})"
