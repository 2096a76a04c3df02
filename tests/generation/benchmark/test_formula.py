"""Molecular formulas are read right, and a molecule's distance from one is what it is by hand."""

import math

import pytest
from rdkit import Chem

from molscreen.generation.benchmark.formula import AtomCount, Isomer, count_atoms


def alkanes(carbons):
    """Canonical SMILES of every alkane of so many carbons, grown a carbon at a time."""
    found = {"C"}
    for _ in range(carbons - 1):
        found = {longer for smiles in found for longer in _one_carbon_more(smiles)}
    return sorted(found)


def _one_carbon_more(smiles):
    mol = Chem.MolFromSmiles(smiles)
    for atom in mol.GetAtoms():
        if atom.GetDegree() < 4:
            longer = Chem.RWMol(mol)
            longer.AddBond(atom.GetIdx(), longer.AddAtom(Chem.Atom("C")), Chem.BondType.SINGLE)
            Chem.SanitizeMol(longer)
            yield Chem.MolToSmiles(longer)


def test_all_159_undecanes_are_isomers():
    """GuacaMol's task asks for each of them; Henze and Blair counted them (doi:10.1021/ja01359a034)."""
    undecanes = alkanes(11)
    assert len(undecanes) == 159
    assert {Isomer("C11H24")(Chem.MolFromSmiles(smiles)) for smiles in undecanes} == {1.0}


@pytest.mark.parametrize(
    ("smiles", "exponent"),
    [
        ("CCCCCCCCCCCO", 1 / 8),  # C11H24O: one atom too many
        ("CCCCCCCCCC", 1 / 2 + 4 / 2 + 9 / 8),  # C10H22: one carbon, two hydrogens, three atoms
        ("C=CCCCCCCCCC", 4 / 2 + 4 / 8),  # C11H22
    ],
)
def test_a_missing_or_foreign_atom_costs(smiles, exponent):
    """The logarithm of a geometric mean of three Gaussians is minus a third of the sum of z²/2."""
    assert Isomer("C11H24")(Chem.MolFromSmiles(smiles)) == pytest.approx(math.exp(-exponent / 3))


@pytest.mark.parametrize(
    "smiles", ["CCOC(CCC)", "[2H]CC[NH3+]", "[Na+].[Cl-]", "OP(=O)(F)CBr", "[H][H]", "[Ca+2]"]
)
def test_atoms_are_counted_as_they_are_with_explicit_hydrogens(smiles):
    """Charges, isotopes and several parts do not disturb the formula."""
    mol = Chem.MolFromSmiles(smiles)
    symbols = [atom.GetSymbol() for atom in Chem.AddHs(mol).GetAtoms()]
    assert {element: AtomCount(element)(mol) for element in set(symbols)} == {
        element: symbols.count(element) for element in set(symbols)
    }
    assert AtomCount("Xe")(mol) == 0


def test_a_count_of_one_is_not_written():
    assert count_atoms("C9H10N2O2PF2Cl") == {"C": 9, "H": 10, "N": 2, "O": 2, "P": 1, "F": 2, "Cl": 1}
