"""Seeds: the compounds that a design starts from, of the user's, or approved drugs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rdkit import Chem

from molscreen.chem.compound import Rejection
from molscreen.chem.recipe import DEFAULT, Recipe
from molscreen.chem.standardize import standardize
from molscreen.data.drugs import drug_keys
from molscreen.data.library import open_library
from molscreen.data.record import ReadOptions
from molscreen.errors import UsageError

N_DRUGS = 100  # where nobody says what to start from: enough for a first generation of parents
LARGEST = 35  # heavy atoms of such a drug: nobody means a macrocycle who names none


class Seeds(NamedTuple):
    """Where a design starts.

    Attributes
    ----------
    keys : tuple of str
        Each once, in the order of the file.
    rejections : tuple of Rejection
        Rows that are no compound, and why.
    """

    keys: tuple[str, ...]
    rejections: tuple[Rejection, ...] = ()


def read_seeds(paths: Sequence[str | Path], *, recipe: Recipe = DEFAULT) -> Seeds:
    """The compounds of files, standardised as a library is.

    Raises
    ------
    LibraryError
        A file cannot be read.
    UsageError
        Not one row is a compound.
    """
    library = open_library([str(path) for path in paths], ReadOptions())
    keys: dict[str, None] = {}
    rejections = []
    for record in library.records():
        where = f"{record.source}:{record.line}"
        outcome = record.fault or standardize(record.raw, recipe, source=where, source_id=record.id)
        if isinstance(outcome, Rejection):
            rejections.append(outcome)
        else:
            keys.setdefault(outcome.key)
    if not keys:
        said = f": {rejections[0].source}: {rejections[0].reason}" if rejections else ""
        raise UsageError(
            f"{', '.join(map(str, paths))}: not one of {library.n_records} rows is a compound{said}"
        )
    return Seeds(tuple(keys), tuple(rejections))


def some_drugs(n: int = N_DRUGS, *, seed: int = 0) -> Seeds:
    """Approved drugs of at most `LARGEST` heavy atoms, drawn by `seed`.

    Examples
    --------
    >>> len(some_drugs(5).keys)
    5
    """
    shuffled = np.random.default_rng([seed, 0]).permutation(drug_keys()).tolist()
    keys = []
    for key in shuffled:
        if Chem.MolFromSmiles(key).GetNumHeavyAtoms() <= LARGEST:
            keys.append(key)
        if len(keys) == n:
            break
    return Seeds(tuple(keys))
