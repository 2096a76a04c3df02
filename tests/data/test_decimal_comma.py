"""Numbers as they are written in most of Europe are read where nothing else can be meant."""

from __future__ import annotations

import pytest

from molscreen.data.decimal_comma import find_decimal_commas, has_decimal_commas
from molscreen.data.measured.assay import read_assay
from molscreen.data.measured.unread_cell import describe_unread
from molscreen.data.own_file.user_card import UserColumns, card_for_file
from molscreen.data.quality.data_report import report_data
from molscreen.data.quality.findings import find_noteworthy
from molscreen.errors import LibraryError

ASPIRIN, CAFFEINE, ETHANOL = "CC(=O)Oc1ccccc1C(=O)O", "Cn1cnc2c1c(=O)n(C)c(=O)n2C", "CCO"


@pytest.mark.parametrize(
    "texts",
    [
        ["52,5"],
        ["<0,5", "> 12,25", "n.d.", "7"],
        ["1,234", "0,125"],
        ["1,5e-3"],
        ["52,5", "impure, toxic", "5,1*"],
    ],
)
def test_comma_before_decimals_is_believed(texts):
    assert has_decimal_commas(texts)


@pytest.mark.parametrize(
    "texts", [[], ["7"], ["1,234"], ["1,234", "12,500"], ["1,234,567", "2,5"], ["52,5", "6.3"], ["1,2 - 1,4"]]
)
def test_comma_that_may_mean_something_else_is_not(texts):
    """1,234 is a thousand to some and about one to others: the user has to say."""
    assert not has_decimal_commas(texts)


def test_a_column_of_decimal_commas_is_read_and_told(tmp_path):
    path = tmp_path / "assay.csv"
    path.write_text(f"Nr;SMILES;Hemmung\n1;{ASPIRIN};52,5\n2;{CAFFEINE};<7,25\n3;{ETHANOL};12\n")
    table = read_assay(card_for_file(path, UserColumns(targets=("Hemmung",))))
    assert table.value[:, 0].tolist() == [52.5, 7.25, 12.0]
    assert table.relation[:, 0].tolist() == [0, -1, 0]
    told = find_noteworthy(report_data("assay", ["assay.csv"], [table], table))
    assert told[0] == "assay.csv: column 'Hemmung' has decimal commas, and was read so"


def test_a_column_of_either_sort_loses_its_commas_with_a_reason(tmp_path):
    path = tmp_path / "assay.csv"
    path.write_text(f"Nr;SMILES;Hemmung\n1;{ASPIRIN};52,5\n2;{CAFFEINE};7.25\n")
    table = read_assay(card_for_file(path, UserColumns(targets=("Hemmung",))))
    [refused] = table.rejections
    assert refused.reason == (
        "column 'Hemmung': '52,5' is not a number, with or without < or > before it; write a decimal point,"
        " and nothing between thousands, or say that commas stand before decimals: --decimal comma (Python,"
        " and in a card: decimal='comma')"
    )


@pytest.mark.parametrize(
    ("other", "found"),
    [(["52,5", "7"], ("pIC50",)), (["12", "7"], ()), (["341.2"], ()), (["52,5", "see 1,2"], ()), ([], ())],
)
def test_three_decimals_are_believed_where_the_rest_of_the_file_has_commas(other, found):
    """Alone, 6,364 may be six thousand."""
    cells = {"pIC50": ["6,364", "7,125"], "other": other}
    assert find_decimal_commas(["pIC50"], ["other"], cells.__getitem__) == found


def test_a_column_with_points_outweighs_one_with_commas():
    cells = {"pIC50": ["6,364"], "mass": ["341.2"], "logD": ["1,2"]}
    assert find_decimal_commas(["pIC50"], ["mass", "logD"], cells.__getitem__) == ()


def test_what_stands_before_decimals_can_be_said(tmp_path):
    path = tmp_path / "assay.csv"
    path.write_text(f"Nr;SMILES;pIC50\n1;{ASPIRIN};6,364\n2;{CAFFEINE};<7,125\n3;{ETHANOL};5\n")
    for decimal in ("", "point"):
        table = read_assay(card_for_file(path, UserColumns(targets=("pIC50",), decimal=decimal)))
        assert table.value[:, 0].tolist() == [5]
        hint = describe_unread(table.unread)[-1]
        assert hint.startswith(
            "'6,364' in column 'pIC50' may have a decimal comma: if so, say --decimal comma"
        )
    table = read_assay(card_for_file(path, UserColumns(targets=("pIC50",), decimal="comma")))
    assert table.value[:, 0].tolist() == pytest.approx([6.364, 7.125, 5])
    path.write_text(path.read_text().replace(";5", ";5.001"))
    with pytest.raises(LibraryError, match=r"column 'pIC50': '5\.001' has a point, although commas are said"):
        read_assay(card_for_file(path, UserColumns(targets=("pIC50",), decimal="comma")))
