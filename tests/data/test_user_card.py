"""A file of your own becomes a card: columns are named, and their kind is found."""

from __future__ import annotations

import pytest

from molscreen.data.assay import read_assay
from molscreen.data.user_card import UserColumns, card_for_file
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
    [("pIC_50", r"no column 'pIC_50'.*Did you mean 'pIC50'"), ("empty", "column 'empty' holds no value")],
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
