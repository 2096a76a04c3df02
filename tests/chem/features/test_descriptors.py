"""Descriptors have the values that the literature gives."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem

from molscreen.chem.features.descriptors import DESCRIPTORS, describe
from molscreen.errors import UsageError

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
CAFFEINE = "Cn1c(=O)c2c(ncn2C)n(C)c1=O"
TAXOL_CORE = "CC1(C)C2CC(O)C1(C)C(=O)C(O)C1(O)C(C2O)C2(OC(C)=O)COC2CC1O"


def values_of(smiles: str) -> dict[str, float]:
    return dict(zip(DESCRIPTORS, describe(Chem.MolFromSmiles(smiles)), strict=True))


def test_aspirin_has_its_known_values():
    """Molar mass 180.16 g/mol and polar surface 63.6 Å² (PubChem CID 2244)."""
    values = values_of(ASPIRIN)
    assert values["MolWt"] == pytest.approx(180.16, abs=0.01)
    assert values["TPSA"] == pytest.approx(63.6, abs=0.1)
    assert (values["NumHDonors"], values["HeavyAtomCount"], values["NumAromaticRings"]) == (1, 13, 1)
    assert values["NumRotatableBonds"] == 2  # strict: the ester's C–O does not turn


@pytest.mark.parametrize("smiles", [ASPIRIN, CAFFEINE, TAXOL_CORE, "CC"])
def test_qed_and_sa_score_keep_their_range(smiles):
    values = values_of(smiles)
    assert 0 < values["QED"] < 1
    assert 1 <= values["SA_score"] <= 10


def test_taxol_is_harder_to_make_than_aspirin():
    assert values_of(ASPIRIN)["SA_score"] < 2 < 4 < values_of(TAXOL_CORE)["SA_score"]


def test_spelling_does_not_matter():
    one, other = values_of(ASPIRIN), values_of("OC(=O)c1ccccc1OC(C)=O")
    for name in DESCRIPTORS:
        np.testing.assert_allclose(one[name], other[name], err_msg=name)


@pytest.mark.parametrize("smiles", [ASPIRIN, CAFFEINE, TAXOL_CORE, "C[C@H](N)C(=O)O", "[2H]OC"])
def test_a_value_does_not_depend_on_what_was_asked_before(smiles):
    """RDKit keeps numbers with a molecule; they are those of a fresh one, to the last bit."""
    alone = {name: describe(Chem.MolFromSmiles(smiles), [name]) for name in DESCRIPTORS}
    assert alone == {name: (value,) for name, value in values_of(smiles).items()}


@pytest.mark.parametrize("smiles", [ASPIRIN, CAFFEINE, "CC", "C[N+](C)(C)C"])
def test_every_descriptor_has_a_unit_and_a_finite_value(smiles):
    values = values_of(smiles)
    for name, (unit, _) in DESCRIPTORS.items():
        assert unit
        assert np.isfinite(values[name]), name


def test_values_come_as_asked_for():
    mol = Chem.MolFromSmiles(ASPIRIN)
    assert describe(mol, ["TPSA", "MolWt"]) == describe(mol, ["TPSA"]) + describe(mol, ["MolWt"])


def test_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match=r"unknown descriptor 'LogP'\. Known: .* Did you mean 'MolLogP'\?"):
        describe(Chem.MolFromSmiles(ASPIRIN), ["LogP"])
