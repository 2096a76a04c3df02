"""Contest: every method on every task, once per seed, on the official and the cleaned training fold."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from molscreen.aloud import Tell, unheard
from molscreen.training.benchmark.contender import Contender, JointContender, muster
from molscreen.training.benchmark.exam import VARIANTS, Exam, Variant, read_exam
from molscreen.training.benchmark.findings import Finding, Report, TaskReport, gather, score_of
from molscreen.training.benchmark.ledger import Ledger, Result
from molscreen.training.benchmark.sitting import sit, sit_together
from molscreen.training.benchmark.statistics import bootstrap_interval
from molscreen.training.benchmark.suite import Suite


def hold_contest(
    suite: Suite,
    contenders: Sequence[Contender],
    *,
    seeds: int,
    variants: Sequence[Variant] = VARIANTS,
    ledger: Ledger,
    data_root: str | Path | None = None,
    progress: Tell = unheard,
) -> Report:
    """Fit and judge every method that is installed, on every task.

    Parameters
    ----------
    suite : Suite
    contenders : sequence of Contender
        A `JointContender` learns all tasks together, the others one at a time
    seeds : int
        Seeds 0, 1 …; a method that no seed changes runs once.
    variants : sequence of {"official", "cleaned"}
        Of the training folds.
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
    present, absent = muster(contenders)
    exams = []
    for task in suite.tasks:
        exams.append(read_exam(task, data_root=data_root))
        progress(_described(exams[-1]))
    together = {
        (each.name, variant): sit_together(exams, each, variant, seeds, ledger, progress)
        for each in present
        if isinstance(each, JointContender)
        for variant in variants
    }
    reports = []
    for place, exam in enumerate(exams):
        findings: list[Finding] = []
        for each in present:
            for variant in variants:
                if isinstance(each, JointContender):
                    results = together[each.name, variant][place]
                else:
                    results = sit(exam, each, variant, seeds, ledger, progress)
                findings += _judge(exam, each.name, variant, results)
        reports.append(
            TaskReport(
                task=exam.task.name,
                metric=exam.task.metric,
                group=exam.task.group,
                findings=tuple(findings),
                removed=len(exam.removed),
                refused=exam.refused,
                conflicts=exam.conflicts,
            )
        )
    return gather(suite, reports, {each.name: each.settings for each in present}, absent)


def _judge(exam: Exam, method: str, variant: Variant, results: Sequence[Result]) -> Iterator[Finding]:
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
        low, high = bootstrap_interval(truth[mask], parts, score, seed=zlib.crc32(task.name.encode()))
        yield Finding(
            task=task.name,
            method=method,
            metric=task.metric,
            variant=variant,
            subset=subset,
            runs=runs,
            low=low,
            high=high,
            n_train=results[0].n_train,
            n_test=int(mask.sum()),
        )


def _described(exam: Exam) -> str:
    """One sentence on the data of a task."""
    training = exam.training("official")
    aside = int(training.validation.sum())
    return (
        f"{exam.task.name}: {len(training.keys) - aside:,} rows train, {aside:,} are set aside for choices,"
        f" {len(exam.test):,} are tested; {len(exam.removed):,} are removed to clean,"
        f" {len(exam.conflicts):,} conflicts, {exam.refused:,} records refused"
    )
