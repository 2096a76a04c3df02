"""Baseline: random forests on ECFP counts, trained and reported beside every network.

A network that cannot beat them has learnt no more than which substructures occur. They do not
ship: forests have no file format but pickle, and a bundle holds none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.features.fingerprint import ecfp_counts
from molscreen.endpoint import Endpoint
from molscreen.graphs.pack import PackedGraphs
from molscreen.prediction.certainty.calibration import from_fitted_scale, to_fitted_scale
from molscreen.prediction.predictor import Prediction

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

TREES = 200
FEWEST_FOR_FOREST = 2  # measured compounds, and classes, below which an endpoint gets no forest


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """A `Predictor` with one random forest for each endpoint.

    ``mean`` is that of the trees (on the fitted scale), ``std`` their spread. It has no opinion
    on the rest: bounds and distance are NaN, and nothing is in its domain.

    Attributes
    ----------
    endpoints : tuple of t Endpoint
    forests : tuple of t forests
        None for an endpoint with fewer than two labels, or labels of one class only: its column
        is NaN.
    """

    endpoints: tuple[Endpoint, ...]
    forests: tuple[RandomForestClassifier | RandomForestRegressor | None, ...]

    def predict(self, keys: Sequence[str], graphs: PackedGraphs | None = None) -> Prediction:  # noqa: ARG002
        """Predict n compounds, row i for ``keys[i]``; see `Predictor`."""
        n, t = len(keys), len(self.endpoints)
        mean, std = np.full((2, n, t), np.nan)
        counts = _features(keys)
        for j, forest in enumerate(self.forests):
            if forest is not None and n:
                mean[:, j], std[:, j] = _vote(forest, counts)
        unknown = np.full(n, np.nan, np.float32)
        missing = np.full((n, t), np.nan, np.float32)
        in_unit, spread = from_fitted_scale(mean, std, self.endpoints)
        return Prediction(
            self.endpoints,
            mean=in_unit.astype(np.float32),
            std=spread.astype(np.float32),
            low=missing,
            high=missing,
            distance=unknown,
            in_domain=np.zeros(n, bool),
        )


def fit_baseline(
    keys: Sequence[str],
    value: NDArray[np.floating],
    endpoints: Sequence[Endpoint],
    *,
    seed: int = 0,
    n_jobs: int = 1,
) -> Baseline:
    """Fit a `Baseline` to measurements.

    Two hundred trees on ECFP4 counts folded to 2,048, each split choosing among the square root
    of the features: the settings of the field's own baselines, left untuned on purpose.

    Parameters
    ----------
    keys : sequence of n str
    value : (n, t) float
        In the endpoints' units, or labels 0 and 1; NaN = not measured.
    endpoints : sequence of t Endpoint
    seed : int
    n_jobs : int
        Threads; the result does not depend on it.

    References
    ----------
    Breiman, Mach. Learn. 45, 5 (2001), doi:10.1023/A:1010933404324.

    Examples
    --------
    >>> size = Endpoint(name="carbons", unit="atoms")
    >>> alkanes = ["C" * n for n in range(1, 9)]
    >>> baseline = fit_baseline(alkanes, np.arange(1.0, 9)[:, None], [size])
    >>> bool(baseline.predict(["CCCCCCCC"]).mean > 5)
    True
    """
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    counts, fitted = _features(keys), to_fitted_scale(value, endpoints)
    forests: list[RandomForestClassifier | RandomForestRegressor | None] = []
    for endpoint, column in zip(endpoints, fitted.T, strict=True):
        known = ~np.isnan(column)
        is_class = endpoint.kind == "classification"
        if (len(np.unique(column[known])) if is_class else known.sum()) < FEWEST_FOR_FOREST:
            forests.append(None)
            continue
        kind = RandomForestClassifier if is_class else RandomForestRegressor
        forest = kind(n_estimators=TREES, max_features="sqrt", random_state=seed, n_jobs=n_jobs)
        forests.append(forest.fit(counts[known], column[known]))
    return Baseline(tuple(endpoints), tuple(forests))


def _features(keys: Sequence[str]) -> NDArray[np.float32]:
    return ecfp_counts(keys).astype(np.float32)


def _vote(
    forest: RandomForestClassifier | RandomForestRegressor, counts: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and spread (n,) of the trees, added up in one order whatever `n_jobs` was."""
    if hasattr(forest, "predict_proba"):
        votes = [tree.predict_proba(counts, check_input=False)[:, 1] for tree in forest.estimators_]
    else:
        votes = [tree.predict(counts, check_input=False) for tree in forest.estimators_]
    return np.mean(votes, axis=0), np.std(votes, axis=0)
