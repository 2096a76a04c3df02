"""Exam: the training and test rows of a task, official and cleaned, and the replicates that disagree."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.compound import Rejection
from molscreen.chem.identity import inchikey_blocks
from molscreen.data.card import DatasetCard
from molscreen.data.data_folder import locate
from molscreen.data.measured.assay import read_assay
from molscreen.data.measured.assay_table import EQUAL, AssayTable
from molscreen.data.measured.measurements import read_rows
from molscreen.data.quality.judged import DISAGREE
from molscreen.data.splits import SplitConfig, split_keys
from molscreen.endpoint import Endpoint
from molscreen.errors import LibraryError
from molscreen.prediction.certainty.calibration import to_fitted_scale
from molscreen.training.benchmark.suite import Task

Variant = Literal["official", "cleaned"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)

MOLECULENET = SplitConfig(method="scaffold", train=0.8, validation=0.1, test=0.1)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Records of one compound whose values disagree.

    Attributes
    ----------
    endpoint : str
    block : str
        First block of the InChIKey, which the records share.
    keys, folds : tuple of str
        Of each record: the compound's key, and "train", "valid" or "test".
    values : tuple of float
        In the endpoint's unit.
    """

    endpoint: str
    block: str
    keys: tuple[str, ...]
    folds: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TrainingFold:
    """What a method may see of a task.

    Attributes
    ----------
    keys : tuple of n str
        A compound may come several times: the official files are taken as they are.
    value : (n, t) float
        In the endpoints' units, or labels 0 and 1; NaN = not measured.
    endpoints : tuple of t Endpoint
    validation : (n,) bool
        Rows that the protocol sets aside for choices, such as when to stop; they fit no weight. All
        False where it sets none aside.
    """

    keys: tuple[str, ...]
    value: NDArray[np.float64]
    endpoints: tuple[Endpoint, ...]
    validation: NDArray[np.bool_]

    def fitting(self) -> TrainingFold:
        """The rows that may fit weights."""
        return self.select(np.flatnonzero(~self.validation))

    def select(self, rows: NDArray[np.intp]) -> TrainingFold:
        """The rows of an index array, in its order."""
        keys = tuple(self.keys[i] for i in rows)
        return TrainingFold(keys, self.value[rows], self.endpoints, self.validation[rows])

    def digest(self, tested: Sequence[str]) -> str:
        """Sixteen hexadecimal digits (sha256) of what a method sees, and of the keys it is tested on."""
        seen = hashlib.sha256("\n".join([*self.keys, "", *tested]).encode())
        seen.update(self.value.tobytes() + self.validation.tobytes())
        return seen.hexdigest()[:16]


@dataclass(frozen=True, slots=True, eq=False)
class Exam:
    """A task, read: what trains, what tests, and what is wrong with it.

    Attributes
    ----------
    task : Task
    table : AssayTable
        n records as read; replicates are not merged.
    blocks : tuple of n str
        First blocks of their InChIKeys.
    fold : (n,) str
        "train", "valid" or "test"; empty for a record of no fold.
    conflicts : tuple of Conflict
    refused : int
        Records of the files that could not be used, and are in no fold.
    """

    task: Task
    table: AssayTable
    blocks: tuple[str, ...]
    fold: NDArray[np.str_]
    conflicts: tuple[Conflict, ...]
    refused: int

    @property
    def test(self) -> NDArray[np.intp]:
        """The tested rows; the same in both variants."""
        return np.flatnonzero(self.fold == "test")

    @property
    def removed(self) -> NDArray[np.intp]:
        """Rows that train officially and not in the cleaned variant: compounds of the test fold."""
        tested = {self.blocks[i] for i in self.test}
        return np.array([i for i in self._trained() if self.blocks[i] in tested], np.intp)

    def training(self, variant: Variant) -> TrainingFold:
        """The training and validation rows of a variant."""
        rows = self._trained()
        if variant == "cleaned":
            rows = np.setdiff1d(rows, self.removed)
        keys = tuple(self.table.keys[i] for i in rows)
        value = self.table.value[rows].astype(np.float64)
        return TrainingFold(keys, value, self.task.endpoints, self.fold[rows] == "valid")

    def _trained(self) -> NDArray[np.intp]:
        return np.flatnonzero((self.fold == "train") | (self.fold == "valid"))


def read_exam(task: Task, *, data_root: str | Path | None = None) -> Exam:
    """Read the data of a task and divide it as its benchmark does.

    Values with ``<`` or ``>`` are neither trained on nor tested.

    Raises
    ------
    LibraryError
        A file is missing or damaged, or a fold is empty.
    """
    card = task.card
    table = read_assay(card, data_root=data_root, as_published=True)
    table = table.masked(table.relation == EQUAL)
    if task.split == "scaffold":
        fold = _scaffold_folds(card, table, data_root)
    else:
        fold = np.array([next((f for f in row if f), "") for row in table.split.tolist()])
    for name in ("train", "test"):
        if not (fold == name).any():
            raise LibraryError(f"task '{task.name}': no record of '{card.name}' is in the fold '{name}'")
    blocks = tuple(inchikey_blocks(table.keys))
    return Exam(task, table, blocks, fold, _find_conflicts(table, blocks, fold), len(table.rejections))


def _find_conflicts(
    table: AssayTable, blocks: tuple[str, ...], fold: NDArray[np.str_]
) -> tuple[Conflict, ...]:
    """Compounds, by InChIKey block, whose records disagree.

    Labels that differ; or values further apart, on the fitted scale, than `DISAGREE` standard deviations
    of all values of the endpoint.
    """
    rows: dict[str, list[int]] = defaultdict(list)
    for row, block in enumerate(blocks):
        if fold[row]:
            rows[block].append(row)
    repeated = {block: members for block, members in rows.items() if len(members) > 1}
    found = []
    for column, endpoint in enumerate(table.endpoints):
        value = to_fitted_scale(table.value[:, [column]], [endpoint])[:, 0]
        known = ~np.isnan(value)
        limit = DISAGREE * float(np.std(value[known])) if endpoint.kind == "regression" else 0.0
        for block, members in repeated.items():
            measured = [i for i in members if known[i]]
            if len(measured) > 1 and float(np.ptp(value[measured])) > limit:
                found.append(
                    Conflict(
                        endpoint.name,
                        block,
                        tuple(table.keys[i] for i in measured),
                        tuple(str(fold[i]) for i in measured),
                        tuple(float(table.value[i, column]) for i in measured),
                    )
                )
    return tuple(found)


def _scaffold_folds(card: DatasetCard, table: AssayTable, data_root: str | Path | None) -> NDArray[np.str_]:
    """The fold of each record, from the scaffolds of the structures as they are written in the file.

    Records that we refuse take part, where RDKit reads them: the cuts of the published split count them.
    """
    from rdkit import Chem, rdBase

    [file] = (each for each in card.files if each.structures)
    path, refused = locate(file, data_root=data_root), {each.source for each in table.rejections}
    rows = [row for row in read_rows(card, file, path).rows if not isinstance(row, Rejection)]
    with rdBase.BlockLogs():
        rows = [row for row in rows if Chem.MolFromSmiles(row.smiles) is not None]
    split = split_keys([row.smiles for row in rows], MOLECULENET)
    fold = np.zeros(len(rows), "<U5")
    for name, members in (("train", split.train), ("valid", split.validation), ("test", split.test)):
        fold[members] = name
    return fold[[row.source not in refused for row in rows]]  # (n,) in the order of the table
