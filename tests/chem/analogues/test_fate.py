"""Groups that nobody adds are found by name; their kin that are made every day are not."""

from __future__ import annotations

import pytest
from rdkit import Chem

from molscreen.chem.analogues.fate import gains_one, unwanted

FOUND = {
    "hydroxyl alpha to a ring nitrogen": "Oc1ccc2ccccc2n1",
    "hydroxyl gamma to a ring nitrogen": "Oc1ccnc2ccccc12",
    "hydroxyl on an aromatic ring of five": "Oc1ccsc1",
    "catechol or hydroquinone": "Oc1ccc(O)cc1",
    "leaving group between two heteroatoms of a ring": "Fc1ncc2nc[nH]c2n1",
    "leaving group gamma to a ring nitrogen": "Clc1ccncn1",
    "halogen beside a ketone": "O=C(CF)c1ccccc1",
    "primary amine beside a ketone": "NCC(=O)c1ccccc1",
    "beta-keto acid": "O=C(O)CC(=O)c1ccccc1",
}
MADE = {
    "3-hydroxypyridine": "Oc1cccnc1",
    "2-pyridone": "O=c1cccc[nH]1",
    "resorcinol": "Oc1cccc(O)c1",
    "5-fluoropyrimidine": "Fc1cncnc1",
    "2-chloropyridine": "Clc1ccccn1",
    "trifluoroacetophenone": "O=C(c1ccccc1)C(F)(F)F",
    "phenylalanine": "NC(Cc1ccccc1)C(=O)O",
    "malonic acid": "O=C(O)CC(=O)O",
    "4-hydroxyindole": "Oc1cccc2[nH]ccc12",
}


def test_every_group_is_found_in_its_example() -> None:
    assert [each.name for each in unwanted()] == list(FOUND)
    for each in unwanted():
        assert Chem.MolFromSmiles(FOUND[each.name]).HasSubstructMatch(each.query), each.name


@pytest.mark.parametrize("smiles", MADE.values(), ids=MADE)
def test_what_is_made_is_not_found(smiles: str) -> None:
    assert not gains_one(Chem.MolFromSmiles(smiles), Chem.MolFromSmiles("C"))


def test_one_more_of_a_kind_counts() -> None:
    """Pyrogallol has a catechol more than catechol has."""
    catechol, pyrogallol = (Chem.MolFromSmiles(each) for each in ("Oc1ccccc1O", "Oc1cccc(O)c1O"))
    assert gains_one(pyrogallol, catechol)
    assert not gains_one(catechol, pyrogallol)
