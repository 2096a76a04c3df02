"""RDKit parsing alone, with one process for each core: no program that reads SMILES by RDKit is faster.

    python -m workflows.benchmarks.rdkit_parse library.csv molecules.txt --processes 2

Only this is done: read a CSV with a column ``smiles``, ``Chem.MolFromSmiles``, and one line for each row,
its number of atoms or nothing. No standardising, no graph, no prediction.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from rdkit import Chem, RDLogger

CHUNK = 250  # molecules that a process takes at once


def count_atoms(smiles: str) -> str:
    """Heavy atoms of one molecule, as text; empty for what is none."""
    mol = Chem.MolFromSmiles(smiles)
    return "" if mol is None else str(mol.GetNumAtoms())


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args(arguments)
    RDLogger.DisableLog("rdApp.*")
    with given.library.open(encoding="utf-8", newline="") as file:
        smiles = [row["smiles"] for row in csv.DictReader(file)]
    with ProcessPoolExecutor(given.processes) as pool:
        atoms = pool.map(count_atoms, smiles, chunksize=CHUNK)
        given.out.write_text("".join(f"{each}\n" for each in atoms), encoding="utf-8")


if __name__ == "__main__":
    main()
