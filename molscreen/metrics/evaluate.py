"""Metrics by name, and the evaluation of many endpoints with missing measurements."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from molscreen.errors import did_you_mean
from molscreen.metrics.arrays import Floats, UndefinedMetricError
from molscreen.metrics.calibration import brier, ece
from molscreen.metrics.ranking import auprc, auroc, bedroc, enrichment_factor
from molscreen.metrics.regression import mae, r2, rmse, spearman


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of (truth, prediction): the kind of endpoint it judges, and which way is better."""

    function: Callable[[ArrayLike, ArrayLike], float]
    kind: Literal["regression", "classification"]
    direction: Literal["higher", "lower"]


METRICS: dict[str, Metric] = {
    "rmse": Metric(rmse, "regression", "lower"),
    "mae": Metric(mae, "regression", "lower"),
    "r2": Metric(r2, "regression", "higher"),
    "spearman": Metric(spearman, "regression", "higher"),
    "auroc": Metric(auroc, "classification", "higher"),
    "auprc": Metric(auprc, "classification", "higher"),
    "ef1": Metric(enrichment_factor, "classification", "higher"),
    "ef5": Metric(partial(enrichment_factor, fraction=0.05), "classification", "higher"),
    "bedroc": Metric(bedroc, "classification", "higher"),
    "brier": Metric(brier, "classification", "lower"),
    "ece": Metric(ece, "classification", "lower"),
}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One metric of one endpoint: `n` measured compounds; where `value` is NaN, `reason` says why."""

    endpoint: str
    metric: str
    value: float
    n: int
    reason: str = ""


def evaluate_columns(
    truth: ArrayLike, prediction: ArrayLike, names: Sequence[str], *, metrics: Sequence[str]
) -> tuple[Evaluation, ...]:
    """Every metric of every endpoint, over the compounds that were measured.

    Parameters
    ----------
    truth : (n, t) float
        NaN = unmeasured, left out. Labels of a classification endpoint are 0 and 1.
    prediction : (n, t) float
        NaN where the truth is measured makes the value NaN: no prediction is never a good one.
    names : sequence of str
        The t endpoints, in the order of the columns.
    metrics : sequence of str
        Names in `METRICS`.

    Returns
    -------
    tuple of Evaluation
        Endpoint by endpoint, metrics in the order asked.

    Raises
    ------
    ValueError
        Shapes differ, a metric is unknown, a label is not 0 or 1, or a probability is not in [0, 1].

    Examples
    --------
    >>> [e] = evaluate_columns([[1.0], [1.0]], [[0.7], [0.9]], ["hERG"], metrics=["auroc"])
    >>> e.value, e.reason
    (nan, 'AUROC needs both classes, got 2 active and 0 inactive')
    """
    truth, prediction = np.asarray(truth, np.float64), np.asarray(prediction, np.float64)
    if truth.ndim != 2 or truth.shape != prediction.shape or truth.shape[1] != len(names):
        raise ValueError(
            f"truth has shape {truth.shape} and prediction {prediction.shape},"
            f" expected both (n, {len(names)}) for {len(names)} names"
        )
    for metric in metrics:
        if metric not in METRICS:
            raise ValueError(
                f"unknown metric '{metric}'. Known: {', '.join(METRICS)}.{did_you_mean(metric, METRICS)}"
            )
    columns = zip(names, truth.T, prediction.T, strict=True)
    return tuple(_evaluate(*column, metric) for column in columns for metric in metrics)


def _evaluate(endpoint: str, truth: Floats, prediction: Floats, metric: str) -> Evaluation:
    measured = ~np.isnan(truth)
    truth, prediction = truth[measured], prediction[measured]
    missing = int(np.isnan(prediction).sum())
    if truth.size == 0:
        return Evaluation(endpoint, metric, math.nan, 0, "no compound was measured")
    if missing:
        reason = f"{missing} of {truth.size} measured compounds have no prediction"
        return Evaluation(endpoint, metric, math.nan, truth.size, reason)
    try:
        return Evaluation(endpoint, metric, METRICS[metric].function(truth, prediction), truth.size)
    except UndefinedMetricError as error:
        return Evaluation(endpoint, metric, math.nan, truth.size, str(error))
