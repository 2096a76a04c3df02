"""The files that a peer is given and gives back; for the scripts beside it, in a peer's environment."""

import csv
from collections.abc import Iterable, Sequence

import numpy as np


def read(path: str) -> tuple[list[str], dict[str, np.ndarray]]:
    """The structures of a file, and its columns of values; an empty cell is NaN."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = [name for name in rows[0] if name != "smiles"]
    return [row["smiles"] for row in rows], {
        name: np.array([float(row[name] or "nan") for row in rows]) for name in columns
    }


def write(path: str, columns: Sequence[str], rows: Iterable[Sequence[float]]) -> None:
    """Predictions of the tested structures, in order."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([list(columns), *rows])
