"""How early the actives come when compounds are ranked by score; tied compounds share places."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from molscreen.metrics.arrays import UndefinedMetricError, labelled, mean_ranks, two_classes


def auroc(active: ArrayLike, score: ArrayLike) -> float:
    """Chance that an active outscores an inactive (area under the ROC curve); random gets 0.5.

    From 0 to 1. A tie counts half, so a constant score gets exactly 0.5. Undefined for one class only.

    References
    ----------
    Hanley & McNeil, Radiology 143, 29 (1982), doi:10.1148/radiology.143.1.7063747.

    Examples
    --------
    >>> auroc([True, False, True, False], [0.9, 0.8, 0.7, 0.1])
    0.75
    """
    active, score = two_classes(active, score, "AUROC")
    n_active = int(active.sum())
    wins = mean_ranks(score)[active].sum() - n_active * (n_active + 1) / 2
    return float(wins / (n_active * (active.size - n_active)))


def auprc(active: ArrayLike, score: ArrayLike) -> float:
    """Area under the precision–recall curve, as average precision; random gets the share of actives.

    From 0 to 1, without interpolation: the precision at each threshold, weighted by the recall gained
    there. Tied compounds pass a threshold together, so a constant score gets the share of actives.
    Undefined for one class only.

    References
    ----------
    Davis & Goadrich, ICML 2006, doi:10.1145/1143844.1143874.

    Examples
    --------
    >>> auprc([True, False, True, False], [0.9, 0.8, 0.7, 0.1])
    0.8333333333333333
    """
    active, score = two_classes(active, score, "AUPRC")
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    last_of_tie = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), active.size - 1)
    hits = np.cumsum(active[order])[last_of_tie]
    gained = np.diff(hits, prepend=0) / active.sum()
    return float(gained @ (hits / (last_of_tie + 1)))


def enrichment_factor(active: ArrayLike, score: ArrayLike, fraction: float = 0.01) -> float:
    """Actives among the best-scored `fraction`, relative to chance (EF).

    With ``k = ceil(fraction * n)``: the hit rate among the k best-scored compounds, divided by the hit
    rate among all n. Compounds tied at the cut-off share the places left, so the value does not depend
    on the order of the file, and a model that scores every compound alike gets exactly 1.

    Parameters
    ----------
    active : (n,) bool
        The measured label. At least one must be True.
    score : (n,) float
        Higher is ranked earlier. NaN is refused, not ranked last.
    fraction : float in (0, 1]

    Returns
    -------
    float
        Dimensionless, from 0 to ``min(1 / fraction, n / active.sum())``.

    Raises
    ------
    ValueError
        Lengths differ, nothing is active, a score is NaN, or `fraction` is out of range.

    References
    ----------
    Truchon & Bayly, J. Chem. Inf. Model. 47, 488 (2007), doi:10.1021/ci600426e.

    Examples
    --------
    >>> enrichment_factor(np.array([1, 0, 0, 0], bool), np.array([.9, .4, .2, .1]), 0.25)
    4.0
    """
    if not 0 < fraction <= 1:
        raise ValueError(f"fraction is {fraction}, expected a number above 0 and up to 1")
    active, score = labelled(active, score)
    if not active.any():
        raise UndefinedMetricError("enrichment needs at least one active")
    places = max(1, math.ceil(round(fraction * active.size, 9)))  # 0.07 * 100 is 7.000000000000001 in floats
    cut = np.partition(score, -places)[-places]
    above, tied = score > cut, score == cut
    share = (places - above.sum()) / tied.sum()
    hits = active[above].sum() + share * active[tied].sum()
    return float((hits / places) / active.mean())


def bedroc(active: ArrayLike, score: ArrayLike, alpha: float = 20.0) -> float:
    """Early recognition: how far the ranking is from the worst (0) to the best (1) possible one.

    The compound at rank r of n weighs ``exp(-alpha * r / n)``; at alpha = 20 the first 8 % of the ranking
    make 80 % of the value. Tied compounds share the mean of their weights, the expectation over their
    orders. A random ranking gets about ``1 / alpha`` where actives are rare, and more where they are not.
    Undefined for one class only.

    References
    ----------
    Truchon & Bayly, J. Chem. Inf. Model. 47, 488 (2007), doi:10.1021/ci600426e; equal to their closed form.

    Examples
    --------
    >>> bedroc([True, False, False, False], [0.9, 0.4, 0.2, 0.1])
    1.0
    """
    if not alpha > 0:
        raise ValueError(f"alpha is {alpha}, expected a positive number")
    active, score = two_classes(active, score, "BEDROC")
    weight = np.exp(-alpha * np.arange(1, active.size + 1) / active.size)  # by rank, best first
    _, tie, size = np.unique(-score, return_inverse=True, return_counts=True)
    shared = np.add.reduceat(weight, np.cumsum(size) - size) / size
    n_active = int(active.sum())
    best, worst = weight[:n_active].sum(), weight[-n_active:].sum()
    return float((shared[tie][active].sum() - worst) / (best - worst))
