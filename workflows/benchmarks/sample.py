"""The molecules of the speed benchmark: evenly spaced rows of a library, which every program can read."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from workflows.benchmarks.contestants import PARSER, ROOT
from workflows.benchmarks.measure import BenchmarkError, cpu_environment, run

SPARE = 1.01  # of the molecules wanted, for those that a program cannot read


def sample(libraries: Sequence[Path], n: int) -> list[dict[str, str]]:
    """Rows with ``id`` and ``smiles``, evenly spaced over all rows of the files: n, and a few to spare.

    Raises
    ------
    BenchmarkError
        There are fewer than n.
    """
    rows: list[dict[str, str]] = []
    for path in libraries:
        with _open(path) as file:
            rows += csv.DictReader(file)
    if len(rows) < n:
        raise BenchmarkError(
            f"{n:,} molecules are wanted, and there are {len(rows):,} in {len(libraries)} files"
        )
    return rows[:: max(1, int(len(rows) / (SPARE * n)))]


def readable(rows: Sequence[dict[str, str]], pythons: Sequence[Path], folder: Path) -> list[dict[str, str]]:
    """The rows that the RDKit of each interpreter can read: chemprop ends at the first that it cannot."""
    library, out = write_library(rows, folder / "candidates.csv"), folder / "candidates.txt"
    good = [True] * len(rows)
    for python in pythons:
        command = [str(python), "-m", PARSER, str(library), str(out)]
        run(command, log=folder / "candidates.log", environment=cpu_environment(2), cwd=ROOT)
        atoms = out.read_text(encoding="utf-8").splitlines()
        good = [is_good and bool(count) for is_good, count in zip(good, atoms, strict=True)]
    return [row for row, is_good in zip(rows, good, strict=True) if is_good]


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def write_library(rows: Sequence[Mapping[str, str]], path: Path) -> Path:
    """A plain CSV with id and SMILES, as all contestants read it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("id", "smiles"), extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path
