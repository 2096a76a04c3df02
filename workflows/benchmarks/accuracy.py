"""The test figures of the two bundles beside the baseline's and published ones, as Markdown tables.

    python workflows/benchmarks/accuracy.py [ADMET_TOX_DIR POTENCY_DIR]

Nothing is computed anew: the figures are those that training stored in each bundle.
"""

from __future__ import annotations

import math
import sys
import tomllib
from pathlib import Path

from molscreen.prediction.manifest import locate_bundle, read_manifest

PUBLISHED = tomllib.loads((Path(__file__).parent / "published.toml").read_text(encoding="utf-8"))
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


def admet_table(figures: Figures) -> str:
    lines = [
        "| endpoint | metric | single network, mean | blend | ECFP forest | Chemprop | MapLight |",
        "|---|---|---|---|---|---|---|",
    ]
    networks, spread = find(figures, "single networks, mean"), find(figures, "single networks, sd")
    blend, forests = ours(figures), find(figures, "ECFP forests, mean")
    for endpoint in blend:
        known = PUBLISHED["tdc"].get(endpoint, {"metric": "auroc"})
        metric = known["metric"]
        variant = " (+ GNN)" if known.get("variant", "").endswith("GNN") else ""
        cells = (
            endpoint,
            metric,
            cell(networks[endpoint].get(metric), spread[endpoint].get(metric)),
            cell(blend[endpoint].get(metric)),
            cell(forests.get(endpoint, {}).get(metric)),
            cell(known.get("chemprop")),
            cell(known.get("maplight")) + variant,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


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
    rows += [
        (f"{name} (published)", f["rmse"], f["cliff_rmse"]) for name, f in PUBLISHED["moleculeace"].items()
    ]
    lines = ["| model | mean RMSE of 24 targets | on cliff compounds |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {a:.3f} | {b:.3f} |" for name, a, b in rows)])


def coverage(figures: Figures) -> str:
    found = [row["coverage"] for row in ours(figures).values() if row.get("coverage") is not None]
    average = sum(found) / len(found)
    return f"{average:.3f} on average, {min(found):.3f} to {max(found):.3f} over {len(found)} endpoints"


def main() -> None:
    admet, potency = (
        read_manifest(locate_bundle(name))[0].about.metrics
        for name in (sys.argv[1:] or ("admet-tox", "potency"))
    )
    print(f"## admet-tox\n\n{admet_table(admet)}\n\n90 % intervals hold: {coverage(admet)}\n")
    print(f"## potency\n\n{potency_table(potency)}\n\n90 % intervals hold: {coverage(potency)}")


if __name__ == "__main__":
    main()
