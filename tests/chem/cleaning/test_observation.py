"""What a chemist is told of stereo: what he left open, and what no model sees."""

from __future__ import annotations

import pytest

from molscreen.chem.cleaning.standardize import standardize, standardize_fully


def _told(smiles: str, code: str) -> str:
    compound = standardize(smiles)
    assert compound == standardize_fully(smiles)
    return next((note.text for note in compound.notes if note.code == code), "")


@pytest.mark.parametrize(
    "smiles",
    [
        "C=C[C@H]1CN2CC[C@H]1C[C@H]2[C@H](O)c1ccnc2ccc(OC)cc12",  # quinine: its bridge holds the nitrogen
        "O=C1c2cccc3c2[C@H](CCC3)CN1[C@@H]1CN2CCC1CC2",  # palonosetron: and so C4 of the quinuclidine
        "C1N2CN3CN1CN(C2)C3",  # methenamine
        "Cc1cn([C@H]2C[C@H](N=[N+]=[N-])[C@@H](CO)O2)c(=O)[nH]c1=O",  # zidovudine: azides are linear
        "CN(C)C(=N)NC(=N)N",  # metformin: C=NH exchanges
        "CCCCCCCCCCCCCCCCOP(=O)([O-])OCC[N+](C)(C)C",  # miltefosine: the oxygens of an acid exchange
        "FS(F)(F)(F)(F)c1ccccc1",
        "CC=C=CC",
        "O1[As]2O[As]3O[As]1O[As](O2)O3",  # arsenic trioxide, a cage
    ],
)
def test_what_has_one_form_is_not_undefined(smiles):
    """A false warning tells the owner of an enantiopure drug that it was read wrongly."""
    assert _told(smiles, "stereo_undefined") == ""


@pytest.mark.parametrize(
    ("smiles", "counted"),
    [
        ("CCOP(=O)(C)F", "1 stereocentre"),  # a nerve agent's phosphorus
        ("CCOP(=S)(O)C", "1 stereocentre"),  # O and S are no pair that exchanges
        ("CS(=N)(=O)CC", "1 stereocentre"),  # sulfoximine
        ("CCS(C)=O", "1 stereocentre"),
        ("CC=NO", "1 double bond"),
        ("NC1CCC(C(=O)O)CC1", "2 stereocentres"),
        ("COc1ccc2nccc(C(O)C3CC4CCN3CC4C=C)c2c1", "4 stereocentres"),  # quinine's skeleton
    ],
)
def test_what_has_two_forms_is_counted(smiles, counted):
    text = f"{counted} undefined: one score stands for all isomers"
    assert _told(smiles, "stereo_undefined") == text


@pytest.mark.parametrize(
    ("smiles", "atoms"),
    [
        ("NC[C@H]1CC[C@H](C(=O)O)CC1", "2 atoms"),  # tranexamic acid
        ("CC(C)[C@H]1CC[C@H](C(=O)N[C@H](Cc2ccccc2)C(=O)O)CC1", "2 atoms"),  # nateglinide
        ("Cl[C@H]1[C@H](Cl)[C@@H](Cl)[C@@H](Cl)[C@H](Cl)[C@H]1Cl", "6 atoms"),  # lindane
        ("NC[C@H]1CC[C@H](C(=O)O)CC1.Cl", "2 atoms"),
        ("C[C@H](N)C(=O)O", ""),
        ("C[C@H]1CCCC[C@@H]1O", ""),  # R and S follow from the marks
        (r"C/C=C/C", ""),
    ],
)
def test_ring_stereo_that_no_model_sees_is_told(smiles, atoms):
    """Cis and trans have equal predictions: a chemist should not read their equality as a result."""
    text = f"cis or trans at {atoms} of a ring, without R or S, is kept and is not seen by the models"
    assert _told(smiles, "stereo_unseen") == (text if atoms else "")
