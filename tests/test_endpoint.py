"""Concentrations and p-values."""

import numpy as np
import pytest

from molscreen.endpoint import (
    MOLAR,
    P_SCALE,
    Endpoint,
    NamedScale,
    did_you_mean_endpoint,
    named_scale,
    to_p_scale,
)
from molscreen.errors import ConfigError


@pytest.mark.parametrize("unit", MOLAR)
def test_one_mole_per_litre_is_zero_in_every_unit(unit):
    assert to_p_scale([1 / MOLAR[unit]], unit)[0] == pytest.approx(0.0, abs=1e-12)


def test_what_is_no_concentration_is_refused():
    """A zero would be infinitely potent."""
    with pytest.raises(ValueError, match="a concentration must be positive, got 0"):
        to_p_scale([5.0, 0.0], "nM")
    with pytest.raises(ConfigError, match="unit 'mg/mL' is not molar"):
        to_p_scale([5.0], "mg/mL")
    assert np.isnan(to_p_scale([np.nan], "nM")).all()


POTENCY = [
    Endpoint(name="CHEMBL204_Ki", description="Ki at the target 'thrombin' (F2, Protease)"),
    Endpoint(name="CHEMBL237_EC50", description="EC50 at the target 'Kappa opioid receptor' (KOR, GPCR)"),
    Endpoint(name="CHEMBL237_Ki", description="Ki at the target 'Kappa opioid receptor' (KOR, GPCR)"),
    Endpoint(name="CHEMBL236_Ki", description="Ki at the target 'Delta opioid receptor' (DOR, GPCR)"),
]


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("Thrombin", ["CHEMBL204_Ki"]),
        ("kor", ["CHEMBL237_EC50", "CHEMBL237_Ki"]),
        ("opioid receptor", ["CHEMBL237_EC50", "CHEMBL237_Ki", "CHEMBL236_Ki"]),
        ("target", []),  # all have it in common
        ("F", []),  # a part of a word only
        ("", []),
        ("chembl204_ki", ["CHEMBL204_Ki"]),
        ("mol_wt", ["MolWt"]),
    ],
)
def test_endpoint_is_found_by_the_words_that_describe_it(asked, meant):
    said = did_you_mean_endpoint(asked, POTENCY, ["MolWt"])
    names = {each.name for each in POTENCY} | {"MolWt"}
    assert {name for name in names if f"'{name}'" in said} == set(meant)
    assert said.startswith(" Did you mean '") == bool(meant)


@pytest.mark.parametrize(
    "name",
    [
        "pIC50", "EGFR_pIC50", "EGFRpIC50", "PIC50", "pic50", "pEC50 (mean)", "pKi", "hERG pKd", "pXC50",
        "pGI50", "pCC50", "pIC90", "pMIC", "pA2", "pActivity", "pChEMBL Value", "pchembl_value", "-logKi",
        "-log10(IC50)", "neg log EC50",
    ],
)  # fmt: skip
def test_a_p_value_is_known_by_its_name(name):
    """Also by that of the one column that most public files of potencies have."""
    assert named_scale(name) == NamedScale(logarithm=True, potency=True, p_scale=True)
    assert named_scale("CHEMBL204", unit=name).p_scale


@pytest.mark.parametrize("name", ["log IC50", "logKi", "log10(EC50)", "Log_IC50"])
def test_the_logarithm_of_a_potency_is_one_without_a_sign(name):
    assert named_scale(name) == NamedScale(logarithm=True, potency=True, p_scale=False)


@pytest.mark.parametrize("name", ["pKa", "pKa1", "logD", "LogP", "pLD50", "log10 cm/s", "-log10(mol/kg)"])
def test_other_logarithms_are_no_potencies(name):
    assert named_scale(name) == NamedScale(logarithm=True, potency=False, p_scale=False)


@pytest.mark.parametrize(
    "name",
    [
        "IC50", "Ki", "IC50 (pM)", "clearance", "topic50", "PKD1", "spKi", "pIC500", "pH", "ppb", "%",
        "Standard Value", "Catalog", "pKal inhibition", "PKB", "mol/L",
    ],
)  # fmt: skip
def test_what_is_no_logarithm_is_not_taken_for_one(name):
    expected = name == "pIC500"  # a logarithm of something
    assert named_scale(name) == NamedScale(logarithm=expected, potency=False, p_scale=False)


def test_a_unit_says_it_too():
    assert named_scale("EGFR", P_SCALE) == NamedScale(logarithm=True, potency=False, p_scale=True)
