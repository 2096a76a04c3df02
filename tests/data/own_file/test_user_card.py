"""A file of your own becomes a card: columns are named, and their kind is found."""

from __future__ import annotations

import pytest

from molscreen.data.measured.assay import read_assay
from molscreen.data.own_file.user_card import UserColumns, card_for_file
from molscreen.errors import ConfigError, LibraryError

CSV = """compound,SMILES,pIC50,toxic,sign
aspirin,CC(=O)Oc1ccccc1C(=O)O,4.5,no,=
caffeine,Cn1cnc2c1c(=O)n(C)c(=O)n2C,5.6,no,<
terfenadine,CC(C)(C)c1ccc(cc1)C(O)CCCN1CCC(CC1)C(O)(c1ccccc1)c1ccccc1,,yes,
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "own data.csv"
    path.write_text(CSV)
    return path


def test_kind_is_found_from_the_values(path):
    card = card_for_file(path, UserColumns(targets=("pIC50", "toxic")))
    assert [e.kind for e in card.endpoints] == ["regression", "classification"]


def test_kind_can_be_said(path):
    path.write_text(CSV.replace("4.5", "0").replace("5.6", "1"))
    found = card_for_file(path, UserColumns(targets=("pIC50",)))
    said = card_for_file(path, UserColumns(targets=("pIC50",), kind="regression"))
    assert (found.endpoints[0].kind, said.endpoints[0].kind) == ("classification", "regression")


def test_the_file_is_read_like_any_data_set(path):
    columns = UserColumns(targets=("pIC50",), id="compound", relations={"pIC50": "sign"})
    table = read_assay(card_for_file(path, columns))
    assert table.ids[0] == "own data.csv:aspirin"
    assert table.relation[:, 0].tolist() == [0, -1, 0]
    assert table.measured[:, 0].tolist() == [True, True, False]


def test_weights_from_own_data_are_not_marked_as_free(path):
    assert not card_for_file(path, UserColumns(targets=("pIC50",))).commercial


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("pIC_50", r"no column 'pIC_50' besides structure and id\. Did you mean 'pIC50'\? Columns: pIC50, "),
        ("PIC50", r"Did you mean 'pIC50'"),
        ("SMILES", r"no column 'SMILES' besides structure and id.*structure column 'SMILES'"),
        ("empty", "column 'empty' holds no value"),
    ],
)
def test_useless_target_is_refused(path, target, message):
    path.write_text("\n".join(line + (",empty" if i == 0 else ",n/a") for i, line in enumerate(CSV.split())))
    with pytest.raises(LibraryError, match=message):
        card_for_file(path, UserColumns(targets=(target,)))


def test_relation_of_no_target_is_refused():
    with pytest.raises(ConfigError, match=r"'pic50' is no target\. Did you mean 'pIC50'"):
        UserColumns(targets=("pIC50",), relations={"pic50": "sign"})


def test_no_target_is_refused():
    with pytest.raises(ConfigError, match="name at least one column"):
        UserColumns(targets=())


def test_target_named_twice_is_refused():
    with pytest.raises(ConfigError, match="the target column 'pIC50' is named twice"):
        UserColumns(targets=("pIC50", "pIC50"))


@pytest.mark.parametrize("other", [{"split": "fold"}, {"time": "fold"}, {"relations": {"pIC50": "fold"}}])
def test_every_named_column_is_looked_for_at_once(path, other):
    """Also where the kind is given, and before anything is read."""
    with pytest.raises(LibraryError, match=r"no column 'fold'.*Columns: pIC50, toxic, sign"):
        card_for_file(path, UserColumns(targets=("pIC50",), kind="regression", **other))


def test_missing_structure_column_names_the_option(path):
    """'No column smiles' alone sends the reader looking among the measurements."""
    message = r"Columns: 'compound', 'SMILES'.*looked for as the column of structures.*--smiles-column"
    with pytest.raises(LibraryError, match=message):
        card_for_file(path, UserColumns(targets=("pIC50",), smiles="structure"))


def test_missing_file_is_not_looked_for_on_a_card(tmp_path):
    (tmp_path / "assay.csv").write_text(CSV)
    with pytest.raises(LibraryError, match=r"asay\.csv: no such file\. Did you mean 'assay\.csv'\?$"):
        card_for_file(tmp_path / "asay.csv", UserColumns(targets=("pIC50",), kind="regression"))


def test_concentrations_become_p_values(tmp_path):
    """An IC50 in nM is what laboratories write; above 10 uM is below 5, and not the other way round."""
    path = tmp_path / "ic50.csv"
    path.write_text("smiles,IC50\nCCO,100\nCCN,>10000\nCCC,<1\nCCCl,0\n")
    table = read_assay(card_for_file(path, UserColumns(targets=("IC50",), molar="nM")))
    assert [(e.name, e.unit) for e in table.endpoints] == [("pIC50", "-log10(mol/L)")]
    assert table.value[:, 0].tolist() == pytest.approx([7.0, 5.0, 9.0])
    assert table.relation[:, 0].tolist() == [0, -1, 1]
    assert [(each.raw, each.code) for each in table.rejections] == [("CCCl", "value")]


def test_a_unit_that_is_not_molar_is_refused(path):
    with pytest.raises(ConfigError, match=r"unit 'nm' is not molar\. Did you mean 'nM'\? Known: M, mM"):
        card_for_file(path, UserColumns(targets=("pIC50",), molar="nm"))
    with pytest.raises(ConfigError, match="endpoint 'ptoxic': only a linear regression has a p-scale"):
        card_for_file(path, UserColumns(targets=("toxic",), molar="nM"))


@pytest.mark.parametrize("name", ["pIC50", "EGFR_pIC50", "PIC50", "pEC50 (mean)", "pKi", "hERG pKd", "pXC50"])
def test_potency_is_an_activity(path, name):
    """So that nothing is inside its domain by chance; its unit is known as well."""
    path.write_text(f"smiles,{name}\nCCO,5.5\nCCN,6.1\n")
    [endpoint] = card_for_file(path, UserColumns(targets=(name,), better="higher")).endpoints
    assert (endpoint.role, endpoint.unit, endpoint.direction) == ("activity", "-log10(mol/L)", "higher")


@pytest.mark.parametrize("name", ["pKa", "logD", "clearance", "topic50", "PKD1", "spKi", "pIC500"])
def test_what_is_no_potency_is_a_property(path, name):
    path.write_text(f"smiles,{name}\nCCO,5.5\nCCN,6.1\n")
    [endpoint] = card_for_file(path, UserColumns(targets=(name,))).endpoints
    assert (endpoint.role, endpoint.unit, endpoint.direction) == ("property", "", "none")


@pytest.mark.parametrize("name", ["IC50 (nM)", "IC50_nM", "IC50 [nM]", "IC50"])
def test_an_endpoint_is_not_named_after_a_unit_that_it_has_not(path, name):
    path.write_text(f"smiles,{name}\nCCO,100\nCCN,10\n")
    [endpoint] = card_for_file(path, UserColumns(targets=(name,), molar="nM")).endpoints
    assert endpoint.name == "pIC50"


def test_an_endpoint_can_be_given_a_name(path):
    columns = UserColumns(targets=("pIC50", "toxic"), names={"toxic": "cytotoxicity"})
    assert [each.name for each in card_for_file(path, columns).endpoints] == ["pIC50", "cytotoxicity"]
    with pytest.raises(ConfigError, match=r"names: 'toxi' is no target\. Did you mean 'toxic'"):
        UserColumns(targets=("toxic",), names={"toxi": "cytotoxicity"})


def test_two_units_of_one_column_are_refused():
    with pytest.raises(ConfigError, match=r"column 'IC50 \(nM\)' says nM, and the unit given is uM"):
        UserColumns(targets=("IC50 (nM)",), molar="uM")
    assert UserColumns(targets=("IC50 (µM)",), molar="uM")
