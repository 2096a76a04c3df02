"""What every encoder promises, whoever wrote it."""

import numpy as np
import pytest
import torch
from rdkit import Chem

from molscreen.graphs.features import featurize
from molscreen.graphs.pack import pack
from molscreen.models.batch import collate
from molscreen.models.encoder import ENCODERS
from molscreen.models.network import Network, NetworkSpec

CAFFEINE, ASPIRIN, METHANE = "Cn1c(=O)c2c(ncn2C)n(C)c1=O", "CC(=O)Oc1ccccc1C(=O)O", "C"
KINDS = ("regression", "classification")


@pytest.fixture(params=list(ENCODERS))
def network(request):
    torch.manual_seed(0)
    return Network(NetworkSpec(encoder=request.param, width=32, depth=3, hidden=16, kinds=KINDS)).eval()


def forward(network, *smiles):
    with torch.inference_mode():
        return network(collate(pack([featurize(s) for s in smiles])))


def test_shapes_are_those_of_the_spec(network):
    """Everything downstream indexes columns by endpoint."""
    output = forward(network, CAFFEINE, ASPIRIN, METHANE)
    assert output.raw.shape == output.log_variance.shape == (3, 2)
    assert output.embedding.shape == (3, 16)
    assert torch.isfinite(output.raw).all()


def test_atom_order_does_not_matter(network):
    """A molecule is not its SMILES: any order of atoms gives the same numbers."""
    mol = Chem.MolFromSmiles(CAFFEINE)
    graph = featurize(CAFFEINE)
    order = np.random.default_rng(0).permutation(mol.GetNumAtoms())
    place = np.argsort(order)
    shuffled = type(graph)(graph.x[order], place[graph.edge_index].astype(np.int32), graph.edge_attr)
    with torch.inference_mode():
        output = network(collate(pack([graph, shuffled])))
    torch.testing.assert_close(output.raw[0], output.raw[1], rtol=1e-4, atol=1e-5)


def test_neighbours_in_a_batch_do_not_leak(network):
    """A molecule's prediction is its own, whatever else is in the batch."""
    alone, together = forward(network, ASPIRIN), forward(network, METHANE, ASPIRIN, CAFFEINE)
    torch.testing.assert_close(alone.raw[0], together.raw[1], rtol=1e-4, atol=1e-5)


def test_single_atoms_pass(network):
    """A batch without one bond is a batch."""
    assert torch.isfinite(forward(network, METHANE, "N").raw).all()


def test_every_parameter_learns(network):
    """A parameter without a gradient is dead weight, or a bug."""
    network.train()
    output = network(collate(pack([featurize(CAFFEINE), featurize(ASPIRIN), featurize("C/C=C\\C")])))
    (output.raw.sum() + output.log_variance.sum()).backward()
    unused = [name for name, p in network.named_parameters() if p.grad is None]
    assert unused == []


def test_a_hidden_atom_changes_the_prediction(network):
    """Occlusion is how scores are explained."""
    batch = collate(pack([featurize(ASPIRIN)]))
    weight = torch.ones(len(batch.atom))
    weight[0] = 0
    with torch.inference_mode():
        assert not torch.allclose(network(batch).raw, network(batch, weight).raw)
        torch.testing.assert_close(network(batch).raw, network(batch, torch.ones(len(batch.atom))).raw)


def test_a_network_can_overfit(network):
    """A model that cannot learn 8 molecules by heart will not learn anything."""
    smiles = ["C", "CC", "CCO", "c1ccccc1", "CC(=O)O", "CCN", "C1CC1", "N#N"]
    batch = collate(pack([featurize(s) for s in smiles]))
    target = torch.linspace(-1, 1, len(smiles))
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    network.eval()  # no dropout
    for _ in range(300):
        loss = ((network(batch).raw[:, 0] - target) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert float(loss.detach()) < 0.02
