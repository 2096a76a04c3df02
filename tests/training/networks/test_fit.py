"""Fitting learns, stops early, and resumes to the same weights."""

import numpy as np
import pytest
import torch

from molscreen.errors import ConfigError, ResumeError, RunError
from molscreen.graphs.features import featurize
from molscreen.graphs.pack import pack
from molscreen.models.network import Network, NetworkSpec
from molscreen.training.networks.batches import Examples, epoch_batches
from molscreen.training.networks.fit import FitConfig, endpoint_weight, fit

ALKYL = ["C" * n + tail for n in range(1, 13) for tail in ("", "O", "N", "F", "C(=O)O")]


def examples():
    """Chains whose label is their number of atoms, and whose class is 'has a nitrogen'."""
    graphs = [featurize(s) for s in ALKYL]
    value = np.array([[len(g.x), "N" in s] for g, s in zip(graphs, ALKYL, strict=True)], np.float32)
    value[::7, 0] = np.nan
    return Examples(pack(graphs), value, np.zeros(value.shape, np.int8))


def network(data):
    torch.manual_seed(0)
    net = Network(
        NetworkSpec(width=24, depth=3, hidden=24, dropout=0.1, kinds=("regression", "classification"))
    )
    net.standardise(data.value)
    return net


CONFIG = FitConfig(epochs=6, batch_atoms=120, learning_rate=3e-3, patience=6)


def test_fitting_learns():
    """The validation loss of a learnable task falls well below where it began."""
    data = examples()
    patient = FitConfig(epochs=20, batch_atoms=120, learning_rate=3e-3, patience=20)
    history = fit(network(data), data, data, config=patient, seed=0)
    assert history[-1].validation_loss < 0.5 * history[0].validation_loss


@pytest.mark.parametrize("mixed", [True, False])
def test_a_fit_learns_in_either_precision(mixed, monkeypatch):
    """A processor made for bfloat16 products is told apart only by its speed, and weights stay float32."""
    monkeypatch.setattr("molscreen.training.networks.fit._has_bfloat16", lambda: True)
    data = examples()
    net = network(data)
    patient = FitConfig(epochs=20, batch_atoms=120, learning_rate=3e-3, patience=20, mixed=mixed)
    history = fit(net, data, data, config=patient, seed=0)
    assert history[-1].validation_loss < 0.5 * history[0].validation_loss
    assert {tensor.dtype for tensor in net.state_dict().values()} == {torch.float32}


def test_another_precision_is_another_fit(tmp_path, monkeypatch):
    data, file = examples(), tmp_path / "fit.safetensors"
    monkeypatch.setattr("molscreen.training.networks.fit._has_bfloat16", lambda: True)
    fit(network(data), data, data, config=CONFIG, seed=3, checkpoint=file)
    monkeypatch.setattr("molscreen.training.networks.fit._has_bfloat16", lambda: False)
    with pytest.raises(ResumeError, match="begun by a processor of another precision"):
        fit(network(data), data, data, config=CONFIG, seed=3, checkpoint=file)


def test_a_resumed_fit_ends_with_the_same_weights(tmp_path):
    """A killed training costs one epoch, not a different model."""
    data = examples()
    unbroken, broken, resumed = network(data), network(data), network(data)
    fit(unbroken, data, data, config=CONFIG, seed=3)

    class KilledError(Exception):
        pass

    def kill(epoch):
        if epoch.number == 2:
            raise KilledError

    file = tmp_path / "fit.safetensors"
    with pytest.raises(KilledError):
        fit(broken, data, data, config=CONFIG, seed=3, checkpoint=file, progress=kill)
    fit(resumed, data, data, config=CONFIG, seed=3, checkpoint=file)
    for name, tensor in unbroken.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name]), name


def test_a_foreign_checkpoint_is_refused(tmp_path):
    """Continuing with other settings would be a model nobody asked for."""
    data, file = examples(), tmp_path / "fit.safetensors"
    fit(network(data), data, data, config=FitConfig(epochs=1), seed=0, checkpoint=file)
    with pytest.raises(
        ResumeError, match="belongs to another fit, which was begun by another seed and is not"
    ):
        fit(network(data), data, data, config=FitConfig(epochs=1), seed=1, checkpoint=file)
    with pytest.raises(ResumeError) as refusal:
        fit(network(data), data, data, config=FitConfig(epochs=2), seed=0, checkpoint=file)
    assert "begun by another --effort, or other settings" in str(refusal.value)
    assert f"name another --out, or remove {tmp_path}" in str(refusal.value)
    assert "FitConfig" not in str(refusal.value)


def test_patience_ends_a_fit_that_gets_no_better():
    """With a learning rate of nearly nothing the best epoch is soon the first few."""
    data = examples()
    still = FitConfig(epochs=40, learning_rate=1e-12, patience=2, batch_atoms=400)
    assert len(fit(network(data), data, data, config=still, seed=0)) < 40


def test_small_endpoints_are_lifted_by_balance():
    """0 counts labels alike, 1 counts endpoints alike; no label, no weight."""
    value = np.full((100, 3), np.nan)
    value[:, 0] = 1
    value[:25, 1] = 1
    assert endpoint_weight(value, 0.0).tolist() == [1, 1, 0]
    assert endpoint_weight(value, 0.5).tolist() == [1, 2, 0]
    assert endpoint_weight(value, 1.0).tolist() == [1, 4, 0]


def test_an_epoch_holds_every_example_once():
    """Shuffling permutes; it neither drops nor repeats."""
    data = examples()
    seen = [v for _, value, _ in epoch_batches(data, 100, np.random.default_rng(0)) for v in value[:, 1]]
    assert len(seen) == len(data)
    assert sum(map(float, seen)) == np.nansum(data.value[:, 1])


def test_settings_out_of_range_are_named():
    """A bad setting fails before the first epoch."""
    with pytest.raises(ConfigError, match=r"\[fit\] epochs must be positive, got 0"):
        FitConfig(epochs=0)


def test_a_fit_that_breaks_says_so():
    """A loss that is no number would ship the weights the network began with, as its best epoch."""
    data = examples()
    wild = data.value.copy()
    wild[0, 0] = np.inf
    broken = Examples(data.graphs, wild, data.relation)
    with pytest.raises(RunError, match=r"epoch 1: the gradient is nan\. Lower \[fit\] learning_rate"):
        fit(network(data), broken, data, config=CONFIG, seed=0)
    with pytest.raises(RunError, match="epoch 1: the validation loss is inf"):
        fit(network(data), data, broken, config=CONFIG, seed=0)


def test_a_fit_without_a_validation_label_says_so():
    """Its best epoch would be any."""
    data = examples()
    blank = Examples(data.graphs, np.full_like(data.value, np.nan), data.relation)
    with pytest.raises(RunError, match="no validation compound has a label"):
        fit(network(data), data, blank, config=CONFIG, seed=0)
