from __future__ import annotations

import numpy as np
import pytest
import torch

from molscreen.graphs.features import featurize_batch
from molscreen.prediction.assembly import half_rounded
from molscreen.prediction.ensemble import run_networks
from tests.prediction.tiny_bundle import drug_keys, tiny_bundle, tiny_network


def test_views_are_calibrated_apart() -> None:
    """One network and three are not equally sure, so they do not share their intervals."""
    bundle = tiny_bundle()
    wide, full = bundle.predictor(1), bundle.predictor()
    assert len(wide.networks) == 1
    assert len(full.networks) == 3
    assert wide.calibration != full.calibration
    assert bundle.predictor(3).calibration == full.calibration


def test_most_held_out_compounds_are_in_both_domains() -> None:
    """By construction, and on the very compounds that placed the edges."""
    bundle, held_out = tiny_bundle(), drug_keys()[150:200]
    assert bundle.predict(held_out).in_domain.mean() >= 0.95
    assert np.mean([verdict == "in" for verdict in bundle.neighbours.query(held_out).verdict]) >= 0.95


def test_training_compound_is_its_own_nearest_neighbour() -> None:
    answer = tiny_bundle().neighbours.query(drug_keys()[7:8])
    assert answer.ids[0][0] == "drug 7"
    assert answer.similarity[0, 0] == 1.0


def test_rounding_changes_the_copy_and_hardly_the_answer() -> None:
    network, graphs = tiny_network(0), featurize_batch(drug_keys()[:20])
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    rounded = half_rounded(network)
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())
    assert all(torch.equal(weight, weight.half().float()) for weight in rounded.parameters())
    exact, nearly = (run_networks([each], graphs).mean for each in (network, rounded))
    assert nearly == pytest.approx(exact, abs=0.01)
    assert (nearly != exact).any()
