from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from rdkit import Chem

from molscreen.endpoint import Endpoint
from molscreen.errors import UsageError
from molscreen.graphs.features import featurize_batch
from molscreen.models.batch import collate
from molscreen.models.network import Network, NetworkSpec
from molscreen.prediction.blend.blend import Blend
from molscreen.prediction.blend.blended import BlendedPredictor
from molscreen.prediction.blend.council import NETWORKS, Council
from molscreen.prediction.blend.ensemble import run_networks
from molscreen.prediction.certainty.calibration import Calibration
from molscreen.prediction.certainty.conformal import ConformalInterval
from molscreen.prediction.experts.described import Described
from molscreen.prediction.experts.expert import Expert
from molscreen.prediction.explained import explain
from molscreen.prediction.explained.explain import fidelity
from tests.prediction.tiny_bundle import drug_keys, tiny_bundle

NITROGENS = Endpoint(name="nitrogens", unit="atoms")
METFORMIN, IBUPROFEN = "CN(C)C(=N)NC(=N)N", "CC(C)Cc1ccc(C(C)C(=O)O)cc1"


def attribute(predictor: BlendedPredictor, keys: Sequence[str], endpoint: str) -> list[NDArray[np.float64]]:
    """Of one endpoint."""
    return [each[:, 0] for each in explain.attribute(predictor, keys, [endpoint])]


def count_nitrogens(key: str) -> int:
    return sum(atom.GetSymbol() == "N" for atom in Chem.MolFromSmiles(key).GetAtoms())


@pytest.fixture(scope="module")
def counter() -> BlendedPredictor:
    """A network that learnt, in seconds, how many nitrogens a drug has."""
    torch.manual_seed(0)
    keys = drug_keys()[:100]
    network = Network(
        NetworkSpec(encoder="gine", width=16, depth=2, hidden=16, dropout=0.0, kinds=("regression",))
    )
    batch = collate(featurize_batch(keys))
    target = torch.tensor([[count_nitrogens(key)] for key in keys], dtype=torch.float32)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so small a network only waits for its own threads
    for _ in range(90):
        optimizer.zero_grad()
        ((network(batch).raw - target) ** 2).mean().backward()
        optimizer.step()
    torch.set_num_threads(threads)
    return alone(network.eval())


def alone(network: Network, **experts: Expert) -> BlendedPredictor:
    """Of one endpoint: a network and other experts, with equal weights."""
    names = (NETWORKS, *experts)
    blend = Blend(names, np.full((len(names), 1), 1 / len(names)), np.zeros(1))
    return BlendedPredictor(
        neighbours=tiny_bundle().neighbours,
        endpoints=(NITROGENS,),
        council=Council(networks=(network,), experts=experts, blend=blend),
        calibration=Calibration((NITROGENS,), (ConformalInterval(None, 0.0, 0.0, 0.0, 0.0, 0),)),
    )


class CountedPairs:
    """An expert that says how many atom pairs a compound has: C C is 1, C C C is 3."""

    def opine(self, compounds: Described) -> NDArray[np.float64]:
        pairs = np.asarray(compounds.counts["atom-pair"].sum(axis=1), np.float64)
        return pairs.reshape(-1, 1)

    def restricted_to(self, _: NDArray[np.bool_]) -> CountedPairs:
        return self

    def to_tensors(self) -> dict[str, NDArray[np.float64]]:
        return {}


def test_atoms_that_count_are_found(counter: BlendedPredictor) -> None:
    """The right answer is known: a nitrogen brings about one, any other atom about nothing."""
    keys = list(drug_keys()[200:230])
    mine, others = [], []
    for key, attribution in zip(keys, attribute(counter, keys, "nitrogens"), strict=True):
        symbols = [atom.GetSymbol() for atom in Chem.MolFromSmiles(key).GetAtoms()]
        assert len(symbols) == len(attribution)
        for symbol, value in zip(symbols, attribution, strict=True):
            (mine if symbol == "N" else others).append(value)
    assert np.mean(mine) > 0.5
    assert abs(np.mean(others)) < 0.2 * np.mean(mine)


def test_hiding_the_top_atoms_moves_more_than_hiding_random_ones(counter: BlendedPredictor) -> None:
    result = fidelity(counter, drug_keys()[200:230], "nitrogens", rng=np.random.default_rng(0))
    assert result.top > 1.5 * result.random > 0


def test_attribution_is_the_change_by_hiding_one_atom(counter: BlendedPredictor) -> None:
    """Against the definition, atom by atom, without batches."""
    graphs, networks = featurize_batch([METFORMIN]), counter.council.networks
    whole = run_networks(networks, graphs).mean[0, 0]
    for atom, value in enumerate(attribute(counter, [METFORMIN], "nitrogens")[0]):
        weight = np.ones(graphs.n_atoms[0], np.float32)
        weight[atom] = 0
        hidden = run_networks(networks, graphs, atom_weight=weight).mean[0, 0]
        assert value == pytest.approx(whole - hidden, abs=1e-4)


def test_every_expert_is_asked_by_its_weight(counter: BlendedPredictor) -> None:
    """Half of what the network says, and half of the pairs that an atom is in: all but itself."""
    [network] = attribute(counter, [METFORMIN], "nitrogens")
    both = alone(counter.council.networks[0], pairs=CountedPairs())
    [blended] = attribute(both, [METFORMIN], "nitrogens")
    assert blended == pytest.approx(network / 2 + (len(network) - 1) / 2, abs=1e-4)


def test_groups_of_molecules_do_not_mix(counter: BlendedPredictor, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many copies are held at once, every molecule keeps its own attributions."""
    keys = [METFORMIN, IBUPROFEN, "C", METFORMIN]
    together = attribute(counter, keys, "nitrogens")
    monkeypatch.setattr(explain, "HIDDEN_ATOMS", 1)
    for one, other in zip(together, attribute(counter, keys, "nitrogens"), strict=True):
        assert one == pytest.approx(other, abs=1e-4)
    assert together[0] == pytest.approx(together[3], abs=1e-4)


def test_endpoints_together_are_explained_as_each_alone() -> None:
    full = tiny_bundle().full_view()
    names = [endpoint.name for endpoint in full.endpoints]
    [together] = explain.attribute(full, [METFORMIN], names)
    for name, column in zip(names, together.T, strict=True):
        np.testing.assert_allclose(attribute(full, [METFORMIN], name)[0], column, atol=1e-6)


def test_deuterium_is_hidden_with_its_neighbour(counter: BlendedPredictor) -> None:
    """An isotope is no atom to the models: the others bring what they bring without it."""
    [plain] = attribute(counter, [METFORMIN], "nitrogens")
    [labelled] = attribute(counter, ["[2H]C([2H])([2H])N(C)C(=N)NC(=N)N"], "nitrogens")
    assert np.isnan(labelled[[0, 2, 3]]).all()
    assert labelled[[1, *range(4, len(labelled))]] == pytest.approx(plain, abs=1e-4)


def test_symmetric_atoms_are_alike(counter: BlendedPredictor) -> None:
    """The two methyls of metformin's dimethylamine, and isobutyl's two in ibuprofen."""
    metformin, ibuprofen = attribute(counter, [METFORMIN, IBUPROFEN], "nitrogens")
    assert metformin[0] == pytest.approx(metformin[2], abs=1e-4)
    assert ibuprofen[0] == pytest.approx(ibuprofen[2], abs=1e-4)


def test_probabilities_are_explained_in_probability() -> None:
    """No atom moves a probability by more than one."""
    for values in attribute(tiny_bundle().full_view(), drug_keys()[:5], "hERG"):
        assert (np.abs(values) <= 1).all()


def test_no_molecule_has_no_attribution(counter: BlendedPredictor) -> None:
    assert attribute(counter, [], "nitrogens") == []


def test_unknown_endpoint_is_named(counter: BlendedPredictor) -> None:
    with pytest.raises(
        UsageError,
        match=r"unknown endpoint 'nitrogen'\. Did you mean 'nitrogens'\? This predictor has: nitrogens",
    ):
        attribute(counter, ["C"], "nitrogen")


def test_fidelity_needs_more_atoms_than_it_hides(counter: BlendedPredictor) -> None:
    with pytest.raises(ValueError, match="no molecule has more than 3 atoms"):
        fidelity(counter, ["C", "CO"], "nitrogens", rng=np.random.default_rng(0))
