"""Fit a kernel expert: for each endpoint a Gaussian process, its noise chosen by marginal likelihood."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molscreen.endpoint import Endpoint, are_labels
from molscreen.prediction.experts.described import Described
from molscreen.prediction.experts.descriptor_space import DescriptorSpace
from molscreen.prediction.experts.kernel import KernelExpert, to_opinion
from molscreen.prediction.experts.likeness import Profile
from molscreen.prediction.threads import single_thread
from molscreen.training.bounds import Expected, Settled, settle_bounds
from molscreen.training.experts.cross_fitted import CrossFitted
from molscreen.training.process import (
    JUDGES,
    Matrix,
    draw,
    gram_matrix,
    is_known,
    noise_ratio,
    sample,
)


def fit_kernel(
    compounds: Described,
    value: NDArray[np.floating],
    relation: NDArray[np.integer],
    endpoints: Sequence[Endpoint],
    *,
    seed: int = 0,
) -> KernelExpert:
    """Fit a `KernelExpert` to measurements; of a censored one to what is expected beyond its bound.

    For each endpoint a Gaussian process with covariance ``s2 * (K + ratio * I)``, K the likeness,
    around the mean of its measurements; labels 0 and 1 are fitted like numbers. The noise `ratio` is the
    likeliest of `NOISE`, judged on at most `JUDGES` compounds; s2 cancels from the opinions. An endpoint
    with more than `LARGEST` measurements is fitted on as many of them, drawn at random; the rest
    teaches nothing. With fewer than two different values an endpoint is not known. What is expected beyond
    bounds is found by the same process: see `molscreen.training.bounds.settle_bounds`.

    Parameters
    ----------
    compounds : Described
        n of them, with unique keys.
    value : (n, t) float
        On the fitted scale (`molscreen.prediction.certainty.calibration.to_fitted_scale`), or labels 0 and 1;
        NaN = not measured.
    relation : (n, t) int
        -1: the true value is at most `value`; 0: equal; 1: at least.
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
    _check_shapes(compounds, value, relation, endpoints)
    settled = settle_bounds(compounds, value, relation, endpoints, seed=seed)
    return _fit(compounds, settled, endpoints, fold=None, seed=seed).expert


def cross_fit_kernel(
    compounds: Described,
    value: NDArray[np.floating],
    relation: NDArray[np.integer],
    endpoints: Sequence[Endpoint],
    *,
    fold: NDArray[np.integer],
    seed: int = 0,
    settled: Settled | None = None,
) -> CrossFitted[KernelExpert]:
    """`fit_kernel`, and its opinions out of fold: on each compound, fitted without its fold.

    Noise, weights, and what is expected beyond bounds, come for a fold from the others alone. The descriptor
    space is that of all compounds: it knows their structures, and nothing that was measured.

    Parameters
    ----------
    compounds, value, relation, endpoints, seed
        As for `fit_kernel`.
    fold : (n,) int
    settled : Settled, optional
        What `settle_bounds` makes of these measurements and folds, where that was done already.

    Returns
    -------
    CrossFitted
        Its opinions are NaN where a compound fits nothing, as it was not measured, or is one too many; and
        where the other folds do not know the endpoint.

    Raises
    ------
    ValueError
        A shape differs, or a key is no SMILES.
    """
    if fold.shape != (len(compounds.keys),):
        raise ValueError(f"folds have shape {fold.shape}, expected (n,) = ({len(compounds.keys)},)")
    _check_shapes(compounds, value, relation, endpoints)
    if settled is None:
        settled = settle_bounds(compounds, value, relation, endpoints, fold=fold, seed=seed)
    return _fit(compounds, settled, endpoints, fold=fold, seed=seed)


def _check_shapes(
    compounds: Described,
    value: NDArray[np.floating],
    relation: NDArray[np.integer],
    endpoints: Sequence[Endpoint],
) -> None:
    shape = (len(compounds.keys), len(endpoints))
    if value.shape != shape or relation.shape != shape:
        raise ValueError(
            f"values have shape {value.shape}, relations {relation.shape}, expected (n, t) = {shape}"
        )


def _fit(
    compounds: Described,
    settled: Settled,
    endpoints: Sequence[Endpoint],
    *,
    fold: NDArray[np.integer] | None,
    seed: int,
) -> CrossFitted[KernelExpert]:
    """The expert, and its opinions (n, t) out of fold, which are all NaN without folds."""
    shape = settled.value.shape
    rows = [draw(settled.value[:, j], (seed, j)) for j in range(len(endpoints))]
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
            gram = gram_matrix(profile.take(mine), space)
            at = np.searchsorted(used, mine)
            shift[j], weight[at, j] = _solve(gram, settled.of(mine, j), (seed, j))
            if fold is not None:
                out = _out_of_fold(gram, settled, mine, j, fold=fold[mine], seed=(seed, j))
                said[mine, j], shift_apart[j], weight_apart[at, j] = out
    is_label = are_labels(endpoints)
    reference = profile.take(used)
    return CrossFitted(
        KernelExpert(space, reference, weight, shift, is_label),
        KernelExpert(space, reference, weight_apart, shift_apart, is_label),
        to_opinion(said, is_label),
    )


def _solve(
    gram: NDArray[np.float32], known: Expected, seed: tuple[int, int]
) -> tuple[float, NDArray[np.float32]]:
    """Shift, and weights (m,), of one endpoint; NaN and zeros if it is not known."""
    from scipy.linalg import cho_factor, cho_solve

    value, variance = known
    if not is_known(value):
        return float("nan"), np.zeros(len(value), np.float32)
    shift = float(value.mean())
    judges = sample(len(value), JUDGES, seed)
    uncertain = variance[judges] if variance.any() else None
    ratio = noise_ratio(gram[np.ix_(judges, judges)], value[judges] - shift, uncertain)
    covariance = gram.astype(np.float64, order="F")
    covariance[np.diag_indices(len(value))] += ratio
    factor = cho_factor(covariance, lower=True, overwrite_a=True, check_finite=False)
    return shift, cho_solve(factor, value - shift).astype(np.float32)


def _out_of_fold(
    gram: NDArray[np.float32],
    settled: Settled,
    rows: NDArray[np.intp],
    j: int,
    *,
    fold: NDArray[np.integer],
    seed: tuple[int, int],
) -> tuple[Matrix, float, NDArray[np.float32]]:
    """What experts say (m,) of each fold when fitted without it; shift and weights (m,) without fold 0."""
    said = np.full(len(rows), np.nan)
    shift_apart, weight_apart = float("nan"), np.zeros(len(rows), np.float32)
    for number in np.unique(fold).tolist():
        known, left_out = settled.without(number).of(rows, j), np.flatnonzero(fold == number)
        rest = np.flatnonzero((fold != number) & ~np.isnan(known.value))
        if not len(rest):
            continue
        shift, weight = _solve(gram[np.ix_(rest, rest)], Expected(*(part[rest] for part in known)), seed)
        said[left_out] = shift + gram[np.ix_(left_out, rest)].astype(np.float64) @ weight
        if number == 0:
            shift_apart, weight_apart[rest] = shift, weight
    return said, shift_apart, weight_apart
