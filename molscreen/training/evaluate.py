"""Evaluate: figures on the test fold, per endpoint and model, ready for a model card."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.data.assay_table import EQUAL, AssayTable
from molscreen.endpoint import Kind
from molscreen.metrics import evaluate_columns, interval_coverage

METRICS: dict[Kind, tuple[str, ...]] = {
    "regression": ("rmse", "mae", "r2", "spearman"),
    "classification": ("auroc", "auprc", "brier", "ece"),
}
ALL = "all"


@dataclass(frozen=True, slots=True)
class Score:
    """One figure: a metric of one model on one subset of one endpoint's test measurements.

    `value` is NaN where the data admit none (a single class, no measurement); `n` counts the
    measurements behind it.
    """

    endpoint: str
    metric: str
    model: str
    subset: str
    value: float
    n: int


def score_predictions(table: AssayTable, mean: NDArray[np.floating], *, model: str) -> list[Score]:
    """Every metric of every endpoint over the test measurements of a table.

    Parameters
    ----------
    table : AssayTable
        n compounds; only exact measurements of fold "test" count, each subset on its own as well.
    mean : (n, t) float
        In the endpoints' units; probabilities for classification.
    model : str
        How the table of figures names the model.
    """
    tested = (table.split == "test") & table.measured & (table.relation == EQUAL)
    subsets = {ALL: tested} | {name: tested & mask for name, mask in table.subsets.items() if mask.any()}
    scores = []
    for subset, mask in subsets.items():
        truth = np.where(mask, table.value, np.nan)
        for kind, metrics in METRICS.items():
            columns = [j for j, endpoint in enumerate(table.endpoints) if endpoint.kind == kind]
            names = [table.endpoints[j].name for j in columns]
            found = evaluate_columns(truth[:, columns], mean[:, columns], names, metrics=metrics)
            scores += [Score(e.endpoint, e.metric, model, subset, e.value, e.n) for e in found]
    return scores


def score_intervals(
    table: AssayTable, low: NDArray[np.floating], high: NDArray[np.floating], *, model: str
) -> list[Score]:
    """Coverage of the 90 % intervals of every regression endpoint on its test measurements."""
    tested = (table.split == "test") & table.measured & (table.relation == EQUAL)
    scores = []
    for j, endpoint in enumerate(table.endpoints):
        rows = tested[:, j] & np.isfinite(low[:, j]) & np.isfinite(high[:, j])
        if endpoint.kind == "regression":
            n = int(rows.sum())
            value = interval_coverage(table.value[rows, j], low[rows, j], high[rows, j]) if n else math.nan
            scores.append(Score(endpoint.name, "coverage", model, ALL, value, n))
    return scores


@dataclass(frozen=True, slots=True)
class Summary:
    """Mean and standard deviation of one metric over the models of one family."""

    mean: float
    sd: float
    runs: int


def summarise(scores: Iterable[Score], family: str) -> dict[tuple[str, str, str], Summary]:
    """Mean and sd over the models named ``family ...``, by (endpoint, metric, subset)."""
    grouped: dict[tuple[str, str, str], list[float]] = {}
    for score in scores:
        if score.model.split()[0] == family:
            grouped.setdefault((score.endpoint, score.metric, score.subset), []).append(score.value)
    return {
        place: Summary(float(np.mean(v)), float(np.std(v, ddof=1)) if len(v) > 1 else math.nan, len(v))
        for place, v in grouped.items()
    }


def nested(scores: Iterable[Score]) -> dict[str, dict[str, dict[str, float]]]:
    """Figures as a model card reads them: ``"model, subset"`` to endpoint to metric to value."""
    tree: dict[str, dict[str, dict[str, float]]] = {}
    for score in scores:
        title = score.model if score.subset == ALL else f"{score.model}, {score.subset}"
        tree.setdefault(title, {}).setdefault(score.endpoint, {})[score.metric] = score.value
    return tree
