"""Probabilities that mean what they say: Platt scaling, with Venn-ABERS bounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MIN_SLOPE = 0.01  # of Platt's sigmoid: positive, so that calibration never turns a ranking round
GRID = 128  # scores at which the Venn-ABERS bounds are kept; coarser is wider, never wrong

Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class VennAbers:
    """Probability of label 1 from a logit, and two bounds between which it is calibrated.

    ``mean = sigmoid(slope * logit + intercept)``, strictly increasing, so that the ranking is the
    network's. The bounds are those of an inductive Venn-ABERS predictor: isotonic regression of
    the calibration labels on their logits, with the new compound added once as 0 (`low`) and
    once as 1 (`high`). They are kept at the logits of `grid`; between two of these the wider bound
    holds, and they are stretched to contain the mean.

    Attributes
    ----------
    slope, intercept : float
        1 and 0 where the calibration labels are not of both classes.
    grid, low, high : tuple of float, each (g,)
        Increasing logits, and the bounds there. Outside the grid: 0 and 1.
    n : int
        Calibration compounds with a label.

    References
    ----------
    Vovk, Petej & Fedorova, NeurIPS 2015, arXiv:1511.00213 (bounds). Platt 1999, as corrected by
    Lin, Lin & Weng, Mach. Learn. 68, 267 (2007), doi:10.1007/s10994-007-5018-6 (sigmoid).
    """

    slope: float
    intercept: float
    grid: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    n: int

    @classmethod
    def fit(cls, label: Column, logit: Column) -> VennAbers:
        """From m calibration compounds, labels 0 and 1; a NaN leaves its compound out."""
        known = np.isfinite(label) & np.isfinite(logit)
        label, logit = label[known], logit[known]
        if not np.isin(label, (0, 1)).all():
            raise ValueError(f"labels are 0, 1 or NaN, got {label[~np.isin(label, (0, 1))][0]:g}")
        slope, intercept = _fit_platt(label, logit)
        grid, low, high = _venn_abers(label, logit)
        return cls(slope, intercept, tuple(grid), tuple(low), tuple(high), len(label))

    def probability(self, logit: Column) -> Column:
        """Of label 1, (n,)."""
        return _sigmoid(self.slope * logit + self.intercept)

    def bounds(self, logit: Column) -> tuple[Column, Column]:
        """Lower and upper bound (n,) of the probability; they contain it."""
        low, high = np.array([0.0, *self.low]), np.array([*self.high, 1.0])
        below = low[np.searchsorted(self.grid, logit, side="right")]
        above = high[np.searchsorted(self.grid, logit, side="left")]
        mean = self.probability(logit)
        return np.minimum(below, mean), np.maximum(above, mean)


def _fit_platt(label: Column, logit: Column) -> tuple[float, float]:
    """Slope and intercept of Platt's sigmoid, by maximum likelihood on his smoothed targets."""
    from scipy.optimize import minimize

    positives = label.sum()
    negatives = len(label) - positives
    if not (positives and negatives):
        return 1.0, 0.0
    target = np.where(label == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(parameters: Column) -> tuple[float, Column]:
        z = parameters[0] * logit + parameters[1]
        residual = _sigmoid(z) - target
        return float((np.logaddexp(0, z) - target * z).mean()), np.array(
            [(residual * logit).mean(), residual.mean()]
        )

    best = minimize(loss, [1.0, 0.0], jac=True, method="L-BFGS-B", bounds=[(MIN_SLOPE, None), (None, None)])
    return float(best.x[0]), float(best.x[1])


def _venn_abers(label: Column, logit: Column) -> tuple[list[float], list[float], list[float]]:
    """Grid logits, taken from the calibration compounds, and the two bounds at each."""
    from scipy.optimize import isotonic_regression

    score, group, weight = np.unique(logit, return_inverse=True, return_counts=True)
    positives = np.bincount(group, weights=label, minlength=len(score))
    kept = np.unique(np.linspace(0, len(score) - 1, min(GRID, len(score))).astype(int))
    low: list[float] = []
    high: list[float] = []
    for index in kept:
        one_more = weight + (np.arange(len(score)) == index)
        for added, bounds in ((0, low), (1, high)):
            ones = positives + added * (np.arange(len(score)) == index)
            fitted = isotonic_regression(ones / one_more, weights=one_more)
            bounds.append(float(fitted.x[index]))
    return score[kept].tolist(), low, high


def _sigmoid(z: Column) -> Column:
    """``1 / (1 + exp(-z))`` without overflow."""
    return np.asarray(np.exp(-np.logaddexp(0, -z)))
