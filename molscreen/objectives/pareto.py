"""Pareto: several wishes weighed against each other in no fixed way."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

EVENNESS = 3.0  # of weights drawn: of 1, every choice is as likely; the more, the nearer to equal shares
SLOPE = 0.05  # of the sum beside the worst loss, as in ParEGO
SAMPLES = 4096  # points at which a hypervolume is estimated: a standard error of at most 0.008
SEED = 0  # of these points: the same for all, so that two curves can be compared


def draw_weights(t: int, rng: np.random.Generator) -> Floats:
    """Weights (t,) that add up to 1: from a Dirichlet distribution of concentration `EVENNESS`."""
    return np.asarray(rng.dirichlet(np.full(t, EVENNESS)), np.float64)


def chebyshev(terms: ArrayLike, weights: Floats) -> Floats:
    """How near n compounds are to perfect, in the direction of some weights: (n,) in [0, 1].

    1 minus the augmented weighted Chebyshev distance from a compound that meets every wish. Unlike a weighted
    mean, each compound of the Pareto front is the best for some weights, in its dents as well.

    Parameters
    ----------
    terms : (n, t) float in [0, 1]
        Desirabilities; a compound with NaN gets NaN.
    weights : (t,) float
        That add up to 1.

    References
    ----------
    Knowles, IEEE Trans. Evol. Comput. 10, 50 (2006), doi:10.1109/TEVC.2005.851274 (ParEGO).

    Examples
    --------
    >>> chebyshev([[1.0, 1.0], [0.5, 1.0], [1.0, 0.5]], np.array([0.8, 0.2])).round(3).tolist()
    [1.0, 0.6, 0.9]
    """
    losses = weights * (1 - np.asarray(terms, np.float64))  # (n, t)
    return np.asarray(1 - (losses.max(axis=1) + SLOPE * losses.sum(axis=1)) / (1 + SLOPE), np.float64)


def non_dominated(terms: ArrayLike) -> NDArray[np.bool_]:
    """Which (n,) of n compounds no other beats in one wish without losing in another: the Pareto front.

    Compounds that are alike in all wishes are on the front together. One with NaN is not on it.

    Parameters
    ----------
    terms : (n, t) float
        Higher is better.

    Examples
    --------
    >>> non_dominated([[0.9, 0.1], [0.5, 0.5], [0.4, 0.5], [0.1, 0.9], [np.nan, 1.0]]).tolist()
    [True, True, False, True, False]
    """
    values = np.asarray(terms, np.float64)
    known: NDArray[np.bool_] = np.asarray(np.isfinite(values).all(axis=1))
    front = np.array(known)
    for place in np.flatnonzero(known).tolist():
        as_good = (values[known] >= values[place]).all(axis=1)
        front[place] = not (as_good & (values[known] > values[place]).any(axis=1)).any()
    return front


def hypervolume(terms: ArrayLike) -> Floats:
    """After each of n compounds (n,), the share of all thinkable ones that one so far is at least as good as.

    The hypervolume of the front so far, with the point that meets no wish for reference: from 0 to 1, where
    one compound meets every wish; it never falls. Estimated at `SAMPLES` fixed points, because an exact
    volume takes a time that grows with a power of the number of wishes.

    Parameters
    ----------
    terms : (n, t) float in [0, 1]
        In the order in which compounds came; one with NaN adds nothing.

    References
    ----------
    Zitzler & Thiele, IEEE Trans. Evol. Comput. 3, 257 (1999), doi:10.1109/4235.797969 (the measure).
    Bader & Zitzler, Evol. Comput. 19, 45 (2011), doi:10.1162/EVCO_a_00009 (by sampling).
    """
    values = np.asarray(terms, np.float64)
    points = np.random.default_rng(SEED).random((SAMPLES, values.shape[1]))
    is_reached = np.zeros(SAMPLES, bool)
    volume = np.empty(len(values))
    for place, value in enumerate(values):
        left = np.flatnonzero(~is_reached)
        is_reached[left[(points[left] <= value).all(axis=1)]] = True  # NaN compares false
        volume[place] = is_reached.mean()
    return volume
