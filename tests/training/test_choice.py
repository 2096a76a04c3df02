"""Whom a blend listens to is said with its reason."""

import numpy as np
import pytest

from molscreen.endpoint import Endpoint
from molscreen.graphs.features import featurize_batch
from molscreen.prediction.bundle.assembly import Evidence
from molscreen.training.choice import explain_choice
from molscreen.training.stack import stack


def choices(n_known, kind="regression"):
    """What is said of each of several endpoints, of which so many compounds are known."""
    rng, n, t = np.random.default_rng(0), 60, len(n_known)
    truth = rng.normal(size=(n, t))
    target = np.where(
        np.arange(n)[:, None] < n_known, (truth > 0) * 1.0 if kind != "regression" else truth, np.nan
    )
    opinions = {"good": truth + 0.3 * rng.normal(size=(n, t)), "bad": truth + 2 * rng.normal(size=(n, t))}
    endpoints = [Endpoint(name=f"e{j}", kind=kind) for j in range(t)]
    evidence = Evidence(
        keys=["C"] * n,
        ids=["C"] * n,
        graphs=featurize_batch(["CC"]),
        target=target,
        opinions=opinions,
        relation=np.zeros((n, t), np.int8),
        noise=np.zeros((n, t)),
        fold=np.zeros(n, np.intp),
    )
    return list(explain_choice(stack(opinions, target, endpoints), evidence, endpoints))


@pytest.mark.parametrize(
    ("kind", "what"), [("regression", "exact values"), ("classification", "labels of each class")]
)
def test_of_a_single_endpoint_with_few_values_there_is_no_elsewhere(kind, what):
    [said] = choices([19], kind)
    assert said == f"e0: fewer than 20 {what} were judged by all experts, so that these count alike"


def test_of_several_endpoints_the_others_decide():
    *known, said = choices([60, 60, 19])
    assert said.endswith("so that these count as for the other endpoints")
    assert all("weights (RMSE out of fold, 60 compounds)" in each for each in known)
