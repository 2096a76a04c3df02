"""Report: the figures a training ends with: networks, blend, baseline, explanations."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from molscreen.aloud import Tell
from molscreen.data.measured.assay_table import AssayTable
from molscreen.endpoint import Endpoint, are_labels
from molscreen.graphs.pack import PackedGraphs
from molscreen.prediction.baseline import fit_baseline
from molscreen.prediction.blend.ensemble import run_networks
from molscreen.prediction.bundle.bundle import Bundle
from molscreen.prediction.bundle.headline import CONSTANT, HEADLINE, KEPT, Judged, beats, in_words, judge
from molscreen.prediction.certainty.calibration import mean_in_unit
from molscreen.prediction.explained.explain import fidelity
from molscreen.prediction.predictor import Prediction
from molscreen.training.about import counted
from molscreen.training.evaluate import (
    ALL,
    Score,
    nested,
    score_intervals,
    score_predictions,
    score_reliability,
    summarise,
    with_intervals,
)
from molscreen.training.folds import Folds

INSIDE, OUTSIDE = "in domain", "outside the domain"  # subsets

HIDDEN = 3  # atoms
ATTRIBUTIONS = f"shift of a prediction when {HIDDEN} atoms are hidden"
SINGLE = ("wide", "blend", CONSTANT, ATTRIBUTIONS)  # models of which there is one, not one per seed
EXPLAINED = 20  # test compounds of each endpoint whose explanations are judged


def score_bundle(bundle: Bundle, table: AssayTable, graphs: PackedGraphs, folds: Folds) -> list[Score]:
    """Figures of each network alone ("network 1" ...), of the wide view, and of the blend.

    Those of the two views are for the compounds inside and outside the domain (of each endpoint, where it has
    one) as well, and how reliable their probabilities are.

    Parameters
    ----------
    bundle : Bundle
    table : AssayTable
        n compounds, of which ``folds.tested`` have test measurements.
    graphs : PackedGraphs
        Of the n compounds.
    folds : Folds
    """
    tested, packed = table.select(folds.tested), graphs.take(folds.tested)
    scores: list[Score] = []
    for place, network in enumerate(bundle.networks, start=1):
        scores += score_predictions(
            tested, _plain_mean(bundle, run_networks([network], packed).mean), model=f"network {place}"
        )
    for view, model in ((bundle.wide_view(), "wide"), (bundle.full_view(), "blend")):
        said = view.predict(tested.keys, packed)
        scores += _score_view(tested, said, model)
        scores += score_reliability(tested, said.mean, model=model)
        for subset, where in ((INSIDE, said.inside), (OUTSIDE, ~said.inside)):
            part = dataclasses.replace(tested, subsets={}).masked(where)
            scores += [dataclasses.replace(each, subset=subset) for each in _score_view(part, said, model)]
    return [each for each in scores if each.n]


def _score_view(tested: AssayTable, said: Prediction, model: str) -> list[Score]:
    scores = score_predictions(tested, said.mean, model=model)
    scores = with_intervals(scores, tested, said.mean, model=model)
    return scores + score_intervals(tested, said.low, said.high, model=model)


def score_baseline(table: AssayTable, folds: Folds, *, runs: int, seed: int, progress: Tell) -> list[Score]:
    """Figures of `runs` forests ("forest 1" ...), fitted on the compounds that the networks were.

    To a forest a bound is a value, as is usual: without those below a limit it would know only what is above.
    """
    tested = table.select(folds.tested)
    value = np.where(table.tested, np.nan, table.value)
    known = folds.fitted[~np.isnan(value[folds.fitted]).all(axis=1)]
    keys = [table.keys[i] for i in known]
    scores: list[Score] = []
    for run in range(runs):
        progress(f"baseline {run + 1}/{runs}: a random forest on ECFP4 counts for each endpoint")
        forests = fit_baseline(keys, value[known], table.endpoints, seed=seed + run, n_jobs=-1)
        scores += score_predictions(tested, forests.predict(tested.keys).mean, model=f"forest {run + 1}")
    return scores


def score_attributions(
    bundle: Bundle, table: AssayTable, graphs: PackedGraphs, folds: Folds, *, seed: int
) -> list[Score]:
    """How far hiding the atoms of the largest attributions moves the blend, against random atoms.

    Over the first `EXPLAINED` test compounds of each endpoint; see `fidelity`. An endpoint without a
    compound large enough is left out.
    """
    tested, rng = table.select(folds.tested), np.random.default_rng(seed)
    large = graphs.n_atoms[folds.tested] > HIDDEN
    scores: list[Score] = []
    for j, endpoint in enumerate(tested.endpoints):
        rows = np.flatnonzero((tested.split[:, j] == "test") & large)[:EXPLAINED]
        if len(rows):
            keys = [tested.keys[i] for i in rows]
            found = fidelity(bundle.full_view(), keys, endpoint.name, rng=rng, k=HIDDEN)
            for metric, value in (("most important atoms", found.top), ("random atoms", found.random)):
                scores.append(Score(endpoint.name, metric, ATTRIBUTIONS, ALL, value, len(rows)))
    return scores


def headlines(scores: Sequence[Score], endpoints: Sequence[Endpoint]) -> Iterator[str]:
    """One sentence for each endpoint: the blend beside the forests and the constant guess.

    Where one of the two that are compared has no figure, it says why nothing can be judged; where there are
    bounds, how many of them the blend keeps.
    """
    forests = summarise(scores, "forest")
    single = {(s.endpoint, s.metric, s.model): s for s in scores if s.subset == ALL}
    figures = nested(score for score in scores if score.subset == ALL)
    for endpoint in endpoints:
        metric, name, sign = HEADLINE[endpoint.kind, endpoint.scale]
        ours, guess = (single.get((endpoint.name, metric, model)) for model in ("blend", CONSTANT))
        if ours is None or guess is None:
            continue
        sentence = f"{endpoint.name}, {name} on {ours.n:,} test compounds: "
        judged = judge(endpoint, *(figures[model][endpoint.name] for model in ("blend", CONSTANT)))
        if judged is not None:
            forest = forests.get((endpoint.name, metric, ALL))
            beside = f", forest {forest.mean:.3g}" if forest else ""
            kept = single.get((endpoint.name, KEPT, "blend"))
            bounds = f", {kept.value:.0%} of {counted(kept.n, 'bound')} kept" if kept else ""
            sentence += f"{_sure(ours, judged)}{beside}, constant guess {guess.value:.3g}{bounds}"
            yield sentence + _verdict(judged, forest.mean if forest else math.nan, sign)
        elif math.isnan(guess.value):  # which predicts every compound: the measurements admit no figure
            yield f"{sentence}cannot be judged, as all are of one class"
        else:
            yield f"{sentence}cannot be judged, as some have no prediction"


def _sure(ours: Score, judged: Judged) -> str:
    """A figure and its interval."""
    unsure = ours.low is not None and math.isnan(ours.low)
    return f"{ours.value:.3g}" + (
        " (too few compounds to say how sure)" if unsure else in_words(judged.interval)
    )


def _verdict(judged: Judged, forest: float, sign: int) -> str:
    """What ends a headline; `sign` is which sign is better, and NaN is no forest.

    A forest is better where its figure lies beyond the interval of ours.
    """
    if judged.verdict == "guessed":
        return ". NO BETTER THAN GUESSING: do not use it"
    if judged.verdict == "untold":
        return ". Whether that is better than guessing CANNOT BE TOLD from so few compounds"
    bounds = [bound for bound in (judged.ours, *judged.interval) if not math.isnan(bound)]
    behind = beats(forest, max(bounds, key=lambda bound: sign * bound), sign)
    told = ". The forest is better" if behind else ""
    if judged.verdict == "ranks":
        told += (
            ". Its values are not shown to be better than a guess, its ranks are: Spearman"
            f" {judged.spearman:.3g}{in_words(judged.ranks)}"
        )
    return told


def card_metrics(scores: Iterable[Score]) -> dict[str, dict[str, dict[str, float]]]:
    """The figures of a model card: single networks and forests as mean and sd over their seeds."""
    scores = list(scores)
    tree = nested(score for score in scores if score.model in SINGLE)
    for family, title in (("network", "single networks"), ("forest", "ECFP forests")):
        for (endpoint, metric, subset), summary in summarise(scores, family).items():
            where = "" if subset == ALL else f", {subset}"
            for statistic in ("mean", "sd"):
                heading = f"{title}, {statistic} of {summary.runs}{where}"
                tree.setdefault(heading, {}).setdefault(endpoint, {})[metric] = getattr(summary, statistic)
    return {f"test fold, {title}": figures for title, figures in tree.items()}


def _plain_mean(bundle: Bundle, mean: NDArray[np.floating]) -> NDArray[np.float64]:
    """A single network's output in the endpoints' units; its logits as uncalibrated probabilities."""
    return np.where(are_labels(bundle.endpoints), expit(mean), mean_in_unit(mean, bundle.endpoints))
