"""Metrics against independent oracles (scikit-learn, SciPy, RDKit), limit cases, ties and NaN."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rdkit.ML.Scoring import Scoring

from molscreen.metrics import (
    METRICS,
    UndefinedMetricError,
    auprc,
    auroc,
    bedroc,
    brier,
    ece,
    enrichment_factor,
    evaluate_columns,
    interval_coverage,
    mae,
    r2,
    rmse,
    spearman,
)

RANKING = [auroc, auprc, enrichment_factor, bedroc]


def tied_sample(seed: int, n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Labels and informative scores with many ties (one decimal)."""
    rng = np.random.default_rng(seed)
    active = rng.random(n) < 0.2
    return active, np.round(np.clip(rng.normal(0.4 + 0.2 * active, 0.2), 0, 1), 1)


@pytest.mark.parametrize("seed", range(5))
def test_regression_metrics_agree_with_scikit_learn_and_scipy(seed):
    oracle = pytest.importorskip("sklearn.metrics")
    from scipy.stats import spearmanr

    rng = np.random.default_rng(seed)
    truth = np.round(rng.normal(6, 1, 200), 1)
    prediction = np.round(truth + rng.normal(0.3, 0.7, 200), 1)
    assert rmse(truth, prediction) == pytest.approx(oracle.root_mean_squared_error(truth, prediction))
    assert mae(truth, prediction) == pytest.approx(oracle.mean_absolute_error(truth, prediction))
    assert r2(truth, prediction) == pytest.approx(oracle.r2_score(truth, prediction))
    assert spearman(truth, prediction) == pytest.approx(spearmanr(truth, prediction).statistic)


@pytest.mark.parametrize("seed", range(5))
def test_classification_metrics_agree_with_scikit_learn_under_ties(seed):
    oracle = pytest.importorskip("sklearn.metrics")
    active, score = tied_sample(seed)
    assert auroc(active, score) == pytest.approx(oracle.roc_auc_score(active, score))
    assert auprc(active, score) == pytest.approx(oracle.average_precision_score(active, score))
    assert brier(active, score) == pytest.approx(oracle.brier_score_loss(active, score))


@pytest.mark.parametrize("metric", RANKING)
def test_infinite_scores_are_tied_like_any_others(metric):
    """A ranking metric sees the order alone: "never" and "surely" are places in it."""
    active, score = tied_sample(0)
    ends = np.select([score <= 0.3, score >= 0.6], [-np.inf, np.inf], score)
    assert metric(active, ends) == metric(active, np.clip(score, 0.3, 0.6))


@pytest.mark.parametrize(("n", "n_active"), [(100, 5), (1000, 3), (50, 25), (200, 199)])
@pytest.mark.parametrize("alpha", [5.0, 20.0, 100.0])
def test_bedroc_agrees_with_rdkit(n, n_active, alpha):
    rng = np.random.default_rng(n)
    active, score = rng.permutation(np.arange(n) < n_active), rng.permutation(np.linspace(0, 1, n))
    ranked = [[int(label)] for label in active[np.argsort(-score)]]
    assert bedroc(active, score, alpha) == pytest.approx(Scoring.CalcBEDROC(ranked, 0, alpha))


def test_bedroc_of_ties_is_the_mean_over_their_orders():
    """Four compounds tied behind the first: every order of the four is as likely."""
    active, score = np.array([0, 1, 0, 1, 0], bool), np.array([0.9, 0.5, 0.5, 0.5, 0.5])
    orders = [bedroc(active[[0, *rest]], np.arange(5, 0, -1.0)) for rest in permutations(range(1, 5))]
    assert bedroc(active, score) == pytest.approx(np.mean(orders))


def test_enrichment_of_ties_is_the_mean_over_their_orders():
    active, score = np.array([0, 1, 0, 1, 0], bool), np.array([0.9, 0.5, 0.5, 0.5, 0.5])
    orders = [
        enrichment_factor(active[[0, *rest]], np.arange(5, 0, -1.0), 0.6)
        for rest in permutations(range(1, 5))
    ]
    assert enrichment_factor(active, score, 0.6) == pytest.approx(np.mean(orders))


def test_constant_scores_enrich_nothing():
    """A model that cannot tell compounds apart gets 1, however the file is sorted."""
    active = np.arange(1000) < 10
    assert enrichment_factor(active, np.zeros(1000), fraction=0.01) == pytest.approx(1.0)


def test_constant_scores_get_the_chance_level():
    active = np.arange(1000) < 10
    assert auroc(active, np.zeros(1000)) == 0.5
    assert auprc(active, np.zeros(1000)) == pytest.approx(0.01)
    assert spearman(np.arange(1000.0), np.zeros(1000)) == 0.0


def test_places_are_not_lost_to_rounding():
    """0.07 * 100 is 7.000000000000001 in floats, and still means seven places."""
    active, score = np.arange(100) < 7, -np.arange(100.0)
    assert enrichment_factor(active, score, fraction=0.07) == pytest.approx(100 / 7)


def test_smallest_fraction_keeps_one_place():
    assert enrichment_factor(np.array([1, 0]), np.array([0.9, 0.1]), fraction=1e-15) == 2.0


@given(
    st.integers(2, 40).flatmap(
        lambda n: st.tuples(
            arrays(np.bool_, n).filter(lambda a: 0 < a.sum() < a.size),
            arrays(np.int64, n, elements=st.integers(0, 5)),
            st.permutations(range(n)),
        )
    )
)
def test_ranking_metrics_do_not_depend_on_the_order_of_the_file(case):
    active, score, order = case
    for metric in RANKING:
        assert metric(active, score) == pytest.approx(metric(active[order], score[order]), abs=1e-9)


@given(
    st.integers(2, 40).flatmap(
        lambda n: st.tuples(
            arrays(np.bool_, n).filter(lambda a: 0 < a.sum() < a.size),
            arrays(np.int64, n, elements=st.integers(-5, 5)),
        )
    )
)
def test_ranking_metrics_see_only_the_order_of_scores(case):
    """A monotone transform of the scores (a calibration) changes none of them."""
    active, score = case
    for metric in RANKING:
        assert metric(active, score) == pytest.approx(metric(active, 10 * np.exp(score) + 3))


def test_perfect_ranking_gets_the_best_value_and_its_reverse_the_worst():
    active = np.arange(1000) < 10
    best, worst = -np.arange(1000.0), np.arange(1000.0)
    assert [auroc(active, best), auprc(active, best), bedroc(active, best)] == pytest.approx([1, 1, 1])
    assert enrichment_factor(active, best) == pytest.approx(100.0)
    assert [metric(active, worst) for metric in (auroc, enrichment_factor, bedroc)] == pytest.approx([0] * 3)


def test_shifted_prediction_loses_r2_but_not_rank_correlation():
    truth = np.array([5.0, 6.0, 7.0])
    assert r2(truth, truth + 1) == pytest.approx(1 - 3 / 2)
    assert spearman(truth, truth + 1) == pytest.approx(1.0)


def test_calibrated_probabilities_have_no_calibration_error():
    """Of ten compounds given 0.3, three are active; of ten given 0.8, eight."""
    probability = np.repeat([0.3, 0.8], 10)
    active = np.concatenate([np.arange(10) < 3, np.arange(10) < 8])
    assert ece(active, probability) == pytest.approx(0.0)
    assert ece(active, 1 - probability) == pytest.approx((0.4 + 0.6) / 2)


def test_certainty_falls_into_the_last_bin():
    assert ece(np.array([True, True]), np.array([1.0, 1.0])) == 0.0


def test_coverage_counts_the_bounds_as_inside():
    truth = np.array([1.0, 2.0, 3.0, 4.0])
    assert interval_coverage(truth, np.full(4, 2.0), np.full(4, 3.0)) == 0.5


def test_coverage_of_a_normal_interval_is_its_level():
    truth = np.random.default_rng(0).normal(size=100_000)
    assert interval_coverage(truth, np.full(100_000, -1.645), np.full(100_000, 1.645)) == pytest.approx(
        0.9, abs=0.005
    )


def test_upside_down_interval_is_named():
    with pytest.raises(ValueError, match="interval 1 of 2 is upside down: low 3 is above high 2"):
        interval_coverage([1.0, 1.0], [0.0, 3.0], [1.0, 2.0])


def test_unscored_compound_is_named():
    with pytest.raises(ValueError, match="score 1 of 2 is NaN"):
        enrichment_factor(np.array([True, False]), np.array([0.3, np.nan]))


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_refuses_nan_in_either_array(metric):
    function = METRICS[metric].function
    with pytest.raises(ValueError, match="truth 0 of 2 is NaN"):
        function([math.nan, 1.0], [0.2, 0.3])
    with pytest.raises(ValueError, match=r"(prediction|score|probability) 1 of 2 is NaN"):
        function([0.0, 1.0], [0.2, math.nan])


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_refuses_arrays_of_other_lengths(metric):
    with pytest.raises(
        ValueError, match=r"truth has shape \(2,\) and \w+ \(3,\), expected one \(n,\), n ≥ 1"
    ):
        METRICS[metric].function([0.0, 1.0], [0.1, 0.2, 0.3])


@pytest.mark.parametrize("metric", METRICS)
def test_direction_is_the_one_a_perfect_prediction_takes(metric):
    """The table says which way is better; a perfect prediction beats a bad one that way."""
    truth = np.array([0.0, 0.0, 1.0, 0.0])
    perfect, bad = METRICS[metric].function(truth, truth), METRICS[metric].function(truth, 1 - truth)
    assert perfect > bad if METRICS[metric].direction == "higher" else perfect < bad


def test_percentages_are_not_probabilities():
    with pytest.raises(ValueError, match="probability 0 of 2 is 80, expected 0 to 1"):
        brier(np.array([True, False]), np.array([80.0, 10.0]))


def test_potencies_are_not_labels():
    with pytest.raises(ValueError, match=r"label 0 of 2 is 6\.5, expected 0 or 1"):
        auroc(np.array([6.5, 1.0]), np.array([0.1, 0.2]))


@pytest.mark.parametrize("fraction", [0.0, -0.1, 1.1, math.nan])
def test_enrichment_refuses_a_fraction_out_of_range(fraction):
    with pytest.raises(ValueError, match="expected a number above 0 and up to 1"):
        enrichment_factor(np.array([True, False]), np.array([0.3, 0.2]), fraction)


@pytest.mark.parametrize("metric", [auroc, auprc, bedroc])
def test_one_class_leaves_a_ranking_undefined(metric):
    with pytest.raises(UndefinedMetricError, match="needs both classes, got 2 active and 0 inactive"):
        metric(np.array([True, True]), np.array([0.3, 0.2]))


@pytest.mark.parametrize("metric", [r2, spearman])
def test_constant_truth_leaves_a_correlation_undefined(metric):
    with pytest.raises(UndefinedMetricError, match="needs two different measured values"):
        metric(np.array([5.0, 5.0]), np.array([4.0, 6.0]))


def test_columns_are_evaluated_over_their_measured_compounds_only():
    truth = np.array([[1.0, np.nan], [2.0, 5.0], [np.nan, 7.0]])
    prediction = np.array([[1.0, 99.0], [3.0, 5.0], [99.0, 7.0]])
    first, second = evaluate_columns(truth, prediction, ["logD", "pIC50"], metrics=["mae"])
    assert (first.endpoint, first.metric, first.value, first.n, first.reason) == ("logD", "mae", 0.5, 2, "")
    assert (second.endpoint, second.value, second.n) == ("pIC50", 0.0, 2)


def test_missing_prediction_is_not_skipped():
    """A model that stays silent on what it finds hard must not look better for it."""
    [result] = evaluate_columns([[1.0], [2.0]], [[1.0], [np.nan]], ["logD"], metrics=["rmse"])
    assert math.isnan(result.value)
    assert result.reason == "1 of 2 measured compounds have no prediction"


def test_undefined_value_comes_with_its_reason():
    truth = np.array([[np.nan, 1.0], [np.nan, 1.0]])
    unmeasured, one_class = evaluate_columns(truth, np.full((2, 2), 0.5), ["a", "b"], metrics=["auroc"])
    assert math.isnan(unmeasured.value)
    assert (unmeasured.n, unmeasured.reason) == (0, "no compound was measured")
    assert math.isnan(one_class.value)
    assert (one_class.n, one_class.reason) == (2, "AUROC needs both classes, got 2 active and 0 inactive")


def test_unknown_metric_is_refused_with_the_nearest_known_one():
    with pytest.raises(ValueError, match=r"unknown metric 'auc'.* Did you mean 'auroc'\?"):
        evaluate_columns([[1.0]], [[1.0]], ["a"], metrics=["auc"])


def test_columns_and_names_must_agree():
    with pytest.raises(ValueError, match=r"expected both \(n, 2\) for 2 names"):
        evaluate_columns(np.zeros((3, 1)), np.zeros((3, 1)), ["a", "b"], metrics=["rmse"])
