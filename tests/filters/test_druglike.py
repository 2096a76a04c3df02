"""Property rules on drugs whose verdict is known, and at the limits themselves."""

from __future__ import annotations

import math

import pytest
from rdkit import Chem
from rdkit.Chem import Descriptors, Lipinski, rdMolDescriptors

from molscreen.errors import ConfigError
from molscreen.filters import druglike
from molscreen.filters.druglike import Limit, Property, Range
from molscreen.filters.filter import make_filter

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
ATORVASTATIN = "CC(C)c1c(C(=O)Nc2ccccc2)c(-c2ccccc2)c(-c2ccc(F)cc2)n1CC[C@@H](O)C[C@@H](O)CC(=O)O"
DOXORUBICIN = (
    "COc1cccc2c1C(=O)c1c(O)c3c(c(O)c1C2=O)C[C@@](O)(C(=O)CO)C[C@@H]3O[C@H]1C[C@H](N)[C@H](O)[C@H](C)O1"
)
IMATINIB = "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1"
PARACETAMOL = "CC(=O)Nc1ccc(O)cc1"
PALMITIC_ACID = "CCCCCCCCCCCCCCCC(=O)O"


def verdict(rule: str, smiles: str, **options: object) -> str | None:
    return make_filter(rule, **options).reason(Chem.MolFromSmiles(smiles))


@pytest.mark.parametrize("smiles", [ASPIRIN, PARACETAMOL, IMATINIB])
def test_oral_drugs_obey_the_rule_of_five(smiles):
    assert verdict("lipinski", smiles) is None


def test_doxorubicin_breaks_three_limits_of_the_rule_of_five():
    """Given by infusion: 543.5 Da, six donors (seven N–H and O–H), twelve acceptors."""
    reason = verdict("lipinski", DOXORUBICIN)
    assert reason == (
        "lipinski: molecular weight 543.525 Da (at most 500 Da), 7 hydrogen-bond donors (at most 5),"
        " 12 hydrogen-bond acceptors (at most 10); 1 may be broken"
    )


def test_one_violation_is_allowed_unless_the_plan_says_none():
    """Palmitic acid breaks logP alone."""
    assert verdict("lipinski", PALMITIC_ACID) is None
    reason = verdict("lipinski", PALMITIC_ACID, violations_allowed=0)
    assert reason == "lipinski: logP 5.5523 (at most 5)"


@pytest.mark.parametrize("allowed", [-1, 4])
def test_allowing_every_violation_is_no_rule(allowed):
    with pytest.raises(ConfigError, match=f"'violations_allowed' is {allowed}, expected 0 to 3"):
        make_filter("lipinski", violations_allowed=allowed)


@pytest.mark.parametrize(
    ("rule", "smiles", "reason"),
    [
        ("veber", PALMITIC_ACID, "veber: 14 rotatable bonds (at most 10)"),
        ("veber", DOXORUBICIN, "veber: polar surface area 206.07 Å² (at most 140 Å²)"),
        ("ghose", ASPIRIN, None),
        ("ghose", PARACETAMOL, "ghose: molecular weight 151.165 Da (at least 160 Da)"),
        ("egan", ASPIRIN, None),
        ("egan", DOXORUBICIN, "egan: polar surface area 206.07 Å² (at most 131.6 Å²)"),
        ("muegge", IMATINIB, None),
        ("muegge", ASPIRIN, "muegge: molecular weight 180.159 Da (at least 200 Da)"),
        ("lead_like", PARACETAMOL, "lead_like: molecular weight 151.165 Da (at least 250 Da)"),
    ],
)
def test_rule_on_a_drug(rule, smiles, reason):
    assert verdict(rule, smiles) == reason


@pytest.mark.parametrize("smiles", [ASPIRIN, ATORVASTATIN, DOXORUBICIN, IMATINIB, PARACETAMOL])
def test_properties_are_those_of_the_papers(smiles):
    """Lipinski counts N–H and O–H bonds and every N and O; Ghose counts hydrogens as atoms."""
    mol = Chem.MolFromSmiles(smiles)
    assert druglike.DONORS.value(mol) == Lipinski.NHOHCount(mol)
    assert druglike.ACCEPTORS.value(mol) == Lipinski.NOCount(mol)
    assert druglike.ATOMS.value(mol) == Chem.AddHs(mol).GetNumAtoms()
    assert druglike.CARBONS.value(mol) == len(mol.GetSubstructMatches(Chem.MolFromSmarts("[#6]")))
    assert druglike.WEIGHT.value(mol) == Descriptors.MolWt(mol)
    assert druglike.TPSA.value(mol) == rdMolDescriptors.CalcTPSA(mol)


@pytest.mark.parametrize("value", [131.6, 131.60000000000002, 0.1 + 0.2 + 131.3])
def test_a_value_at_the_limit_passes_whatever_its_last_bit(value):
    assert Limit(Property("x", lambda _: value), high=131.6).violation(Chem.MolFromSmiles("C")) is None


@pytest.mark.parametrize(
    ("value", "text"), [(131.7, "x 131.7 Å² (at most 131.6 Å²)"), (-1.0, "x -1 Å² (at least 0 Å²)")]
)
def test_a_value_beyond_the_limit_is_stated_with_its_unit(value, text):
    limit = Limit(Property("x", lambda _: value, "Å²"), low=0, high=131.6)
    assert limit.violation(Chem.MolFromSmiles("C")) == text


def test_an_undefined_property_does_not_pass():
    """Missing is never good."""
    assert Limit(Property("x", lambda _: math.nan), high=5).violation(Chem.MolFromSmiles("C"))


def test_range_limits_any_descriptor_on_either_side():
    aspirin = Chem.MolFromSmiles(ASPIRIN)
    assert Range(descriptor="MolWt", low=100, high=200).reason(aspirin) is None
    assert Range(descriptor="MolWt", high=180).reason(aspirin) == (
        "range: MolWt 180.159 g/mol (at most 180 g/mol)"
    )
    assert Range(descriptor="QED", low=0.9).reason(aspirin) == "range: QED 0.550122 (at least 0.9)"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"descriptor": "MolWeight", "high": 500}, r"unknown descriptor 'MolWeight'.*Did you mean 'MolWt'\?"),
        ({"descriptor": "MolWt"}, "has neither 'low' nor 'high'"),
        ({"descriptor": "MolWt", "low": 5, "high": 1}, "low 5 is not below high 1"),
        ({"high": 500}, "'descriptor' is missing"),
        ({"descriptor": "MolWt", "high": "500"}, "'high' is '500', expected float"),
    ],
)
def test_a_range_that_cannot_be_used_is_refused_by_place(options, message):
    with pytest.raises(ConfigError, match=r"plan\.toml, \[\[filter\]\] 1: .*" + message):
        make_filter("range", where="plan.toml, [[filter]] 1", **options)
