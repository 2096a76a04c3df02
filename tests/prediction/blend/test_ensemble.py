from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from molscreen.graphs.features import featurize_batch
from molscreen.models.network import Network
from molscreen.prediction.blend.ensemble import Ensemble, run_networks
from tests.prediction.tiny_bundle import ENDPOINTS, drug_keys, tiny_bundle, tiny_network


def test_ensemble_of_twins_is_one_twin() -> None:
    """Members that agree add no spread: what is left is the noise they expect."""
    graphs = featurize_batch(drug_keys()[:20])
    one, two = (run_networks([tiny_network(0)] * k, graphs) for k in (1, 2))
    assert two.mean == pytest.approx(one.mean, rel=1e-5)
    assert two.std[:, :2] == pytest.approx(one.std[:, :2], rel=1e-5)
    assert two.std[:, 2] == pytest.approx(0.0)


def test_members_are_averaged_and_their_spread_is_added_to_the_noise() -> None:
    """Against the law of total variance, member by member."""
    graphs = featurize_batch(drug_keys()[:20])
    alone = [run_networks([tiny_network(seed)], graphs) for seed in range(3)]
    together = run_networks([tiny_network(seed) for seed in range(3)], graphs)
    means, noise = np.stack([a.mean for a in alone]), np.stack([a.std for a in alone])
    assert together.mean == pytest.approx(means.mean(axis=0), rel=1e-4)
    expected = np.sqrt(means.var(axis=0) + (noise**2).mean(axis=0))
    assert together.std[:, :2] == pytest.approx(expected[:, :2], rel=1e-4)
    assert together.std[:, 2] == pytest.approx(means.std(axis=0)[:, 2], rel=1e-3, abs=1e-6)


def test_spread_of_one_probability_is_unknown() -> None:
    """One member cannot disagree with itself; zero would say that it is sure."""
    assert np.isnan(run_networks([tiny_network(0)], featurize_batch(["CCO"])).std[0, 2])


@pytest.mark.parametrize("batch_atoms", [1, 30, 200, 10**9])
def test_batches_only_move_the_last_bits(batch_atoms: int) -> None:
    graphs = featurize_batch(drug_keys()[:30])
    small = run_networks([tiny_network(0)], graphs, batch_atoms=batch_atoms)
    assert small.mean == pytest.approx(run_networks([tiny_network(0)], graphs).mean, rel=1e-4, abs=1e-5)


def test_hidden_atoms_are_the_right_ones_in_every_batch() -> None:
    """Weights are cut with the batches: hiding atoms of one molecule moves no other."""
    graphs = featurize_batch(drug_keys()[:10])
    weight = np.ones(graphs.n_atoms.sum(), np.float32)
    start = graphs.n_atoms[:7].sum()
    weight[start : start + 3] = 0
    whole = run_networks([tiny_network(0)], graphs, batch_atoms=60).mean
    masked = run_networks([tiny_network(0)], graphs, batch_atoms=60, atom_weight=weight).mean
    moved = np.abs(masked - whole).max(axis=1) > 1e-4
    assert moved.tolist() == [i == 7 for i in range(10)]


def test_network_that_diverged_gives_nan_everywhere() -> None:
    """Never a rank, never a place in the domain."""
    broken = tiny_network(0)
    with torch.no_grad():
        broken.encoder.atoms.weight.fill_(torch.nan)
    prediction = dataclasses.replace(tiny_bundle().wide_view(), networks=(broken,)).predict(["CCO"])
    for name in ("mean", "std", "low", "high", "distance"):
        assert np.isnan(getattr(prediction, name)).all()
    assert not prediction.in_domain.any()


def test_network_in_training_mode_is_refused() -> None:
    """Its dropout would make every answer another one."""
    with pytest.raises(ValueError, match=r"call \.eval\(\)"):
        run_networks([tiny_network(0).train()], featurize_batch(["CCO"]))


def test_graphs_of_other_compounds_are_refused() -> None:
    with pytest.raises(ValueError, match="2 keys, but 1 graphs"):
        tiny_bundle().predict(["CCO", "CCN"], featurize_batch(["CCO"]))


def test_networks_of_other_endpoints_are_refused() -> None:
    ensemble = tiny_bundle().wide_view()
    with pytest.raises(ValueError, match="network 0 gives"):
        Ensemble(
            networks=ensemble.networks,
            endpoints=ENDPOINTS[:2],
            calibration=ensemble.calibration,
            domain=ensemble.domain,
        )


class Greedy(Network):
    """A network that has no memory for more than `most` molecules."""

    most = 5
    met: list[int]

    def forward(self, batch, atom_weight=None):
        self.met.append(batch.n)
        if batch.n > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return super().forward(batch, atom_weight)


def greedy_network(most: int) -> Greedy:
    network = tiny_network(0)
    network.__class__ = Greedy
    network.most, network.met = most, []
    return network


def test_batch_that_does_not_fit_is_halved() -> None:
    """A GPU that others use as well has less memory than was thought; nothing is lost, and order stays."""
    graphs = featurize_batch(drug_keys()[:40])
    network = greedy_network(5)
    output = run_networks([network], graphs)
    for halved, whole in zip(output, run_networks([tiny_network(0)], graphs), strict=True):
        assert halved == pytest.approx(whole, rel=1e-4, abs=1e-5, nan_ok=True)
    assert network.met == [40, 20, 10, 5, 5, 10, 5, 5, 20, 10, 5, 5, 10, 5, 5]


def test_molecule_that_does_not_fit_alone_is_an_error() -> None:
    """Then there is nothing left to halve."""
    with pytest.raises(torch.OutOfMemoryError):
        run_networks([greedy_network(0)], featurize_batch(drug_keys()[:4]))


def test_no_molecules_no_numbers() -> None:
    """A shard in which every row was refused."""
    prediction = tiny_bundle().full_view().predict([])
    assert prediction.mean.shape == (0, 3)
    assert len(tiny_bundle().wide_view()._calibrated_there(featurize_batch([]))[4]) == 0
