"""Evaluate: figures on the test fold, per endpoint and model, ready for a model card."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from molscreen.data.assay import read_assay
from molscreen.data.assay_table import EQUAL, AssayTable
from molscreen.data.decimal_comma import Decimal
from molscreen.data.replicates import MergeReport, merge_replicates
from molscreen.data.user_card import UserColumns, card_for_file
from molscreen.endpoint import Endpoint, Kind
from molscreen.metrics import evaluate_columns, interval_coverage
from molscreen.prediction.bundle import Bundle
from molscreen.prediction.headline import CONSTANT, LOG_RMSE

METRICS: dict[Kind, tuple[str, ...]] = {
    "regression": ("rmse", "mae", "r2", "spearman"),
    "classification": ("auroc", "auprc", "brier", "ece"),
}
ALL, UNSEEN = "all", "unseen"  # subsets
RELIABILITY = "share of label 1 by stated probability"  # in the place of a subset
TENTHS, FEWEST_IN_TENTH = 10, 10


@dataclass(frozen=True, slots=True)
class Score:
    """One figure: a metric of one model on one subset of one endpoint's test measurements.

    `value` is NaN where the data admit none (a single class, no measurement); `n` counts the
    measurements behind it, and behind all tenths of a reliability diagram together: a model card shows the
    ten in one row, with one n.
    """

    endpoint: str
    metric: str
    model: str
    subset: str
    value: float
    n: int


def score_predictions(table: AssayTable, mean: NDArray[np.floating], *, model: str) -> list[Score]:
    """Every metric of every endpoint over the test measurements of a table.

    An endpoint on a log10 scale has a `LOG_RMSE` as well: its predictions are medians, and a mean of squares
    in its unit is decided by the few largest values, which a median must miss.

    Parameters
    ----------
    table : AssayTable
        n compounds; only exact measurements of fold "test" count, each subset on its own as well.
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
    return scores + _score_logarithms(table, mean, model=model)


def _truths(table: AssayTable) -> dict[str, NDArray[np.floating]]:
    """The test measurements (n, t) that are judged, all and those of each subset; NaN for any other."""
    tested = (table.split == "test") & table.measured & (table.relation == EQUAL)
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
    tested = (table.split == "test") & table.measured & (table.relation == EQUAL)
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
    tested = (table.split == "test") & table.measured & (table.relation == EQUAL)
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

    The mean is of the exact ones, which alone are judged; where there are none it is NaN. `LOG_RMSE` is that
    of the mean logarithm, the best constant there.
    """
    truth = _truths(table)[ALL]
    logarithmic = np.array([endpoint.scale == "log10" for endpoint in table.endpoints])
    typical = 10.0 ** _means(np.log10(truth, where=logarithmic, out=np.full(truth.shape, np.nan)))
    guess, typical = (np.broadcast_to(each, truth.shape) for each in (_means(truth), typical))
    in_unit = [each for each in score_predictions(table, guess, model=CONSTANT) if each.metric != LOG_RMSE]
    return in_unit + _score_logarithms(table, typical, model=CONSTANT)


def _means(value: NDArray[np.floating]) -> NDArray[np.float64]:
    """The mean (t,) of what is known of (n, t) values; NaN where nothing is."""
    n = (~np.isnan(value)).sum(axis=0)
    mean = np.full(len(n), np.nan)
    np.divide(np.nansum(value, axis=0, dtype=np.float64), n, out=mean, where=n > 0)
    return mean


def read_measurements(
    file: str | Path,
    matched: Mapping[str, Endpoint],
    *,
    smiles_column: str = "",
    molar: str = "",
    encoding: str = "",
    decimal: Decimal = "",
) -> tuple[AssayTable, MergeReport]:
    """The measurements of a file of your own, one row per compound, all of them for testing.

    Parameters
    ----------
    file : path
    matched : mapping of column to Endpoint
        Whose values the columns hold.
    smiles_column : str
        Empty where it is to be found.
    molar : str
        Unit of the columns where they are concentrations; see `UserColumns`.
    encoding : str
        Of a text file that is not UTF-8.
    decimal : {"", "comma", "point"}
        What stands before decimals; found where it is empty.

    Raises
    ------
    LibraryError
        The file cannot be read, lacks a column, or holds nothing that can be used.
    """
    columns = UserColumns(
        targets=tuple(matched), smiles=smiles_column, molar=molar, encoding=encoding, decimal=decimal
    )
    card = card_for_file(file, columns, kinds={column: endpoint.kind for column, endpoint in matched.items()})
    card = dataclasses.replace(
        card,
        files=tuple(dataclasses.replace(each, split="test") for each in card.files),
        measurements=tuple(
            dataclasses.replace(each, endpoint=matched[each.column]) for each in card.measurements
        ),
    )
    return merge_replicates(read_assay(card))


def find_trained_on(bundle: Bundle, keys: Sequence[str]) -> NDArray[np.bool_]:
    """Which of n compounds have the ECFP4 of a compound that any expert of the bundle was fitted on, (n,).

    A bundle keeps the fingerprints of those compounds and not their structures, so an isomer counts as well.
    Compounds that only tested it are not known to it, unless it was fitted again on all.
    """
    return np.asarray(bundle.neighbours.query(keys).similarity[:, 0] == 1.0)


def score_file(bundle: Bundle, table: AssayTable, *, trained_on: NDArray[np.bool_]) -> list[Score]:
    """Every figure of a bundle and of the constant guess on measurements of your own.

    Parameters
    ----------
    bundle : Bundle
    table : AssayTable
        As `read_measurements` gives it: n compounds, t endpoints of the bundle, all for testing.
    trained_on : (n,) bool
        As `find_trained_on` says. Where one is True, all figures come a second time, over the subset
        "unseen" of the other compounds: what a network was fitted on it predicts too well.
    """
    prediction = bundle.predict(table.keys)
    names = [endpoint.name for endpoint in bundle.endpoints]
    columns = [names.index(endpoint.name) for endpoint in table.endpoints]
    mean, low, high = (part[:, columns] for part in (prediction.mean, prediction.low, prediction.high))

    def score(part: AssayTable) -> list[Score]:
        judged = score_predictions(part, mean, model=bundle.name)
        return [*judged, *score_intervals(part, low, high, model=bundle.name), *score_constant(part)]

    scores = score(table)
    if trained_on.any():
        unseen = table.masked(np.broadcast_to(~trained_on[:, None], table.value.shape))
        scores += [dataclasses.replace(each, subset=UNSEEN) for each in score(unseen)]
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
    """Figures as a model card reads them: ``"model, subset"`` to endpoint to metric to value, and ``n``."""
    tree: dict[str, dict[str, dict[str, float]]] = {}
    for score in scores:
        title = score.model if score.subset == ALL else f"{score.model}, {score.subset}"
        tree.setdefault(title, {}).setdefault(score.endpoint, {"n": score.n})[score.metric] = score.value
    return tree
