"""Batches hold what was packed, and respect their budget."""

import numpy as np
import pytest

from molscreen.graphs.features import featurize
from molscreen.graphs.pack import pack
from molscreen.graphs.vocabulary import ATOM_FIELDS
from molscreen.models.batch import N_ATOM_IDS, collate, cut_batches

SMILES = ("CC(=O)Oc1ccccc1C(=O)O", "C", "CN1CCC[C@H]1c1cccnc1", "O=C=O")


def test_a_batch_is_its_molecules():
    """Unfolding loses no feature and points no bond at another molecule."""
    graphs = [featurize(s) for s in SMILES]
    batch = collate(pack(graphs))
    start = np.cumsum([0] + [size for _, size in ATOM_FIELDS])[:-1]
    np.testing.assert_array_equal(batch.atom.numpy(), np.concatenate([g.x for g in graphs]) + start)
    assert batch.n == len(SMILES)
    source, target = batch.edge_index
    assert (batch.molecule[source] == batch.molecule[target]).all()
    assert int(batch.atom.max()) < N_ATOM_IDS


def test_reverse_edges_are_half_a_list_away():
    """The D-MPNN finds the reverse of edge e at (e + B) % 2B."""
    batch = collate(pack([featurize(s) for s in SMILES]))
    half = batch.edge_index.shape[1] // 2
    assert (batch.edge_index[:, :half] == batch.edge_index[:, half:].flip(0)).all()
    assert (batch.bond[:half] == batch.bond[half:]).all()


@pytest.mark.parametrize("budget", [1, 10, 1000])
def test_batches_cover_everything_once_within_budget(budget):
    """Nothing is lost between two batches; only a lone giant may exceed the budget."""
    sizes = np.random.default_rng(1).integers(1, 60, 200)
    slices = list(cut_batches(sizes, budget))
    assert [i for part in slices for i in range(part.start, part.stop)] == list(range(200))
    assert all(sizes[part].sum() <= budget or part.stop - part.start == 1 for part in slices)


def test_no_molecules_no_batches():
    """An empty library is a legal, empty loop."""
    assert list(cut_batches(np.array([], dtype=int), 100)) == []
