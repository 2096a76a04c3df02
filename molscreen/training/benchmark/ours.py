"""Ours: what molscreen itself would train, as a contender."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from molscreen.data.assay_table import EQUAL, AssayTable
from molscreen.data.card import DatasetCard
from molscreen.data.splits import SplitConfig
from molscreen.errors import ConfigError, did_you_mean
from molscreen.prediction.bundle import Bundle
from molscreen.training.benchmark.contender import Contender, Predicts
from molscreen.training.benchmark.exam import TrainingFold
from molscreen.training.effort import Effort, with_effort
from molscreen.training.fit_bundle import fit_bundle
from molscreen.training.folds import N_FOLDS
from molscreen.training.recipe import TrainRecipe

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
        recipe = with_effort(TrainRecipe(name=self.name), self.effort, len(fold.keys))
        with tempfile.TemporaryDirectory() as scratch:
            [predicts] = _trained(recipe, [fold], seed=seed, scratch=Path(scratch))
        return predicts


@dataclass(frozen=True, slots=True)
class OursTogether:
    """The same by a training file, one bundle for all tasks.

    Attributes
    ----------
    recipe : TrainRecipe
        Its data sets, test folds, seed and student play no part.
    scratch : path, optional
        Where unfinished fits are kept, for a run that is cut.
    """

    recipe: TrainRecipe
    scratch: Path | None = None
    name: str = "ours"
    seeded: bool = True

    @property
    def settings(self) -> str:
        """The training file's, as far as they matter here."""
        recipe = self.recipe
        networks = f"{recipe.members} networks from {recipe.encoder or 'random weights'}"
        return (
            f"{recipe.name}, all tasks together: {', '.join((networks, *recipe.experts))};"
            f" {recipe.network}; {recipe.fit}"
        )

    def missing(self) -> str:
        """Nothing."""
        return ""

    def fit(self, fold: TrainingFold, *, seed: int) -> Predicts:
        """A bundle for one task."""
        [predicts] = self.fit_together([fold], seed=seed, progress=lambda _: None)
        return predicts

    def fit_together(
        self, folds: Sequence[TrainingFold], *, seed: int, progress: Callable[[str], None]
    ) -> Sequence[Predicts]:
        """One bundle, kept in memory."""
        folds = [fold.fitting() for fold in folds]
        if self.scratch is None:
            with tempfile.TemporaryDirectory() as temporary:
                return _trained(self.recipe, folds, seed=seed, scratch=Path(temporary), progress=progress)
        seen = " ".join([self.settings, str(seed), *(fold.digest([]) for fold in folds)])
        scratch = self.scratch / hashlib.sha256(seen.encode()).hexdigest()[:16]
        predicts = _trained(self.recipe, folds, seed=seed, scratch=scratch, progress=progress)
        shutil.rmtree(scratch)
        return predicts


def _trained(
    recipe: TrainRecipe,
    folds: Sequence[TrainingFold],
    *,
    seed: int,
    scratch: Path,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Predicts]:
    """For each fold what a bundle of them all says of its endpoints."""
    recipe = dataclasses.replace(
        recipe,
        seed=seed * N_FOLDS,  # networks take the seeds that follow
        baseline_runs=0,
        distil=None,
        split=SplitConfig(method="random", train=1.0, validation=0.0, test=0.0, seed=seed),
    )
    card = DatasetCard(name="benchmark", title="training fold", licence="", commercial=False)
    tables = [_table(fold) for fold in folds]
    bundle = fit_bundle(recipe, [card] * len(folds), tables, scratch=scratch, progress=progress)
    names = [endpoint.name for endpoint in bundle.endpoints]
    return [
        functools.partial(_say, bundle, [names.index(each.name) for each in fold.endpoints]) for fold in folds
    ]


def _say(bundle: Bundle, columns: Sequence[int], keys: Sequence[str]) -> NDArray[np.float64]:
    """What a bundle predicts of n keys (n, t), at the columns that are asked for."""
    return bundle.predict(keys).mean[:, columns].astype(np.float64)


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
