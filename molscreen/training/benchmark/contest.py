"""Contest: every method on every task, once per seed, on the official and the cleaned training fold."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from molscreen.training.benchmark.contender import Contender
from molscreen.training.benchmark.exam import VARIANTS, Exam, Variant, read_exam
from molscreen.training.benchmark.findings import Finding, Report, TaskReport, gather, score_of
from molscreen.training.benchmark.ledger import Ledger, Place, Result
from molscreen.training.benchmark.statistics import bootstrap_interval, spread
from molscreen.training.benchmark.suite import Suite

Progress = Callable[[str], None]

DIGITS = 7  # of a prediction that is kept


def hold_contest(
    suite: Suite,
    contenders: Sequence[Contender],
    *,
    seeds: int,
    ledger: Ledger,
    data_root: str | Path | None = None,
    progress: Progress = lambda _: None,
) -> Report:
    """Fit and judge every method that is installed, on every task.

    Parameters
    ----------
    suite : Suite
    contenders : sequence of Contender
    seeds : int
        Seeds 0, 1 …; a method that no seed changes runs once.
    ledger : Ledger
        What is in it is not computed again; what is computed is in it at once.
    data_root : path, optional
        Where the files of the cards lie; without it ``$MOLSCREEN_DATA``.
    progress : callable
        Called with one line for each result.

    Raises
    ------
    LibraryError
        A file is missing or damaged.
    """
    missing = {each.name: each.missing() for each in contenders}
    present = [each for each in contenders if not missing[each.name]]
    reports = []
    for task in suite.tasks:
        exam = read_exam(task, data_root=data_root)
        progress(_described(exam))
        findings = [
            finding
            for contender in present
            for variant in VARIANTS
            for finding in _judge(
                exam, contender, variant, run_seeds(exam, contender, variant, seeds, ledger, progress)
            )
        ]
        reports.append(
            TaskReport(
                task=task.name,
                metric=task.metric,
                group=task.group,
                findings=tuple(findings),
                removed=len(exam.removed),
                refused=exam.refused,
                conflicts=exam.conflicts,
            )
        )
    absent = {name: why for name, why in missing.items() if why}
    return gather(suite, reports, {each.name: each.settings for each in present}, absent)


def run_seeds(
    exam: Exam, contender: Contender, variant: Variant, seeds: int, ledger: Ledger, progress: Progress
) -> list[Result]:
    """The results of one method on one variant, from the ledger where they are there."""
    fold = exam.training(variant)
    tested = [exam.table.keys[i] for i in exam.test]
    digest = fold.digest(tested)
    results = []
    for seed in range(seeds if contender.seeded else 1):
        place = Place(
            task=exam.task.name, method=contender.name, settings=contender.settings, seed=seed, fold=digest
        )
        result = ledger.find(place)
        if result is None:
            start = time.perf_counter()
            prediction = contender.fit(fold, seed=seed)(tested)
            result = ledger.add(
                Result(
                    place=place,
                    variant=variant,
                    n_train=len(fold.keys),
                    n_test=len(tested),
                    seconds=round(time.perf_counter() - start, 2),
                    prediction=_kept(prediction),
                )
            )
            truth = exam.table.value[exam.test].astype(np.float64)
            figure = score_of(exam.task.metric)(truth, prediction)
            progress(
                f"{exam.task.name}, {contender.name}, {variant}, seed {seed}:"
                f" {exam.task.metric} {figure:.3f} in {result.seconds:.0f} s"
            )
        results.append(result)
    return results


def _judge(
    exam: Exam, contender: Contender, variant: Variant, results: Sequence[Result]
) -> Iterator[Finding]:
    """Figures over all test compounds, and over each subset that has some."""
    task, score = exam.task, score_of(exam.task.metric)
    truth = exam.table.value[exam.test].astype(np.float64)  # (n, t)
    predictions = [np.asarray(result.prediction, np.float64).reshape(truth.shape) for result in results]
    subsets = {"": np.ones(len(truth), bool)}
    for name, mask in exam.table.subsets.items():
        subsets[name] = np.asarray(mask[exam.test].any(axis=1))
    for subset, mask in subsets.items():
        if not mask.any():
            continue
        parts = [prediction[mask] for prediction in predictions]
        runs = tuple(score(truth[mask], part) for part in parts)
        over = spread(runs)
        low, high = bootstrap_interval(truth[mask], parts, score, seed=zlib.crc32(task.name.encode()))
        yield Finding(
            task=task.name,
            method=contender.name,
            metric=task.metric,
            variant=variant,
            subset=subset,
            runs=runs,
            mean=over.mean,
            sd=over.sd,
            low=low,
            high=high,
            n_train=results[0].n_train,
            n_test=int(mask.sum()),
        )


def _kept(prediction: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(f"{value:.{DIGITS}g}") for value in row) for row in prediction.tolist())


def _described(exam: Exam) -> str:
    """One sentence on the data of a task."""
    training = exam.training("official")
    aside = int(training.validation.sum())
    return (
        f"{exam.task.name}: {len(training.keys) - aside:,} rows train, {aside:,} are set aside for choices,"
        f" {len(exam.test):,} are tested; {len(exam.removed):,} are removed to clean,"
        f" {len(exam.conflicts):,} conflicts, {exam.refused:,} records refused"
    )
