"""Descriptors have the values that the literature gives."""

from __future__ import annotations

import numpy as np
import pytest

from molscreen.chem.descriptors import DESCRIPTORS, SOURCES, describe
from molscreen.errors import UsageError

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
CAFFEINE = "Cn1c(=O)c2c(ncn2C)n(C)c1=O"
TAXOL_CORE = "CC1(C)C2CC(O)C1(C)C(=O)C(O)C1(O)C(C2O)C2(OC(C)=O)COC2CC1O"


def test_aspirin_has_its_known_values():
    """Molar mass 180.16 g/mol and polar surface 63.6 Å² (PubChem CID 2244)."""
    values = {name: float(array[0]) for name, array in describe([ASPIRIN]).items()}
    assert values["MolWt"] == pytest.approx(180.16, abs=0.01)
    assert values["TPSA"] == pytest.approx(63.6, abs=0.1)
    assert (values["NumHDonors"], values["HeavyAtomCount"], values["NumAromaticRings"]) == (1, 13, 1)
    assert values["NumRotatableBonds"] == 2  # strict: the ester's C–O does not turn


def test_qed_and_sa_score_keep_their_range():
    values = describe([ASPIRIN, CAFFEINE, TAXOL_CORE, "CC"], ["QED", "SA_score"])
    assert ((values["QED"] > 0) & (values["QED"] < 1)).all()
    assert ((values["SA_score"] >= 1) & (values["SA_score"] <= 10)).all()


def test_taxol_is_harder_to_make_than_aspirin():
    easy, hard = describe([ASPIRIN, TAXOL_CORE], ["SA_score"])["SA_score"]
    assert easy < 2 < 4 < hard


def test_spelling_does_not_matter():
    one, other = describe([ASPIRIN]), describe(["OC(=O)c1ccccc1OC(C)=O"])
    for name in DESCRIPTORS:
        np.testing.assert_allclose(one[name], other[name], err_msg=name)


def test_every_descriptor_has_a_unit_and_a_finite_value():
    values = describe([ASPIRIN, CAFFEINE, "CC", "C[N+](C)(C)C"])
    for name, (unit, _) in DESCRIPTORS.items():
        assert unit
        assert np.isfinite(values[name]).all(), name
    assert SOURCES.keys() <= DESCRIPTORS.keys()


def test_columns_come_as_asked_for():
    assert list(describe([], ["TPSA", "MolWt"])) == ["TPSA", "MolWt"]


def test_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match=r"unknown descriptor 'LogP'\. Known: .* Did you mean 'MolLogP'\?"):
        describe([ASPIRIN], ["LogP"])


def test_what_is_no_smiles_is_refused():
    with pytest.raises(ValueError, match="'C1CC' is no SMILES; standardize it first"):
        describe(["C1CC"])
