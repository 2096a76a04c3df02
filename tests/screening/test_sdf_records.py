"""An SD file of the shortlist comes back through any reader, whatever the user's columns hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from molscreen.screening.results.sdf import sdf_record, sdf_text

DRUGS = {
    "ibuprofen": "CC(C)Cc1ccc([C@H](C)C(=O)O)cc1",
    "imatinib": "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1",
    "fumaric acid": "O=C(O)/C=C/C(=O)O",
    "betaine": "C[N+](C)(C)CC(=O)[O-]",
}


def read(text: str, tmp_path) -> list[Chem.Mol]:
    path = tmp_path / "x.sdf"
    path.write_text(text, encoding="utf-8")
    return list(Chem.SDMolSupplier(str(path)))


def test_structure_and_stereo_come_back(tmp_path):
    text = sdf_text(sdf_record(smiles, name, {"id": name}) for name, smiles in DRUGS.items())
    mols = read(text, tmp_path)
    assert [mol.GetProp("_Name") for mol in mols] == list(DRUGS)
    for mol, smiles in zip(mols, DRUGS.values(), strict=True):
        assert Chem.MolToSmiles(mol) == Chem.CanonSmiles(smiles)


@pytest.mark.parametrize(
    ("smiles", "flag"),
    [
        ("O=C1CC[C@H](N2C(=O)c3ccccc3C2=O)C(=O)N1", 1),  # the S enantiomer of thalidomide
        ("O=C1CCC(N2C(=O)c3ccccc3C2=O)C(=O)N1", 0),
        ("C[C@H](N)C(O)c1ccccc1", 0),  # one centre of two is open
        ("CC(=O)Oc1ccccc1C(=O)O", 0),
        ("C[C@H](O)" + "C" * 1001, 1),
    ],
)
def test_enantiomer_is_written_as_one(smiles, flag, tmp_path):
    """Without the flag wedges are relative, and a registration system files the racemate."""
    [mol] = read(sdf_record(smiles, "x", {}), tmp_path)
    assert mol.GetIntProp("_MolFileChiralFlag") == flag


@pytest.mark.parametrize(
    "value", ["$$$$", "> <score>\n0.99", "a\n\nb", "a\r\nb", "line\u2028separator", "=cmd|' /C calc'!A0"]
)
def test_property_cannot_end_or_forge_a_record(value, tmp_path):
    """Somebody's comment field must not add a molecule, or a score, to the file."""
    mols = read(sdf_record("CCO", value, {"id": "1", "note": value, "after": "still here"}) * 2, tmp_path)
    assert len(mols) == 2
    for mol in mols:
        assert mol.GetProp("after") == "still here"
        assert mol.GetProp("note").split() == value.split()
        assert set(mol.GetPropNames()) == {"id", "note", "after"}


def test_columns_that_differ_in_a_bracket_stay_two(tmp_path):
    """Both became 'IC50(nM', and a reader keeps the last; a number does not depend on what is empty."""
    first = {"IC50(nM": "1", "IC50<nM": "2", "IC50(nM 2": "3"}
    records = [sdf_record("CCO", "a", first), sdf_record("CCO", "b", {**first, "IC50(nM": ""})]
    whole, partly = (
        mol.GetPropsAsDict(autoConvertStrings=False) for mol in read(sdf_text(records), tmp_path)
    )
    assert whole == {"IC50(nM": "1", "IC50(nM 2": "2", "IC50(nM 2 2": "3"}
    assert partly == {"IC50(nM 2": "2", "IC50(nM 2 2": "3"}


@settings(max_examples=30)
@given(st.text(max_size=30), st.text(st.characters(codec="utf-8"), min_size=1, max_size=10))
def test_any_text_keeps_the_number_of_records(tmp_path_factory, value, name):
    text = sdf_record("CCO", value, {name: value}) + sdf_record("CCN", "last", {"id": "2"})
    path = tmp_path_factory.getbasetemp() / "any.sdf"
    path.write_bytes(text.encode("utf-8", "replace"))
    mols = list(Chem.SDMolSupplier(str(path)))
    assert [mol is not None and mol.GetNumAtoms() for mol in mols] == [3, 3]
    assert mols[1].GetProp("_Name") == "last"


def test_large_molecule_is_written_as_v3000(tmp_path):
    """V2000 has three digits for the number of atoms."""
    record = sdf_record("C" * 1001, "wax", {"id": "1"})
    assert "V3000" in record
    assert read(record, tmp_path)[0].GetNumAtoms() == 1001
