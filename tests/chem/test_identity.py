"""Models are shown elements: what an isotope changes is the identity of a compound alone."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem

from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.features.count_fingerprint import count_fingerprints
from molscreen.chem.features.descriptors import DESCRIPTORS, describe
from molscreen.chem.features.fingerprint import ecfp_bits, ecfp_counts
from molscreen.chem.features.tabular import tabular
from molscreen.chem.label import places_in_key, read_elements

LABELLED = {
    "deutetrabenazine": (
        "COc1cc2c(cc1OC)[C@H]1CC(=O)[C@H](CC(C)C)CN1CC2",
        "[2H]C([2H])([2H])Oc1cc2c(cc1OC([2H])([2H])[2H])[C@H]1CC(=O)[C@H](CC(C)C)CN1CC2",
    ),
    "tritiated thymidine": (
        "Cc1cn([C@H]2C[C@H](O)[C@@H](CO)O2)c(=O)[nH]c1=O",
        "[3H]Cc1cn([C@H]2C[C@H](O)[C@@H](CO)O2)c(=O)[nH]c1=O",
    ),
    "urea of carbon-14": ("NC(N)=O", "N[14C](N)=O"),
    "iodine-125": ("Nc1ccc(I)cc1", "Nc1ccc([125I])cc1"),
    "imine with deuterium, E": ("[H]/N=C(/C)CC", "[2H]/N=C(/C)CC"),
}


@pytest.mark.parametrize(("plain", "labelled"), LABELLED.values(), ids=LABELLED)
def test_models_see_no_isotope(plain: str, labelled: str) -> None:
    """Neither in fingerprints nor in counts nor in descriptors; the key and the weight have it."""
    keys = [standardize(text).key for text in (plain, labelled)]
    assert keys[0] != keys[1]
    for array in (ecfp_bits(keys), ecfp_counts(keys), tabular(keys)):
        np.testing.assert_array_equal(array[0], array[1])
    for counts in count_fingerprints(keys).values():
        assert (counts[0] != counts[1]).nnz == 0
    described = np.array([describe(Chem.MolFromSmiles(key)) for key in keys])
    assert [name for name, one, other in zip(DESCRIPTORS, *described, strict=True) if one != other] == [
        "MolWt"
    ]


@pytest.mark.parametrize("smiles", [each for pair in LABELLED.values() for each in pair])
def test_atoms_that_models_see_have_their_place_in_the_key(smiles: str) -> None:
    """Which atoms are left out, and that the others stay in order."""
    key = standardize(smiles).key
    atoms = [Chem.MolFromSmiles(key).GetAtomWithIdx(int(place)) for place in places_in_key(key)]
    seen = list(read_elements(key).GetAtoms())
    assert [each.GetSymbol() for each in atoms] == [each.GetSymbol() for each in seen]
    assert [each.GetTotalNumHs(True) for each in atoms] == [each.GetTotalNumHs(True) for each in seen]
