"""What should make a 90 % interval wide: nothing, what the experts differ by, how far a compound is, or both.

    nice python -m workflows.benchmarks.interval_width    # an hour of a core; fits are kept in runs/

Kernel and trees are fitted on four fifths of the training fold of each set, and the intervals calibrated out
of fold there, as a training does; new scaffolds, the last fifth, judge. Official test folds are left out, so
that a choice by these figures is none by them. Of two ways that hold as many, the narrower one says more.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from molscreen.data.card import load_card
from molscreen.data.measured.assay import read_assay
from molscreen.data.measured.assay_table import AssayTable
from molscreen.data.splits import SplitConfig
from molscreen.graphs.features import featurize_batch
from molscreen.prediction.certainty.calibration import to_fitted_scale
from molscreen.prediction.certainty.conformal import TINY, ConformalInterval, conformal_quantile
from molscreen.prediction.certainty.neighbours import NeighbourDomain
from molscreen.prediction.certainty.out_of_fold import distances_out_of_fold
from molscreen.prediction.experts.described import Described
from molscreen.training.experts.fit_experts import fit_experts
from molscreen.training.folds import cut_folds, join_tables
from molscreen.training.networks.batches import Examples
from molscreen.training.stack import stack

SETS = (
    "tdc_admet/caco2_wang", "tdc_admet/vdss_lombardo", "tdc_admet/half_life_obach", "tdc_admet/ppbr_az",
    "tdc_admet/clearance_hepatocyte_az", "tdc_admet/clearance_microsome_az", "tdc_admet/ld50_zhu",
    "tdc_admet/lipophilicity_astrazeneca", "tdc_admet/solubility_aqsoldb", "moleculeace#CHEMBL204_Ki",
    "moleculeace#CHEMBL2147_Ki", "moleculeace#CHEMBL4203_Ki",
)  # fmt: skip
SPLIT = SplitConfig(method="scaffold", train=0.8, test=0.2, official=False)
Column = NDArray[np.float64]


class Judged(NamedTuple):
    """Residuals, stds and distances, (n,) each on the fitted scale, of compounds with an exact value."""

    error: Column
    std: Column
    distance: Column


Way = Callable[[Judged], Callable[[Judged], Column]]  # from known errors, the error expected of others


class Figures(NamedTuple):
    """Of new scaffolds: shares held, inside the domain, of all, in the narrowest tenth; mean width inside."""

    inside: float
    held: float
    narrowest: float
    width: float


def training_fold(name: str, data_root: str) -> AssayTable:
    """The measurements of one endpoint, ``card`` or ``card#endpoint``, outside the official test fold."""
    card, _, endpoint = name.partition("#")
    table = read_assay(load_card(card), data_root=data_root, endpoints=[endpoint] if endpoint else None)
    kept = table.select(np.flatnonzero(table.measured[:, 0] & (table.split[:, 0] != "test")))
    return dataclasses.replace(kept, split=np.full_like(kept.split, ""))


def judge(table: AssayTable, scratch: Path) -> tuple[Judged, Judged]:
    """Compounds judged out of fold, and new scaffolds."""
    table = join_tables([table], SPLIT)
    folds, [endpoint] = cut_folds(table, seed=0), table.endpoints
    fitted, tested = folds.fitted, folds.tested
    value = to_fitted_scale(table.value, table.endpoints)
    target = np.where(table.tested, np.nan, value)
    examples = Examples(featurize_batch(table.keys), target.astype(np.float32), table.relation)
    found = fit_experts(
        ("kernel", "trees"), table.keys, examples, folds, table.endpoints,
        for_kernel=np.ones(1, bool), seed=0, scratch=scratch, progress=lambda _: None,
    )  # fmt: skip
    blend = stack(found.opinions, target, table.endpoints, relation=table.relation)
    known, new = ([table.keys[i] for i in rows] for rows in (fitted, tested))
    measured = {endpoint.name: np.ones(len(known), bool)} if endpoint.role == "activity" else {}
    domain = NeighbourDomain.fit(known, known, folds.fold[fitted] == 0, measured=measured)
    opinions = {name: each[fitted] for name, each in found.opinions.items()}
    said = {name: each.opine(Described(new)) for name, each in found.experts.items()}
    names = [endpoint.name]
    parts = (
        (fitted, opinions, distances_out_of_fold(domain, known, folds.fold[fitted], names)),
        (tested, said, domain.distances(new, names)),
    )
    judged = []
    for rows, opinion, distance in parts:
        mean, std = blend.combine(opinion)
        error = np.where(table.relation[rows] == 0, np.abs(value[rows] - mean), np.nan)
        columns = np.stack([error[:, 0], std[:, 0], distance[:, 0].astype(np.float64)])
        judged.append(Judged(*columns[:, np.isfinite(columns).all(axis=0)]))
    return judged[0], judged[1]


def learnt(std: int, distance: int) -> Way:
    """The error expected as a bundle learns it, of what is 1."""

    def learn(known: Judged) -> Callable[[Judged], Column]:
        interval = ConformalInterval.fit(
            known.error, np.zeros_like(known.error), std * known.std, distance * known.distance
        )
        return lambda asked: interval.expected_error(std * asked.std, distance * asked.distance)

    return learn


def std_and_median(known: Judged) -> Callable[[Judged], Column]:
    """The std, and the median of all: what bundles of format 4 went by."""
    median = np.median(known.std)
    return lambda asked: np.maximum(asked.std + median, TINY)


WAYS: Mapping[str, Way] = {
    "one width": learnt(0, 0),
    "std + median": std_and_median,
    "by std": learnt(1, 0),
    "by distance": learnt(0, 1),
    "by both": learnt(1, 1),
}


def figures(known: Judged, new: Judged, way: Way) -> Figures:
    """Intervals in proportion to the error that a way expects, calibrated on `known`, tried on `new`."""
    expect = way(known)
    half = conformal_quantile(known.error / expect(known)) or np.nan
    width = 2 * half * expect(new)
    held, inside = new.error <= width / 2, new.distance <= 1
    tenth = np.argsort(width, kind="stable")[: -(-len(width) // 10)]
    shares = (float(held[rows].mean()) for rows in (inside, slice(None), tenth))
    return Figures(*shares, float(width[inside].mean()))


def main() -> None:
    """Fit, try every way, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sets", nargs="*", default=SETS, help="card, or card#endpoint")
    parser.add_argument("--out", type=Path, default=Path("runs/interval-width"), help="keeps finished fits")
    options = parser.parse_args()
    root = os.environ.get("MOLSCREEN_DATA") or sys.exit("set MOLSCREEN_DATA to the folder of the data sets")
    table = Table("set", *(f"{way}: held inside, all, narrowest; width" for way in WAYS), box=None)
    rows: list[list[Figures]] = []
    for name in options.sets:
        scratch = options.out / name.replace("/", "-").replace("#", "-")
        scratch.mkdir(parents=True, exist_ok=True)
        judged = judge(training_fold(name, root), scratch)
        rows.append([figures(*judged, way) for way in WAYS.values()])
        table.add_row(name, *_cells(rows[-1]))
        print(f"{name}: {rows[-1]}", file=sys.stderr, flush=True)
    mean = [Figures(*np.mean(column, axis=0)) for column in zip(*map(_relative, rows), strict=True)]
    table.add_row("mean", *_cells(mean))
    Console(width=200).print(table)


def _relative(row: list[Figures]) -> list[Figures]:
    """Widths as shares of the one width."""
    return [each._replace(width=each.width / row[0].width) for each in row]


def _cells(row: list[Figures]) -> list[str]:
    return [f"{each.inside:.3f}, {each.held:.3f}, {each.narrowest:.3f}; {each.width:.2f}" for each in row]


if __name__ == "__main__":
    main()
