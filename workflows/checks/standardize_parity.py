"""Does the short cut of `standardize` give what the full recipe gives? On as many molecules as you like.

    nice python workflows/checks/standardize_parity.py LIBRARY.csv.gz [...] [--every N] [--column smiles]

Three facts are checked of every molecule: the short cut and the full recipe give the same Compound
or Rejection; a key is what RDKit writes after reading it; a key, standardised, is itself.
Exit code 1 if one of them fails anywhere.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import itertools
import sys
import time
from collections.abc import Iterator

from rdkit import Chem

from molscreen.chem.cleaning.standardize import standardize, standardize_fully
from molscreen.chem.compound import Compound


def read_smiles(path: str, column: str) -> Iterator[str]:
    """The structure column of a CSV file, plain or gzip-compressed."""
    with open(path, "rb") as raw:
        binary = gzip.GzipFile(fileobj=raw) if path.endswith(".gz") else raw
        file = io.TextIOWrapper(binary, encoding="utf-8", newline="")
        for row in csv.DictReader(file):
            yield row[column]


def find_differences(smiles: str) -> Iterator[str]:
    """Every fact that does not hold for this molecule, as a sentence."""
    quick, full = standardize(smiles), standardize_fully(smiles)
    if quick != full:
        yield f"short cut {quick} but in full {full}"
    if not isinstance(full, Compound):
        return
    written = Chem.MolToSmiles(Chem.MolFromSmiles(full.key))
    if written != full.key and "unsettled" not in {note.code for note in full.notes}:
        yield f"the key '{full.key}' is read and written as '{written}'"
    again = standardize(full.key)
    if not isinstance(again, Compound) or again.key != full.key:
        yield f"the key '{full.key}' is standardised to {again}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("paths", nargs="+", metavar="LIBRARY")
    parser.add_argument("--column", default="smiles")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="check every Nth row")
    options = parser.parse_args()
    total = differences = 0
    for path in options.paths:
        started, checked = time.monotonic(), 0
        for smiles in itertools.islice(read_smiles(path, options.column), 0, None, options.every):
            checked += 1
            for sentence in find_differences(smiles):
                differences += 1
                print(f"{path}: '{smiles}': {sentence}")
        total += checked
        print(f"{path}: {checked} molecules in {time.monotonic() - started:.0f} s", flush=True)
    print(f"{total} molecules checked, {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
