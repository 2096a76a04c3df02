"""Weights are rounded once, before calibration, and never again."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from molscreen.graphs.features import featurize_batch
from molscreen.models.network import Network, NetworkSpec
from molscreen.models.rounding import from_bytes, rounded, to_bytes
from molscreen.prediction.blend.ensemble import run_networks
from tests.prediction.tiny_bundle import drug_keys

NUMBERS = st.floats(-(2.0**99), 2.0**99, width=32)


def network():
    torch.manual_seed(0)
    return Network(NetworkSpec(width=24, depth=2, hidden=16, kinds=("regression", "classification"))).eval()


def test_rounding_changes_the_copy_and_hardly_the_answer():
    exact, graphs = network(), featurize_batch(drug_keys()[:20])
    before = {name: tensor.clone() for name, tensor in exact.state_dict().items()}
    copied = rounded(exact)
    assert all(torch.equal(before[name], tensor) for name, tensor in exact.state_dict().items())
    said, nearly = (run_networks([each], graphs).mean for each in (exact, copied))
    assert nearly == pytest.approx(said, abs=0.02)
    assert (nearly != said).any()


def test_a_rounded_network_comes_back_from_a_byte_a_weight():
    state = rounded(network()).state_dict()
    packed = to_bytes(state)
    back = from_bytes(packed)
    assert back.keys() == state.keys()
    assert all(torch.equal(back[name], tensor) for name, tensor in state.items())
    matrices = [name for name, tensor in state.items() if tensor.ndim == 2]
    assert matrices
    assert {packed[name].dtype for name in matrices} == {torch.int8}


@given(arrays(np.float32, array_shapes(min_dims=2, max_dims=2, max_side=6), elements=NUMBERS))
@settings(max_examples=200, deadline=None)
def test_rounding_twice_is_rounding_once(matrix):
    """Whatever the sizes, zeros and numbers too small to be normal included."""
    layer = torch.nn.Linear(matrix.shape[1], matrix.shape[0], bias=False)
    layer.weight.data = torch.from_numpy(matrix.copy())
    once = rounded(layer).weight.detach()
    assert torch.equal(rounded(rounded(layer)).weight, once)
    assert torch.equal(from_bytes(to_bytes({"w": once}))["w"], once)
    largest = np.abs(matrix).max(axis=1, keepdims=True)
    assert (np.abs(once.numpy() - matrix) <= largest / 127 * 0.51 + 1e-40).all()


def test_what_was_not_rounded_stays_whole():
    state = network().state_dict()
    assert all(torch.equal(from_bytes(to_bytes(state))[name], tensor) for name, tensor in state.items())


def test_steps_without_their_size_are_refused():
    packed = to_bytes(rounded(network()).state_dict())
    lost = next(name for name in packed if name.endswith(".scale"))
    del packed[lost]
    with pytest.raises(ValueError, match="comes without the size of its steps"):
        from_bytes(packed)
