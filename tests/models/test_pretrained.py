"""A pre-trained encoder is what a network may start from, and nothing else passes for one."""

from __future__ import annotations

import json

import pytest
import torch

from molscreen.errors import BundleError, ConfigError
from molscreen.models.network import Network, NetworkSpec
from molscreen.models.pretrained import RECORD, SHARED, load_encoder, save_encoder
from molscreen.models.weight_folder import WEIGHTS

SHAPE = {"encoder": "gine", "width": 16, "depth": 2, "hidden": 8}


def network(seed=0, kinds=("regression",) * 3, **change):
    torch.manual_seed(seed)
    return Network(NetworkSpec(**(SHAPE | change), kinds=kinds))


@pytest.fixture
def saved(tmp_path):
    """The encoder of a network with random weights."""
    save_encoder(network(), tmp_path / "drug-like", name="drug-like", about={"molecules": 60})
    return tmp_path / "drug-like"


def test_a_network_starts_from_what_was_saved(saved):
    """Of all that endpoints share, as float16; heads and scales of its own endpoints stay as they were."""
    taught, fresh = network().state_dict(), network(seed=1, kinds=("classification",))
    before = {name: tensor.clone() for name, tensor in fresh.state_dict().items()}
    load_encoder(saved).start(fresh)
    shared = [name for name in before if name.startswith(SHARED)]
    assert any(name.startswith("heads.hidden") for name in shared)
    for name, tensor in fresh.state_dict().items():
        expected = taught[name].half().float() if name in shared else before[name]
        assert tensor.equal(expected), name
    assert any(not before[name].equal(fresh.state_dict()[name]) for name in shared)


def test_what_is_not_shared_is_not_kept(saved):
    """Two hundred descriptors' heads are of no use to an endpoint."""
    encoder = load_encoder(saved)
    assert all(name.startswith(SHARED) for name in encoder.weights)
    assert encoder.spec == NetworkSpec(**SHAPE)
    assert (encoder.name, encoder.about) == ("drug-like", {"molecules": 60})


def test_dropout_is_the_network_s_own(saved):
    """Pre-training needs none; a small data set does."""
    load_encoder(saved).start(network(dropout=0.3))


@pytest.mark.parametrize("change", [{"width": 24}, {"depth": 3}, {"hidden": 16}, {"encoder": "dmpnn"}])
def test_a_network_of_another_shape_is_refused(saved, change):
    """Said in the words of the training file, before any epoch."""
    name, value = next(iter(change.items()))
    with pytest.raises(ConfigError) as caught:
        load_encoder(saved).start(network(**change))
    [ours, theirs] = str(caught.value).split(", but the encoder 'drug-like' is ")
    assert ours.startswith("[network] is ")
    assert f"{name}={value!r}" in ours
    assert f"{name}={SHAPE[name]!r}" in theirs


@pytest.mark.parametrize("damage", ["truncated", "changed", "longer", "empty"])
def test_damaged_weights_are_refused(saved, damage):
    content = (saved / WEIGHTS).read_bytes()
    changed = {
        "truncated": content[:-9],
        "changed": content[:-9] + bytes([content[-9] ^ 1]) + content[-8:],
        "longer": content + b"\0",
        "empty": b"",
    }
    (saved / WEIGHTS).write_bytes(changed[damage])
    with pytest.raises(
        BundleError, match=r"weights\.safetensors: truncated or changed; fetch the encoder again"
    ):
        load_encoder(saved)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b'{"sha256": 1}'])
def test_damaged_record_is_refused(saved, content):
    (saved / RECORD).write_bytes(content)
    with pytest.raises(BundleError, match=r"damaged, no encoder|truncated or changed"):
        load_encoder(saved)


def test_missing_weights_are_refused(saved):
    (saved / WEIGHTS).unlink()
    with pytest.raises(BundleError, match=r"damaged, no encoder: .*fetch it again"):
        load_encoder(saved)


def test_encoder_of_another_featuriser_is_refused(saved):
    """The same numbers would mean other atoms."""
    record = json.loads((saved / RECORD).read_text())
    (saved / RECORD).write_text(json.dumps(record | {"featuriser_digest": "f" * 64}))
    with pytest.raises(BundleError, match="made for another featuriser; train the encoder again"):
        load_encoder(saved)


def test_name_of_no_encoder_says_what_there_is(saved, monkeypatch):
    monkeypatch.setattr("molscreen.models.pretrained.SHIPPED", saved.parent)
    assert load_encoder("drug-like").name == "drug-like"
    with pytest.raises(
        BundleError,
        match=rf"no encoder 'druglike'\. Known: drug-like; .* holds the file {RECORD}\. Did you mean",
    ):
        load_encoder("druglike")


def test_saving_never_overwrites(saved):
    with pytest.raises(BundleError, match="exists; name a new directory"):
        save_encoder(network(), saved, name="drug-like", about={})
