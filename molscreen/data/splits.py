"""Splits: which compounds a model is fitted on, and which it is judged by."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from rdkit import rdBase

from molscreen.config import check_choice
from molscreen.data.groups import Index, butina_clusters, fill_folds, scaffold_groups, shuffle_balanced
from molscreen.data.measured.assay_table import AssayTable
from molscreen.errors import ConfigError

Method = Literal["random", "scaffold", "balanced_scaffold", "cluster", "time", "given"]

DEEPCHEM_CLUSTER_LIMIT = 2000  # compounds; DeepChem keeps n²/2 distances as Python floats: 0.7 GB for 4000
NUDGE = 1e-9  # makes 0.7 + 0.2 of 500 compounds 450, where it is 449.99999999999994


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitConfig:
    """How compounds are divided: the ``[split]`` table of a training file.

    Attributes
    ----------
    method : {"random", "scaffold", "balanced_scaffold", "cluster", "time", "given"}
        "scaffold" is MoleculeNet's: largest scaffolds train, the same for every seed.
        "balanced_scaffold" is Chemprop's: scaffolds in random order. Scores of the two do not compare.
        "given" takes the official folds of the table, whatever the shares.
    train, validation, test : float
        Shares of the compounds; they add up to 1. A training has no validation: what is not tested is
        cross-fitted (`cut_folds`).
    official : bool
        Whether a data set with an official test fold keeps it; else all are divided together, by `method`.
    similarity : float
        "cluster" only: Tanimoto similarity (ECFP4) at which compounds share a cluster.
    seed : int
    """

    method: Method = "scaffold"
    train: float = 0.9
    validation: float = 0.0
    test: float = 0.1
    official: bool = True
    similarity: float = 0.4
    seed: int = 0

    def __post_init__(self) -> None:
        check_choice("[split] method", self.method, get_args(Method))
        shares = self.shares
        if min(shares) < 0 or abs(sum(shares) - 1) > 1e-6 or self.train <= 0:
            raise ConfigError(f"[split] the shares are {shares}, expected positive numbers that add up to 1")
        if not 0 < self.similarity <= 1:
            raise ConfigError(f"[split] similarity must be above 0 and at most 1, got {self.similarity}")

    @property
    def shares(self) -> tuple[float, float, float]:
        """Train, validation, test."""
        return self.train, self.validation, self.test


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """Row numbers of three folds that share no row.

    Attributes
    ----------
    train : (n_train,) intp
        Weights are fitted on these.
    validation : (n_validation,) intp
        Early stopping and every choice; may be empty.
    test : (n_test,) intp
        Looked at once, at the end; may be empty.
    """

    train: Index
    validation: Index
    test: Index

    def __post_init__(self) -> None:
        rows = np.concatenate(self.folds())
        if len(np.unique(rows)) != len(rows):
            raise ValueError("a split puts one row into two folds")

    def folds(self) -> tuple[Index, Index, Index]:
        """Train, validation, test."""
        return self.train, self.validation, self.test


def split_table(table: AssayTable, config: SplitConfig) -> Split:
    """Divide the compounds of a table; `check_leakage` has passed when this returns.

    Raises
    ------
    ConfigError
        A key is on both sides, or the table lacks the times or folds that the method needs.
    """
    match config.method:
        case "given":
            split = given_split(table)
        case "time":
            split = time_split(table.time, config)
        case _:
            split = split_keys(table.keys, config)
    check_leakage(split, table.keys)
    return split


def split_keys(keys: Sequence[str], config: SplitConfig) -> Split:
    """Divide compounds by their structures alone: random, by scaffold, or by cluster.

    Parameters
    ----------
    keys : sequence of n str
    config : SplitConfig

    References
    ----------
    Scaffolds: Bemis & Murcko, J. Med. Chem. 39, 2887 (1996), doi:10.1021/jm9602928. Balanced:
    Yang et al., J. Chem. Inf. Model. 59, 3370 (2019), doi:10.1021/acs.jcim.9b00237. Clusters: Butina,
    J. Chem. Inf. Comput. Sci. 39, 747 (1999), doi:10.1021/ci9803381.

    Examples
    --------
    >>> config = SplitConfig(train=0.75, validation=0, test=0.25)
    >>> split = split_keys(["CCO", "CCN", "c1ccccc1", "CCC"], config)
    >>> split.train.tolist(), split.test.tolist()
    ([0, 1, 3], [2])
    """
    train, validation, test = _divide(keys, config.shares, config)
    return Split(train=train, validation=validation, test=test)


def time_split(time: NDArray[np.float64], config: SplitConfig) -> Split:
    """The oldest compounds train, the newest test: what a project meets in its next year.

    Parameters
    ----------
    time : (n,) float
        Years, or anything that grows with time. Rows of equal time are in one fold, so that folds may be
        larger or smaller than asked for.

    Raises
    ------
    ConfigError
        A compound has no time, or all have the same.
    """
    if np.isnan(time).any():
        raise ConfigError(
            f"[split] method 'time': {int(np.isnan(time).sum())} of {len(time)} compounds have no time."
            " Name the column of dates as time_column of the card"
        )
    order = np.argsort(time, kind="stable")
    later = np.flatnonzero(np.diff(time[order])) + 1  # where another time begins
    if not len(later):
        raise ConfigError(
            f"[split] method 'time': all {len(time)} compounds have the same time. Choose another method"
        )
    cuts = np.round(np.cumsum(config.shares[:2]) * len(time)).astype(int)
    between = later[np.abs(later - cuts[:, None]).argmin(axis=1)]
    cuts = np.where((cuts > 0) & (cuts < len(time)), between, cuts)
    train, validation, test = np.split(order, cuts)
    return Split(train=train, validation=validation, test=test)


def given_split(table: AssayTable) -> Split:
    """The official folds: a compound with any test measurement is in the test fold.

    Raises
    ------
    ConfigError
        A compound belongs to no official fold.
    """
    tested, valid = table.held_out, (table.split == "valid").any(axis=1) & ~table.held_out
    rest = (table.split == "train").any(axis=1) & ~tested & ~valid
    lost = np.flatnonzero(~(tested | valid | rest))
    if len(lost):
        raise ConfigError(
            f"[split] method 'given': {len(lost)} of {len(table)} compounds are in no official fold,"
            f" the first is {table.ids[lost[0]]}. Choose another method, or name a split column"
        )
    return Split(train=np.flatnonzero(rest), validation=np.flatnonzero(valid), test=np.flatnonzero(tested))


def check_leakage(split: Split, keys: Sequence[str]) -> None:
    """Refuse a split with one compound on both sides.

    Raises
    ------
    ConfigError
        A key is in two folds: the score of such a split is memory.
    """
    owner: dict[str, str] = {}
    for name, rows in zip(("train", "validation", "test"), split.folds(), strict=True):
        for key in {keys[i] for i in rows}:
            if owner.setdefault(key, name) != name:
                raise ConfigError(
                    f"leakage: the compound '{key}' is in the folds '{owner[key]}' and '{name}'."
                    " Merge the replicates before the split"
                )


def _divide(keys: Sequence[str], shares: tuple[float, float, float], config: SplitConfig) -> Sequence[Index]:
    """Three folds by the method of `config`: by DeepChem where it is installed and has the method."""
    n, shares = len(keys), (shares[0] + NUDGE, shares[1], shares[2] - NUDGE)
    too_many = config.method == "cluster" and n > DEEPCHEM_CLUSTER_LIMIT
    if config.method == "balanced_scaffold" or too_many or importlib.util.find_spec("deepchem") is None:
        return _divide_alone(keys, shares, config)
    with quiet_deepchem() as deepchem:
        splitters = {
            "random": deepchem.splits.RandomSplitter,
            "scaffold": deepchem.splits.ScaffoldSplitter,
            "cluster": partial(deepchem.splits.ButinaSplitter, cutoff=1 - config.similarity),
        }
        dataset = deepchem.data.NumpyDataset(X=np.zeros((n, 1)), ids=np.array(keys, dtype=object))
        folds = splitters[config.method]().split(dataset, *shares, seed=config.seed)
    return [np.array(fold, dtype=np.intp) for fold in folds]


def _divide_alone(
    keys: Sequence[str], shares: tuple[float, float, float], config: SplitConfig
) -> Sequence[Index]:
    """The same folds, in the same order, without DeepChem, which is not there from Python 3.12 on."""
    n = len(keys)
    match config.method:
        case "random":
            shuffled = np.random.RandomState(config.seed).permutation(n)
            cuts = [int(shares[0] * n), int((shares[0] + shares[1]) * n)]
            return [fold.astype(np.intp) for fold in np.split(shuffled, cuts)]
        case "scaffold":
            groups = sorted(scaffold_groups(keys), key=lambda group: (-len(group), -group[0]))
        case "balanced_scaffold":
            rng = np.random.default_rng(config.seed)
            groups = shuffle_balanced(scaffold_groups(keys), shares, n, rng)
        case _:
            clusters = butina_clusters(keys, similarity=config.similarity)
            groups = sorted(clusters, key=lambda cluster: -len(cluster))
    return fill_folds(groups, shares, n)


@contextlib.contextmanager
def quiet_deepchem() -> Iterator[Any]:
    """DeepChem, with its chatter on import muted and numpy's global generator left as it was.

    It logs each optional dependency that is absent, and its splitters seed the global generator.
    """
    state = np.random.get_state()  # noqa: NPY002 -- it is DeepChem that uses it
    logger = logging.getLogger("deepchem")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), rdBase.BlockLogs():
            warnings.simplefilter("ignore")
            import deepchem

            yield deepchem
    finally:
        logger.setLevel(level)
        np.random.set_state(state)  # noqa: NPY002
