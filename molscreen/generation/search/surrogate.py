"""Surrogate: what compounds not yet scored may be worth, by a Gaussian process on counted substructures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit.Chem import rdFingerprintGenerator
from scipy.linalg import cholesky, solve_triangular
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped,unused-ignore]

from molscreen.chem.compound import read_key
from molscreen.chem.features.count_fingerprint import MOST
from molscreen.chem.features.minmax import Unary
from molscreen.generation.search.belief import DIGITS, NOISE, WIDTH, Belief, Floats, Posterior

RADIUS = 3  # bonds: ECFP6
OBSERVATIONS = 2000  # at most; the time grows with the cube: 0.1 s for their Cholesky factor
REMEMBERED = 1 << 16  # fingerprints, of about half a kB


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
        self._keys: list[str] = []  # of the latest observations, whose similarities are not computed again
        self._covariance: Floats = np.empty((0, 0))

    def fit(self, scored: Sequence[str], score: Floats) -> Posterior:
        """The process after these observations.

        Parameters
        ----------
        scored : sequence of m str
            Different keys, in the order in which they were scored.
        score : (m,) float
            NaN where there is none; such compounds are left out. At least one has a score.

        Raises
        ------
        ValueError
            No compound has a score, or a key is no SMILES.
        """
        used = choose_observations(score, self.observations)
        if not len(used):
            raise ValueError(f"none of {len(score)} compounds has a score to learn from")
        centre, scale = _scale(score[used]) if self.standardised else (0.0, 1.0)
        keys = [scored[i] for i in used]
        unary = Unary.of(self.count(keys))
        covariance = self._similarities(keys, unary)
        covariance[np.diag_indices_from(covariance)] += NOISE
        with threadpool_limits(limits=1):
            factor = cholesky(covariance, lower=True, overwrite_a=True, check_finite=False)
            scaled = (score[used] - centre) / scale
            weight = solve_triangular(factor, scaled, lower=True, check_finite=False)
        return Posterior(self.count, unary, factor, weight, centre, scale)

    def believe(self, scored: Sequence[str], score: Floats, keys: Sequence[str]) -> Belief:
        """What compounds may be worth, by those that were scored; see `fit` and `Posterior.believe`."""
        return self.fit(scored, score).believe(keys)

    def count(self, keys: Sequence[str]) -> csr_matrix:
        """Substructures of n compounds, (n, WIDTH) uint8.

        Raises
        ------
        ValueError
            A key is no SMILES.
        """
        rows = [self._row(key) for key in keys]
        start = np.cumsum([0, *(len(column) for column, _ in rows)])
        column = np.concatenate([np.empty(0, np.int16), *(column for column, _ in rows)])
        count = np.concatenate([np.empty(0, np.uint8), *(count for _, count in rows)])
        return csr_matrix((count, column.astype(np.int64), start), shape=(len(rows), WIDTH))

    def _similarities(self, keys: list[str], unary: Unary) -> Floats:
        """(o, o) of these compounds with each other, of which those of the latest fit are known."""
        place = {key: i for i, key in enumerate(self._keys)}
        old = [i for i, key in enumerate(keys) if key in place]
        new = [i for i, key in enumerate(keys) if key not in place]
        known = [place[keys[i]] for i in old]
        covariance = np.empty((len(keys), len(keys)))
        covariance[np.ix_(old, old)] = self._covariance[np.ix_(known, known)]
        if new:
            column = unary.similarity(self.count([keys[i] for i in new])).astype(np.float64)
            covariance[:, new] = column
            covariance[new, :] = column.T
        self._keys, self._covariance = keys, covariance.copy()
        return covariance


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


def _scale(score: Floats) -> tuple[float, float]:
    """Mean and standard deviation; 1 for the latter where all are alike."""
    std = float(score.std())
    return float(score.mean()), std if std > 10.0**-DIGITS else 1.0


def _count(key: str) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    """Columns, rising, and counts of the circular substructures of a compound."""
    mol = read_key(key)
    found = sorted(_counter().GetCountFingerprint(mol).GetNonzeroElements().items())
    column, count = np.array(found, np.int64).reshape(-1, 2).T
    return column.astype(np.int16), count.clip(max=MOST).astype(np.uint8)


@cache
def _counter() -> Any:
    return rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=WIDTH)
