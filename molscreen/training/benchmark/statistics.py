"""How sure a figure is, and whether one method is better than another."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.metrics.bootstrap import LEVEL, UNKNOWN, Interval

RESAMPLES = 1000

Score = Callable[[NDArray[np.float64], NDArray[np.float64]], float]
"""Truth (n, t) and prediction (n, t) to one figure; NaN where the data admit none."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and sample standard deviation over runs; the sd of one run is NaN."""

    mean: float
    sd: float
    runs: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What Tukey's test says of two methods.

    Attributes
    ----------
    first, second : str
    mean : float
        Score of the first minus that of the second.
    low, high : float
        95 % interval of the difference, for all pairs together.
    p : float
        That a difference as large arises by chance where all methods are alike.
    """

    first: str
    second: str
    mean: float
    low: float
    high: float
    p: float


def spread(values: Sequence[float]) -> Spread:
    """Mean and sd of the figures of several seeds; NaN if one of them is.

    Examples
    --------
    >>> spread([1.0, 3.0])
    Spread(mean=2.0, sd=1.4142135623730951, runs=2)
    """
    array = np.asarray(values, np.float64)
    sd = float(array.std(ddof=1)) if len(array) > 1 else math.nan
    return Spread(float(array.mean()), sd, len(array))


def bootstrap_interval(
    truth: NDArray[np.float64],
    predictions: Sequence[NDArray[np.float64]],
    score: Score,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Interval:
    """The 95 % interval of a figure over other test compounds like these (percentile bootstrap).

    Compounds are drawn with replacement, the same ones for every run, and the figure is averaged over the
    runs: the interval is of the mean figure. It holds what the choice of test compounds contributes; what
    the seed of a method contributes is in the sd over runs. Draws that admit no figure (one class only) are
    left out.

    Parameters
    ----------
    truth : (n, t) float
    predictions : sequence of (n, t) float
        One for each run.
    score : callable
    seed : int
    resamples : int

    Returns
    -------
    Interval
        NaN where no draw admits a figure.

    References
    ----------
    Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
    """
    rng = np.random.default_rng(seed)
    figures = []
    for _ in range(resamples):
        rows = rng.integers(len(truth), size=len(truth))
        figures.append(np.mean([score(truth[rows], prediction[rows]) for prediction in predictions]))
    return Interval.of(np.asarray(figures))


def bootstrap_mean(values: Sequence[float], *, seed: int = 0, resamples: int = RESAMPLES) -> Interval:
    """The 95 % interval of a mean over other tasks like these (percentile bootstrap); NaN for one value."""
    array = np.asarray(values, np.float64)
    if len(array) < 2:
        return UNKNOWN
    rows = np.random.default_rng(seed).integers(len(array), size=(resamples, len(array)))
    return Interval.of(array[rows].mean(axis=1))


def rank_methods(figures: Mapping[str, Mapping[str, float]], signs: Mapping[str, int]) -> dict[str, float]:
    """Mean rank of each method over the tasks, 1 is best; ties share their mean rank.

    Parameters
    ----------
    figures : mapping of method to mapping of task to float
    signs : mapping of task to {1, -1}
        1 where a higher figure is better. Methods without a figure for one of these tasks are left out.

    Examples
    --------
    >>> figures = {"a": {"herg": 0.9, "caco2": 0.3}, "b": {"herg": 0.8, "caco2": 0.3}}
    >>> rank_methods(figures, {"herg": 1, "caco2": -1})
    {'a': 1.25, 'b': 1.75}
    """
    from scipy.stats import rankdata

    ranked = {
        method: [-sign * known[task] for task, sign in signs.items()]
        for method, known in figures.items()
        if all(math.isfinite(known.get(task, math.nan)) for task in signs)
    }
    if not ranked or not signs:
        return {}
    ranks = rankdata(np.array(list(ranked.values())), axis=0).mean(axis=1)  # (methods,)
    order = np.argsort(ranks, kind="stable")
    names = list(ranked)
    return {names[i]: float(ranks[i]) for i in order}


def tukey(scores: Mapping[str, Sequence[float]]) -> list[Difference]:
    """Every pair of methods, by Tukey's honestly significant difference.

    Parameters
    ----------
    scores : mapping of method to sequence of float
        At least two methods, each with its figures of the same splits. The test takes them as independent.
        Those of repeated cross-validation share compounds, so that a p-value is a guide, not a proof; that
        splits are of unequal difficulty is left in, which makes it cautious.

    Raises
    ------
    ValueError
        There are fewer than two methods, or a figure is NaN.

    References
    ----------
    Ash et al., Practically significant method comparison protocols for machine learning in small molecule
    drug discovery, J. Chem. Inf. Model. 65, 9398 (2025), doi:10.1021/acs.jcim.5c01609.
    """
    from scipy.stats import tukey_hsd

    names = list(scores)
    if len(names) < 2:
        raise ValueError(f"a comparison needs two methods, got {', '.join(names) or 'none'}")
    groups = [np.asarray(scores[name], np.float64) for name in names]
    for name, group in zip(names, groups, strict=True):
        if np.isnan(group).any():
            raise ValueError(f"a figure of '{name}' is NaN: a split admits none")
    found = tukey_hsd(*groups)
    interval = found.confidence_interval(LEVEL)
    return [
        Difference(
            names[i],
            names[j],
            float(found.statistic[i, j]),
            float(interval.low[i, j]),
            float(interval.high[i, j]),
            float(found.pvalue[i, j]),
        )
        for i in range(len(names))
        for j in range(i + 1, len(names))
    ]
