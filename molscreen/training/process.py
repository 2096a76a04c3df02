"""Process: a Gaussian process on the likeness of compounds: its covariance, and its noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from molscreen.prediction.experts.descriptor_space import DescriptorSpace
from molscreen.prediction.experts.likeness import Profile, Reference

LARGEST = 8000  # compounds that fit one endpoint: 0.8 GB and a minute at most
JUDGES = 2000  # compounds that the noise is chosen on
NOISE = np.geomspace(0.02, 6.0, 16)  # noise variance over signal variance
FEWEST_VALUES = 2  # different values, below which an endpoint is not known
_STEP = 1024  # compounds whose similarities are computed at once

Index = NDArray[np.intp]
Matrix = NDArray[np.float64]


def draw(column: Matrix, seed: tuple[int, int]) -> Index:
    """At most `LARGEST` of the measured compounds, rising; none if their values are all alike."""
    measured = np.flatnonzero(~np.isnan(column))
    if not is_known(column[measured]):
        return measured[:0]
    return measured[sample(len(measured), LARGEST, seed)]


def sample(n: int, most: int, seed: tuple[int, int]) -> Index:
    """At most that many of n places, rising."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def is_known(values: Matrix) -> bool:
    """Whether the values are two different ones at least."""
    return len(np.unique(values)) >= FEWEST_VALUES


def gram_matrix(profile: Profile, space: DescriptorSpace) -> NDArray[np.float32]:
    """Likeness (m, m) of m compounds to each other; the half below the diagonal is computed."""
    m = len(profile)
    gram = np.empty((m, m), np.float32)
    for start in range(0, m, _STEP):
        below = profile.take(slice(start, None))
        similarity = Reference(below, space).similarity(below.take(slice(0, _STEP)))  # (m - start, step)
        gram[start:, start : start + _STEP] = similarity
        gram[start : start + _STEP, start:] = similarity.T
    return gram


def noise_ratio(gram: NDArray[np.floating], residual: Matrix, variance: Matrix | None = None) -> float:
    """The likeliest of `NOISE` for m values around their mean; see `likeliest`.

    Parameters
    ----------
    gram : (m, m) float
    residual : (m,) float
        Not all of them 0.
    variance : (m,) float, optional
        Of values that are only expected.

    Examples
    --------
    >>> alike = np.kron(np.eye(2), np.ones((2, 2)))  # two pairs of twins
    >>> noise_ratio(alike, np.array([1.0, 1.0, -1.0, -1.0]))  # who measure alike
    0.02
    >>> noise_ratio(alike, np.array([1.0, -1.0, 1.0, -1.0]))  # who do not
    6.0
    """
    eigenvalue, vectors = decompose(gram)
    return likeliest(eigenvalue, squares(vectors, residual, variance))[0]


def decompose(gram: NDArray[np.floating]) -> tuple[Matrix, Matrix]:
    """Eigenvalues (m,), none below 0, and eigenvectors (m, m) of likeness."""
    from scipy.linalg import eigh

    eigenvalue, vectors = eigh(gram.astype(np.float64), check_finite=False, overwrite_a=True)
    return eigenvalue.clip(min=0), vectors


def squares(vectors: Matrix, residual: Matrix, variance: Matrix | None = None) -> Matrix:
    """Squares (m,) of residuals in the eigenvectors; what is expected of them, where they have a variance."""
    square: Matrix = (vectors.T @ residual) ** 2
    return square if variance is None else square + variance @ vectors**2


def likeliest(eigenvalue: Matrix, square: Matrix) -> tuple[float, float]:
    """The noise ratio, of `NOISE`, and the signal variance s2 that are likeliest.

    With eigenvalues e of K and z the residuals in its eigenvectors, the log marginal likelihood is
    ``-m/2 log(sum(z**2 / (e + ratio)) / m) - 1/2 sum(log(e + ratio))`` and a constant, once the
    likeliest s2 is put in.

    References
    ----------
    Rasmussen & Williams, Gaussian Processes for Machine Learning, MIT Press 2006, section 5.4.1.
    """
    spread = eigenvalue[:, None] + NOISE  # (m, ratios)
    size = (square[:, None] / spread).mean(axis=0)
    likelihood = -len(square) * np.log(size) - np.log(spread).sum(axis=0)
    best = likelihood.argmax()
    return float(NOISE[best]), float(size[best])
