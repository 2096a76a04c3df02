"""Ours: what molscreen itself would train, as a contender."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from molscreen.data.assay_table import EQUAL, AssayTable
from molscreen.data.card import DatasetCard
from molscreen.data.splits import SplitConfig
from molscreen.errors import ConfigError, did_you_mean
from molscreen.training.benchmark.contender import Contender, Predicts
from molscreen.training.benchmark.exam import TrainingFold
from molscreen.training.effort import Effort, with_effort
from molscreen.training.folds import N_FOLDS
from molscreen.training.recipe import TrainRecipe
from molscreen.training.train import train_tables

EFFORTS: tuple[Effort, ...] = get_args(Effort)


def ours(effort: str = "standard") -> Contender:
    """The method that `molscreen train` uses, at an effort.

    Raises
    ------
    ConfigError
        The effort is unknown.
    """
    for known in EFFORTS:
        if effort == known:
            return Ours(known)
    raise ConfigError(
        f"unknown effort '{effort}'.{did_you_mean(effort, EFFORTS)} Known: {', '.join(EFFORTS)}"
    )


@dataclass(frozen=True, slots=True)
class Ours:
    """A blend of kernel, trees and graph networks, one bundle for all endpoints of a task.

    Every training row is fitted on, and judged out of fold; nothing is held back to test.
    """

    effort: Effort
    name: str = "ours"
    seeded: bool = True

    @property
    def settings(self) -> str:
        """The effort, and what it means for 1,000 compounds."""
        recipe = with_effort(TrainRecipe(name="ours"), self.effort, 1000)
        heard = ", ".join((f"{recipe.members} networks from {recipe.encoder}", *recipe.experts))
        return f"{self.effort}: {heard}; {recipe.fit}"

    def missing(self) -> str:
        """Nothing."""
        return ""

    def fit(self, fold: TrainingFold, *, seed: int) -> Predicts:
        """A bundle, kept in memory."""
        fold = fold.fitting()
        recipe = TrainRecipe(
            name="ours",
            seed=seed * N_FOLDS,  # networks take the seeds that follow
            baseline_runs=0,
            split=SplitConfig(method="random", train=1.0, validation=0.0, test=0.0, seed=seed),
        )
        recipe = with_effort(recipe, self.effort, len(fold.keys))
        card = DatasetCard(name="benchmark", title="training fold", licence="", commercial=False)
        with tempfile.TemporaryDirectory() as scratch:
            bundle = train_tables(recipe, [card], [_table(fold)], scratch=Path(scratch))

        def predict(keys: Sequence[str]) -> NDArray[np.float64]:
            return bundle.predict(keys).mean.astype(np.float64)

        return predict


def _table(fold: TrainingFold) -> AssayTable:
    """The fold as measurements of no official fold."""
    shape = fold.value.shape
    return AssayTable(
        keys=fold.keys,
        endpoints=fold.endpoints,
        value=fold.value.astype(np.float32),
        relation=np.full(shape, EQUAL, np.int8),
        split=np.zeros(shape, "<U5"),
        time=np.full(len(fold.keys), np.nan),
        ids=tuple(f"benchmark:{row + 1}" for row in range(len(fold.keys))),
    )
