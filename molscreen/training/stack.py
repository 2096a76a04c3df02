"""Stack: weights of experts from what they said of compounds that they were not fitted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, nnls
from scipy.special import expit

from molscreen.endpoint import Endpoint
from molscreen.prediction.blend import Blend, Matrix

PRIOR = 10.0  # compounds' worth of belief that all experts are equally good
FEWEST = 20  # compounds, and of each class, below which the experts count alike


def stack(
    opinions: Mapping[str, NDArray[np.floating]],
    target: NDArray[np.floating],
    endpoints: Sequence[Endpoint],
) -> Blend:
    """A `Blend` for each endpoint: least squares, or logistic regression, with weights of at least 0.

    Weights are drawn towards equal ones as if ten more compounds had shown the experts to be equally
    good, and experts count alike where fewer than 20 compounds (or of a class) can tell.

    Parameters
    ----------
    opinions : mapping of str to (n, t) float
        Out-of-fold, on the fitted scale or as logits; NaN where an expert was not asked. Only compounds on
        which all experts that know an endpoint have an opinion decide its weights.
    target : (n, t) float
        Measured, on the fitted scale, or labels; NaN = not measured, or censored.
    endpoints : sequence of t Endpoint

    References
    ----------
    Wolpert, Neural Networks 5, 241 (1992), doi:10.1016/S0893-6080(05)80023-1; weights of at least 0:
    Breiman, Mach. Learn. 24, 49 (1996), doi:10.1007/BF00117832.

    Examples
    --------
    >>> truth = np.linspace(-1, 1, 50)[:, None]
    >>> guess = np.resize([0.5, -0.5], (50, 1))
    >>> blend = stack({"knows": truth, "guesses": guess}, truth, [Endpoint(name="logP", unit="log10")])
    >>> bool(blend.weight[0, 0] > 0.8 > 0.1 > blend.weight[1, 0])
    True
    """
    names = tuple(opinions)
    said = np.stack([np.asarray(opinions[name], np.float64) for name in names], axis=-1)  # (n, t, e)
    weight, offset = np.zeros((len(names), len(endpoints))), np.zeros(len(endpoints))
    for j, endpoint in enumerate(endpoints):
        known = ~np.isnan(said[:, j]).all(axis=0)  # (e,) experts that know this endpoint
        if not known.any():
            continue
        usable = ~np.isnan(said[:, j][:, known]).any(axis=1) & ~np.isnan(target[:, j])
        x, y = said[usable, j][:, known], target[usable, j].astype(np.float64)
        fit = _logistic if endpoint.kind == "classification" else _least_squares
        weight[known, j], offset[j] = fit(x, y)
    return Blend(names, weight, offset)


def _least_squares(x: Matrix, y: Matrix) -> tuple[Matrix, float]:
    """Weights (e,) and offset from opinions (n, e) and measured values (n,)."""
    n, e = x.shape
    equal = np.full(e, 1 / e)
    if n < FEWEST:
        return equal, 0.0
    centre, middle = x.mean(axis=0), y.mean()
    pull = np.sqrt(PRIOR * x.var(axis=0).mean())
    rows = np.concatenate([x - centre, pull * np.eye(e)])
    found, _ = nnls(rows, np.concatenate([y - middle, pull * equal]))
    return (found, float(middle - centre @ found)) if found.any() else (equal, 0.0)


def _logistic(x: Matrix, y: Matrix) -> tuple[Matrix, float]:
    """The same from logits (n, e) and labels (n,)."""
    e = x.shape[1]
    equal = np.full(e, 1 / e)
    if min((y == 0).sum(), (y == 1).sum()) < FEWEST:
        return equal, 0.0
    size = x.var(axis=0).mean()

    def loss(parameters: Matrix) -> tuple[float, Matrix]:
        w, b = parameters[:e], parameters[e]
        z = x @ w + b
        off = w - equal
        value = np.logaddexp(0, z).sum() - y @ z + 0.5 * PRIOR * size * off @ off / 4
        slope = expit(z) - y
        return float(value), np.append(x.T @ slope + PRIOR * size * off / 4, slope.sum())

    start = np.append(equal, 0.0)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * e + [(None, None)]).x
    return (found[:e], float(found[e])) if found[:e].any() else (equal, 0.0)
