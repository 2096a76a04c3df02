"""Bounds: what a measurement such as ``<5.5`` teaches: the value that is expected beyond it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import inv
from scipy.special import erfcx

from molscreen.data.measured.assay_table import EQUAL
from molscreen.endpoint import Endpoint, are_labels
from molscreen.prediction.experts.described import Described
from molscreen.prediction.experts.descriptor_space import DescriptorSpace
from molscreen.prediction.experts.likeness import Profile
from molscreen.prediction.threads import single_thread
from molscreen.training.process import (
    JUDGES,
    LARGEST,
    Matrix,
    decompose,
    gram_matrix,
    is_known,
    likeliest,
    sample,
    squares,
)

FEWEST_EXACT = 20  # exact values, below which bounds teach nothing: they do not say how far beyond
STEPS = 3  # times that noise and expectations are found anew, each from the other
ROUNDS = 300  # of expectations, each from the others; they have mostly settled after 60
SETTLED = 1e-3  # change of the last round, in standard deviations of the exact values

Signs = NDArray[np.integer]


class Expected(NamedTuple):
    """Values (m,) and the variance (m,) that they are expected with: 0 of what was measured exactly."""

    value: Matrix
    variance: Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """Measurements, of which each bound has become what is expected beyond it.

    Attributes
    ----------
    value : (n, t) float64
        NaN = not measured, or only bounded where too little is exact to say how far beyond.
    variance : (n, t) float64
        Of what is expected; 0 of what was measured exactly.
    apart : mapping of int to Settled
        By fold, the same without what was measured in it; empty where nothing is bounded.
    """

    value: Matrix
    variance: Matrix
    apart: Mapping[int, Settled] = field(default_factory=dict)

    def without(self, fold: int) -> Settled:
        """What may be known to those who will speak of a fold; its own rows are not to be looked at."""
        return self.apart.get(fold, self)

    def restricted_to(self, asked: NDArray[np.bool_]) -> Settled:
        """The same for fewer endpoints; of the others nothing is known."""
        apart = {number: each.restricted_to(asked) for number, each in self.apart.items()}
        return Settled(np.where(asked, self.value, np.nan), np.where(asked, self.variance, 0.0), apart)

    def of(self, rows: NDArray[np.intp], endpoint: int) -> Expected:
        """What is known of some compounds for one endpoint."""
        return Expected(self.value[rows, endpoint], self.variance[rows, endpoint])


def expect_beyond(mean: Matrix, sd: Matrix | np.float64, bound: Matrix, relation: Signs) -> Expected:
    """Mean and variance (m,) of normal variables that lie on the allowed side of their bounds.

    With ``a`` the distance from bound to mean in standard deviations, positive on the allowed side, and
    ``r = pdf(a) / cdf(a)``: the mean moves by ``sd * r`` into the allowed side, and the variance is
    ``sd**2 * (1 - a * r - r**2)``.

    Parameters
    ----------
    mean, sd, bound : (m,) float
        `sd` may be one for all.
    relation : (m,) int
        -1: the value is at most `bound`; 1: at least.

    References
    ----------
    Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, Wiley 1994, section 13.10.1.

    Examples
    --------
    >>> below = expect_beyond(np.array([5.0]), np.array([1.0]), np.array([5.0]), np.array([-1]))
    >>> [round(part.item(), 3) for part in below]
    [4.202, 0.363]
    """
    a = relation * (mean - bound) / sd
    ratio = np.sqrt(2 / np.pi) / erfcx(-a / np.sqrt(2))  # where both functions are 0 to the computer as well
    return Expected(mean + relation * sd * ratio, sd**2 * np.clip(1 - a * ratio - ratio**2, 0, 1))


def expected_mean(value: Matrix, relation: Signs) -> float:
    """The mean of m values, of which some are only bounded, as of a normal variable (Tobit, by EM).

    That of the exact ones where they are all alike; NaN where there are none.

    Examples
    --------
    >>> round(expected_mean(np.array([4.0, 5.0, 6.0, 5.5]), np.array([0, 0, 0, -1])), 2)
    4.9
    """
    exact = relation == EQUAL
    if not exact.any():
        return float("nan")
    mean, sd = float(value[exact].mean()), float(value[exact].std())
    if exact.all() or sd == 0:
        return mean
    for _ in range(ROUNDS):
        beyond = expect_beyond(np.full((~exact).sum(), mean), np.float64(sd), value[~exact], relation[~exact])
        known, variance = value.copy(), np.zeros(len(value))
        known[~exact], variance[~exact] = beyond
        mean = float(known.mean())
        sd = float(np.sqrt(np.mean((known - mean) ** 2 + variance)))
    return mean


def settle_bounds(
    compounds: Described,
    value: NDArray[np.floating],
    relation: Signs,
    endpoints: Sequence[Endpoint],
    *,
    fold: Signs | None = None,
    seed: int = 0,
) -> Settled:
    """What to expect of values of which only a bound is known: a censored Gaussian process (Tobit).

    Values are a Gaussian process on likeness, as in `fit_kernel`; the posterior of those
    beyond bounds is taken for independent truncated normals (mean field), each around what all others say of
    it. `STEPS` times noise and variance are chosen by what is expected, and expectations found by these (EM).
    Labels have no bounds. Where nothing is bounded, nothing is computed.

    Parameters
    ----------
    compounds : Described
        n of them, with unique keys.
    value : (n, t) float
        On the fitted scale; NaN = not measured.
    relation : (n, t) int
        -1: the true value is at most `value`; 0: equal; 1: at least.
    endpoints : sequence of t Endpoint
    fold : (n,) int, optional
        Then all is found once more for each fold, from the measurements outside of it alone.
    seed : int
        Of the draw, where more than `LARGEST` compounds were measured; other bounds are left out.

    References
    ----------
    Tobin, Econometrica 26, 24 (1958), doi:10.2307/1907382 (censoring); Groot & Lucas, "Gaussian process
    regression with censored data using expectation propagation", PGM 2012 (of processes); Dempster, Laird &
    Rubin, J. R. Stat. Soc. B 39, 1 (1977) (EM).
    """
    known = np.where(relation == EQUAL, value, np.nan).astype(np.float64)
    bounded = ~np.isnan(value) & (relation != EQUAL) & ~are_labels(endpoints)  # (n, t)
    whole = Settled(known, np.zeros(known.shape))
    if not bounded.any():
        return whole
    folds = np.full(len(known), np.nan) if fold is None else fold  # NaN: outside of whatever is left out
    numbers = () if fold is None else np.unique(fold).tolist()
    apart = {number: Settled(known.copy(), np.zeros(known.shape)) for number in numbers}
    space = DescriptorSpace.fit(compounds.descriptors, seed=seed)
    profile = Profile.of(compounds, space)
    with single_thread():
        for j in np.flatnonzero(bounded.any(axis=0)).tolist():
            usable = np.flatnonzero(bounded[:, j] | ~np.isnan(known[:, j]))
            rows = usable[sample(len(usable), LARGEST, (seed, j))]
            gram = gram_matrix(profile.take(rows), space)
            for number, part in [(np.nan, whole), *apart.items()]:
                here = np.flatnonzero(folds[rows] != number)
                own = rows[here]
                part.value[own, j], part.variance[own, j] = _settle(
                    gram[np.ix_(here, here)], value[own, j].astype(np.float64), relation[own, j], (seed, j)
                )
    return Settled(whole.value, whole.variance, apart)


def _settle(gram: NDArray[np.float32], value: Matrix, relation: Signs, seed: tuple[int, int]) -> Expected:
    """What is expected of the m values of one endpoint; NaN of bounds where too few are exact."""
    exact = relation == EQUAL
    if exact.all():
        return Expected(value, np.zeros(len(value)))
    if exact.sum() < FEWEST_EXACT or not is_known(value[exact]):
        return Expected(np.where(exact, value, np.nan), np.zeros(len(value)))
    some = sample(len(value), JUDGES, seed)
    eigenvalue, vectors = decompose(gram[np.ix_(some, some)])
    found = _start(value, relation, float(value[exact].std()))
    ours = Expected(*(part[some] for part in found))
    for _ in range(STEPS):
        square = squares(vectors, ours.value - ours.value.mean(), ours.variance)
        ratio, size = likeliest(eigenvalue, square)
        precision = (vectors / (eigenvalue + ratio)) @ vectors.T
        ours = _expect(precision, size, value[some], relation[some], ours)
    if len(some) == len(value):
        return ours
    covariance = gram.astype(np.float64)
    covariance[np.diag_indices(len(value))] += ratio
    return _expect(inv(covariance, overwrite_a=True, check_finite=False), size, value, relation, found)


def _start(value: Matrix, relation: Signs, sd: float) -> Expected:
    """As if each bound were the middle of what it bounds."""
    bounded, variance, known = relation != EQUAL, np.zeros(len(value)), value.copy()
    known[bounded], variance[bounded] = expect_beyond(
        value[bounded], np.float64(sd), value[bounded], relation[bounded]
    )
    return Expected(known, variance)


def _expect(precision: Matrix, size: float, value: Matrix, relation: Signs, start: Expected) -> Expected:
    """Expectations (m,) beyond bounds, each under what the process says of it by all other values.

    Without its own value, the process expects ``y - (P (y - mean)) / diag(P)`` of a compound, with a variance
    of ``size / diag(P)``, P the inverse covariance (Rasmussen & Williams 2006, section 5.4.2). Steps are
    short enough to converge: the row sums bound the eigenvalues of P scaled to a diagonal of ones.
    """
    bounded = relation != EQUAL
    diagonal = precision.diagonal()
    step = 1 / float((np.abs(precision).sum(axis=1) / diagonal).max())
    sd = np.sqrt(size / diagonal[bounded])
    known, variance, limit = start.value.copy(), start.variance.copy(), SETTLED * value[~bounded].std()
    for _ in range(ROUNDS):
        by_others = (known - precision @ (known - known.mean()) / diagonal)[bounded]
        found = expect_beyond(by_others, sd, value[bounded], relation[bounded])
        change = found.value - known[bounded]
        known[bounded] += step * change
        variance[bounded] = found.variance
        if np.abs(change).max() < limit:
            break
    return Expected(known, variance)
