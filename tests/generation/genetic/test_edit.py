"""What an edit starts from and must leave."""

import pytest
from rdkit import Chem

from molscreen.generation.genetic.edit import (
    LARGEST,
    closed,
    forget_stereo,
    hydride,
    label,
    may_bond,
    opened,
    pick,
)


def smiles_after(smiles: str) -> str | None:
    """Opened and closed again, with nothing done."""
    mol = closed(opened(Chem.MolFromSmiles(smiles)))
    return mol and Chem.MolToSmiles(mol)


@pytest.mark.parametrize(
    "smiles",
    [
        "Cn1c(=O)c2c(ncn2C)n(C)c1=O",  # caffeine
        "c1ccc2[nH]ccc2c1",  # indole: its N–H is told by its bonds alone
        "O=[N+]([O-])c1ccccc1",  # nitro
        "C[N+](C)(C)[O-]",  # N-oxide
        "C[S@](=O)CC[C@H](N)C(=O)O",
        "CC/C(=C(\\c1ccccc1)c1ccc(OCCN(C)C)cc1)c1ccccc1",  # tamoxifen
        "CP(=O)(O)OC(C)C",
        "[2H]C([2H])([2H])O",
    ],
)
def test_an_edit_that_does_nothing_changes_nothing(smiles):
    """Hydrogens, stereo and aromaticity all come back from the opened graph."""
    assert smiles_after(smiles) == Chem.CanonSmiles(smiles)


@pytest.mark.parametrize(
    "smiles",
    [
        "C[N+](C)(C)CCO",  # choline: a charge alone
        "C[N+](C)(C)CC(=O)[O-]",  # betaine: the other charge is far
        "CC.CC",
        "CC1(C)CCCC(C)(C)N1[O]",  # TEMPO, a radical
        "C1=CC1",  # cyclopropene
        "C1CC=C=CC1",
        "C1CC#CCC1",
        "O=[SH](=O)C",
        "C" * (LARGEST + 1),
    ],
)
def test_what_no_chemist_would_keep_is_refused(smiles):
    assert closed(Chem.RWMol(Chem.MolFromSmiles(smiles))) is None


def test_valence_and_aromaticity_are_checked():
    """Five bonds at a carbon, and an oxygen in benzene's place, are no molecules."""
    graph = opened(Chem.MolFromSmiles("CC(C)(C)C"))
    graph.AddBond(1, graph.AddAtom(Chem.Atom(6)), Chem.BondType.SINGLE)
    assert closed(graph) is None
    aromatic = Chem.RWMol(Chem.MolFromSmiles("c1ccccc1"))
    aromatic.GetAtomWithIdx(0).SetAtomicNum(8)
    assert closed(aromatic) is None


def test_opening_does_not_change_the_molecule_it_copies():
    benzene = Chem.MolFromSmiles("c1ccccc1")
    opened(benzene)
    assert all(bond.GetIsAromatic() for bond in benzene.GetBonds())


def test_reactive_bonds_are_not_made_whichever_way_round():
    for first, second in [(8, 8), (8, 16), (7, 17), (9, 9), (35, 16)]:
        assert not may_bond(first, second)
        assert not may_bond(second, first)
    assert all(may_bond(6, other) for other in (6, 7, 8, 9, 15, 16, 17, 35, 53))


def test_a_forgotten_stereocentre_is_undefined_and_others_stay():
    """Of L-threonine's two centres one is forgotten."""
    graph = opened(Chem.MolFromSmiles("C[C@@H](O)[C@H](N)C(=O)O"))
    forget_stereo(graph, 1)
    centres = Chem.FindMolChiralCenters(closed(graph), includeUnassigned=True, useLegacyImplementation=False)
    assert sorted(kind for _, kind in centres) == ["?", "S"]


def test_atoms_are_named_with_their_hydrogens():
    assert [label(atom) for atom in Chem.MolFromSmiles("CC(Cl)NO").GetAtoms()] == [
        "CH3",
        "CH",
        "Cl",
        "NH",
        "OH",
    ]
    assert hydride("S", 0) == "S"


def test_nothing_is_picked_where_there_is_nothing():
    assert pick(None, []) is None
