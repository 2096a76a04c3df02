"""Conformal prediction: intervals from the residuals of compounds that a model did not know.

Of a model that was fitted on other compounds (the wide view) they hold, on new compounds that are
exchangeable with these, what they promise, but for what is lost by learning from the same residuals where
they are large: 0.4 of 100 where those are of 100 compounds, 0.2 of 200. Of one whose residuals are out of
fold (the full view) theory promises 80 % of the 90 %, and practice about all of it (CV+: Barber et al., Ann.
Stat. 49, 486 (2021), doi:10.1214/20-AOS1965). New scaffolds are not exchangeable with old ones: a model card
has figures.

Of a measurement such as ``<5.5`` no more is known of the residual than what it is at least. So what is
promised is of exact measurements: nine in ten of them are held. Where bounds ask for more, intervals are
widened, until at most one in ten of all measurements, bounds included, contradicts its interval. How many of
the values beyond bounds are held nobody can say.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.9  # of every interval that molscreen reports
ENOUGH_TO_LEARN = 100  # calibration compounds, where errors are large
LEAST = 0.5  # of the mean error is expected of any compound
TINY = float(np.finfo(np.float32).tiny)

Column = NDArray[np.float64]


def conformal_quantile(score: NDArray[np.floating], level: float = LEVEL) -> float | None:
    """The score that a fraction `level` of new scores will not exceed.

    The ``ceil((n + 1) * level)``-th smallest of n exchangeable scores: a new one is at most this
    with a probability of at least `level`, whatever their distribution, and of at most
    ``level + 1 / (n + 1)`` where there are no ties.

    Parameters
    ----------
    score : (n,) float
        Without NaN.
    level : float in (0, 1)

    Returns
    -------
    float or None
        None where n is too small to say (n < 9 for 90 %, n < 19 for 95 %).

    References
    ----------
    Lei et al., J. Am. Stat. Assoc. 113, 1094 (2018), doi:10.1080/01621459.2017.1307116.

    Examples
    --------
    >>> conformal_quantile(np.arange(1.0, 10.0))
    9.0
    >>> conformal_quantile(np.arange(1.0, 9.0)) is None
    True
    """
    rank = math.ceil((len(score) + 1) * level - 1e-9)  # 1e-9: 0.9 * 10 is no more than 9
    return float(np.sort(score)[rank - 1]) if rank <= len(score) else None


def expected_coverage(n: int) -> tuple[float, float]:
    """Between which shares of new compounds an interval from n scores holds, in 95 % of calibrations.

    The share is distributed as Beta(k, n + 1 - k) for the rank k of `conformal_quantile`, whatever the scores
    are distributed as, where these are of compounds that decided nothing else. NaN where n is too small.

    References
    ----------
    Vovk, Asian Conference on Machine Learning 25, 475 (2012).

    Examples
    --------
    >>> [round(share, 2) for share in expected_coverage(20)], [round(e, 2) for e in expected_coverage(1000)]
    ([0.75, 0.99], [0.88, 0.92])
    """
    from scipy.special import betaincinv  # 0.1 s, and whoever predicts does not need it

    rank = math.ceil((n + 1) * LEVEL - 1e-9)
    if rank > n:
        return math.nan, math.nan
    low, high = (float(betaincinv(rank, n + 1 - rank, share)) for share in (0.025, 0.975))
    return low, high


@dataclass(frozen=True, slots=True)
class ConformalInterval:
    """Half-width of a regression interval: ``quantile`` times the error that is expected of a compound.

    The error expected is ``base + per_std * std + per_distance * distance``: larger where models differ, and
    far from what they know (Papadopoulos et al. 2011 normalise by either). It is at least half of the mean:
    models that agree, on a compound that they know, are wrong as well.

    ``workflows/benchmarks/interval_width.py`` tries it beside one width for all, and beside either alone.

    Attributes
    ----------
    quantile : float or None
        Of ``|measured - mean|`` over the error expected, for the calibration compounds, with the
        finite-sample rank of `conformal_quantile`; None where they are fewer than 9: then the
        interval is not known, and its bounds are NaN. Or the same over exact measurements and bounds
        together, if that is more; a residual to a bound is 0 for a mean on its allowed side.
    base, per_std, per_distance : float
        Not negative: the least squares of ``|measured - mean|`` over the calibration compounds with an exact
        value. Of fewer than `ENOUGH_TO_LEARN` of them the error expected is their mean, everywhere.
    least : float
        `LEAST` of that mean.
    n : int
        Calibration compounds with an exact value.

    References
    ----------
    Papadopoulos, Vovk & Gammerman, J. Artif. Intell. Res. 40, 815 (2011), doi:10.1613/jair.3198.
    """

    quantile: float | None
    base: float
    per_std: float
    per_distance: float
    least: float
    n: int

    @classmethod
    def fit(
        cls,
        measured: Column,
        mean: Column,
        std: Column,
        distance: Column,
        relation: NDArray[np.integer] | None = None,
    ) -> ConformalInterval:
        """From m calibration compounds on the fitted scale; a NaN leaves its compound out.

        Parameters
        ----------
        measured, mean, std : (m,) float
        distance : (m,) float
            How far each is from what the model knew.
        relation : (m,) int, optional
            -1: the true value is at most `measured`; 0: equal, as all are without it; 1: at least.
        """
        usable = np.isfinite(measured + mean + std + distance)
        known = usable if relation is None else usable & (relation == 0)
        if not known.any():
            return cls(None, 0.0, 0.0, 0.0, 0.0, 0)
        error = np.abs(measured - mean)
        shares = _learn_shares(error[known], std[known], distance[known])
        learnt = cls(None, *shares, LEAST * float(error[known].mean()), int(known.sum()))
        expected = learnt.expected_error(std, distance)
        score = error[known] / expected[known]
        quantile = conformal_quantile(score)
        if relation is not None and quantile is not None and (bounded := usable & (relation != 0)).any():
            miss = np.maximum(relation * (measured - mean), 0)[bounded] / expected[bounded]
            quantile = max(quantile, conformal_quantile(np.concatenate([score, miss])) or 0.0)
        return replace(learnt, quantile=quantile)

    def expected_error(self, std: Column, distance: Column) -> Column:
        """What a mean is expected to be wrong by, (n,), on the fitted scale; not 0."""
        error = self.base + self.per_std * std + self.per_distance * distance
        return np.maximum(error, max(self.least, TINY))

    def bounds(self, mean: Column, std: Column, distance: Column) -> tuple[Column, Column]:
        """Lower and upper bound (n,) of a new measurement, on the fitted scale."""
        quantile = math.nan if self.quantile is None else self.quantile
        half = quantile * self.expected_error(std, distance)
        return mean - half, mean + half


def _learn_shares(error: Column, std: Column, distance: Column) -> tuple[float, float, float]:
    """What each of a constant, the std and the distance adds to the error, of m compounds."""
    from scipy.optimize import nnls  # 0.1 s, and whoever predicts does not need it

    if len(error) < ENOUGH_TO_LEARN:
        return float(error.mean()), 0.0, 0.0
    base, per_std, per_distance = nnls(np.stack([np.ones_like(std), std, distance], axis=1), error)[0]
    return float(base), float(per_std), float(per_distance)
