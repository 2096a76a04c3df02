"""Seeds: the compounds that a design starts from, of the user's, or approved drugs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from rdkit import Chem

from molscreen.chem.cleaning.recipe import DEFAULT, Recipe
from molscreen.chem.cleaning.standardize import WARNINGS, standardize
from molscreen.chem.compound import Compound, Note, Rejection
from molscreen.chem.label import labels, without_labels
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
    warnings : mapping of str to tuple of str
        What was done to, or seen in, rows that are compounds, by its code in
        `molscreen.chem.cleaning.standardize.WARNINGS`: the place of each row and a sentence.
    """

    keys: tuple[str, ...]
    rejections: tuple[Rejection, ...] = ()
    duplicates: int = 0
    warnings: Mapping[str, tuple[str, ...]] = MappingProxyType({})


def read_seeds(paths: Sequence[str | Path], *, recipe: Recipe = DEFAULT) -> Seeds:
    """The compounds of files, or of a store, standardised as a library is, without labels.

    Models see the element only, and what is made of a labelled compound would have the label somewhere.

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
    warnings: dict[str, list[str]] = defaultdict(list)
    n_compounds = 0
    for record in library.records():
        where = f"{record.source}:{record.line}"
        outcome = record.fault or standardize(record.raw, recipe, source=where, source_id=record.id)
        if isinstance(outcome, Compound):
            outcome = _unlabelled(outcome, recipe)
        if isinstance(outcome, Rejection):
            rejections.append(outcome)
        else:
            n_compounds += 1
            keys.setdefault(outcome.key)
            for note in outcome.notes:
                if note.code in WARNINGS:
                    warnings[note.code].append(f"{where}: {note.text}")
    if not keys:
        first = f": {rejections[0].source}: {rejections[0].reason}" if rejections else ""
        raise UsageError(
            f"{', '.join(map(str, paths))}: not one of {library.n_records} rows is a compound{first}"
        )
    said = {code: tuple(texts) for code, texts in warnings.items()}
    return Seeds(tuple(keys), tuple(rejections), n_compounds - len(keys), said)


def _unlabelled(compound: Compound, recipe: Recipe) -> Compound | Rejection:
    """The compound with the elements of its labelled atoms alone, and a note that says so."""
    mol = Chem.MolFromSmiles(compound.key)
    found = labels(mol)
    if not found:
        return compound
    plain = Chem.MolToSmiles(without_labels(mol))
    outcome = standardize(plain, recipe, source=compound.source, source_id=compound.source_id)
    if isinstance(outcome, Rejection):
        return outcome
    dropped = Note("isotope", f"labels ({', '.join(found)}) dropped: the search goes on from '{outcome.key}'")
    others = [note for note in compound.notes if note.code != "isotope"]
    return replace(outcome, received=compound.received, notes=(*others, dropped))


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
        if mol.GetNumHeavyAtoms() <= LARGEST and not labels(mol) and is_wanted(mol):
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
