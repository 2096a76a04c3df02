"""Guard: which molecules of a search a chemist would look at, by fixed rules and beside what ZINC is like.

Two rules after Thomas et al. (arXiv:2212.01385), whose program is
`moleval/metrics/chemistry_filters.py` of github.com/MorganCThomas/MolScore. MCF, which RDKit does not ship,
is replaced by RDKit's NIH alerts.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase
from rdkit.Chem import rdFingerprintGenerator, rdMolDescriptors

from molscreen.errors import ResumeError
from molscreen.filters.alerts import Nih, Pains
from molscreen.screening.folder.commit import write_whole

WEIGHT = (150.0, 650.0)  # g/mol
MOST_LOGP = 4.5
MOST_ROTATABLE = 7
ELEMENTS = frozenset((1, 6, 7, 8, 9, 16, 17, 35))  # H C N O F S Cl Br
SPREAD = 4.0  # standard deviations around the mean of the reference
NAMES = ("weight", "logp", "seen")  # of the arrays in a file
MOST_UNSEEN = 0.1  # of a molecule's circular substructures of radius 2


class GuardVerdict(NamedTuple):
    """Whether a molecule passes either rule."""

    basic: bool
    target: bool

    @property
    def passes(self) -> bool:
        """Whether it passes both."""
        return self.basic and self.target


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceProfile:
    """What molecules are usually like.

    Attributes
    ----------
    weight, logp : (float, float)
        Mean and standard deviation of molecular weight (g/mol) and Crippen's log P.
    seen : (s,) uint32
        Circular substructures of radius 2 that occur, rising.
    """

    weight: tuple[float, float]
    logp: tuple[float, float]
    seen: NDArray[np.uint32]

    @classmethod
    def of(cls, smiles: Iterable[str]) -> ReferenceProfile:
        """Of molecules; those that RDKit cannot read are passed over. Some 0.3 ms each.

        Examples
        --------
        >>> ReferenceProfile.of(["CCO", "CCN", "nonsense"]).weight[0]  # ethanol 46.07, ethylamine 45.08
        45.57...
        """
        weight, logp, seen = [], [], set[int]()
        for mol in _read(smiles):
            weight.append(_weight(mol))
            logp.append(_logp(mol))
            seen.update(_substructures(mol))
        return cls(_mean_std(weight), _mean_std(logp), np.array(sorted(seen), np.uint32))

    def save(self, path: Path) -> None:
        """Write it, without pickles; a file of this name is always whole.

        Raises
        ------
        RunError
            The disk is full or fails.
        """

        def write(file: BinaryIO) -> None:
            np.savez_compressed(file, allow_pickle=False, weight=self.weight, logp=self.logp, seen=self.seen)

        write_whole(path, write)

    @classmethod
    def load(cls, path: Path) -> ReferenceProfile:
        """Read what `save` wrote.

        Raises
        ------
        ResumeError
            The file is damaged.
        """
        try:
            with zipfile.ZipFile(path) as archive:  # which numpy believes to be anything else where it is cut
                stored = {name: np.load(archive.open(f"{name}.npy"), allow_pickle=False) for name in NAMES}
            (mean, std), (mean_logp, std_logp) = stored["weight"].tolist(), stored["logp"].tolist()
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise ResumeError(
                f"{path}: cannot be read ({error}); remove it, and it is made again from ZINC"
            ) from error
        return cls((mean, std), (mean_logp, std_logp), stored["seen"])

    def judge(self, smiles: str) -> GuardVerdict:
        """Whether a molecule passes; a text that RDKit cannot read passes nothing.

        *Basic*: weight, log P, rotatable bonds and elements as above, no PAINS or NIH alert. *Target*: weight
        and log P within `SPREAD` standard deviations of the reference's mean, and at most `MOST_UNSEEN` of
        its substructures unseen there.
        """
        mol = next(_read([smiles]), None)
        if mol is None:
            return GuardVerdict(basic=False, target=False)
        return GuardVerdict(basic=_is_basic(mol), target=self._is_usual(mol))

    def _is_usual(self, mol: Chem.Mol) -> bool:
        for value, (mean, std) in ((_weight(mol), self.weight), (_logp(mol), self.logp)):
            if not abs(value - mean) <= SPREAD * std:
                return False
        mine = np.array(_substructures(mol), np.uint32)
        place = np.searchsorted(self.seen, mine).clip(max=len(self.seen) - 1)
        return bool((self.seen[place] != mine).mean() <= MOST_UNSEEN)


def _is_basic(mol: Chem.Mol) -> bool:
    return (
        WEIGHT[0] <= _weight(mol) <= WEIGHT[1]
        and _logp(mol) <= MOST_LOGP
        and rdMolDescriptors.CalcNumRotatableBonds(mol) <= MOST_ROTATABLE
        and all(atom.GetAtomicNum() in ELEMENTS for atom in mol.GetAtoms())
        and all(rule.reason(mol) is None for rule in _alerts())
    )


@cache
def _alerts() -> tuple[Pains, Nih]:
    return Pains(), Nih()


def _read(smiles: Iterable[str]) -> Iterator[Chem.Mol]:
    with rdBase.BlockLogs():
        for text in smiles:
            mol = Chem.MolFromSmiles(text)
            if mol is not None and mol.GetNumAtoms():
                yield mol


def _weight(mol: Chem.Mol) -> float:
    return float(rdMolDescriptors._CalcMolWt(mol))


def _logp(mol: Chem.Mol) -> float:
    return float(rdMolDescriptors.CalcCrippenDescriptors(mol)[0])


def _substructures(mol: Chem.Mol) -> list[int]:
    return list(_counter().GetSparseCountFingerprint(mol).GetNonzeroElements())


@cache
def _counter() -> Any:
    return rdFingerprintGenerator.GetMorganGenerator(radius=2)


def _mean_std(values: list[float]) -> tuple[float, float]:
    return float(np.mean(values)), float(np.std(values))
