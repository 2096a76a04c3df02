"""The full view hears whoever counts, and nobody else."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from molscreen.graphs.features import featurize_batch
from molscreen.prediction.blend import Blend
from molscreen.prediction.blended import BlendedPredictor
from molscreen.prediction.council import NETWORKS
from molscreen.prediction.described import Described
from tests.prediction.tiny_bundle import ENDPOINTS, drug_keys, tiny_bundle


class Sure:
    """An expert of one opinion."""

    def __init__(self, opinion: float) -> None:
        self.opinion = opinion

    def opine(self, compounds: Described) -> NDArray[np.float64]:
        return np.full((len(compounds.keys), len(ENDPOINTS)), self.opinion)

    def to_tensors(self) -> dict[str, NDArray[Any]]:
        return {}


class Silent(Sure):
    def opine(self, compounds: Described) -> NDArray[np.float64]:
        raise AssertionError(f"nobody should have asked about {len(compounds.keys)} keys")


def predictor(weights: list[float], **experts: Sure) -> BlendedPredictor:
    """The tiny bundle's networks and these experts, alike for all endpoints."""
    blend = Blend((NETWORKS, *experts), np.array([[each] * 3 for each in weights]), np.zeros(3))
    full = tiny_bundle().full_view()
    return dataclasses.replace(full, council=dataclasses.replace(full.council, experts=experts, blend=blend))


def test_prediction_is_the_calibrated_blend() -> None:
    keys = drug_keys()[200:210]
    full, graphs = predictor([0.5, 0.5], trees=Sure(2.0)), featurize_batch(keys)
    networks = full.ensemble.run(graphs)
    said = full.predict(keys, graphs)
    opinion = 0.5 * networks.mean.astype(float) + 0.5 * 2.0
    spread = np.abs(networks.mean.astype(float) - 2.0) / 2
    expected = full.calibration.apply(opinion, np.hypot(spread, networks.std))
    for name, part in zip(("mean", "std", "low", "high"), expected, strict=True):
        np.testing.assert_allclose(getattr(said, name), part, rtol=1e-5, err_msg=name)
    assert (said.distance == full.neighbours.distance(keys)).all()
    assert (said.in_domain == (np.array(full.neighbours.query(keys).verdict) == "in")).all()


def test_expert_without_a_weight_is_not_asked() -> None:
    full = predictor([1.0, 0.0], trees=Silent(0))
    assert np.isfinite(full.predict(["CCO"]).mean).all()


def test_expert_that_knows_not_the_endpoint_makes_it_unknown() -> None:
    """Missing is never good: what carries weight must be heard."""
    said = predictor([0.5, 0.5], trees=Sure(np.nan)).predict(["CCO"])
    assert np.isnan([said.mean, said.std, said.low, said.high]).all()


def test_graphs_of_other_compounds_are_refused() -> None:
    with pytest.raises(ValueError, match="2 keys, but 1 graphs"):
        predictor([1.0]).predict(["CCO", "CCN"], featurize_batch(["CCO"]))
