"""Structures of measurements are standardised in a watched process."""

from __future__ import annotations

from molscreen.chem.cleaning.recipe import Recipe
from molscreen.chem.compound import Compound, Rejection
from molscreen.data.measured.assay import read_assay
from molscreen.data.measured.measurements import standardize_all
from molscreen.data.own_file.user_card import UserColumns, card_for_file


def test_structures_come_back_in_order_with_their_refusals():
    """Sodium diclofenac is its acid; pentavalent carbon is no molecule; repeats cost nothing."""
    diclofenac = "OC(=O)Cc1ccccc1Nc1c(Cl)cccc1Cl"
    texts = [diclofenac, "CC(C)(C)(C)C", "[Na+].[O-]C(=O)Cc1ccccc1Nc1c(Cl)cccc1Cl", diclofenac]
    acid, refused, salt, again = standardize_all(texts, Recipe())
    assert isinstance(acid, Compound)
    assert isinstance(salt, Compound)
    assert acid.key == salt.key
    assert again == acid
    assert isinstance(refused, Rejection)
    assert refused.raw == "CC(C)(C)(C)C"


def test_what_was_not_tested_is_no_value_and_no_fault(tmp_path):
    """Spreadsheets and laboratories have a dozen words for an empty cell."""
    words = ("n.t.", "NT", "not tested", "Not Determined", "#N/A", "--", "TBD", ".", "<NA>", "")
    rows = [f"CCO,5\n{'C' * (i + 1)}N,{word}" for i, word in enumerate(words)]
    (tmp_path / "a.csv").write_text("\n".join(["smiles,pKi", *rows]))
    table = read_assay(card_for_file(tmp_path / "a.csv", UserColumns(targets=("pKi",))))
    assert (len(table), int(table.measured.sum())) == (20, 10)
    assert table.unread == table.rejections == ()
