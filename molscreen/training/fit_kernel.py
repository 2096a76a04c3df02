"""Fit a kernel expert: for each endpoint a Gaussian process, its noise chosen by marginal likelihood."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molscreen.endpoint import Endpoint
from molscreen.prediction.described import Described
from molscreen.prediction.descriptor_space import DescriptorSpace
from molscreen.prediction.kernel import KernelExpert, to_opinion
from molscreen.prediction.likeness import Profile, Reference
from molscreen.prediction.threads import single_thread
from molscreen.training.cross_fitted import CrossFitted

LARGEST = 8000  # compounds that fit one endpoint: 0.8 GB and a minute at most
JUDGES = 2000  # compounds that the noise is chosen on
NOISE = np.geomspace(0.02, 6.0, 16)  # noise variance over signal variance
FEWEST_VALUES = 2  # different values, below which an endpoint is not known
_STEP = 1024  # compounds whose similarities are computed at once

Index = NDArray[np.intp]
Matrix = NDArray[np.float64]


def fit_kernel(
    compounds: Described,
    value: NDArray[np.floating],
    relation: NDArray[np.integer],
    endpoints: Sequence[Endpoint],
    *,
    seed: int = 0,
) -> KernelExpert:
    """Fit a `KernelExpert` to exact measurements; censored ones are left out.

    For each endpoint a Gaussian process with covariance ``s2 * (K + ratio * I)``, K the likeness,
    around the mean of its measurements; labels 0 and 1 are fitted like numbers. The noise `ratio` is the
    likeliest of `NOISE`, judged on at most `JUDGES` compounds; s2 cancels from the opinions. An endpoint
    with more than `LARGEST` exact measurements is fitted on as many of them, drawn at random; the rest
    teaches nothing. With fewer than two different values an endpoint is not known.

    Parameters
    ----------
    compounds : Described
        n of them, with unique keys.
    value : (n, t) float
        On the fitted scale (`molscreen.prediction.calibration.to_fitted_scale`), or labels 0 and 1;
        NaN = not measured.
    relation : (n, t) int
        0: exact; any other: censored.
    endpoints : sequence of t Endpoint
    seed : int

    Raises
    ------
    ValueError
        A shape differs, or a key is no SMILES.

    References
    ----------
    Ralaivola et al., Neural Networks 18, 1093 (2005), doi:10.1016/j.neunet.2005.07.009.
    Rasmussen & Williams, Gaussian Processes for Machine Learning, MIT Press 2006, sections 2.2 and 5.4.1.

    Examples
    --------
    >>> alkanes = Described(["C" * n for n in range(4, 12)])
    >>> expert = fit_kernel(
    ...     alkanes, np.arange(4.0, 12)[:, None], np.zeros((8, 1), int), [Endpoint(name="carbons")]
    ... )
    >>> bool(expert.opine(Described(["C" * 10])) > 8)
    True
    """
    return _fit(compounds, value, relation, endpoints, fold=None, seed=seed).expert


def cross_fit_kernel(
    compounds: Described,
    value: NDArray[np.floating],
    relation: NDArray[np.integer],
    endpoints: Sequence[Endpoint],
    *,
    fold: NDArray[np.integer],
    seed: int = 0,
) -> CrossFitted[KernelExpert]:
    """`fit_kernel`, and its opinions out of fold: on each compound, fitted without its fold.

    Noise and weights of a fold come from the others alone. The descriptor space is that of all compounds:
    it knows their structures, and nothing that was measured.

    Parameters
    ----------
    compounds, value, relation, endpoints, seed
        As for `fit_kernel`.
    fold : (n,) int

    Returns
    -------
    CrossFitted
        Its opinions are NaN where a compound fits nothing, as it was not measured, only a bound is known, or
        it is one too many; and where the other folds do not know the endpoint.

    Raises
    ------
    ValueError
        A shape differs, or a key is no SMILES.
    """
    if fold.shape != (len(compounds.keys),):
        raise ValueError(f"folds have shape {fold.shape}, expected (n,) = ({len(compounds.keys)},)")
    return _fit(compounds, value, relation, endpoints, fold=fold, seed=seed)


def _fit(
    compounds: Described,
    value: NDArray[np.floating],
    relation: NDArray[np.integer],
    endpoints: Sequence[Endpoint],
    *,
    fold: NDArray[np.integer] | None,
    seed: int,
) -> CrossFitted[KernelExpert]:
    """The expert, and its opinions (n, t) out of fold, which are all NaN without folds."""
    shape = (len(compounds.keys), len(endpoints))
    if value.shape != shape or relation.shape != shape:
        raise ValueError(
            f"values have shape {value.shape}, relations {relation.shape}, expected (n, t) = {shape}"
        )
    exact = np.where(relation == 0, value, np.nan).astype(np.float64)
    rows = [_draw(exact[:, j], (seed, j)) for j in range(len(endpoints))]
    used = np.unique(np.concatenate([np.empty(0, np.intp), *rows]))
    space = DescriptorSpace.fit(compounds.descriptors, seed=seed)
    profile = Profile.of(compounds, space)
    weight, weight_apart = np.zeros((2, len(used), len(endpoints)), np.float32)
    shift, shift_apart = np.full((2, len(endpoints)), np.nan)
    said = np.full(shape, np.nan)
    with single_thread():
        for j, mine in enumerate(rows):
            if not len(mine):
                continue
            gram, measured = _gram(profile.take(mine), space), exact[mine, j]
            at = np.searchsorted(used, mine)
            shift[j], weight[at, j] = _solve(gram, measured, (seed, j))
            if fold is not None:
                out = _out_of_fold(gram, measured, fold[mine], (seed, j))
                said[mine, j], shift_apart[j], weight_apart[at, j] = out
    is_label = np.array([endpoint.kind == "classification" for endpoint in endpoints], bool)
    reference = profile.take(used)
    return CrossFitted(
        KernelExpert(space, reference, weight, shift, is_label),
        KernelExpert(space, reference, weight_apart, shift_apart, is_label),
        to_opinion(said, is_label),
    )


def _draw(column: Matrix, seed: tuple[int, int]) -> Index:
    """At most `LARGEST` of the measured compounds, rising; none if their values are all alike."""
    measured = np.flatnonzero(~np.isnan(column))
    if not _is_known(column[measured]):
        return measured[:0]
    return measured[_sample(len(measured), LARGEST, seed)]


def _sample(n: int, most: int, seed: tuple[int, int]) -> Index:
    """At most that many of n places, rising."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def _is_known(values: Matrix) -> bool:
    return len(np.unique(values)) >= FEWEST_VALUES


def _gram(profile: Profile, space: DescriptorSpace) -> NDArray[np.float32]:
    """Likeness (m, m) of m compounds to each other; the half below the diagonal is computed."""
    m = len(profile)
    gram = np.empty((m, m), np.float32)
    for start in range(0, m, _STEP):
        below = profile.take(slice(start, None))
        similarity = Reference(below, space).similarity(below.take(slice(0, _STEP)))  # (m - start, step)
        gram[start:, start : start + _STEP] = similarity
        gram[start : start + _STEP, start:] = similarity.T
    return gram


def noise_ratio(gram: NDArray[np.floating], residual: Matrix) -> float:
    """The likeliest of `NOISE` for m values around their mean.

    With eigenvalues e of K and z the residuals in its eigenvectors, the log marginal likelihood is
    ``-m/2 log(sum(z**2 / (e + ratio)) / m) - 1/2 sum(log(e + ratio))`` and a constant, once the
    likeliest s2 is put in.

    Parameters
    ----------
    gram : (m, m) float
    residual : (m,) float
        Not all of them 0.

    References
    ----------
    Rasmussen & Williams, Gaussian Processes for Machine Learning, MIT Press 2006, section 5.4.1.

    Examples
    --------
    >>> alike = np.kron(np.eye(2), np.ones((2, 2)))  # two pairs of twins
    >>> noise_ratio(alike, np.array([1.0, 1.0, -1.0, -1.0]))  # who measure alike
    0.02
    >>> noise_ratio(alike, np.array([1.0, -1.0, 1.0, -1.0]))  # who do not
    6.0
    """
    from scipy.linalg import eigh

    eigenvalue, vectors = eigh(gram.astype(np.float64), check_finite=False, overwrite_a=True)
    spread = eigenvalue.clip(min=0)[:, None] + NOISE  # (m, ratios)
    square = ((vectors.T @ residual) ** 2)[:, None]
    likelihood = -len(residual) * np.log((square / spread).mean(axis=0)) - np.log(spread).sum(axis=0)
    return float(NOISE[likelihood.argmax()])


def _solve(
    gram: NDArray[np.float32], value: Matrix, seed: tuple[int, int]
) -> tuple[float, NDArray[np.float32]]:
    """Shift, and weights (m,), of one endpoint; NaN and zeros if it is not known."""
    from scipy.linalg import cho_factor, cho_solve

    if not _is_known(value):
        return float("nan"), np.zeros(len(value), np.float32)
    shift = float(value.mean())
    judges = _sample(len(value), JUDGES, seed)
    ratio = noise_ratio(gram[np.ix_(judges, judges)], value[judges] - shift)
    covariance = gram.astype(np.float64, order="F")
    covariance[np.diag_indices(len(value))] += ratio
    factor = cho_factor(covariance, lower=True, overwrite_a=True, check_finite=False)
    return shift, cho_solve(factor, value - shift).astype(np.float32)


def _out_of_fold(
    gram: NDArray[np.float32], value: Matrix, fold: NDArray[np.integer], seed: tuple[int, int]
) -> tuple[Matrix, float, NDArray[np.float32]]:
    """What experts say (m,) of each fold when fitted without it; shift and weights (m,) without fold 0."""
    said = np.full(len(value), np.nan)
    shift_apart, weight_apart = float("nan"), np.zeros(len(value), np.float32)
    for number in np.unique(fold):
        rest, left_out = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        if not len(rest):
            continue
        shift, weight = _solve(gram[np.ix_(rest, rest)], value[rest], seed)
        said[left_out] = shift + gram[np.ix_(left_out, rest)].astype(np.float64) @ weight
        if number == 0:
            shift_apart, weight_apart[rest] = shift, weight
    return said, shift_apart, weight_apart
