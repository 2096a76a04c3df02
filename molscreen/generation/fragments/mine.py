"""Mining: a fragment table from molecules, counted over molecules and cut down to what was seen often."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase

from molscreen.config import check_positive
from molscreen.errors import ConfigError
from molscreen.generation.fragments.cut import HYDROGEN, LARGEST, Cut, cuts, fragment_smiles
from molscreen.generation.fragments.surroundings import RADIUS
from molscreen.generation.fragments.table import FragmentTable

HEAVIEST = 100  # heavy atoms of a molecule; larger ones are passed over


@dataclass(frozen=True, slots=True, kw_only=True)
class MiningConfig:
    """What of all that was seen a table keeps.

    Attributes
    ----------
    largest : int
        Heavy atoms of a fragment.
    molecules : int
        A fragment is kept that was seen in so many molecules, in whatever context.
    together : tuple of int
        A fragment is kept in a context of radius 1, 2, 3 in which so many molecules have it.
    """

    largest: int = LARGEST
    molecules: int = 1
    together: tuple[int, ...] = (1, 1, 1)

    def __post_init__(self) -> None:
        check_positive(self, "largest", "molecules")
        if len(self.together) != RADIUS or min(self.together) < 1:
            raise ConfigError(f"together must be {RADIUS} positive numbers, got {self.together}")


def mine(smiles: Iterable[str], config: MiningConfig = MiningConfig(), *, about: str = "") -> FragmentTable:
    """The table of all fragments of some molecules with their contexts at radius 1, 2 and 3.

    A molecule counts once for a fragment in a context, however often it has it there. Text that is no
    molecule, and molecules of more than `HEAVIEST` heavy atoms, are passed over.

    Examples
    --------
    >>> table = mine(["Cc1ccccc1", "Clc1ccccc1", "CO"])
    >>> from rdkit import Chem
    >>> fluoro = cuts(Chem.MolFromSmiles("Fc1ccccc1"))[-2]
    >>> seen, count = table.seen_in(fluoro.context(radius=3))
    >>> [(table.smiles[each], int(n)) for each, n in zip(seen, count)]
    [('C[*:1]', 1), ('Cl[*:1]', 1), ('[H][*:1]', 2)]
    """
    harvest = _Harvest()
    with rdBase.BlockLogs():
        for text in smiles:
            mol = Chem.MolFromSmiles(text)
            if mol is not None and mol.GetNumAtoms() <= HEAVIEST:
                harvest.add(mol, cuts(mol, largest=config.largest))
    return harvest.table(config, about)


class _Harvest:
    """What was seen so far: one row for each molecule, context and fragment."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}  # of each fragment
        self._heavy: list[int] = []
        self._molecules: list[int] = []  # that have it
        self._known: dict[str, int] = {}  # description -> number
        self._seen = {radius: (array("Q"), array("L")) for radius in range(1, RADIUS + 1)}

    def add(self, mol: Chem.Mol, found: list[Cut]) -> None:
        describe = _Describer(mol)
        numbers = [self._number_of(mol, cut, describe(cut)) for cut in found]
        for number in set(numbers):
            self._molecules[number] += 1
        for radius, (contexts, fragments) in self._seen.items():
            rows = {(cut.context(radius), number) for cut, number in zip(found, numbers, strict=True)}
            for context, number in rows:
                contexts.append(context)
                fragments.append(number)

    def _number_of(self, mol: Chem.Mol, cut: Cut, description: str) -> int:
        if description not in self._known:
            text = fragment_smiles(mol, cut)
            if text not in self._number:
                self._number[text] = len(self._number)
                self._heavy.append(len(cut.atoms))
                self._molecules.append(0)
            self._known[description] = self._number[text]
        return self._known[description]

    def table(self, config: MiningConfig, about: str) -> FragmentTable:
        often = np.array(self._molecules, np.int64) >= config.molecules  # (f,)
        rows = [self._counted(radius, often, config.together[radius - 1]) for radius in self._seen]
        context, fragment, count = (np.concatenate(part) for part in zip(*rows, strict=True))
        smiles = list(self._number)
        kept = sorted(np.unique(fragment).tolist(), key=smiles.__getitem__)
        renumbered = np.zeros(len(smiles), np.uint32)
        renumbered[kept] = np.arange(len(kept))
        fragment = renumbered[fragment]
        order = np.lexsort((fragment, context))
        contexts, length = np.unique(context, return_counts=True)
        return FragmentTable(
            smiles=tuple(smiles[each] for each in kept),
            heavy=np.array([self._heavy[each] for each in kept], np.uint8),
            context=contexts,
            start=np.concatenate(([0], np.cumsum(length))).astype(np.uint32),
            fragment=fragment[order],
            count=count[order],
            about=about,
        )

    def _counted(
        self, radius: int, often: NDArray[np.bool_], together: int
    ) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.uint32]]:
        """Context, fragment and number of molecules of what was seen `together` times at this radius."""
        context = np.array(self._seen[radius][0], np.uint64)
        fragment = np.array(self._seen[radius][1], np.int64)
        kept = often[fragment]
        context, fragment = context[kept], fragment[kept]
        order = np.lexsort((fragment, context))
        context, fragment = context[order], fragment[order]
        is_new = np.ones(len(context), bool)
        is_new[1:] = (np.diff(context) != 0) | (np.diff(fragment) != 0)
        first = np.flatnonzero(is_new)
        count = np.diff(first, append=len(context)).astype(np.uint32)
        common = count >= together
        return context[first][common], fragment[first][common], count[common]


class _Describer:
    """Tells fragments apart in a tenth of the time of a canonical SMILES, which one description has once.

    Alike descriptions are of alike fragments; one fragment may have several, by the order of its atoms.
    """

    def __init__(self, mol: Chem.Mol) -> None:
        flat = Chem.Mol(mol)
        Chem.RemoveStereochemistry(flat)
        self._symbols = [
            f"{atom.GetSmarts()}{atom.GetTotalNumHs() if atom.GetNoImplicit() else ''}"
            for atom in flat.GetAtoms()
        ]
        self._bonds: list[list[tuple[int, str]]] = [[] for _ in self._symbols]
        for bond in flat.GetBonds():
            begin, end = sorted((bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()))
            self._bonds[end].append((begin, f"b{int(bond.GetBondType())}"))

    def __call__(self, cut: Cut) -> str:
        place = {atom: str(number) for number, atom in enumerate(cut.atoms)}
        words = [place[point.inner] for point in cut.points] if cut.atoms else [HYDROGEN]
        for atom in cut.atoms:
            words.append(self._symbols[atom])
            words += [place[to] + kind for to, kind in self._bonds[atom] if to in place]
        return " ".join(words)
