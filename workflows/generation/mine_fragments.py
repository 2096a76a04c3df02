"""Make a fragment table: the command that made `molscreen/generation/fragments/chembl.npz`.

    nice python workflows/generation/mine_fragments.py LIBRARY.csv.gz --about SENTENCE --out TABLE.npz

Reads the column ``smiles``; about 2.5 ms a molecule on one core. What is kept is told by the table's `about`.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

from rdkit import rdBase

from molscreen.generation.fragments.mine import MiningConfig, mine
from molscreen.generation.fragments.table import FragmentTable, write_table


def read_smiles(path: Path, column: str) -> Iterator[str]:
    """The structure column of a CSV file, plain or gzip-compressed."""
    with path.open("rb") as raw:
        binary = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw
        for row in csv.DictReader(io.TextIOWrapper(binary, encoding="utf-8", newline="")):
            yield row[column]


def report(table: FragmentTable, path: Path, seconds: float) -> None:
    contexts, entries = len(table.context), len(table.fragment)
    print(f"{len(table.smiles):,} fragments in {contexts:,} contexts, {entries:,} pairs; {seconds:.0f} s")
    print(f"{path}: {path.stat().st_size:,} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("--column", default="smiles")
    parser.add_argument("--about", required=True, help="origin and licence of the molecules, one sentence")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--first", type=int, help="mine the first N molecules only")
    parser.add_argument("--molecules", type=int, default=10, help="that have a fragment, at least")
    parser.add_argument(
        "--together", type=int, nargs=3, default=(4, 3, 3), metavar="N", help="by radius 1, 2, 3"
    )
    options = parser.parse_args()
    config = MiningConfig(molecules=options.molecules, together=tuple(options.together))
    started = time.monotonic()
    smiles = list(itertools.islice(read_smiles(options.library, options.column), options.first))
    together = ", ".join(map(str, config.together))
    about = (
        f"{options.about} Mined from {len(smiles):,} molecules with RDKit {rdBase.rdkitVersion}: fragments"
        f" of at most {config.largest} heavy atoms that at least {config.molecules} molecules have, in"
        f" contexts of radius 1, 2, 3 where at least {together} have them."
    )
    table = mine(smiles, config, about=about)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_table(table, options.out)
    report(table, options.out, time.monotonic() - started)


if __name__ == "__main__":
    main()
