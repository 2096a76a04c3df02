"""What the GPU benchmark found, as JSON and as Markdown."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass, field
from typing import Any

AIM = 200_000  # molecules a second from a store, on one H200


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """n molecules gone through several times, in one precision and batch size."""

    precision: str
    batch_atoms: int
    n: int
    seconds: list[float]
    peak_gib: float | None
    utilisation: float | None

    @property
    def rate(self) -> float:
        """Molecules a second, by the median of the rounds."""
        return self.n / statistics.median(self.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Largest difference from the CPU, and the one that 99.9 % do not exceed."""

    bundle: str
    what: str
    precision: str
    n: int
    absolute: tuple[float, float]
    relative: tuple[float, float]
    of_spread: tuple[float, float]
    same_4_decimals: float


@dataclass(slots=True, kw_only=True)
class Report:
    """All of it."""

    machine: dict[str, Any]
    store: dict[str, Any]
    bundles: dict[str, Any]
    passes: list[Pass] = field(default_factory=list)
    agreement: list[Agreement] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)
    kernels: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A JSON-able mapping."""
        passes = [{**asdict(each), "rate": each.rate} for each in self.passes]
        return {**asdict(self), "passes": passes, "aim": AIM}


def markdown(report: Report) -> str:
    """The report for readers."""
    parts = [
        "# A store on one GPU",
        ", ".join(f"{name} {value}" for name, value in report.machine.items() if value is not None) + ".",
        f"Store of {report.store['rows']:,} rows, gone through {report.store['repeat']} times in a pass;"
        f" bundles {', '.join(report.bundles)}. The aim is {AIM:,} molecules a second on one H200.",
        "## Speed",
        _passes(report.passes),
        "## Stages, each alone",
        _rows(["stage", "µs a molecule"], [[name, f"{each:.2f}"] for name, each in report.stages.items()]),
        "## Agreement with the CPU",
        _agreement(report.agreement),
    ]
    if report.kernels:
        parts += ["## Inside kernels", _kernels(report.kernels)]
    return "\n\n".join(parts) + "\n"


def _passes(passes: list[Pass]) -> str:
    heads = [
        "precision",
        "atoms a batch",
        "molecules",
        "molecules/s",
        "slowest–fastest",
        "peak GiB",
        "util. %",
    ]
    rows = []
    for each in passes:
        slow, fast = (each.n / edge for edge in (max(each.seconds), min(each.seconds)))
        rows.append(
            [
                each.precision,
                f"{each.batch_atoms:,}",
                f"{each.n:,}",
                f"{each.rate:,.0f}",
                f"{slow:,.0f}–{fast:,.0f}",
                _number(each.peak_gib),
                _number(each.utilisation),
            ]
        )
    return _rows(heads, rows)


def _agreement(found: list[Agreement]) -> str:
    heads = ["precision", "bundle", "what", "molecules"]
    heads += [f"{name}, max / 99.9 %" for name in ("absolute", "relative", "of the column's sd")]
    rows = [
        [
            each.precision,
            each.bundle,
            each.what,
            f"{each.n:,}",
            *(f"{a:.1e} / {b:.1e}" for a, b in (each.absolute, each.relative, each.of_spread)),
            f"{each.same_4_decimals:.2%}",
        ]
        for each in found
    ]
    return _rows([*heads, "same to 4 decimals"], rows)


def _kernels(found: dict[str, Any]) -> str:
    share = found["inside"] / found["wall"]
    said = (
        f"{found['n']:,} molecules: {found['inside']:.3f} s in kernels of {found['wall']:.3f} s, {share:.0%}."
    )
    rows = [[name[:80].replace("|", "/"), f"{s / found['inside']:.1%}"] for name, s in found["most"]]
    return said + "\n\n" + _rows(["kernel", "share"], rows)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _rows(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
