"""Networks and baseline are judged alike."""

import math

import numpy as np
import pytest

from molscreen.data.measured.assay_table import AssayTable
from molscreen.endpoint import Endpoint
from molscreen.prediction.bundle.headline import KEPT
from molscreen.training import report
from molscreen.training.evaluate import Score, score_constant, score_predictions
from molscreen.training.folds import N_FOLDS, UNUSED, Folds
from tests.prediction.tiny_bundle import tiny_bundle


def test_forests_are_fitted_on_the_compounds_of_the_networks(monkeypatch):
    """More compounds for one side of a comparison would decide it."""
    n = 40
    value = np.arange(n, dtype=np.float32)[:, None]
    value[3] = np.nan
    relation = np.zeros((n, 1), np.int8)
    relation[5] = 1  # a bound is a value here
    table = AssayTable(
        keys=tuple("C" * (i + 1) for i in range(n)),
        endpoints=(Endpoint(name="size"),),
        value=value,
        relation=relation,
        split=np.where(np.arange(n)[:, None] < 30, "train", "test"),
        time=np.full(n, np.nan),
        ids=tuple(map(str, range(n))),
    )
    fold = np.where(np.arange(n) < 30, np.arange(n) % N_FOLDS, UNUSED)
    fold[17] = UNUSED
    tested = np.arange(30, n)
    seen = []

    def listening(keys, *args, **kwargs):
        seen.append(list(keys))
        return fit_baseline(keys, *args, **kwargs)

    fit_baseline = report.fit_baseline
    monkeypatch.setattr(report, "fit_baseline", listening)
    folds = Folds(fold, tested, seed=0)
    scores = report.score_baseline(table, folds, runs=2, seed=0, progress=lambda _: None)
    measured = [i for i in range(30) if i not in (3, 17)]
    assert seen == [[table.keys[i] for i in measured]] * 2
    assert {score.model for score in scores} == {"forest 1", "forest 2"}
    assert {score.n for score in scores} == {len(tested)}


def test_a_useless_model_is_called_one():
    """A training that ends with 'wrote my-bundle' looks like a success whatever its figures are."""
    endpoints = [Endpoint(name="pIC50"), Endpoint(name="toxic", kind="classification")]

    def score(endpoint, metric, model, value):
        return Score(endpoint, metric, model, "all", value, 24)

    scores = [
        score("pIC50", "rmse", "blend", 1.2),
        score("pIC50", "rmse", "constant", 1.1),
        score("pIC50", "rmse", "forest 1", 1.0),
        score("toxic", "auroc", "blend", 0.8),
        score("toxic", "auroc", "constant", 0.5),
        score("toxic", "auroc", "forest 1", 0.9),
    ]
    assert list(report.headlines(scores, endpoints)) == [
        "pIC50, RMSE on 24 test compounds: 1.2, forest 1, constant guess 1.1."
        " NO BETTER THAN GUESSING: do not use it",
        "toxic, AUROC on 24 test compounds: 0.8, forest 0.9, constant guess 0.5. The forest is better",
    ]


def test_a_headline_says_how_sure_it_is():
    """A figure of 24 compounds is not read like one of 12,000."""
    endpoints = [Endpoint(name="a"), Endpoint(name="b"), Endpoint(name="toxic", kind="classification")]

    def score(endpoint, metric, value, low=None, high=None, model="blend"):
        return Score(endpoint, metric, model, "all", value, 24, low, high)

    avoided = "share of a guess's error avoided"
    scores = [
        *(score("a", *each) for each in (("rmse", 0.9, 0.7, 1.1), ("spearman", 0.3, -0.1, 0.6))),
        *(score("b", *each) for each in (("rmse", 1.2, 1.0, 1.4), ("spearman", 0.8, 0.6, 0.9))),
        *(score(name, avoided, 0.1, -0.1, 0.2) for name in "ab"),
        *(score(name, "rmse", 1.0, model="constant") for name in "ab"),
        score("a", "rmse", 0.85, model="forest 1"),
        score("toxic", "auroc", 0.8, math.nan, math.nan),
        score("toxic", "auroc", 0.5, model="constant"),
    ]
    untold = "Whether that is better than guessing CANNOT BE TOLD from so few compounds"
    assert list(report.headlines(scores, endpoints)) == [
        "a, RMSE on 24 test compounds: 0.9 (95 % from 0.7 to 1.1), forest 0.85, constant guess 1. " + untold,
        "b, RMSE on 24 test compounds: 1.2 (95 % from 1 to 1.4), constant guess 1. Its values are not shown"
        " to be better than a guess, its ranks are: Spearman 0.8 (95 % from 0.6 to 0.9)",
        "toxic, AUROC on 24 test compounds: 0.8 (too few compounds to say how sure), constant guess 0.5. "
        + untold,
    ]


@pytest.mark.parametrize(("forest", "told"), [(0.65, ""), (0.55, ". The forest is better")])
def test_a_forest_is_better_where_its_figure_lies_beyond_the_interval(forest, told):
    figures = [("rmse", 0.7, 0.6, 0.8), ("share of a guess's error avoided", 0.3, 0.2, 0.4)]
    scores = [Score("a", metric, "blend", "all", value, 40, *ends) for metric, value, *ends in figures]
    scores += [
        Score("a", "rmse", model, "all", v, 40) for model, v in (("constant", 1), ("forest 1", forest))
    ]
    [said] = report.headlines(scores, [Endpoint(name="a")])
    assert said.endswith(f"constant guess 1{told}")


def test_bounds_that_are_kept_are_told():
    """A model that predicts inactive compounds active shows it here alone."""
    scores = [
        Score("pIC50", "rmse", model, "all", value, 24) for model, value in (("blend", 1), ("constant", 2))
    ]
    scores += [
        Score("pIC50", KEPT, model, "all", value, 9) for model, value in (("blend", 0.1), ("constant", 1))
    ]
    assert list(report.headlines(scores, [Endpoint(name="pIC50")])) == [
        "pIC50, RMSE on 24 test compounds: 1, constant guess 2, 10% of 9 bounds kept"
    ]


@pytest.mark.parametrize(
    ("ours", "guess", "why"),
    [
        (math.nan, math.nan, "as all are of one class"),
        (math.nan, 0.5, "as some have no prediction"),
    ],
)
def test_what_has_no_figure_is_not_called_useless(ours, guess, why):
    """Twelve test compounds of one class say nothing against a model."""
    endpoint = Endpoint(name="hERG", kind="classification", unit="probability")
    figures = {"blend": ours, "constant": guess, "forest 1": ours}
    scores = [Score("hERG", "auroc", model, "all", value, 12) for model, value in figures.items()]
    said = [f"hERG, AUROC on 12 test compounds: cannot be judged, {why}"]
    assert list(report.headlines(scores, [endpoint])) == said


def test_a_model_of_logarithms_is_judged_by_its_logarithms():
    """Half-lives: a good median loses to the mean in hours, as the few longest decide there."""
    rng = np.random.default_rng(0)
    known = rng.normal(1, 0.2, (500, 1))
    hours = 10 ** (known + rng.normal(0, 0.6, known.shape))
    table = AssayTable(
        keys=tuple("C" * (i + 1) for i in range(500)),
        endpoints=(Endpoint(name="half-life", unit="h", scale="log10"),),
        value=hours.astype(np.float32),
        relation=np.zeros(hours.shape, np.int8),
        split=np.full(hours.shape, "test"),
        time=np.full(500, np.nan),
        ids=tuple(map(str, range(500))),
    )
    scores = [*score_predictions(table, 10**known, model="blend"), *score_constant(table)]
    ours, constant = ({s.metric: s.value for s in scores if s.model == m} for m in ("blend", "constant"))
    assert ours["rmse"] > constant["rmse"] == pytest.approx(hours.std(), rel=1e-6)
    assert constant["r2"] == pytest.approx(0, abs=1e-6)
    assert constant["rmse of log10"] == pytest.approx(np.log10(hours).std(), rel=1e-6)
    assert list(report.headlines(scores, table.endpoints)) == [
        f"half-life, RMSE of log10 on 500 test compounds: {ours['rmse of log10']:.3g},"
        f" constant guess {constant['rmse of log10']:.3g}"
    ]


def test_a_network_may_be_as_sure_as_it_likes():
    """A logit far from 0 is a probability of 0 or 1, and no overflow."""
    bundle = tiny_bundle()
    said = np.full((2, 3), 1.0, np.float32)
    said[:, 2] = -1000, 1000
    probability = report._plain_mean(bundle, said)[:, 2]
    assert probability.tolist() == [0.0, 1.0]
