"""How far off a predicted number is, and whether numbers are in the right order."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from molscreen.metrics.arrays import UndefinedMetricError, mean_ranks, paired


def rmse(truth: ArrayLike, prediction: ArrayLike) -> float:
    """Root of the mean squared error, in the unit of `truth`; 0 is perfect.

    Both are (n,) floats, n ≥ 1; a NaN raises ValueError.

    Examples
    --------
    >>> rmse([7.0, 5.0], [6.0, 6.0])
    1.0
    """
    truth, prediction = paired(truth, prediction)
    return float(np.sqrt(np.mean((truth - prediction) ** 2)))


def mae(truth: ArrayLike, prediction: ArrayLike) -> float:
    """Mean absolute error, in the unit of `truth`; 0 is perfect.

    Both are (n,) floats, n ≥ 1; a NaN raises ValueError.

    Examples
    --------
    >>> mae([7.0, 5.0], [6.5, 6.5])
    1.0
    """
    truth, prediction = paired(truth, prediction)
    return float(np.mean(np.abs(truth - prediction)))


def r2(truth: ArrayLike, prediction: ArrayLike) -> float:
    """Share of the variance explained (R²): 1 is perfect, predicting the mean gets 0, worse is negative.

    This is the coefficient of determination, not a squared correlation: a shifted prediction loses.
    Undefined for a constant truth.

    Examples
    --------
    >>> r2([1.0, 2.0, 3.0], [2.0, 2.0, 2.0])
    0.0
    """
    truth, prediction = paired(truth, prediction)
    if np.ptp(truth) == 0:
        raise UndefinedMetricError("R2 needs two different measured values")
    return float(1.0 - np.sum((truth - prediction) ** 2) / np.sum((truth - truth.mean()) ** 2))


def spearman(truth: ArrayLike, prediction: ArrayLike) -> float:
    """Rank correlation, from -1 to 1; chance is 0.

    Pearson's r of the ranks, where ties share their mean rank. A constant prediction orders nothing
    and gets 0; a constant truth is undefined.

    References
    ----------
    Spearman, Am. J. Psychol. 15, 72 (1904), doi:10.2307/1412159.

    Examples
    --------
    >>> spearman([1.0, 2.0, 9.0], [0.1, 0.2, 0.3])
    1.0
    """
    truth, prediction = paired(truth, prediction)
    if np.ptp(truth) == 0:
        raise UndefinedMetricError("Spearman needs two different measured values")
    x, y = (ranks - ranks.mean() for ranks in (mean_ranks(truth), mean_ranks(prediction)))
    scale = math.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / scale if scale > 0 else 0.0
