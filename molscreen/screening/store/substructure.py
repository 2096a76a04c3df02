"""Substructure search over a store: every row that RDKit would match, fewer that it is asked about."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from rdkit import Chem, rdBase

from molscreen.chem.guarded.guard import Casualty
from molscreen.chem.guarded.guards import Guards
from molscreen.errors import UsageError
from molscreen.graphs.pack import ATOM_TABLE
from molscreen.graphs.vocabulary import ATOM_LABELS
from molscreen.screening.shard import graphs_of

if TYPE_CHECKING:
    from molscreen.screening.store.read import Store

SECONDS = 10.0  # for one molecule; matching has no limit of its own
_CHUNK = 4096  # keys handed to a guard together
_ELEMENTS = ATOM_LABELS["element"]
_OTHER = _ELEMENTS.index("other")
# A line of RDKit's description of an atom's query that fixes its element: alone, or a direct term of an AND.
_FIXES = re.compile(r"(?: {2})?(?:AtomType|AtomAtomicNum) (\d+) = val")


class Found(NamedTuple):
    """What a search gave.

    Attributes
    ----------
    table : pyarrow.Table
        The hits in order of their rows: ``row, id, key, source, line, input_smiles`` and the user's columns.
    undecided : list of int
        Rows for which matching took too long or ended its process: hits or not.
    """

    table: pa.Table
    undecided: list[int]


def find_substructure(store: Store, smarts: str, *, workers: int = 0) -> Found:
    """The rows whose standardised structure has a substructure, each decided by RDKit itself.

    Exactly ``Chem.MolFromSmiles(key).HasSubstructMatch(Chem.MolFromSmarts(smarts))``, chirality left
    out. Molecules with fewer atoms of some element than the pattern are not asked about. Each
    molecule is matched in a watched process.

    Parameters
    ----------
    store : Store
    smarts : str
        Matched against parents: counter-ions are gone, charges are as the recipe leaves them.
    workers : int
        Processes; 0 is one for each usable core.

    Raises
    ------
    UsageError
        RDKit cannot read `smarts`.
    """
    pattern = read_smarts(smarts)
    hits: list[int] = []
    undecided: list[int] = []
    with Guards(functools.partial(has_match, smarts=smarts), workers=workers, timeout=SECONDS) as guards:
        for rows, answers in guards.map(candidates(store, pattern)):
            for row, answer in zip(rows, answers, strict=True):
                if isinstance(answer, Casualty):
                    undecided.append(row)
                elif answer:
                    hits.append(row)
    return Found(store.rows(np.array(hits, np.intp)), undecided)


def read_smarts(smarts: str) -> Chem.Mol:
    """The pattern.

    Raises
    ------
    UsageError
        RDKit cannot read it, or it has no atoms.
    """
    with rdBase.BlockLogs():
        pattern = Chem.MolFromSmarts(smarts)
    if pattern is None or not pattern.GetNumAtoms():
        raise UsageError(f"'{smarts}' is no SMARTS that RDKit reads, for example 'c1ccccc1C(=O)[OH]'")
    return pattern


@functools.cache
def _pattern(smarts: str) -> Chem.Mol:
    return read_smarts(smarts)


def has_match(key: str, smarts: str) -> bool:
    """Whether a compound has the substructure: the function that a guard runs.

    Examples
    --------
    >>> has_match("CCO", "[OX2H]"), has_match("COC", "[OX2H]")
    (True, False)
    """
    mol = Chem.MolFromSmiles(key)
    if mol is None:
        raise ValueError(f"'{key}' is no key")
    return bool(mol.HasSubstructMatch(_pattern(smarts)))


def least_atoms(pattern: Chem.Mol) -> dict[int, int]:
    """How many atoms of an element a molecule must have to match, by id in `ATOM_LABELS`.

    Only atoms that can be of one element alone are counted; ``[C,N]`` and ``[!#6]`` ask for nothing.

    Examples
    --------
    >>> least_atoms(Chem.MolFromSmarts("[#6]C[N;H1]c[C,N][!#8]"))
    {2: 3, 3: 1}
    """
    table = Chem.GetPeriodicTable()
    needed: Counter[int] = Counter()
    for atom in pattern.GetAtoms():
        number = _element(atom)
        if number is not None:
            symbol = table.GetElementSymbol(number) if number else ""
            needed[_ELEMENTS.index(symbol) if symbol in _ELEMENTS else _OTHER] += 1
    return dict(needed)


def _element(atom: Chem.Atom) -> int | None:
    """The atomic number that an atom of a pattern asks for; None where others would do as well."""
    lines = atom.DescribeQuery().splitlines()
    terms = lines[1:] if lines[0] == "AtomAnd" else lines[:1]
    for term in terms:
        if fixed := _FIXES.fullmatch(term):
            return int(fixed.group(1)) % 1000  # aromatic ones have 1,000 added
    return None


def candidates(store: Store, pattern: Chem.Mol) -> Iterator[tuple[list[int], list[str]]]:
    """Rows that have the atoms that a pattern needs, and their keys, a batch at a time."""
    least, n_atoms = least_atoms(pattern), pattern.GetNumAtoms()
    first = 0
    for batch in store.molecules():
        rows = np.flatnonzero(np.asarray(batch.column("key").is_valid()))
        rows = rows[_has_enough(batch.column("graph"), rows, least, n_atoms)]
        for start in range(0, len(rows), _CHUNK):
            part = rows[start : start + _CHUNK].tolist()
            keys = batch.column("key").take(pa.array(part, pa.int64())).to_pylist()
            yield [first + row for row in part], keys
        first += batch.num_rows


def _has_enough(
    column: pa.Array, rows: NDArray[np.intp], least: dict[int, int], n_atoms: int
) -> NDArray[np.bool_]:
    """Which of some rows (m,) have the atoms that a pattern needs at the least."""
    graphs = graphs_of(column, rows)
    element = ATOM_TABLE[graphs.atom, 0]  # (A,)
    molecule = np.repeat(np.arange(len(graphs)), graphs.n_atoms)  # (A,)
    enough = graphs.n_atoms >= n_atoms
    for wanted, number in least.items():
        enough &= np.bincount(molecule[element == wanted], minlength=len(graphs)) >= number
    return np.asarray(enough)
