"""Cross-validation, repeated, to compare methods on one task: the test fold is not touched."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from molscreen.aloud import Tell, unheard
from molscreen.chem.identity import number_skeletons
from molscreen.errors import UsageError
from molscreen.training.benchmark.contender import Contender, muster
from molscreen.training.benchmark.exam import TrainingFold, read_exam
from molscreen.training.benchmark.findings import score_of
from molscreen.training.benchmark.ledger import Ledger, Place, Result
from molscreen.training.benchmark.statistics import Difference, tukey
from molscreen.training.benchmark.suite import Task
from molscreen.training.folds import deal_groups

REPEATS = FOLDS = 5  # as Ash et al. recommend, doi:10.1021/acs.jcim.5c01609


@dataclass(frozen=True, slots=True)
class Comparison:
    """Methods on the same splits of one task.

    Attributes
    ----------
    task, metric : str
    scores : dict of method to tuple of float
        One for each split, in one order.
    differences : tuple of Difference
        Every pair, by Tukey's test.
    missing : dict of method to str
        What has to be installed before it can run.
    """

    task: str
    metric: str
    scores: dict[str, tuple[float, ...]]
    differences: tuple[Difference, ...]
    missing: dict[str, str]


def cross_validate(
    task: Task,
    contenders: Sequence[Contender],
    *,
    ledger: Ledger,
    repeats: int = REPEATS,
    folds: int = FOLDS,
    seed: int = 0,
    data_root: str | Path | None = None,
    progress: Tell = unheard,
) -> Comparison:
    """Fit every method on the same random splits of the official training rows, and compare.

    Records of one compound, by InChIKey block, are always in one fold.

    Raises
    ------
    UsageError
        Fewer than two of the methods are installed, or a file is missing or damaged.
    """
    present, absent = muster(contenders)
    if len(present) < 2:
        reasons = "".join(f"; {name}: {why}" for name, why in absent.items())
        raise UsageError(f"a comparison needs two methods, got {len(present)}{reasons}")
    training = read_exam(task, data_root=data_root).training("official")
    skeleton = number_skeletons(training.keys)
    scores: dict[str, list[float]] = {each.name: [] for each in present}
    for repeat in range(repeats):
        fold = deal_groups(skeleton, folds, np.random.default_rng([seed, repeat]))
        for held_out in range(folds):
            train, test = np.flatnonzero(fold != held_out), np.flatnonzero(fold == held_out)
            for contender in present:
                found = _score(task, contender, training, train, test, repeat * folds + held_out, ledger)
                scores[contender.name].append(found)
            said = ", ".join(f"{name} {values[-1]:.3f}" for name, values in scores.items())
            progress(f"{task.name}, repeat {repeat + 1}, fold {held_out + 1}: {task.metric} {said}")
    differences = tuple(tukey(scores))
    return Comparison(
        task.name, task.metric, {name: tuple(each) for name, each in scores.items()}, differences, absent
    )


def _score(
    task: Task,
    contender: Contender,
    training: TrainingFold,
    train: NDArray[np.intp],
    test: NDArray[np.intp],
    seed: int,
    ledger: Ledger,
) -> float:
    """The figure of one method on one split, from the ledger where it is there."""
    fold, tested = training.select(train), [training.keys[i] for i in test]
    place = Place.of(contender, task=f"{task.name}, cross-validation", seed=seed, fold=fold.digest(tested))
    if (known := ledger.find(place)) is None:
        start = time.perf_counter()
        prediction = contender.fit(fold, seed=seed)(tested)
        seconds = round(time.perf_counter() - start, 2)
        figure = score_of(task.metric)(training.value[test], prediction)
        known = ledger.add(
            Result(
                place=place,
                variant="official",
                n_train=len(train),
                n_test=len(test),
                seconds=seconds,
                figures={task.metric: figure},
            )
        )
    return known.figures[task.metric]
