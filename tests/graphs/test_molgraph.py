"""A MolGraph is consistent, or is refused."""

import numpy as np
import pytest

from molscreen.graphs.features import featurize
from molscreen.graphs.molgraph import MolGraph

CAFFEINE = "Cn1c(=O)c2c(ncn2C)n(C)c1=O"


def test_every_bond_is_there_both_ways():
    """First half from lower to higher atom, sorted; second half the reverses in the same order."""
    graph = featurize(CAFFEINE)
    forwards, backwards = np.split(graph.edge_index, 2, axis=1)
    np.testing.assert_array_equal(forwards[::-1], backwards)
    assert (forwards[0] < forwards[1]).all()
    assert forwards.T.tolist() == sorted(forwards.T.tolist())
    np.testing.assert_array_equal(*np.split(graph.edge_attr, 2))


def test_caffeine_has_fourteen_atoms_and_fifteen_bonds():
    graph = featurize(CAFFEINE)
    assert (graph.n_atoms, graph.n_bonds) == (14, 15)


@pytest.mark.parametrize(
    ("x", "edge_index", "edge_attr", "message"),
    [
        ((3, 5), (2, 4), (4, 2), r"x has shape \(3, 5\), expected \(3, 6\)"),
        ((3, 6), (3, 4), (4, 2), r"edge_index has shape \(3, 4\), expected \(2, 4\)"),
        ((3, 6), (2, 4), (2, 2), r"edge_attr has shape \(2, 2\), expected \(4, 2\)"),
        ((3, 6), (2, 3), (3, 2), "3 directed edges, expected two per bond"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(x, edge_index, edge_attr, message):
    with pytest.raises(ValueError, match=message):
        MolGraph(np.zeros(x, np.uint8), np.zeros(edge_index, np.int32), np.zeros(edge_attr, np.uint8))
