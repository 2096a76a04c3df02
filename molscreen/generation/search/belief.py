"""Belief: what a Gaussian process thinks of compounds not yet scored, and which it would try next."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped,unused-ignore]

from molscreen.chem.features.minmax import Unary

Floats = NDArray[np.float64]

WIDTH = 2048  # columns that substructures are folded to
NOISE = 1e-4  # variance, of an amplitude of 1
DIGITS = 6  # to which values are compared and told, so that they do not depend on the last bits


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """What the process thinks of n compounds, each by itself and all together.

    Attributes
    ----------
    mean, std : (n,) float
        In units of the score.
    counts : (n, WIDTH) csr_matrix
    whitened : (o, n) float
        Similarities to the o observations, multiplied by the inverse of their Cholesky factor.
    amplitude : float
        Standard deviation of a compound that is like no other, in units of the score.
    """

    mean: Floats
    std: Floats
    counts: csr_matrix
    whitened: Floats
    amplitude: float

    def bound(self, beta: float) -> Floats:
        """(n,) upper confidence bounds, ``mean + beta * std``, in units of the score."""
        return np.round(self.mean + beta * self.std, DIGITS)


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """The process after it has seen o observations: it can be asked again and again.

    Attributes
    ----------
    count : callable
        From n keys to counts of their substructures, (n, WIDTH); see `Surrogate.count`.
    unary : Unary
        Of the observed compounds.
    factor : (o, o) float
        Lower Cholesky factor of their covariance.
    weight : (o,) float
        Their scores, of mean 0 and spread 1, multiplied by the inverse of the factor.
    centre, scale : float
        By which scores were moved and divided.
    """

    count: Callable[[Sequence[str]], csr_matrix]
    unary: Unary
    factor: Floats
    weight: Floats
    centre: float
    scale: float

    def believe(self, keys: Sequence[str]) -> Belief:
        """What the n compounds of these keys may be worth.

        Raises
        ------
        ValueError
            A key is no SMILES.
        """
        counts = self.count(keys)
        with threadpool_limits(limits=1):  # more would end in other last bits
            similarity = self.unary.similarity(counts).astype(np.float64)
            whitened = solve_triangular(
                self.factor, similarity, lower=True, overwrite_b=True, check_finite=False
            )
            mean = self.weight @ whitened
        variance = 1 - np.einsum("on,on->n", whitened, whitened)
        return Belief(
            np.round(self.centre + self.scale * mean, DIGITS),
            np.round(self.scale * np.sqrt(variance.clip(min=0)), DIGITS),
            counts,
            whitened,
            self.scale,
        )


def draw_beta(rng: np.random.Generator) -> float:
    """How much the unknown is worth in one round: 10 to a power from -2 to 0, evenly.

    From almost none to one at which a compound like no other beats all but the best: a fixed one would be
    wrong most of the time (Tripp & Hernández-Lobato, arXiv:2406.07709).
    """
    return float(10 ** rng.uniform(-2, 0))


def pick_by_ucb(belief: Belief, n: int, beta: float) -> list[int]:
    """The `n` compounds of the highest upper confidence bounds, ``mean + beta * std``, one after the other.

    After each, all are less unknown, the like of it most, as if it had been scored as expected: ten of one
    kind are not picked for being unknown together. Ties go to the first.

    Returns
    -------
    list of int
        Places in `belief`, in the order in which they were picked.

    References
    ----------
    Srinivas et al., IEEE Trans. Inf. Theory 58, 3250 (2012), doi:10.1109/TIT.2011.2182033 (UCB).
    Desautels, Krause & Burdick, J. Mach. Learn. Res. 15, 4053 (2014) (batches).
    """
    alike = Unary.of(belief.counts)
    variance = (belief.std / belief.amplitude) ** 2
    steps: list[Floats] = []  # of each pick, by which covariances shrink
    picked: list[int] = []
    with threadpool_limits(limits=1):
        for _ in range(min(n, len(belief.mean))):
            bound = belief.mean + beta * belief.amplitude * np.sqrt(variance.clip(min=0))
            bound[picked] = -math.inf
            place = int(np.argmax(np.round(bound, DIGITS)))
            similarity = alike.similarity(belief.counts[place])[:, 0]
            prior = similarity - belief.whitened[:, place] @ belief.whitened  # before this batch
            covariance = prior - sum(step[place] * step for step in steps)
            steps.append(covariance / math.sqrt(max(variance[place], 0) + NOISE))
            variance = variance - steps[-1] ** 2
            picked.append(place)
    return picked
