"""Concentrations and p-values."""

import numpy as np
import pytest

from molscreen.endpoint import MOLAR, Endpoint, did_you_mean_endpoint, to_p_scale
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
