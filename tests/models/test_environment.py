"""What looks alike is computed once, and nothing else is taken for alike."""

import numpy as np
import pytest
import torch

from molscreen.graphs.features import featurize_batch
from molscreen.models.batch import collate
from molscreen.models.dmpnn import DMPNN
from molscreen.models.environment import environments

SMILES = [
    "CC(=O)Oc1ccccc1C(=O)O", "Cn1c(=O)c2c(ncn2C)n(C)c1=O", "C", "[Na+]", "O=C=O", "CCO", "CCO",
    "C/C=C/C", "C/C=C\\C", "N[C@@H](C)C(=O)O", "N[C@H](C)C(=O)O", "c1ccc2ccccc2c1",
    "CC(C)(C)c1ccc(cc1)C(O)CCCN1CCC(CC1)C(O)(c1ccccc1)c1ccccc1",
]  # fmt: skip


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    return DMPNN(width=32, depth=4, dropout=0.1).eval()


def both_ways(encoder, batch, weight=None):
    with torch.inference_mode():
        return encoder(batch, weight), encoder._one_by_one(batch, weight)


def test_by_kind_is_one_by_one(encoder):
    """The short way gives what the plain equations of the D-MPNN give."""
    batch = collate(featurize_batch(SMILES))
    torch.testing.assert_close(*both_ways(encoder, batch), rtol=1e-5, atol=1e-6)


def test_hidden_atoms_are_of_their_own_kind(encoder):
    """Explanations hide one atom at a time; its twin elsewhere must stay visible."""
    batch = collate(featurize_batch(["c1ccccc1"] * 3))
    weight = torch.ones(18)
    weight[0], weight[7] = 0.0, 0.5
    by_kind, one_by_one = both_ways(encoder, batch, weight)
    torch.testing.assert_close(by_kind, one_by_one, rtol=1e-5, atol=1e-6)
    assert len(by_kind.unique(dim=0)) == 1 + 2 * 4  # benzene; and by the distance from the odd atom


@pytest.mark.parametrize("depth", [1, 2, 6])
def test_any_depth_and_no_bonds(depth):
    """Batches of single atoms have no edge of any kind."""
    encoder = DMPNN(width=8, depth=depth, dropout=0.0).eval()
    for smiles in (["C", "N", "C"], SMILES):
        batch = collate(featurize_batch(smiles))
        torch.testing.assert_close(*both_ways(encoder, batch), rtol=1e-5, atol=1e-6)


def test_gradients_are_those_of_the_plain_way(encoder):
    """A fit learns the same from what is computed once as from every edge for itself."""
    batch = collate(featurize_batch(SMILES))
    learnt = []
    for run in (encoder, encoder._one_by_one):
        encoder.zero_grad()
        (run(batch, None) ** 2).sum().backward()
        learnt.append([each.grad.clone() for each in encoder.parameters()])
    for by_kind, one_by_one in zip(*learnt, strict=True):
        torch.testing.assert_close(by_kind, one_by_one, rtol=1e-4, atol=1e-5)


def test_each_atom_has_a_gradient_of_its_own(encoder):
    """Benzene's atoms are alike, and each of them counts: the gradient is not that of one for all."""
    weight = torch.ones(6, requires_grad=True)
    encoder(collate(featurize_batch(["c1ccccc1"])), weight).sum().backward()
    assert weight.grad.abs().min() > 0
    torch.testing.assert_close(weight.grad, weight.grad[:1].expand(6))


def test_kinds_are_those_of_the_eye():
    """Benzene has one kind of atom, whatever the radius; toluene five, seen from far enough."""
    benzene = environments(collate(featurize_batch(["c1ccccc1", "c1ccccc1"])), 3)
    assert [len(kinds.first) for kinds in (benzene.atom, *benzene.edge, benzene.surrounded)] == [1] * 6
    toluene = collate(featurize_batch(["Cc1ccccc1"]))
    seen = [len(environments(toluene, rounds).surrounded.first) for rounds in range(3)]
    assert seen == [4, 5, 5]  # methyl, ipso, ortho; meta is not para two bonds from the methyl


def test_a_kind_says_who_it_is():
    """Every thing is of the kind of its first example."""
    batch = collate(featurize_batch(SMILES))
    found = environments(batch, 2)
    for kinds in (found.atom, *found.edge, found.surrounded):
        np.testing.assert_array_equal(kinds.of[kinds.first], np.arange(len(kinds.first)))
    np.testing.assert_array_equal(batch.atom[found.atom.first][found.atom.of], batch.atom)


def test_own_message_does_not_come_back():
    """In ethane each carbon hears the other, and neither its own echo."""
    found = environments(collate(featurize_batch(["CC"])), 1)
    assert len(found.before[0].rows) == 0
    assert found.arriving.rows.tolist() == [0]
