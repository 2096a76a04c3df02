"""Coverage of the 90 % intervals on test folds: of random compounds, and of the official folds.

    make coverage    # trains both recipes once more, with --split random, and prints this table

The promise of a conformal interval is for compounds like those it was calibrated on: a random test
fold has to hold it within sampling noise, an official (scaffold, cliff) fold shows what is left of it
elsewhere. A test fold of n measurements scatters by ``sqrt(0.09 / n)``: 3 points for n = 100.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from molscreen.prediction.manifest import locate_bundle, read_manifest

VIEWS = {"wide": "wide", "full": "blend|ensemble"}  # ensemble: in bundles made before there was a blend


def coverage(bundle: str | Path, view: str) -> dict[str, tuple[float, float]]:
    """Share of the test measurements inside their interval, and their number, by regression endpoint.

    The number is NaN in a bundle trained before it was recorded.
    """
    manifest, _ = read_manifest(locate_bundle(bundle))
    title = re.compile(rf".*fold, ({VIEWS[view]})")
    figures: Mapping[str, Mapping[str, float | None]] = next(
        table for name, table in manifest.about.metrics.items() if title.fullmatch(name)
    )
    return {
        endpoint: (value, each.get("n") or float("nan"))
        for endpoint, each in figures.items()
        if (value := each.get("coverage")) is not None
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("bundles", nargs="+", help="names or folders of bundles")
    table = Table("bundle", "view", "endpoints", "of all measurements", "mean", "lowest", "highest")
    for bundle in parser.parse_args(arguments).bundles:
        for view in VIEWS:
            share, n = np.array(list(coverage(bundle, view).values())).T
            figures = (np.average(share, weights=n), share.mean(), share.min(), share.max())
            table.add_row(str(bundle), view, str(len(share)), *(f"{each:.3f}" for each in figures))
    Console().print(table)


if __name__ == "__main__":
    main()
