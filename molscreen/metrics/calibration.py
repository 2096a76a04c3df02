"""Whether stated probabilities and intervals can be taken at their word."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from molscreen.metrics.arrays import paired, probabilities


def brier(active: ArrayLike, probability: ArrayLike) -> float:
    """Mean squared error of a probability, from 0 (perfect) to 1; always saying 0.5 gets 0.25.

    References
    ----------
    Brier, Mon. Weather Rev. 78, 1 (1950), doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.

    Examples
    --------
    >>> brier([True, False], [0.5, 0.5])
    0.25
    """
    active, probability = probabilities(active, probability)
    return float(np.mean((probability - active) ** 2))


def ece(active: ArrayLike, probability: ArrayLike, n_bins: int = 10) -> float:
    """Gap between stated probabilities and observed rates, from 0 to 1 (expected calibration error).

    Probabilities fall into `n_bins` bins of equal width; in each, the mean probability is compared with
    the share of actives, and the gaps are averaged over compounds. 0 is perfect, and also what always
    stating the prevalence gets: read it beside AUROC.

    References
    ----------
    Naeini, Cooper & Hauskrecht, AAAI 2015, doi:10.1609/aaai.v29i1.9602.

    Examples
    --------
    >>> ece([True, False], [0.75, 0.75])
    0.25
    """
    if n_bins < 1:
        raise ValueError(f"n_bins is {n_bins}, expected at least 1")
    active, probability = probabilities(active, probability)
    bins = np.minimum((probability * n_bins).astype(int), n_bins - 1)
    return float(np.abs(np.bincount(bins, probability - active)).sum() / active.size)


def interval_coverage(truth: ArrayLike, low: ArrayLike, high: ArrayLike) -> float:
    """Share of measurements inside their interval, bounds included; a 90 % interval should get 0.9.

    All are (n,) floats in one unit. Not in `METRICS`: neither higher nor lower is better.

    Raises
    ------
    ValueError
        Lengths differ, a value is NaN, or a lower bound lies above its upper bound.

    Examples
    --------
    >>> interval_coverage([1.0, 5.0], [0.0, 0.0], [2.0, 2.0])
    0.5
    """
    truth, low = paired(truth, low, "low")
    truth, high = paired(truth, high, "high")
    if (low > high).any():
        i = int(np.argmax(low > high))
        raise ValueError(
            f"interval {i} of {truth.size} is upside down: low {low[i]:g} is above high {high[i]:g}"
        )
    return float(np.mean((low <= truth) & (truth <= high)))
