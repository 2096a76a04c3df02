"""Ours: what molscreen itself would train, as a contender."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

import numpy as np
from numpy.typing import NDArray

from molscreen.aloud import Tell, unheard
from molscreen.config import check_choice
from molscreen.data.card import DatasetCard
from molscreen.data.measured.assay_table import EQUAL, AssayTable
from molscreen.data.splits import SplitConfig
from molscreen.errors import UsageError
from molscreen.prediction.bundle.bundle import Bundle
from molscreen.prediction.predictor import Predictor
from molscreen.training.benchmark.contender import Contender, Predicts
from molscreen.training.benchmark.exam import TrainingFold
from molscreen.training.effort import Effort, with_effort
from molscreen.training.fit_bundle import VERSIONS, fit_bundle
from molscreen.training.folds import N_FOLDS
from molscreen.training.recipe import TrainRecipe

OURS, STUDENT = "ours", "ours-student"
EFFORTS: tuple[Effort, ...] = get_args(Effort)


def ours(effort: str = "standard") -> Contender:
    """The method that `molscreen train` uses, at an effort.

    Raises
    ------
    ConfigError
        The effort is unknown.
    """
    check_choice("effort", effort, EFFORTS)
    return Ours(cast(Effort, effort))


@dataclass(frozen=True, slots=True)
class Ours:
    """A blend of kernel, trees and graph networks, one bundle for all endpoints of a task.

    Every training row is fitted on, and judged out of fold; nothing is held back to test.
    """

    effort: Effort
    name: str = OURS
    seeded: bool = True

    @property
    def settings(self) -> str:
        """The effort, and what it means for 1,000 compounds."""
        recipe = with_effort(TrainRecipe(name="ours"), self.effort, 1000)
        heard = ", ".join((f"{recipe.members} networks from {recipe.encoder}", *recipe.experts))
        return f"{self.effort}: {heard}; {recipe.fit}; {VERSIONS}"

    def missing(self) -> str:
        """Nothing."""
        return ""

    def fit(self, fold: TrainingFold, *, seed: int) -> Predicts:
        """A bundle, kept in memory."""
        fold = fold.fitting()
        recipe = with_effort(TrainRecipe(name=self.name), self.effort, len(fold.keys))
        with tempfile.TemporaryDirectory() as scratch:
            bundle = _trained(recipe, [fold], (), seed, Path(scratch), unheard)
        return functools.partial(_say, bundle.full_view(), range(len(fold.endpoints)))


@dataclass(frozen=True, slots=True)
class OursTogether:
    """The same by a training file, one bundle for all tasks; or the student of that bundle.

    Attributes
    ----------
    recipe : TrainRecipe
        Its data sets, test folds and seed play no part; nothing that is tested is a lesson of its student.
    folder : path, optional
        Where fits are kept, for a run that is cut, and for the student after its teachers.
    student : bool
        Whether the student is judged, and not the blend.
    """

    recipe: TrainRecipe
    folder: Path | None = None
    student: bool = False
    seeded: bool = True

    @property
    def name(self) -> str:
        """What the tables call it."""
        return STUDENT if self.student else OURS

    @property
    def settings(self) -> str:
        """The training file's, as far as they matter here."""
        recipe = self.recipe
        networks = f"{recipe.members} networks from {recipe.encoder or 'random weights'}"
        kernel = f"kernel up to {recipe.kernel_limit}" if recipe.kernel_limit else "kernel"
        experts = [kernel if name == "kernel" else name for name in recipe.experts]
        taught = f"; the student of that: {recipe.distil}" * self.student
        return (
            f"{recipe.name}, all tasks together: {', '.join((networks, *experts))};"
            f" {recipe.network}; {recipe.fit}{taught}; {VERSIONS}"
        )

    def missing(self) -> str:
        """A student, where the recipe has none."""
        return "the training file has no table [distil]" * (self.student and self.recipe.distil is None)

    def fit(self, fold: TrainingFold, *, seed: int) -> Predicts:
        """A bundle for one task.

        Raises
        ------
        UsageError
            A student is asked for: it must be told what is tested, see `fit_together`.
        """
        if self.student:
            raise UsageError(f"model '{STUDENT}' is for benchmarks of tasks with test folds alone")
        [predicts] = self.fit_together([fold], tested=(), seed=seed, progress=unheard)
        return predicts

    def fit_together(
        self,
        folds: Sequence[TrainingFold],
        *,
        tested: Sequence[str],
        seed: int,
        progress: Tell,
    ) -> Sequence[Predicts]:
        """One bundle, kept in memory."""
        folds = [fold.fitting() for fold in folds]
        recipe = self.recipe if self.student else dataclasses.replace(self.recipe, distil=None)
        if self.folder is None:
            with tempfile.TemporaryDirectory() as temporary:
                bundle = _trained(recipe, folds, tested, seed, Path(temporary), progress)
        else:
            teachers = dataclasses.replace(self, student=False).settings
            seen = " ".join([teachers, str(seed), *(fold.digest([]) for fold in folds)])
            folder = self.folder / hashlib.sha256(seen.encode()).hexdigest()[:16]
            bundle = _trained(recipe, folds, tested, seed, folder, progress)
        view = bundle.wide_view() if self.student else bundle.full_view()
        names = [endpoint.name for endpoint in view.endpoints]
        return [
            functools.partial(_say, view, [names.index(each.name) for each in fold.endpoints])
            for fold in folds
        ]


def _trained(
    recipe: TrainRecipe,
    folds: Sequence[TrainingFold],
    tested: Sequence[str],
    seed: int,
    scratch: Path,
    progress: Tell,
) -> Bundle:
    """One bundle for the endpoints of all folds."""
    recipe = dataclasses.replace(
        recipe,
        datasets=(),
        seed=seed * N_FOLDS,  # networks take the seeds that follow
        baseline_runs=0,
        split=SplitConfig(method="random", train=1.0, test=0.0, seed=seed),
    )
    card = DatasetCard(name="benchmark", title="training fold", licence="", commercial=False)
    tables = [_table(fold) for fold in folds]
    return fit_bundle(recipe, [card] * len(folds), tables, tested=tested, scratch=scratch, progress=progress)


def _say(view: Predictor, columns: Sequence[int], keys: Sequence[str]) -> NDArray[np.float64]:
    """What a view predicts of n keys (n, t), at the columns that are asked for."""
    return view.predict(keys).mean[:, columns].astype(np.float64)


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
