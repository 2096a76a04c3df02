"""Fit trees: gradient boosting for each endpoint, as arrays that a bundle can hold."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from molscreen.data.measured.assay_table import EQUAL
from molscreen.endpoint import Endpoint
from molscreen.prediction.experts.described import Described
from molscreen.prediction.experts.trees import DEPTH, LEAVES, NODES, TreeExpert
from molscreen.training.bounds import Settled
from molscreen.training.experts.cross_fitted import CrossFitted

if TYPE_CHECKING:
    import lightgbm

TREES = 300
FEWEST_FOR_TREES = 20  # compounds with a measurement, and of each class; below it there are no trees
SETTINGS: Mapping[str, Any] = {
    "n_estimators": TREES,
    "learning_rate": 0.05,
    "max_depth": DEPTH,
    "num_leaves": LEAVES,
    "min_child_samples": 5,
    "colsample_bytree": 0.1,  # of the features, for each tree: most are alike
    "subsample": 0.8,
    "subsample_freq": 1,
    "reg_lambda": 1.0,
    "use_missing": False,
    "deterministic": True,
    "force_row_wise": True,
    "n_jobs": 1,
    "verbose": -1,
}


def fit_trees(
    features: NDArray[np.float32],
    target: NDArray[np.floating],
    relation: NDArray[np.int8],
    endpoints: Sequence[Endpoint],
    *,
    seed: int = 0,
) -> TreeExpert:
    """Boosted trees for each endpoint with enough measurements.

    Parameters
    ----------
    features : (n, WIDTH) float32
        See `molscreen.chem.features.tabular.tabular`. A compound of which every feature is NaN is left out.
    target : (n, t) float
        On the fitted scale, or labels 0 and 1; NaN = not measured.
    relation : (n, t) int8
        Only exact values count: bounds are to be settled before, as `cross_fit_trees` does.
    endpoints : sequence of t Endpoint
    seed : int

    References
    ----------
    Ke et al., NeurIPS 2017 (LightGBM). Regression is by squared error, classification by log loss.
    """
    t = len(endpoints)
    feature = np.zeros((t, TREES, NODES), np.uint16)
    threshold = np.full((t, TREES, NODES), np.inf, np.float32)
    leaf = np.zeros((t, TREES, LEAVES), np.float32)
    known = np.zeros(t, bool)
    described = ~np.isnan(features).all(axis=1)
    for j, endpoint in enumerate(endpoints):
        rows = np.flatnonzero(described & ~np.isnan(target[:, j]) & (relation[:, j] == EQUAL))
        if not _enough(target[rows, j], endpoint):
            continue
        booster = _boost(np.nan_to_num(features[rows]), target[rows, j], endpoint, seed)
        for number, tree in enumerate(booster.dump_model()["tree_info"]):
            for place, node in _nodes(tree["tree_structure"]):
                if place < NODES:
                    feature[j, number, place] = node["split_feature"]
                    threshold[j, number, place] = _floor32(node["threshold"])
                else:
                    leaf[j, number, place - NODES] = node["leaf_value"]
        known[j] = True
    return TreeExpert(feature, threshold, leaf, known, features.shape[1])


def cross_fit_trees(
    compounds: Described,
    target: NDArray[np.floating],
    relation: NDArray[np.int8],
    endpoints: Sequence[Endpoint],
    *,
    fold: NDArray[np.integer],
    seed: int = 0,
    settled: Settled | None = None,
) -> CrossFitted[TreeExpert]:
    """`fit_trees`, and what trees say (n, t) of each measured compound when fitted without its fold.

    Parameters
    ----------
    compounds : Described
        n of them, with the features that `fit_trees` asks for.
    target, relation, endpoints, seed
        As for `fit_trees`.
    fold : (n,) int
        Of each compound, 0 or above.
    settled : Settled, optional
        What is expected beyond bounds, on the whole and without each fold
        (`molscreen.training.bounds.settle_bounds`); without it, bounds teach nothing. What a kernel expects
        is better here than what trees would: they fit what they expect, and then expect it.
    """
    features = compounds.features

    def fit(rows: NDArray[np.bool_], known: Settled | None) -> TreeExpert:
        if known is None:
            return fit_trees(features[rows], target[rows], relation[rows], endpoints, seed=seed)
        exact = np.zeros_like(relation[rows])
        return fit_trees(features[rows], known.value[rows], exact, endpoints, seed=seed)

    opinion = np.full(target.shape, np.nan)
    for number in np.unique(fold)[::-1].tolist():
        own = fold == number
        apart = fit(~own, settled and settled.without(number))
        opinion[own] = apart.from_features(features[own])
    opinion[np.isnan(target)] = np.nan
    return CrossFitted(fit(np.ones(len(fold), bool), settled), apart, opinion)


def _enough(known: NDArray[np.floating], endpoint: Endpoint) -> bool:
    if endpoint.kind == "classification":
        return bool(min((known == 0).sum(), (known == 1).sum()) >= FEWEST_FOR_TREES)
    return len(known) >= FEWEST_FOR_TREES


def _boost(
    features: NDArray[np.float32], target: NDArray[np.floating], endpoint: Endpoint, seed: int
) -> lightgbm.Booster:
    import lightgbm

    lightgbm.register_logger(logging.getLogger("molscreen.lightgbm"))
    is_class = endpoint.kind == "classification"
    kind = lightgbm.LGBMClassifier if is_class else lightgbm.LGBMRegressor
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # features without names
        return kind(**SETTINGS, random_state=seed).fit(features, target.astype(np.float64)).booster_


def _nodes(root: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Every node with its place in the complete tree; an early leaf stands where its compounds end up."""
    waiting: list[tuple[int, Mapping[str, Any]]] = [(0, root)]
    while waiting:
        place, node = waiting.pop()
        if "leaf_value" in node:
            while place < NODES:
                place = 2 * place + 1  # thresholds of infinity lead to the left
            yield place, node
        else:
            yield place, node
            waiting += [(2 * place + 1, node["left_child"]), (2 * place + 2, node["right_child"])]


def _floor32(threshold: float) -> np.float32:
    """The largest float32 that is not above: the same side of it for every float32."""
    near = np.float32(threshold)
    return near if float(near) <= threshold else np.nextafter(near, np.float32(-np.inf))
