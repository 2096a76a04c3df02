from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from rdkit import Chem

from molscreen.endpoint import Endpoint
from molscreen.errors import UsageError
from molscreen.graphs.features import featurize_batch
from molscreen.models.batch import collate
from molscreen.models.network import Network, NetworkSpec
from molscreen.prediction import explain
from molscreen.prediction.calibration import Calibration
from molscreen.prediction.conformal import ConformalInterval
from molscreen.prediction.ensemble import Ensemble
from molscreen.prediction.explain import attribute, attribute_all, fidelity
from tests.prediction.tiny_bundle import drug_keys, tiny_bundle

NITROGENS = Endpoint(name="nitrogens", unit="atoms")
METFORMIN, IBUPROFEN = "CN(C)C(=N)NC(=N)N", "CC(C)Cc1ccc(C(C)C(=O)O)cc1"


def count_nitrogens(key: str) -> int:
    return sum(atom.GetSymbol() == "N" for atom in Chem.MolFromSmiles(key).GetAtoms())


@pytest.fixture(scope="module")
def counter() -> Ensemble:
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
    calibration = Calibration((NITROGENS,), (ConformalInterval(None, 0.0, 0),))
    domain = dataclasses.replace(
        tiny_bundle().domain, centre=np.zeros(16, np.float32), whitening=np.eye(16, dtype=np.float32)
    )
    return Ensemble(
        networks=(network.eval(),), endpoints=(NITROGENS,), calibration=calibration, domain=domain
    )


def test_atoms_that_count_are_found(counter: Ensemble) -> None:
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


def test_hiding_the_top_atoms_moves_more_than_hiding_random_ones(counter: Ensemble) -> None:
    result = fidelity(counter, drug_keys()[200:230], "nitrogens", rng=np.random.default_rng(0))
    assert result.top > 1.5 * result.random > 0


def test_attribution_is_the_change_by_hiding_one_atom(counter: Ensemble) -> None:
    """Against the definition, atom by atom, without batches."""
    graphs = featurize_batch([METFORMIN])
    whole = counter.mean(graphs)[0, 0]
    for atom, value in enumerate(attribute(counter, [METFORMIN], "nitrogens")[0]):
        weight = np.ones(graphs.n_atoms[0], np.float32)
        weight[atom] = 0
        assert value == pytest.approx(whole - counter.mean(graphs, weight)[0, 0], abs=1e-4)


def test_groups_of_molecules_do_not_mix(counter: Ensemble, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many copies are held at once, every molecule keeps its own attributions."""
    keys = [METFORMIN, IBUPROFEN, "C", METFORMIN]
    together = attribute(counter, keys, "nitrogens")
    monkeypatch.setattr(explain, "MASKED_ATOMS", 1)
    for one, other in zip(together, attribute(counter, keys, "nitrogens"), strict=True):
        assert one == pytest.approx(other, abs=1e-4)
    assert together[0] == pytest.approx(together[3], abs=1e-4)


def test_all_endpoints_are_explained_as_each_alone() -> None:
    ensemble = tiny_bundle().full_view().ensemble
    [together] = attribute_all(ensemble, [METFORMIN])
    for endpoint, column in zip(ensemble.endpoints, together.T, strict=True):
        [alone] = attribute(ensemble, [METFORMIN], endpoint.name)
        np.testing.assert_array_equal(alone, column)


def test_symmetric_atoms_are_alike(counter: Ensemble) -> None:
    """The two methyls of metformin's dimethylamine, and isobutyl's two in ibuprofen."""
    metformin, ibuprofen = attribute(counter, [METFORMIN, IBUPROFEN], "nitrogens")
    assert metformin[0] == pytest.approx(metformin[2], abs=1e-4)
    assert ibuprofen[0] == pytest.approx(ibuprofen[2], abs=1e-4)


def test_probabilities_are_explained_in_probability() -> None:
    """No atom moves a probability by more than one."""
    for values in attribute(tiny_bundle().full_view().ensemble, drug_keys()[:5], "hERG"):
        assert (np.abs(values) <= 1).all()


def test_no_molecule_has_no_attribution(counter: Ensemble) -> None:
    assert attribute(counter, [], "nitrogens") == []


def test_unknown_endpoint_is_named(counter: Ensemble) -> None:
    with pytest.raises(
        UsageError, match=r"unknown endpoint 'nitrogen'\. This predictor has: nitrogens. Did you mean"
    ):
        attribute(counter, ["C"], "nitrogen")


def test_fidelity_needs_more_atoms_than_it_hides(counter: Ensemble) -> None:
    with pytest.raises(ValueError, match="no molecule has more than 3 atoms"):
        fidelity(counter, ["C", "CO"], "nitrogens", rng=np.random.default_rng(0))
