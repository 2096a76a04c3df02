"""Does the fast featuriser give what the plain one of the tests gives? On as many molecules as you like.

    nice python workflows/checks/featurizer_parity.py LIBRARY.csv.gz [...] [--every N] [--column smiles]

Every row is standardised; the keys go through one process's memory in batches of 1,000, as in a
screen, and each graph is compared with that of `tests/graphs/reference.py`: values, shapes, types.
Exit code 1 if a molecule differs. Times are CPU times of this process, parsing included.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Compound
from molscreen.graphs.features import featurize_batch
from molscreen.graphs.molgraph import MolGraph
from molscreen.graphs.pack import to_blobs, unpack

REFERENCE = Path(__file__).parents[2] / "tests" / "graphs" / "reference.py"
BATCH = 1_000

Arrays = tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.uint8]]


def load_reference() -> Callable[[str], Arrays]:
    """The plain featuriser, which lives with the tests that it serves."""
    spec = importlib.util.spec_from_file_location("reference", REFERENCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.reference


def read_keys(path: str, column: str, every: int) -> Iterator[str]:
    """The keys of every Nth row that can be scored."""
    for smiles in pd.read_csv(path, usecols=[column])[column].iloc[::every]:
        outcome = standardize(smiles)
        if isinstance(outcome, Compound):
            yield outcome.key


def same(graph: MolGraph, arrays: Arrays) -> bool:
    """Equal in value, shape and type."""
    ours = (graph.x, graph.edge_index, graph.edge_attr)
    return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(ours, arrays, strict=True))


def compare(keys: list[str], reference: Callable[[str], Arrays]) -> dict[str, float]:
    """Molecules that differ, CPU seconds of both featurisers, and median bytes of a packed molecule."""
    found = {"fast": 0.0, "plain": 0.0, "differing": 0.0}
    sizes: list[int] = []
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        began = time.process_time()
        packed = featurize_batch(batch)
        halfway = time.process_time()
        expected = [reference(key) for key in batch]
        found["plain"] += time.process_time() - halfway
        found["fast"] += halfway - began
        sizes += map(len, to_blobs(packed))
        for key, graph, arrays in zip(batch, unpack(packed), expected, strict=True):
            if not same(graph, arrays):
                found["differing"] += 1
                print(f"differs: {key}")
    return found | {"bytes": float(np.median(sizes))}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("paths", nargs="+", metavar="LIBRARY")
    parser.add_argument("--column", default="smiles")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="check every Nth row")
    options = parser.parse_args()
    reference = load_reference()
    total = differing = 0
    for path in options.paths:
        keys = list(read_keys(path, options.column, options.every))
        found = compare(keys, reference)
        total, differing = total + len(keys), differing + int(found["differing"])
        stereo = sum(any(mark in key for mark in "@/\\") for key in keys) / len(keys)
        print(
            f"{path}: {len(keys)} molecules ({stereo:.0%} with stereo), {found['differing']:.0f} differ; "
            f"fast {found['fast'] / len(keys) * 1e6:.0f} µs, plain {found['plain'] / len(keys) * 1e6:.0f} µs "
            f"a molecule; {found['bytes']:.0f} bytes (median)",
            flush=True,
        )
    print(f"{total} molecules compared, {differing} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
