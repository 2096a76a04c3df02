"""Which atoms each counted substructure is made of: RDKit's own counts, and its own way to ignore an atom."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator

from molscreen.chem.features.count_fingerprint import SHAPES, count_fingerprints, generator_of
from molscreen.chem.features.environments import Environments

KEYS = ["CC(C)Cc1ccc([C@H](C)C(=O)O)cc1", "CN(C)C(=N)NC(=N)N", "C", "CC.O", "O=C(NC1CCCC1)c1cc2ccccc2[nH]1"]


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("key", KEYS)
def test_with_nothing_hidden_the_counts_are_those_of_the_fingerprint(kind, key):
    mol = Chem.MolFromSmiles(key)
    found = Environments.of(mol, generator_of(kind), SHAPES[kind])
    shown = found.counts(np.zeros((1, mol.GetNumAtoms()), bool)).toarray()
    assert (shown == count_fingerprints([key], [kind])[kind].toarray()).all()
    assert not found.counts(np.ones((1, mol.GetNumAtoms()), bool)).nnz


@pytest.mark.parametrize("kind", ["atom-pair", "torsion"])
@pytest.mark.parametrize("key", KEYS)
def test_an_atom_is_hidden_as_rdkit_ignores_it(kind, key):
    mol = Chem.MolFromSmiles(key)
    hidden = Environments.of(mol, generator_of(kind), SHAPES[kind]).counts(
        np.eye(mol.GetNumAtoms(), dtype=bool)
    )
    for atom in range(mol.GetNumAtoms()):
        ignored = generator_of(kind).GetCountFingerprint(mol, ignoreAtoms=[atom]).GetNonzeroElements()
        row = hidden[atom]
        assert dict(zip(row.indices.tolist(), row.data.tolist(), strict=True)) == ignored


def test_circles_around_an_atom_reach_as_far_as_their_radius():
    """Of pentane's first atom, circles of radius 0, 1 and 2 about it and its neighbours hold it."""
    mol = Chem.MolFromSmiles("CCCCC")
    found = Environments.of(mol, generator_of("ecfp4"), "circle")
    sizes = sorted(found.member.sum(axis=1).tolist())
    assert sizes[:5] == [1] * 5
    assert max(sizes) == 5
    without = found.counts(np.array([[True, False, False, False, False]]))
    assert without.sum() == (~found.member[:, 0]).sum()


def test_the_shape_must_be_that_of_the_generator():
    torsions = rdFingerprintGenerator.GetTopologicalTorsionGenerator(fpSize=64)
    with pytest.raises(ValueError, match="'pair': RDKit tells where 0 of 2 substructures are"):
        Environments.of(Chem.MolFromSmiles("CCCCC"), torsions, "pair")
