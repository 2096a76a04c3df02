"""Certainty: how sure a figure is on so many test compounds."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from molscreen.metrics.arrays import Floats
from molscreen.metrics.bootstrap import UNKNOWN, Interval, Resampled, resampled
from molscreen.prediction.bundle.headline import LOG_RMSE

SURE: dict[str, Resampled] = {"rmse": "rmse", "spearman": "spearman", "auroc": "auroc", LOG_RMSE: "rmse"}
"""Metrics that get an interval."""
VERSION = 1  # raised whenever the same predictions may get other figures
FEWEST_TO_SAY = 10  # compounds: fewer do not show how their like differ
FEWEST_OF_CLASS = 5


def interval_of(metric: str, truth: NDArray[np.floating], said: NDArray[np.floating]) -> Interval:
    """The 95 % bootstrap interval of a metric over compounds that were measured.

    Compounds are drawn one by one. Those of one series err alike, so that of a test fold of few series the
    interval is too narrow.

    Parameters
    ----------
    metric : str
        One of `SURE`.
    truth : (n,) float
        NaN = not measured, left out.
    said : (n,) float

    Returns
    -------
    Interval
        NaN where fewer than `FEWEST_TO_SAY` compounds, or `FEWEST_OF_CLASS` of a class, were measured, or
        where one of them has no finite prediction.
    """
    measured, ours = _known(metric, truth, said)
    if not _is_enough(metric, measured, ours):
        return UNKNOWN
    return Interval.of(resampled(SURE[metric], measured, ours))


def error_avoided(
    metric: str, truth: NDArray[np.floating], said: NDArray[np.floating]
) -> tuple[float, Interval]:
    """Which share of the RMSE of the best constant a prediction avoids, and its interval.

    0 is no better than the mean of what was measured, and 1 is without error; NaN where all measured values
    are one. `metric` is an RMSE; arguments as for `interval_of`.
    """
    measured, ours = _known(metric, truth, said)
    if not len(measured) or not np.ptp(measured):
        return math.nan, UNKNOWN
    models = ours, np.full(len(measured), measured.mean())
    errors = [float(np.sqrt(np.mean((measured - each) ** 2))) for each in models]
    share = 1 - errors[0] / errors[1]
    if not _is_enough(metric, measured, ours):
        return share, UNKNOWN
    draws = [resampled("rmse", measured, each) for each in models]
    with np.errstate(divide="ignore", invalid="ignore"):  # a draw of one value alone
        return share, Interval.of(1 - draws[0] / draws[1])


def _known(metric: str, truth: NDArray[np.floating], said: NDArray[np.floating]) -> tuple[Floats, Floats]:
    """What was measured and what was said of it, on the scale of the metric."""
    if metric == LOG_RMSE:
        with np.errstate(divide="ignore"):
            truth, said = np.log10(truth), np.log10(said)
    known = ~np.isnan(truth)
    return truth[known].astype(np.float64), said[known].astype(np.float64)


def _is_enough(metric: str, measured: Floats, ours: Floats) -> bool:
    """Whether there are compounds enough, each with a prediction."""
    if len(measured) < FEWEST_TO_SAY or not np.isfinite(ours).all():
        return False
    return metric != "auroc" or min((measured == 0).sum(), (measured == 1).sum()) >= FEWEST_OF_CLASS
