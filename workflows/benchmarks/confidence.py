"""What the confidence of bundles is worth on test folds: of random compounds, and of the official folds.

    make confidence    # trains both recipes once more, with --split random, and prints these tables

Intervals: the promise of a conformal interval is for compounds like those it was calibrated on: a random
test fold has to hold it within sampling noise, an official (scaffold, cliff) fold shows what is left of it
elsewhere. A test fold of n measurements scatters by ``sqrt(0.09 / n)``: 3 points for n = 100.
Probabilities: the expected calibration error, of endpoints with at least `MANY` tested compounds, because
it is never 0 for few. Domain: the error outside it over the error inside, squared error and Brier score, of
endpoints with `FEW` tested compounds on either side.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from molscreen.prediction.bundle.manifest import locate_bundle, read_manifest
from workflows.benchmarks.reliability_plot import reliability_plot

VIEWS = {"wide": "wide", "full": "blend|ensemble"}  # ensemble: in bundles made before there was a blend
PARTS = {
    "all": "",
    "inside": ", in domain",
    "outside": ", outside the domain",
    "reliability": ", share of label 1 by stated probability",
}
MANY, FEW = 500, 10
Figures = Mapping[str, Mapping[str, float | None]]  # endpoint to metric to value
Found = dict[str, tuple[float, float]]  # endpoint to value and number of measurements


def figures_of(bundle: str | Path, view: str, part: str = "all") -> Figures:
    """The table of one view in a bundle's card, over all compounds or a part; empty if there is none."""
    manifest, _ = read_manifest(locate_bundle(bundle))
    title = re.compile(rf".*fold, ({VIEWS[view]}){PARTS[part]}")
    return next((table for name, table in manifest.about.metrics.items() if title.fullmatch(name)), {})


def of_metric(figures: Figures, metric: str) -> Found:
    """The values of one metric, with the number of measurements behind each; NaN if not recorded."""
    return {
        endpoint: (value, each.get("n") or float("nan"))
        for endpoint, each in figures.items()
        if (value := each.get(metric)) is not None
    }


def domain_ratios(bundle: str | Path, view: str) -> dict[str, float]:
    """Error outside the domain over error inside, by endpoint: mean squared error, or Brier score."""
    inside, outside = (figures_of(bundle, view, part) for part in ("inside", "outside"))
    ratios = {}
    for metric, power in (("rmse", 2), ("brier", 1)):
        near, far = of_metric(inside, metric), of_metric(outside, metric)
        for endpoint in near.keys() & far.keys():
            if min(near[endpoint][1], far[endpoint][1]) >= FEW and near[endpoint][0] > 0:
                ratios[endpoint] = (far[endpoint][0] / near[endpoint][0]) ** power
    return ratios


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("bundles", nargs="+", help="names or folders of bundles")
    parser.add_argument("--plots", type=Path, help="a folder for an SVG of each bundle's reliability")
    heading = ("bundle", "view", "compounds", "endpoints", "weighted", "mean", "lowest", "highest")
    intervals = Table(*heading, title="share of measurements inside their 90 % interval")
    errors = Table(*heading, title=f"ECE of endpoints with {MANY} tested compounds")
    domains = Table(*heading, title="error outside the domain / error inside")
    asked = parser.parse_args(arguments)
    for bundle in asked.bundles:
        for view in VIEWS:
            for part in ("all", "inside", "outside"):
                table = figures_of(bundle, view, part)
                _add(intervals, (bundle, view, part), of_metric(table, "coverage"))
            known = of_metric(figures_of(bundle, view), "ece")
            _add(
                errors, (bundle, view, "all"), {name: each for name, each in known.items() if each[1] >= MANY}
            )
            ratios = {name: (ratio, 1.0) for name, ratio in domain_ratios(bundle, view).items()}
            _add(domains, (bundle, view, "all"), ratios)
        if asked.plots and (shares := figures_of(bundle, "full", "reliability")):
            asked.plots.mkdir(parents=True, exist_ok=True)
            path = asked.plots / f"{str(bundle).strip('/').replace('/', '-')}.svg"
            path.write_text(reliability_plot(shares, title=str(bundle)), encoding="utf-8")
            print(f"wrote {path}")
    console = Console()
    for each in (intervals, errors, domains):
        console.print(each)


def _add(table: Table, place: Sequence[str], found: Found) -> None:
    """One row: how many endpoints, means with and without weights, and extremes with their names."""
    if not found:
        return
    value, n = np.array(list(found.values())).T
    low, high = min(found, key=found.__getitem__), max(found, key=found.__getitem__)
    table.add_row(
        *map(str, place),
        str(len(found)),
        f"{np.average(value, weights=n):.3f}",
        f"{value.mean():.3f}",
        f"{found[low][0]:.3f} {low}",
        f"{found[high][0]:.3f} {high}",
    )


if __name__ == "__main__":
    main()
