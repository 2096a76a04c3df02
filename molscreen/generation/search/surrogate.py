"""Surrogate: what compounds not yet scored may be worth, by a Gaussian process on counted substructures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from scipy.linalg import cholesky, solve_triangular
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped,unused-ignore]

from molscreen.chem.count_fingerprint import MOST
from molscreen.chem.minmax import Unary

Floats = NDArray[np.float64]

RADIUS = 3  # bonds: ECFP6
WIDTH = 2048  # columns that substructures are folded to
NOISE = 1e-4  # variance, of an amplitude of 1
OBSERVATIONS = 2000  # at most; the time grows with the cube: 0.1 s for their Cholesky factor
DIGITS = 6  # to which values are compared and told, so that they do not depend on the last bits
REMEMBERED = 1 << 16  # fingerprints, of about half a kB


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


class Surrogate:
    """An exact Gaussian process with the min-max kernel (count Tanimoto) on Morgan counts of radius 3.

    No parameter is fitted: mean 0, amplitude 1 and noise 1e-4 are those of Tripp & Hernández-Lobato
    (arXiv:2406.07709), who found that a fitted amplitude makes a search too sure of itself.

    Parameters
    ----------
    observations : int
        Of more, the better half by score and, of the others, the most recent are used.
    standardised : bool
        Whether scores are first brought to mean 0 and standard deviation 1, and beliefs back. Then a compound
        like no other is thought average, and neither the zero nor the unit of the score matters. With scores
        from 0 to 1 as they are, it is thought worthless, as the paper has it. Of 1,000 drugs and analogues,
        140 scored, both find as much where scores are spread out; between 0.90 and 0.95 only the
        standardised one finds more than chance, namely the ten best.

    Examples
    --------
    >>> surrogate = Surrogate()
    >>> belief = surrogate.believe(["CCCCO", "CCCCN"], np.array([0.8, 0.2]), ["CCCCCO", "CCCCCN"])
    >>> bool(belief.mean[0] > belief.mean[1])
    True
    """

    def __init__(self, *, observations: int = OBSERVATIONS, standardised: bool = True) -> None:
        self.observations = observations
        self.standardised = standardised
        self._row = lru_cache(REMEMBERED)(_count)

    def believe(self, scored: Sequence[str], score: Floats, keys: Sequence[str]) -> Belief:
        """What compounds may be worth, by those that were scored.

        Parameters
        ----------
        scored : sequence of m str
            Keys, in the order in which they were scored.
        score : (m,) float
            NaN where there is none; such compounds are left out. At least one has a score.
        keys : sequence of n str

        Raises
        ------
        ValueError
            No compound has a score, or a key is no SMILES.
        """
        used = choose_observations(score, self.observations)
        if not len(used):
            raise ValueError(f"none of {len(score)} compounds has a score to learn from")
        centre, scale = _scale(score[used]) if self.standardised else (0.0, 1.0)
        known, counts = self._counts([scored[i] for i in used]), self._counts(keys)
        unary = Unary.of(known)
        with threadpool_limits(limits=1):  # more would end in other last bits
            covariance = unary.similarity(known).astype(np.float64)
            covariance[np.diag_indices_from(covariance)] += NOISE
            factor = cholesky(covariance, lower=True, overwrite_a=True, check_finite=False)
            right = np.column_stack([unary.similarity(counts), (score[used] - centre) / scale])
            whitened = solve_triangular(factor, right, lower=True, overwrite_b=True, check_finite=False)
            mean = whitened[:, -1] @ whitened[:, :-1]
        variance = 1 - np.einsum("on,on->n", whitened[:, :-1], whitened[:, :-1])
        return Belief(
            np.round(centre + scale * mean, DIGITS),
            np.round(scale * np.sqrt(variance.clip(min=0)), DIGITS),
            counts,
            whitened[:, :-1],
            scale,
        )

    def _counts(self, keys: Sequence[str]) -> csr_matrix:
        """(n, WIDTH) uint8."""
        rows = [self._row(key) for key in keys]
        start = np.cumsum([0, *(len(column) for column, _ in rows)])
        column = np.concatenate([np.empty(0, np.int16), *(column for column, _ in rows)])
        count = np.concatenate([np.empty(0, np.uint8), *(count for _, count in rows)])
        return csr_matrix((count, column.astype(np.int64), start), shape=(len(rows), WIDTH))


def choose_observations(score: Floats, most: int) -> NDArray[np.intp]:
    """Which of m scored compounds to learn from: all, or the best half of `most` and the latest others.

    The best show what is wanted, the latest what the search has just tried. Ties go to the earlier.

    Returns
    -------
    (at most `most`,) int
        Places in `score`, rising; none whose score is NaN.

    Examples
    --------
    >>> choose_observations(np.array([0.1, 0.9, 0.2, np.nan, 0.3]), 2).tolist()
    [1, 4]
    """
    there = np.flatnonzero(~np.isnan(score))
    if len(there) <= most:
        return there
    best = there[np.argsort(-score[there], kind="stable")[: (most + 1) // 2]]
    others = np.setdiff1d(there, best)
    return np.sort(np.concatenate([best, others[len(others) - most // 2 :]]))


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


def _scale(score: Floats) -> tuple[float, float]:
    """Mean and standard deviation; 1 for the latter where all are alike."""
    std = float(score.std())
    return float(score.mean()), std if std > 10.0**-DIGITS else 1.0


def _count(key: str) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    """Columns, rising, and counts of the circular substructures of a compound."""
    mol = Chem.MolFromSmiles(key)
    if mol is None:
        raise ValueError(f"'{key}' is no SMILES; standardize it first")
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=WIDTH)
    found = sorted(generator.GetCountFingerprint(mol).GetNonzeroElements().items())
    column, count = np.array(found, np.int64).reshape(-1, 2).T
    return column.astype(np.int16), count.clip(max=MOST).astype(np.uint8)
