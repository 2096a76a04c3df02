"""Mutation: one small change, with a name that a chemist understands."""

import re

import numpy as np
import pytest
from rdkit import Chem

from molscreen.generation.genetic import mutation
from molscreen.generation.genetic.edit import LARGEST, closed
from molscreen.generation.genetic.mutation import ENDS, INSIDE, MOVES, append_atom, change_atom, mutate

DRUGS = {
    "aspirin": "CC(=O)Oc1ccccc1C(=O)O",
    "imatinib": "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1",
    "sertraline": "CN[C@H]1CC[C@@H](c2ccc(Cl)c(Cl)c2)c2ccccc21",
    "nitrofurantoin": "O=C1CN(/N=C/c2ccc([N+](=O)[O-])o2)C(=O)N1",
    "sildenafil": "CCCc1nn(C)c2c(=O)[nH]c(-c3cc(S(=O)(=O)N4CCN(C)CC4)ccc3OCC)nc12",
}
SIZE_CHANGE = {
    "append_atom": {1},
    "insert_atom": {1},
    "delete_atom": {-1},
    "change_atom": {0},
    "change_bond": {0},
    "close_ring": {0},
    "open_ring": {0},
    "change_saturation": {0},
    "move_group": {0},
    "exchange_ring_atom": {0, -1},  # N–CH3 loses its methyl
}
RING_CHANGE = {"close_ring": 1, "open_ring": -1, "append_atom": 0, "change_atom": 0, "change_bond": 0}


def products(move, smiles, n=60):
    """Steps and products of one move, drawn n times."""
    mol, rng = Chem.MolFromSmiles(smiles), np.random.default_rng(0)
    edits = [edit for _ in range(n) if (edit := move(mol, rng))]
    made = [(edit.step, closed(edit.mol)) for edit in edits]
    return [(step, product) for step, product in made if product]


def cycles(mol):
    """Independent cycles; RDKit's rings are more where several are equally small."""
    return mol.GetNumBonds() - mol.GetNumAtoms() + 1


def outcomes(name, smiles, n=200):
    """{(step, SMILES)} of a move, by its name."""
    made = products(getattr(mutation, name), smiles, n)
    return {(step, Chem.MolToSmiles(product)) for step, product in made}


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.__name__)
def test_a_move_gives_molecules_with_a_name(move):
    """Every move works on some drug, and what comes out reads back as itself, whole and neutral."""
    made = [pair for smiles in DRUGS.values() for pair in products(move, smiles, 10)]
    assert made
    for step, product in made:
        smiles = Chem.MolToSmiles(product)
        assert Chem.CanonSmiles(smiles) == smiles
        assert "." not in smiles
        assert Chem.GetFormalCharge(product) == 0
        assert re.fullmatch(r".+ → .+|(insert|delete|move|close|open) .+", step)


@pytest.mark.parametrize("name", SIZE_CHANGE)
def test_a_move_changes_the_size_as_it_says(name):
    for smiles in DRUGS.values():
        before = Chem.MolFromSmiles(smiles)
        for _, product in products(getattr(mutation, name), smiles, 15):
            assert product.GetNumAtoms() - before.GetNumAtoms() in SIZE_CHANGE[name]
            if name in RING_CHANGE:
                assert cycles(product) - cycles(before) == RING_CHANGE[name]


def test_the_neighbours_of_ethanol_are_named_as_a_chemist_names_them():
    """Known answers, all of them."""
    assert outcomes("delete_atom", "CCO") == {("delete CH3", "CO"), ("delete CH2", "CO"), ("delete OH", "CC")}
    assert outcomes("insert_atom", "CCO", 400) == {
        ("insert CH2", "CCCO"),
        ("insert O", "COCO"),
        ("insert NH", "CNCO"),
        ("insert NH", "CCNO"),
        ("insert S", "CSCO"),
    }
    assert outcomes("change_bond", "CCO") == {
        ("C–C → C=C", "C=CO"),
        ("C–C → C≡C", "C#CO"),
        ("C–O → C=O", "CC=O"),
    }
    appended = outcomes("append_atom", "CCO", 900)
    assert ("H → F", "OCCF") in appended
    assert ("CH2 → C=O", "CC(=O)O") in appended
    assert ("H → NH2", "NCCO") in appended
    assert not any(smiles in ("CCOO", "CCOF", "CCOCl", "CCOS") for _, smiles in appended)


def test_an_element_changes_with_its_hydrogens():
    changed = outcomes("change_atom", "CCO", 400)
    assert {("OH → NH2", "CCN"), ("OH → Cl", "CCCl"), ("CH3 → NH2", "NCO")} <= changed
    assert not any("OO" in smiles for _, smiles in changed)
    assert ("S → O", "c1ccoc1") in outcomes("change_atom", "c1ccsc1")


def test_rings_open_close_and_change():
    assert outcomes("open_ring", "C1CCCCC1") == {("open a ring of 6", "CCCCCC")}
    assert outcomes("open_ring", "c1ccccc1") == set()
    assert ("close a ring of 6", "C1CCCCC1") in outcomes("close_ring", "CCCCCC")
    assert outcomes("change_saturation", "c1ccccc1") == {("aromatic ring → saturated", "C1CCCCC1")}
    assert outcomes("change_saturation", "C1CCNCC1") == {("saturated ring → aromatic", "c1ccncc1")}
    assert outcomes("change_saturation", "C1CCOCC1") == set()


def test_a_group_moves_to_the_next_atom_of_its_ring():
    """Ortho-cresol becomes meta-cresol only; the hydroxyl may go to the other side."""
    assert {smiles for _, smiles in outcomes("move_group", "Cc1ccccc1O")} == {"Cc1cccc(O)c1"}
    assert ("move CH3 along its ring", "Cc1cccc(O)c1") in outcomes("move_group", "Cc1ccccc1O")


def test_no_ring_bridges_an_aromatic_one():
    """meta-Diethylbenzene cannot be closed across its ring: such small cyclophanes do not last."""
    bridged = Chem.MolFromSmarts("[a;x2;R2]")
    for _, product in products(mutation.close_ring, "CCc1cccc(CC)c1", 300):
        assert not product.HasSubstructMatch(bridged)


def test_groups_and_ring_atoms_are_exchanged_as_in_analogues():
    assert any(step.startswith("Cl → ") for step, _ in outcomes("exchange_group", "Clc1ccccc1", 30))
    assert outcomes("exchange_ring_atom", "c1ccccc1") == {("ring CH → N", "c1ccncc1")}


def test_stereocentres_that_are_not_touched_stay():
    """Dexamphetamine: wherever a change happens, its centre is never turned to that of levamphetamine."""
    dexamphetamine = Chem.MolFromSmiles("C[C@H](N)Cc1ccccc1")
    same, turned = (Chem.MolFromSmarts(f"C[{centre}](N)Cc") for centre in ("C@H", "C@@H"))
    rng = np.random.default_rng(0)
    kept = 0
    for _ in range(100):
        product = mutate(dexamphetamine, rng).mol
        assert not product.HasSubstructMatch(turned, useChirality=True)
        kept += product.HasSubstructMatch(same, useChirality=True)
    assert kept > 40


def test_a_double_bond_whose_ends_change_is_neither_e_nor_z():
    """Opening olopatadine's ring leaves one aryl on the alkene: Z as before would now be wrong."""
    olopatadine = "CN(C)CC/C=C1\\c2ccccc2COc2ccc(CC(=O)O)cc21"
    opened = {smiles for _, smiles in outcomes("open_ring", olopatadine)}
    assert "CN(C)CCC=Cc1cc(CC(=O)O)ccc1OCc1ccccc1" in opened


def test_the_molecule_is_not_changed():
    mol = Chem.MolFromSmiles(DRUGS["sildenafil"])
    rng = np.random.default_rng(0)
    for _ in range(50):
        mutate(mol, rng)
    assert Chem.MolToSmiles(mol) == Chem.CanonSmiles(DRUGS["sildenafil"])


def test_nothing_larger_than_allowed_is_made():
    chain = Chem.MolFromSmiles("C" * LARGEST)
    rng = np.random.default_rng(0)
    sizes = {edit.mol.GetNumAtoms() for _ in range(40) if (edit := mutate(chain, rng))}
    assert max(sizes) <= LARGEST


def test_a_molecule_without_a_move_has_no_mutants():
    """An argon atom has no bond and no hydrogen."""
    assert mutate(Chem.MolFromSmiles("[Ar]"), np.random.default_rng(0)) is None


def test_the_shares_of_atoms_are_in_hundredths():
    assert len(ENDS) == len(INSIDE) == 100


def test_phosphorus_takes_three_bonds_and_then_an_oxygen():
    """The way to a phosphine oxide, as brigatinib has one; never a P–H, which air oxidises."""
    phosphines = [mol for _, mol in products(change_atom, "CC(=O)N(C)c1ccccc1", 400) if has_phosphorus(mol)]
    assert phosphines
    assert all(mol.HasSubstructMatch(Chem.MolFromSmarts("[PX3H0v3]")) for mol in phosphines)
    oxides = {step: Chem.MolToSmiles(mol) for step, mol in products(append_atom, "CP(C)c1ccccc1", 400)}
    assert oxides["P → P=O"] == "CP(C)(=O)c1ccccc1"
    assert closed(Chem.MolFromSmiles("CPC")) is None


def has_phosphorus(mol):
    return any(atom.GetAtomicNum() == 15 for atom in mol.GetAtoms())


def test_an_exchanged_atom_has_no_label():
    """13C in the place of which oxygen comes would be 13O, which lasts for milliseconds."""
    labelled = "[13CH3][13CH2][13CH2]c1c[15n]ccc1"
    for move in MOVES:
        for _, product in products(move, labelled):
            labels = {(a.GetSymbol(), a.GetIsotope()) for a in product.GetAtoms() if a.GetIsotope()}
            assert labels <= {("C", 13), ("N", 15)}, move.__name__
