"""Crossover joins a part of each parent, at a bond or in a ring."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors

from molscreen.generation.genetic.crossover import SMALLEST_CHILD, Cut, cross, cut_bond, cut_ring, join
from molscreen.generation.genetic.edit import LARGEST, closed

CELECOXIB = Chem.MolFromSmiles("Cc1ccc(-c2cc(C(F)(F)F)nn2-c2ccc(S(N)(=O)=O)cc2)cc1")
IMATINIB = Chem.MolFromSmiles("Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1")
SERTRALINE = Chem.MolFromSmiles("CN[C@H]1CC[C@@H](c2ccc(Cl)c(Cl)c2)c2ccccc21")


def children(first, second, n=100, seed=0):
    rng = np.random.default_rng(seed)
    return [child for _ in range(n) if (child := cross(first, second, rng))]


def only_cut(smiles, inside, outside):
    """The cut that keeps the side of atom `inside`."""
    mol = Chem.MolFromSmiles(smiles)
    rng = np.random.default_rng(0)
    return next(cut for _ in range(500) if (cut := cut_bond(mol, rng)).ends == ((inside, outside),))


def test_children_are_molecules_of_a_fair_size():
    """They read back as themselves, in one piece, and none is a mere splinter of a parent."""
    for child in children(CELECOXIB, IMATINIB):
        smiles = Chem.MolToSmiles(child.mol)
        assert Chem.CanonSmiles(smiles) == smiles
        assert "." not in smiles
        assert child.mol.GetNumAtoms() >= SMALLEST_CHILD * CELECOXIB.GetNumAtoms()


def test_both_ways_of_crossing_are_used_and_give_many_children():
    steps = {child.step for child in children(CELECOXIB, IMATINIB)}
    assert steps == {"crossover at a bond", "crossover in a ring"}
    assert len({Chem.MolToSmiles(child.mol) for child in children(CELECOXIB, IMATINIB)}) > 60


def test_a_child_has_atoms_of_both_parents():
    """Hexamethylethane and perfluorobutane: each child has C–H and C–F carbons, or is a parent's like."""
    mixed = 0
    for child in children(
        Chem.MolFromSmiles("CC(C)(C)C(C)(C)C"), Chem.MolFromSmiles("FC(F)(F)C(F)(F)C(F)(F)F")
    ):
        carbons = [atom for atom in child.mol.GetAtoms() if atom.GetAtomicNum() == 6]
        mixed += any(atom.GetTotalNumHs() for atom in carbons) and child.mol.HasSubstructMatch(
            Chem.MolFromSmarts("CF")
        )
    assert mixed > 30


def test_joining_the_parts_of_one_cut_gives_the_molecule_back():
    """A round trip: every bond of sertraline, cut and joined again, stereocentres at the cut included."""
    rng = np.random.default_rng(4)
    expected = Chem.MolToSmiles(SERTRALINE)
    for _ in range(40):
        cut = cut_bond(SERTRALINE, rng)
        rest = frozenset(range(SERTRALINE.GetNumAtoms())) - cut.kept
        other = Cut(SERTRALINE, rest, tuple(end[::-1] for end in cut.ends))
        assert Chem.MolToSmiles(closed(join(cut, other))) == expected


def test_joining_the_arcs_of_one_ring_gives_the_molecule_back():
    """The same for two bonds of a ring: menthol's stereocentres, pyridine's and indole's aromaticity."""
    rng = np.random.default_rng(4)
    for smiles in ("CC(C)[C@@H]1CC[C@@H](C)C[C@H]1O", "Cc1cccnc1", "c1ccc2[nH]ccc2c1", "C1CCC2CCCCC2C1"):
        mol = Chem.MolFromSmiles(smiles)
        for _ in range(40):
            cut = cut_ring(mol, rng)
            rest = frozenset(range(mol.GetNumAtoms())) - cut.kept
            ends = tuple(end[::-1] for end in cut.ends)
            other = Cut(cut.mol, rest, ends, cut.ring - cut.arc, cut.ring, cut.aromatic)
            assert Chem.MolToSmiles(closed(join(cut, other))) == Chem.CanonSmiles(smiles)


@pytest.mark.parametrize("alanine", ["C[C@H](N)C(=O)O", "OC(=O)[C@@H](N)C", "N[C@@H](C)C(=O)O"])
def test_a_stereocentre_at_the_cut_keeps_its_handedness(alanine):
    """L-alanine's methyl for benzyl is L-phenylalanine, however the SMILES was written."""
    mol = Chem.MolFromSmiles(alanine)
    alpha, methyl = mol.GetSubstructMatch(Chem.MolFromSmarts("[CX4;H1]-[CH3]"))
    benzyl = only_cut("CCc1ccccc1", 1, 0)
    product = closed(join(only_cut(alanine, alpha, methyl), benzyl))
    assert Chem.MolToSmiles(product) == Chem.CanonSmiles("N[C@@H](Cc1ccccc1)C(=O)O")


def test_a_double_bond_at_the_cut_is_neither_e_nor_z():
    """But-2-ene's methyl for ethyl: which side it is on would be a guess."""
    product = closed(join(only_cut("C/C=C/C", 1, 0), only_cut("CCC", 1, 0)))
    assert Chem.MolToSmiles(product) == "CC=CCC"


def test_aromatic_rings_cross_to_aromatic_rings():
    """Halves of pyridine and toluene are a ring that is still aromatic, not a diene."""
    pyridine, toluene = Chem.MolFromSmiles("CCc1ccncc1"), Chem.MolFromSmiles("Cc1ccccc1")
    rings = [child for child in children(pyridine, toluene) if child.step == "crossover in a ring"]
    assert len(rings) > 20
    assert all(rdMolDescriptors.CalcNumAromaticRings(child.mol) == 1 for child in rings)


def test_new_rings_have_usual_sizes():
    """Cyclohexane and cyclopentane halves give rings of five to seven."""
    six, five = Chem.MolFromSmiles("CCC1CCCCC1"), Chem.MolFromSmiles("CC1CCOC1")
    sizes = {len(ring) for child in children(six, five) for ring in child.mol.GetRingInfo().AtomRings()}
    assert sizes == {5, 6, 7}


def test_no_peroxide_is_made():
    for child in children(Chem.MolFromSmiles("COCCO"), Chem.MolFromSmiles("OCCOC")):
        assert not child.mol.HasSubstructMatch(Chem.MolFromSmarts("OO"))


def test_parents_are_not_changed():
    before = [Chem.MolToSmiles(mol) for mol in (CELECOXIB, SERTRALINE)]
    children(CELECOXIB, SERTRALINE, n=20)
    assert [Chem.MolToSmiles(mol) for mol in (CELECOXIB, SERTRALINE)] == before


def test_what_cannot_be_cut_has_no_children():
    """Methane has no bond, benzene no bond outside its ring."""
    rng = np.random.default_rng(0)
    methane, benzene = Chem.MolFromSmiles("C"), Chem.MolFromSmiles("c1ccccc1")
    assert cross(methane, CELECOXIB, rng) is None
    assert cross(methane, benzene, rng) is None
    assert cut_bond(benzene, rng) is None
    assert cut_ring(methane, rng) is None


def test_too_large_children_are_not_made():
    chain = Chem.MolFromSmiles("C" * LARGEST)
    sizes = {child.mol.GetNumAtoms() for child in children(chain, chain, n=40)}
    assert LARGEST // 2 <= min(sizes) < max(sizes) <= LARGEST
