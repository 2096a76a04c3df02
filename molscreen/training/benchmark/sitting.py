"""Sitting: what a method predicts of tested compounds, once per seed, from the ledger where it is there."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molscreen.aloud import Tell
from molscreen.training.benchmark.contender import Contender, JointContender
from molscreen.training.benchmark.exam import Exam, Variant
from molscreen.training.benchmark.findings import score_of
from molscreen.training.benchmark.ledger import Ledger, Place, Result

DIGITS = 7  # of a prediction that is kept


def sit(
    exam: Exam, contender: Contender, variant: Variant, seeds: int, ledger: Ledger, progress: Tell
) -> list[Result]:
    """The results of one method on one task, for each seed."""
    fold, tested = exam.training(variant), _tested(exam)
    digest = fold.digest(tested)
    results = []
    for seed in _seeds(contender, seeds):
        place = Place.of(contender, task=exam.task.name, seed=seed, fold=digest)
        result = ledger.find(place)
        if result is None:
            start = time.perf_counter()
            prediction = contender.fit(fold, seed=seed)(tested)
            seconds = time.perf_counter() - start
            result = ledger.add(_result(exam, place, variant, len(fold.keys), seconds, prediction))
            progress(_said(exam, result, prediction))
        results.append(result)
    return results


def sit_together(
    exams: Sequence[Exam],
    contender: JointContender,
    variant: Variant,
    seeds: int,
    ledger: Ledger,
    progress: Tell,
) -> list[list[Result]]:
    """For each task the results of a method that learns them together, for each seed."""
    folds = [exam.training(variant) for exam in exams]
    each_tested = [_tested(exam) for exam in exams]
    digests = [fold.digest(tested) for fold, tested in zip(folds, each_tested, strict=True)]
    digest = hashlib.sha256(" ".join(digests).encode()).hexdigest()[:16]
    results: list[list[Result]] = [[] for _ in exams]
    for seed in _seeds(contender, seeds):
        places = [Place.of(contender, task=exam.task.name, seed=seed, fold=digest) for exam in exams]
        found = [ledger.find(place) for place in places]
        if None in found:
            progress(f"{contender.name}, {variant}, seed {seed}: {len(exams)} tasks together")
            start = time.perf_counter()
            fitted = contender.fit_together(
                folds, tested=sorted(set().union(*each_tested)), seed=seed, progress=progress
            )
            share = (time.perf_counter() - start) / len(exams)
        for task, exam in enumerate(exams):
            result = found[task]
            if result is None:
                start = time.perf_counter()
                prediction = fitted[task](each_tested[task])
                seconds = share + time.perf_counter() - start
                n_train = len(folds[task].keys)
                result = ledger.add(_result(exam, places[task], variant, n_train, seconds, prediction))
                progress(_said(exam, result, prediction))
            results[task].append(result)
    return results


def _seeds(contender: Contender, seeds: int) -> range:
    return range(seeds if contender.seeded else 1)


def _tested(exam: Exam) -> list[str]:
    return [exam.table.keys[i] for i in exam.test]


def _result(
    exam: Exam,
    place: Place,
    variant: Variant,
    n_train: int,
    seconds: float,
    prediction: NDArray[np.float64],
) -> Result:
    return Result(
        place=place,
        variant=variant,
        n_train=n_train,
        n_test=len(exam.test),
        seconds=round(seconds, 2),
        prediction=tuple(tuple(float(f"{value:.{DIGITS}g}") for value in row) for row in prediction.tolist()),
    )


def _said(exam: Exam, result: Result, prediction: NDArray[np.float64]) -> str:
    """One line for a result that was just computed."""
    truth = exam.table.value[exam.test].astype(np.float64)
    figure = score_of(exam.task.metric)(truth, prediction)
    return (
        f"{exam.task.name}, {result.place.method}, {result.variant}, seed {result.place.seed}:"
        f" {exam.task.metric} {figure:.3f} in {result.seconds:.0f} s"
    )
