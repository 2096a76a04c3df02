"""Two bundles of one target, each trained on half of what is measured: one to optimise, one to control.

What a search gains from errors in the data a control shows only if it has seen other data (Renz, Van Rompaey,
Wegner, Hochreiter & Klambauer, Drug Discov. Today Technol. 32, 55 (2019), doi:10.1016/j.ddtec.2020.09.003).
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np

from molscreen.data.card import load_card
from molscreen.data.measured.assay import read_assay
from molscreen.data.measured.replicates import merge_replicates
from molscreen.data.own_file.user_card import UserColumns
from molscreen.training.train import train

DATASET = "moleculeace"  # what the bundle `potency` is trained on


class Halves(NamedTuple):
    """The folders of both bundles."""

    optimised: Path
    control: Path


def columns_of(target: str) -> UserColumns:
    """The column of a half: called by its scale, so that a half is an activity like the bundle `potency`.

    Examples
    --------
    >>> columns_of("CHEMBL204_Ki").targets
    ('pKi',)
    """
    scale = "p" + target.rpartition("_")[2]
    return UserColumns(targets=(scale,), names={scale: target}, better="higher", kind="regression")


def train_halves(target: str, *, seed: int, out: Path) -> Halves:
    """A random half of the compounds measured for `target` each; what is there is not trained again."""
    table = merge_replicates(read_assay(load_card(DATASET)))[0]
    column = [endpoint.name for endpoint in table.endpoints].index(target)
    measured = np.flatnonzero(np.isfinite(table.value[:, column]))
    shuffled = np.random.default_rng(seed).permutation(measured)
    columns = columns_of(target)
    halves = Halves(out / "optimised-half", out / "control-half")
    for folder, rows in zip(halves, np.array_split(shuffled, 2), strict=True):
        if folder.exists():
            continue
        path = folder.with_suffix(".csv")
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["smiles", *columns.targets])
            writer.writerows((table.keys[row], f"{table.value[row, column]:.4f}") for row in rows)
        train(path, out=folder, columns=columns, effort="quick", refit=True)
    return halves
