"""Whoever knows nothing is not told that he knows something, and small tests are not believed."""

import math

import numpy as np
import pytest

from molscreen.data.measured.assay_table import AssayTable
from molscreen.endpoint import Endpoint
from molscreen.metrics import bootstrap
from molscreen.prediction.bundle.headline import judge
from molscreen.training.certainty import FEWEST_TO_SAY, error_avoided, interval_of
from molscreen.training.evaluate import nested, score_constant, score_predictions, with_intervals


def verdicts(truth, said, kind="regression", scale="linear"):
    """What is said of each column of truth (n, t) and prediction."""
    n, t = truth.shape
    endpoints = tuple(Endpoint(name=f"e{j}", kind=kind, scale=scale) for j in range(t))
    table = AssayTable(
        keys=tuple("C" * (i + 1) for i in range(n)),
        endpoints=endpoints,
        value=truth.astype(np.float32),
        relation=np.zeros((n, t), np.int8),
        split=np.full((n, t), "test"),
        time=np.full(n, np.nan),
        ids=tuple(map(str, range(n))),
    )
    scores = score_predictions(table, said, model="blend")
    figures = nested([*with_intervals(scores, table, said, model="blend"), *score_constant(table)])
    return [
        judge(each, *(figures[model][each.name] for model in ("blend", "constant"))) for each in endpoints
    ]


def test_a_training_on_random_labels_is_told_in_95_per_cent_of_cases(monkeypatch):
    """A classifier that knows nothing has an AUROC above 0.5 every second time."""
    monkeypatch.setattr(bootstrap, "RESAMPLES", 300)
    rng, draws = np.random.default_rng(0), 120
    for n in (12, 30, 80):
        labels = np.tile(np.arange(n)[:, None] % 2, (1, draws)).astype(float)
        said = [each.verdict for each in verdicts(labels, rng.random((n, draws)), "classification")]
        assert said.count("better") <= 0.08 * draws  # 95 % and two standard errors
        noise = 0.15 * rng.normal(size=(n, draws))
        said = [each.verdict for each in verdicts(rng.normal(size=(n, draws)), noise)]
        assert said.count("better") + said.count("ranks") <= 0.08 * draws
        assert {"untold", "guessed"} & set(said)


def test_who_knows_something_is_told_so():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(100, 5))
    said = truth + 0.7 * rng.normal(size=truth.shape)
    assert {each.verdict for each in verdicts(truth, said)} == {"better"}
    labels = (truth > 0).astype(float)
    probability = 1 / (1 + np.exp(-2 * said))
    assert {each.verdict for each in verdicts(labels, probability, "classification")} == {"better"}
    assert {each.verdict for each in verdicts(10**truth, 10**said, scale="log10")} == {"better"}


def test_a_model_that_ranks_well_and_is_off_by_a_constant_is_not_called_useless():
    """On a later series the mean has moved: the mean of the test is a guess that nobody could make before."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(60, 4))
    judged = verdicts(truth, 0.8 * truth + 0.3 * rng.normal(size=truth.shape) + 1.5)
    assert {each.verdict for each in judged} == {"ranks"}
    assert all(each.ours > each.guess and each.ranks.low > 0.5 for each in judged)
    assert str(judged[0]).endswith("rank by it, and do not read its values")


def test_of_a_large_test_nothing_is_nothing():
    rng = np.random.default_rng(1)
    truth = rng.normal(size=(600, 3))
    assert {each.verdict for each in verdicts(truth, 0.1 * rng.normal(size=truth.shape))} == {"guessed"}
    said = rng.random(truth.shape)
    assert {each.verdict for each in verdicts((truth > 0) * 1.0, said, "classification")} == {"guessed"}


def test_too_few_compounds_tell_nothing():
    """Perfect predictions of nine compounds, or of four actives, are no proof, and no interval."""
    few = np.arange(FEWEST_TO_SAY - 1.0)[:, None]
    [judged] = verdicts(few, few)
    assert judged.verdict == "untold"
    assert math.isnan(judged.interval.low)
    assert str(judged) == (
        "whether e0 is predicted better than by a constant guess cannot be told from 9 test compounds"
        " (RMSE 0, guess 2.58)"
    )
    rare = (np.arange(50.0) < 4)[:, None] * 1.0
    assert verdicts(rare, rare * 0.9, "classification")[0].verdict == "untold"


def test_who_has_no_prediction_has_no_interval():
    truth, said = np.arange(20.0), np.append(np.arange(19.0), np.nan)
    assert math.isnan(interval_of("rmse", truth, said).low)
    assert math.isnan(error_avoided("rmse", np.ones(20), truth)[0])
    assert error_avoided("rmse", truth, truth) == (1.0, (1.0, 1.0))


def test_a_card_without_intervals_is_judged_by_its_figures():
    """That of the bundles that ship."""
    endpoint = Endpoint(name="pIC50")
    judged = judge(endpoint, {"rmse": 0.9, "n": 12}, {"rmse": 0.8})
    assert (judged.verdict, judged.n) == ("guessed", 12)
    assert judge(endpoint, {"rmse": 0.7}, {"rmse": 0.8}).verdict == "better"
    with_keys = {"rmse": 0.7, "rmse, from": None, "rmse, to": None, "n": 12}
    assert judge(endpoint, with_keys, {"rmse": 0.8}).verdict == "untold"


@pytest.mark.parametrize("n", [9, 40])
def test_a_single_value_measured_has_no_error_to_avoid(n):
    assert math.isnan(error_avoided("rmse", np.full(n, 5.0), np.arange(float(n)))[1].low)
