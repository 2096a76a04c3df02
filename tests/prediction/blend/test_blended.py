"""The full view hears whoever counts, and nobody else."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from molscreen.graphs.features import featurize_batch
from molscreen.prediction.blend.blend import Blend
from molscreen.prediction.blend.blended import BlendedPredictor
from molscreen.prediction.blend.council import NETWORKS
from molscreen.prediction.blend.ensemble import run_networks
from molscreen.prediction.experts.described import Described
from molscreen.prediction.experts.hidden import Hidden
from tests.prediction.tiny_bundle import ENDPOINTS, drug_keys, heeding_distance, tiny_bundle


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
    council = dataclasses.replace(full.council, experts=experts, blend=blend)
    return dataclasses.replace(full, council=council, calibration=heeding_distance(full.calibration))


def test_prediction_is_the_calibrated_blend() -> None:
    keys = drug_keys()[200:210]
    full, graphs = predictor([0.5, 0.5], trees=Sure(2.0)), featurize_batch(keys)
    networks = run_networks(full.council.networks, graphs)
    said = full.predict(keys, graphs)
    opinion = 0.5 * networks.mean.astype(float) + 0.5 * 2.0
    spread = np.abs(networks.mean.astype(float) - 2.0) / 2
    distance = full.neighbours.distance(keys)
    doubt = np.hypot(spread, np.nan_to_num(networks.noise))
    expected = full.calibration.apply(opinion, doubt, distance[:, None])
    for name, part in zip(("mean", "std", "low", "high"), expected, strict=True):
        np.testing.assert_allclose(getattr(said, name), part, rtol=1e-5, err_msg=name)
    assert (said.distance == distance).all()
    assert (said.in_domain == (np.array(full.neighbours.query(keys).verdict) == "in")).all()


def test_networks_without_a_weight_have_no_doubts() -> None:
    """What they expect would widen the interval of a prediction that is not theirs."""
    keys = drug_keys()[200:210]
    alone = predictor([0.0, 1.0], trees=Sure(2.0)).predict(keys)
    regression = [endpoint.kind == "regression" for endpoint in alone.endpoints]
    assert (alone.std[:, regression] == 0).all()


def test_expert_without_a_weight_is_not_asked() -> None:
    full = predictor([1.0, 0.0], trees=Silent(0))
    assert np.isfinite(full.predict(["CCO"]).mean).all()


def test_hidden_atoms_are_hidden_from_whoever_has_a_weight() -> None:
    keys = drug_keys()[200:203]
    graphs, compounds = featurize_batch(keys), Described(keys)
    nothing = Hidden.of(compounds, [np.zeros((1, a), bool) for a in graphs.n_atoms.tolist()])
    everything = Hidden.of(compounds, [np.ones((1, a), bool) for a in graphs.n_atoms.tolist()])
    full = tiny_bundle().full_view()
    np.testing.assert_allclose(full.mean_without(nothing, graphs), full.predict(keys).mean, rtol=1e-5)
    assert (np.abs(full.mean_without(everything, graphs) - full.predict(keys).mean) > 1e-3).any()
    unmoved = predictor([0.0, 1.0], trees=Sure(2.0))
    same = unmoved.mean_without(everything, graphs)
    np.testing.assert_array_equal(same, unmoved.mean_without(nothing, graphs))


def test_expert_that_knows_not_the_endpoint_makes_it_unknown() -> None:
    """Missing is never good: what carries weight must be heard."""
    said = predictor([0.5, 0.5], trees=Sure(np.nan)).predict(["CCO"])
    assert np.isnan([said.mean, said.std, said.low, said.high]).all()


def test_graphs_of_other_compounds_are_refused() -> None:
    with pytest.raises(ValueError, match="2 keys, but 1 graphs"):
        predictor([1.0]).predict(["CCO", "CCN"], featurize_batch(["CCO"]))
