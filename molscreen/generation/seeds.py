"""Seeds: the compounds that a design starts from, of the user's, or approved drugs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rdkit import Chem

from molscreen.chem.compound import Compound, Rejection
from molscreen.chem.recipe import DEFAULT, Recipe
from molscreen.chem.standardize import standardize
from molscreen.data.drugs import read_drugs
from molscreen.errors import UsageError
from molscreen.screening.source import open_source

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
    duplicates : int
        Rows that repeat a compound: all rows are ``len(keys) + len(rejections) + duplicates``.
    """

    keys: tuple[str, ...]
    rejections: tuple[Rejection, ...] = ()
    duplicates: int = 0


def read_seeds(paths: Sequence[str | Path], *, recipe: Recipe = DEFAULT) -> Seeds:
    """The compounds of files, or of a store, standardised as a library is.

    Raises
    ------
    LibraryError
        A file cannot be read.
    UsageError
        Not one row is a compound.
    """
    library = open_source([str(path) for path in paths])
    keys: dict[str, None] = {}
    rejections = []
    n_compounds = 0
    for record in library.records():
        where = f"{record.source}:{record.line}"
        outcome = record.fault or standardize(record.raw, recipe, source=where, source_id=record.id)
        if isinstance(outcome, Rejection):
            rejections.append(outcome)
        else:
            n_compounds += 1
            keys.setdefault(outcome.key)
    if not keys:
        said = f": {rejections[0].source}: {rejections[0].reason}" if rejections else ""
        raise UsageError(
            f"{', '.join(map(str, paths))}: not one of {library.n_records} rows is a compound{said}"
        )
    return Seeds(tuple(keys), tuple(rejections), n_compounds - len(keys))


def some_drugs(
    n: int = N_DRUGS,
    *,
    seed: int = 0,
    recipe: Recipe = DEFAULT,
    is_wanted: Callable[[Chem.Mol], object] = lambda _: True,
) -> Seeds:
    """Approved drugs of at most `LARGEST` heavy atoms, drawn by `seed`; those alone that `is_wanted`.

    None with a labelled atom, which is a tracer's and would be handed on to what is made of it. Fewer than
    `n`, or none, where there are no more.

    Examples
    --------
    >>> len(some_drugs(5).keys)
    5
    """
    keys: dict[str, None] = {}
    for key in _shuffled_drugs(seed, recipe):
        mol = Chem.MolFromSmiles(key)
        is_labelled = any(atom.GetIsotope() for atom in mol.GetAtoms())
        if mol.GetNumHeavyAtoms() <= LARGEST and not is_labelled and is_wanted(mol):
            keys.setdefault(key)
        if len(keys) == n:
            break
    return Seeds(tuple(keys))


def _shuffled_drugs(seed: int, recipe: Recipe) -> Iterator[str]:
    """Keys, some of them more than once; standardised one by one, since all of them take seconds."""
    drugs = list(read_drugs())
    for place in np.random.default_rng([seed, 0]).permutation(len(drugs)):
        outcome = standardize(drugs[place].smiles, recipe)
        if isinstance(outcome, Compound):
            yield outcome.key
