"""Cuts: every fragment between one to three bonds, by hand and against RDKit's own fragmentation."""

from __future__ import annotations

import hashlib
from itertools import combinations

import pytest
from rdkit import Chem

from molscreen.generation.fragments.cut import Cut, cuts, fragment_smiles, is_growable, readable
from molscreen.generation.fragments.surroundings import is_cuttable

HALOPERIDOL = "O=C(CCCN1CCC(O)(c2ccc(Cl)cc2)CC1)c1ccc(F)cc1"
LINEZOLID = "CC(=O)NC[C@H]1CN(c2ccc(N3CCOCC3)c(F)c2)C(=O)O1"
IMATINIB = "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1"
BORTEZOMIB = "CC(C)C[C@H](NC(=O)[C@H](Cc1ccccc1)NC(=O)c1cnccn1)B(O)O"
NITROFURANTOIN = "O=C1CN(/N=C/c2ccc([N+](=O)[O-])o2)C(=O)N1"
DRUGS = [HALOPERIDOL, LINEZOLID, IMATINIB, BORTEZOMIB, NITROFURANTOIN]


def fragments(smiles: str) -> list[str]:
    mol = Chem.MolFromSmiles(smiles)
    return sorted(readable(fragment_smiles(mol, cut)) for cut in cuts(mol) if cut.atoms)


def cut_of(smiles: str, *atoms: int) -> Cut:
    return next(cut for cut in cuts(Chem.MolFromSmiles(smiles)) if cut.atoms == atoms)


def by_rdkit(mol: Chem.Mol, largest: int) -> set[tuple[tuple[int, ...], int]]:
    """Atoms and number of bonds of all pieces that touch each of one to three cut bonds."""
    bonds = [bond.GetIdx() for bond in mol.GetBonds() if is_cuttable(bond)]
    found = set()
    for k in (1, 2, 3):
        for chosen in combinations(bonds, k):
            cut = Chem.FragmentOnBonds(mol, chosen, addDummies=False)
            for piece in Chem.GetMolFrags(cut):
                ends = [mol.GetBondWithIdx(bond) for bond in chosen]
                touched = all({b.GetBeginAtomIdx(), b.GetEndAtomIdx()} & set(piece) for b in ends)
                if touched and len(piece) <= largest:
                    found.add((tuple(sorted(piece)), k))
    return found


@pytest.mark.parametrize("smiles", DRUGS)
def test_cuts_are_all_pieces_that_touch_all_bonds(smiles: str) -> None:
    """Found by bit masks, and again by RDKit cutting every one, two and three bonds."""
    mol = Chem.MolFromSmiles(smiles)
    ours = [(cut.atoms, len(cut.points)) for cut in cuts(mol, largest=9) if cut.atoms]
    assert set(ours) == by_rdkit(mol, 9)
    assert len(ours) == len(set(ours))


def test_fragments_by_hand() -> None:
    """Anisole: methyl, methoxy, phenyl, phenoxy, and oxygen between; nitro is one group."""
    assert fragments("COc1ccccc1") == ["*O*", "C", "OC", "Oc1ccccc1", "c1ccccc1"]
    assert fragments("C[N+](=O)[O-]") == ["C", "[N+](=O)[O-]"]
    assert fragments("CC(C)F") == sorted(
        ["C", "C", "F", "C(C)C", "C(C)F", "C(C)F", "*C(*)C", "*C(*)F", "*C(*)C", "*C(*)*"]
    )


@pytest.mark.parametrize("smiles", ["c1ccccc1", "C1CC1", "C#N", "O=C=O", "C", "[Na+]"])
def test_molecules_without_cuttable_bonds_have_hydrogens_at_most(smiles: str) -> None:
    mol = Chem.MolFromSmiles(smiles)
    assert [cut.atoms for cut in cuts(mol)] == [()] * sum(map(is_growable, mol.GetAtoms()))


@pytest.mark.parametrize("smiles", DRUGS)
def test_order_of_atoms_does_not_matter(smiles: str) -> None:
    """A context belongs to the molecule: the same ones, however it is written."""
    mol = Chem.MolFromSmiles(smiles)
    shuffled = Chem.RenumberAtoms(mol, list(range(mol.GetNumAtoms()))[::-1])

    def seen(of: Chem.Mol) -> list[tuple[int, ...]]:
        return sorted(tuple(map(cut.context, (1, 2, 3))) for cut in cuts(of))

    assert seen(mol) == seen(shuffled)


def test_context_is_what_lies_outside() -> None:
    """Methyl and chlorine on the same phenyl have one context; the hydrogen of benzene has it too."""
    methyl, chloro = cut_of("Cc1ccccc1", 0), cut_of("Clc1ccccc1", 0)
    hydrogen = cuts(Chem.MolFromSmiles("c1ccccc1"))[0]
    assert [methyl.context(r) for r in (1, 2, 3)] == [chloro.context(r) for r in (1, 2, 3)]
    assert methyl.context(3) == hydrogen.context(3)


def test_contexts_differ_from_the_radius_that_sees_the_difference() -> None:
    """From methyl on a ring: ortho nitrogen is two bonds away, meta three, para four."""
    toluene = cut_of("Cc1ccccc1", 0)
    for smiles, first in (("Cc1ccccn1", 2), ("Cc1cccnc1", 3), ("Cc1ccncc1", 4), ("CC1CCCCC1", 1)):
        other = cut_of(smiles, 0)
        assert [toluene.context(r) == other.context(r) for r in (1, 2, 3)] == [r < first for r in (1, 2, 3)]


def test_points_are_numbered_by_their_surroundings() -> None:
    """The amide in both directions: ``[*:1]`` is on the same side, however the molecule is written."""
    for smiles, atoms in (("c1ccccc1C(=O)NC", (6, 7, 8)), ("CNC(=O)c1ccccc1", (1, 2, 3))):
        mol = Chem.MolFromSmiles(smiles)
        cut = next(cut for cut in cuts(mol) if cut.atoms == atoms)
        aromatic = [mol.GetAtomWithIdx(point.outer).GetIsAromatic() for point in cut.points]
        text = fragment_smiles(mol, cut)
        fragment = Chem.MolFromSmiles(text)
        on_carbon = [
            atom.GetNeighbors()[0].GetAtomicNum() == 6
            for atom in sorted(fragment.GetAtoms(), key=Chem.Atom.GetAtomMapNum)
            if atom.GetAtomMapNum()
        ]
        assert aromatic == on_carbon


def test_context_is_a_number_for_good() -> None:
    """Tables on disk hold it: it must not change with a process, a version or a machine."""
    expected = hashlib.blake2b(b"1c@", digest_size=6).digest()
    assert cut_of("Cc1ccccc1", 0).context(1) == int.from_bytes(expected, "big")


def test_configurations_are_no_part_of_a_fragment() -> None:
    mol = Chem.MolFromSmiles("c1ccccc1[C@H](F)/C=C/C")
    texts = [fragment_smiles(mol, cut) for cut in cuts(mol)]
    assert not any(mark in text for text in texts for mark in ("@", "/", "\\"))
    plain = Chem.MolFromSmiles("c1ccccc1C(F)C=CC")
    assert texts == [fragment_smiles(plain, cut) for cut in cuts(plain)]
