"""Bootstrap: how far a figure would be another on other compounds like those that were tested."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from molscreen.metrics.arrays import Floats

RESAMPLES = 2000
LEVEL = 0.95  # of every interval of a figure
BLOCK = 2_000_000  # counts that are held at once

Counts = NDArray[np.int64]  # (b, n): how often each compound is in each of b resamples
Resampled = Literal["rmse", "spearman", "auroc"]


class Interval(NamedTuple):
    """Where a figure of other compounds like these would lie, in 95 % of cases; NaN where that is unknown."""

    low: float
    high: float

    @classmethod
    def of(cls, draws: Floats) -> Interval:
        """The middle 95 % of a figure's values (b,) in resamples; a NaN, which has no figure, is left out."""
        known = draws[np.isfinite(draws)]
        if not len(known):
            return UNKNOWN
        return cls(*np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist())


UNKNOWN = Interval(float("nan"), float("nan"))


def resampled(metric: Resampled, truth: Floats, said: Floats) -> Floats:
    """A metric's values (b,) over `RESAMPLES` draws of n compounds with replacement.

    Two calls about equally many compounds draw the same ones, so that the difference between two models may
    be taken draw by draw (a paired bootstrap).

    Parameters
    ----------
    metric : {"rmse", "spearman", "auroc"}
    truth : (n,) float
        Measured, or labels 0 and 1; without NaN.
    said : (n,) float
        Without NaN.

    Returns
    -------
    (b,) float64
        NaN where a draw admits no figure: labels of one class, or one value measured.

    References
    ----------
    Efron & Tibshirani, An Introduction to the Bootstrap (1993), doi:10.1201/9780429246593, chapter 13.

    Examples
    --------
    >>> truth = np.arange(30.0)
    >>> resampled("rmse", truth, truth + 2).tolist() == [2.0] * RESAMPLES
    True
    """
    of_counts = _METRICS[metric](np.asarray(truth, np.float64), np.asarray(said, np.float64))
    return np.concatenate([of_counts(counts) for counts in _draw(len(truth))])


def _draw(n: int) -> Iterator[Counts]:
    """`RESAMPLES` draws, in blocks."""
    rng, done, size = np.random.default_rng([0, n]), 0, max(1, BLOCK // n)
    while done < RESAMPLES:
        block = min(size, RESAMPLES - done)
        yield rng.multinomial(n, np.full(n, 1 / n), size=block)
        done += block


def _rmse(truth: Floats, said: Floats) -> Callable[[Counts], Floats]:
    square = (truth - said) ** 2
    return lambda counts: np.sqrt(counts @ square / len(square))


def _auroc(active: Floats, score: Floats) -> Callable[[Counts], Floats]:
    """Pairs won, a tie half, of all pairs of an active and an inactive."""
    order, start = _tied(score)
    label = active[order]

    def of_counts(counts: Counts) -> Floats:
        drawn = counts[:, order]
        here = np.add.reduceat(drawn * label, start, axis=1)  # (b, g) actives at each score
        there = np.add.reduceat(drawn * (1 - label), start, axis=1)
        won = (here * (there.cumsum(axis=1) - there / 2)).sum(axis=1)
        return _share(won, here.sum(axis=1) * there.sum(axis=1))

    return of_counts


def _spearman(truth: Floats, said: Floats) -> Callable[[Counts], Floats]:
    """Pearson's r of the ranks within a draw; a constant prediction orders nothing and gets 0."""
    first, second = _ranks(truth), _ranks(said)

    def of_counts(counts: Counts) -> Floats:
        middle = (len(truth) + 1) / 2
        x, y = first(counts) - middle, second(counts) - middle  # (b, n)
        spread = [(counts * part**2).sum(axis=1) for part in (x, y)]
        together = (counts * x * y).sum(axis=1)
        found = np.zeros(len(counts))
        np.divide(together, np.sqrt(spread[0] * spread[1]), out=found, where=spread[1] > 0)
        return np.where(spread[0] > 0, found, np.nan)

    return of_counts


def _ranks(value: Floats) -> Callable[[Counts], Floats]:
    """Ranks (b, n) within each draw, from 1; ties, the copies of a compound among them, share their mean."""
    order, start = _tied(value)
    group = np.empty(len(value), np.intp)
    group[order] = np.repeat(np.arange(len(start)), np.diff(np.append(start, len(value))))

    def of_counts(counts: Counts) -> Floats:
        size = np.add.reduceat(counts[:, order], start, axis=1)  # (b, g)
        return np.asarray((size.cumsum(axis=1) - (size - 1) / 2)[:, group])

    return of_counts


def _tied(value: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The order (n,) of values, and where (g,) in it each group of equal ones begins."""
    order = np.argsort(value, kind="stable")
    ranked = value[order]
    return order, np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))


def _share(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0))


_METRICS: dict[Resampled, Callable[[Floats, Floats], Callable[[Counts], Floats]]] = {
    "rmse": _rmse,
    "spearman": _spearman,
    "auroc": _auroc,
}
