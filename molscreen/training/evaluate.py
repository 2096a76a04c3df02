"""Evaluate: figures on the test fold, per endpoint and model, ready for a model card."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.data.measured.assay_table import EQUAL, AssayTable
from molscreen.endpoint import Kind
from molscreen.metrics import evaluate_columns, interval_coverage
from molscreen.prediction.bundle.headline import CONSTANT, ERROR_AVOIDED, FROM, HEADLINE, KEPT, LOG_RMSE, TO
from molscreen.training.bounds import expected_mean
from molscreen.training.certainty import SURE, error_avoided, interval_of

METRICS: dict[Kind, tuple[str, ...]] = {
    "regression": ("rmse", "mae", "r2", "spearman"),
    "classification": ("auroc", "auprc", "brier", "ece"),
}
ALL = "all"  # a subset
RELIABILITY = "share of label 1 by stated probability"  # in the place of a subset
TENTHS, FEWEST_IN_TENTH = 10, 10


@dataclass(frozen=True, slots=True)
class Score:
    """One figure: a metric of one model on one subset of one endpoint's test measurements.

    `value` is NaN where the data admit none (a single class, no measurement); `n` counts the
    measurements behind it, and behind all tenths of a reliability diagram together: a model card shows the
    ten in one row, with one n. `low` and `high` are the ends of its 95 % bootstrap interval: NaN where the
    measurements are too few to say, None where nobody asked. `is_guess` tells the constant guess from a
    bundle, whatever that is called.
    """

    endpoint: str
    metric: str
    model: str
    subset: str
    value: float
    n: int
    low: float | None = None
    high: float | None = None
    is_guess: bool = False


def score_predictions(table: AssayTable, mean: NDArray[np.floating], *, model: str) -> list[Score]:
    """Every metric of every endpoint over the test measurements of a table.

    Metrics are of exact measurements; of the others `KEPT` tells, where there are any, the share whose
    prediction lies on their allowed side.

    An endpoint on a log10 scale has a `LOG_RMSE` as well: its predictions are medians, and a mean of squares
    in its unit is decided by the few largest values, which a median must miss.

    Parameters
    ----------
    table : AssayTable
        n compounds; only measurements of fold "test" count, each subset on its own as well.
    mean : (n, t) float
        In the endpoints' units; probabilities for classification.
    model : str
        How the table of figures names the model.
    """
    scores = []
    for subset, truth in _truths(table).items():
        for kind, metrics in METRICS.items():
            columns = [j for j, endpoint in enumerate(table.endpoints) if endpoint.kind == kind]
            names = [table.endpoints[j].name for j in columns]
            found = evaluate_columns(truth[:, columns], mean[:, columns], names, metrics=metrics)
            scores += [Score(e.endpoint, e.metric, model, subset, e.value, e.n) for e in found]
    return scores + _score_logarithms(table, mean, model=model) + _score_bounds(table, mean, model=model)


def _score_bounds(table: AssayTable, mean: NDArray[np.floating], *, model: str) -> list[Score]:
    """`KEPT` of each measured quantity with bounds among its test measurements."""
    bounded = table.tested & ~table.exact & np.isfinite(mean)
    subsets = {ALL: bounded} | {name: bounded & mask for name, mask in table.subsets.items()}
    kept = table.relation * (mean - table.value) >= 0
    return [
        Score(endpoint.name, KEPT, model, subset, float(kept[mask[:, j], j].mean()), int(mask[:, j].sum()))
        for subset, mask in subsets.items()
        for j, endpoint in enumerate(table.endpoints)
        if endpoint.kind == "regression" and mask[:, j].any()
    ]


def with_intervals(
    scores: Iterable[Score], table: AssayTable, mean: NDArray[np.floating], *, model: str
) -> list[Score]:
    """The scores of `score_predictions`, with the intervals of `SURE`, and each regression's `ERROR_AVOIDED`.

    Parameters
    ----------
    scores : iterable of Score
    table, mean, model
        That they were made of.
    """
    truths, sure = _truths(table), []
    place = {endpoint.name: j for j, endpoint in enumerate(table.endpoints)}
    for score in scores:
        if score.metric not in SURE:
            sure.append(score)
            continue
        endpoint = table.endpoints[j := place[score.endpoint]]
        truth, said = truths[score.subset][:, j], mean[:, j]
        low, high = interval_of(score.metric, truth, said)
        sure.append(dataclasses.replace(score, low=low, high=high))
        if score.metric == HEADLINE[endpoint.kind, endpoint.scale][0] and endpoint.kind == "regression":
            value, (low, high) = error_avoided(score.metric, truth, said)
            sure.append(Score(endpoint.name, ERROR_AVOIDED, model, score.subset, value, score.n, low, high))
    return sure


def _truths(table: AssayTable) -> dict[str, NDArray[np.floating]]:
    """The test measurements (n, t) that are judged, all and those of each subset; NaN for any other."""
    tested = table.tested & table.exact
    subsets = {ALL: tested} | {name: tested & mask for name, mask in table.subsets.items() if mask.any()}
    return {subset: np.where(mask, table.value, np.nan) for subset, mask in subsets.items()}


def _score_logarithms(table: AssayTable, mean: NDArray[np.floating], *, model: str) -> list[Score]:
    """`LOG_RMSE` of the endpoints on a log10 scale; infinite where a prediction is 0."""
    columns = [j for j, endpoint in enumerate(table.endpoints) if endpoint.scale == "log10"]
    names = [table.endpoints[j].name for j in columns]
    with np.errstate(divide="ignore"):
        said = np.log10(mean[:, columns])
    return [
        Score(e.endpoint, LOG_RMSE, model, subset, e.value, e.n)
        for subset, truth in _truths(table).items()
        for e in evaluate_columns(np.log10(truth[:, columns]), said, names, metrics=("rmse",))
    ]


def score_intervals(
    table: AssayTable, low: NDArray[np.floating], high: NDArray[np.floating], *, model: str
) -> list[Score]:
    """Coverage of the 90 % intervals of every regression endpoint on its test measurements."""
    tested = table.tested & table.exact
    scores = []
    for j, endpoint in enumerate(table.endpoints):
        rows = tested[:, j] & np.isfinite(low[:, j]) & np.isfinite(high[:, j])
        if endpoint.kind == "regression":
            n = int(rows.sum())
            value = interval_coverage(table.value[rows, j], low[rows, j], high[rows, j]) if n else math.nan
            scores.append(Score(endpoint.name, "coverage", model, ALL, value, n))
    return scores


def score_reliability(table: AssayTable, mean: NDArray[np.floating], *, model: str) -> list[Score]:
    """Share of test measurements with label 1 where its probability was said to be 0.0 to 0.1, and so on.

    A reliability diagram in figures (Murphy & Winkler, Appl. Stat. 26, 41 (1977), doi:10.2307/2346866): the
    metric is named like ``0.2-0.3``, and its value should lie there. A class of probabilities with fewer than
    `FEWEST_IN_TENTH` measurements says nothing.
    """
    tested = table.tested & table.exact
    scores = []
    for j, endpoint in enumerate(table.endpoints):
        rows = tested[:, j] & np.isfinite(mean[:, j])
        if endpoint.kind == "regression":
            continue
        place = np.minimum((mean[rows, j] * TENTHS).astype(int), TENTHS - 1)
        for tenth in range(TENTHS):
            here = place == tenth
            share = float(table.value[rows, j][here].mean()) if here.sum() >= FEWEST_IN_TENTH else math.nan
            label = f"{tenth / TENTHS:.1f}-{(tenth + 1) / TENTHS:.1f}"
            scores.append(Score(endpoint.name, label, model, RELIABILITY, share, int(rows.sum())))
    return scores


def score_constant(table: AssayTable) -> list[Score]:
    """The same figures for a model that gives every compound the mean of the test measurements.

    Bounds count as `expected_mean` says: who guesses does not know which compounds have an exact value. Where
    no value is exact it is NaN. `LOG_RMSE` is that of the mean logarithm, the best constant there.
    """
    known = np.where(table.tested, table.value, np.nan)
    logarithmic = np.array([endpoint.scale == "log10" for endpoint in table.endpoints])
    logarithm = np.log10(known, where=logarithmic, out=np.full(known.shape, np.nan))
    guess, typical = _means(known, table.relation), 10.0 ** _means(logarithm, table.relation)
    guess, typical = (np.broadcast_to(each, known.shape) for each in (guess, typical))
    in_unit = [each for each in score_predictions(table, guess, model=CONSTANT) if each.metric != LOG_RMSE]
    scores = in_unit + _score_logarithms(table, typical, model=CONSTANT)
    return [dataclasses.replace(each, is_guess=True) for each in scores]


def _means(value: NDArray[np.floating], relation: NDArray[np.integer]) -> NDArray[np.float64]:
    """The mean (t,) of what is known of (n, t) values; NaN where nothing is exact."""
    known = ~np.isnan(value)
    exact = known & (relation == EQUAL)
    n = exact.sum(axis=0)
    mean = np.full(len(n), np.nan)
    total = np.nansum(np.where(exact, value, np.nan), axis=0, dtype=np.float64)
    np.divide(total, n, out=mean, where=n > 0)
    for j in np.flatnonzero((known & ~exact).any(axis=0)).tolist():
        rows = known[:, j]
        mean[j] = expected_mean(value[rows, j].astype(np.float64), relation[rows, j])
    return mean


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
    """Figures as a model card reads them: ``"model, subset"`` to endpoint to metric to value, and ``n``.

    The ends of an interval stand beside the metric, as ``"metric, from"`` and ``"metric, to"``.
    Where there are bounds, their number is told as well: `n` is of exact measurements.
    """
    tree: dict[str, dict[str, dict[str, float]]] = {}
    for score in scores:
        title = score.model if score.subset == ALL else f"{score.model}, {score.subset}"
        bounded = score.metric == KEPT
        figures = tree.setdefault(title, {}).setdefault(score.endpoint, {"n": 0 if bounded else score.n})
        figures[score.metric] = score.value
        if bounded:
            figures["bounds"] = score.n
        if score.low is not None and score.high is not None:
            figures |= {score.metric + FROM: score.low, score.metric + TO: score.high}
    return tree
