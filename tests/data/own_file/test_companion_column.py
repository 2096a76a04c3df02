"""Columns of relations and of units beside a target: found, said, never guessed among several."""

from __future__ import annotations

import pytest

from molscreen.data.measured.assay import read_assay
from molscreen.data.own_file.user_card import UserColumns, card_for_file
from molscreen.errors import ConfigError, LibraryError

CHEMBL = (
    "Molecule ChEMBL ID", "Smiles", "Standard Type", "Standard Relation", "Standard Value", "Standard Units",
    "pChEMBL Value", "Uo Units", "Value",
)  # fmt: skip
ROWS = (
    ("CHEMBL1", "CCO", "IC50", "'='", "100", "nM", "7.00", "UO_0000065", "0.1"),
    ("CHEMBL2", "CCN", "IC50", "'>'", "10000", "nM", "", "UO_0000065", "10"),
    ("CHEMBL3", "CCC", "IC50", "'='", "0.5", "uM", "6.30", "UO_0000065", "0.5"),
    ("CHEMBL4", "CCCl", "IC50", "'='", "37", "%", "", "UO_0000187", "37"),
    ("CHEMBL5", "CCS", "IC50", "", "12", "ug.mL-1", "", "UO_0000274", "12"),
    ("CHEMBL6", "CCF", "IC50", "", "", "", "", "", ""),
)
VALUE = UserColumns(targets=("Standard Value",))


def write(path, columns, rows, delimiter=","):
    lines = [delimiter.join(f'"{cell}"' for cell in row) for row in (columns, *rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(params=[(";", "csv"), ("\t", "tsv")], ids=["semicolons", "tabs"])
def chembl(request, tmp_path):
    """An export of ChEMBL, as its web page and its clients write it."""
    delimiter, suffix = request.param
    return write(tmp_path / f"export.{suffix}", CHEMBL, ROWS, delimiter)


@pytest.fixture
def simple(tmp_path):
    """A function that writes four compounds with the columns that are given."""

    def simple(**columns):
        columns = {"smiles": ("CCO", "CCN", "CCC", "CCS")} | columns
        return write(tmp_path / "assay.csv", tuple(columns), tuple(zip(*columns.values(), strict=True)))

    return simple


def test_an_export_of_chembl_is_read_by_its_relations_and_units(chembl):
    """A limit of 10 uM that is read as 10 nM, or as measured, is the commonest way to a wrong model."""
    table = read_assay(card_for_file(chembl, VALUE))
    assert [(e.name, e.unit, e.role) for e in table.endpoints] == [
        ("pStandard Value", "-log10(mol/L)", "activity")
    ]
    assert table.ids == tuple(f"{chembl.name}:CHEMBL{i}" for i in (1, 2, 3, 6))
    assert table.value[:3, 0].tolist() == pytest.approx([7.0, 5.0, 6.30103])
    assert table.relation[:, 0].tolist() == [0, -1, 0, 0]
    assert not table.measured[3].any()
    assert [each.reason for each in table.rejections] == [
        "column 'Standard Value': the unit in column 'Standard Units' is '%', expected one of"
        " M, mM, uM, µM, μM, nM, pM.",
        "column 'Standard Value': the unit in column 'Standard Units' is 'ug.mL-1', expected one of"
        " M, mM, uM, µM, μM, nM, pM.",
    ]


def test_what_was_found_is_said(chembl):
    table = read_assay(card_for_file(chembl, VALUE))
    assert table.notes == (
        f"{chembl.name}: column 'Standard Relation' was read as the relation of 'Standard Value' (3 =, 1 >,"
        " 1 nothing)",
        f"{chembl.name}: column 'Standard Units' was read as the unit of 'Standard Value' (2 nM, 1 uM, 1 %,"
        " 1 ug.mL-1), which becomes -log10(mol/L); other units are refused",
    )


def test_the_p_values_of_an_export_need_neither(chembl):
    """They are potencies already, given where the relation is ``=`` alone."""
    card = card_for_file(chembl, UserColumns(targets=("pChEMBL Value",)))
    assert card.notes == ()
    [measurement] = card.measurements
    assert (measurement.relation_column, measurement.unit_column, measurement.molar) == ("", "", "")
    assert (measurement.endpoint.role, measurement.endpoint.unit) == ("activity", "-log10(mol/L)")


def test_bounds_of_another_quantity_are_not_passed_over(chembl):
    """A concentration above 10 uM is a pIC50 below 5: neither exact, nor above."""
    chembl.write_text(chembl.read_text().replace('"nM";""', '"nM";"5"').replace('"nM"\t""', '"nM"\t"5"'))
    message = (
        r"column 'Standard Relation' holds < or > in 1 rows that have a value of 'pChEMBL Value', and it"
        r" may be the relation of 'Standard Value'\. Make 'Standard Value' the target"
    )
    with pytest.raises(LibraryError, match=message):
        card_for_file(chembl, UserColumns(targets=("pChEMBL Value",)))
    said = UserColumns(targets=("pChEMBL Value",), relations={"pChEMBL Value": ""})
    assert card_for_file(chembl, said).measurements[0].relation_column == ""


def test_a_relation_beside_a_potency_and_its_logarithm_is_of_either(simple):
    """Above 10 uM is below 5: of the other one, a bound would be on the wrong side."""
    columns = {"IC50 (nM)": (10000, 10, 1, 100), "rel": (">", "=", "=", "="), "pIC50": (5, 8, 9, 7)}
    path = simple(**columns)
    with pytest.raises(LibraryError, match=r"in 1 rows .* it may be the relation of 'IC50 \(nM\)'"):
        card_for_file(path, UserColumns(targets=("pIC50",)))
    alone = card_for_file(path, UserColumns(targets=("IC50 (nM)",), molar="nM"))
    assert alone.measurements[0].relation_column == "rel"


@pytest.mark.parametrize("target", ["% inhibition", "percent_inhibition", "change", "pIC50"])
def test_the_unit_of_a_dose_makes_no_concentration(simple, target):
    """A share of the control has a unit beside it: that of the dose."""
    path = simple(**{target: (-3, 20, 30, 40)}, dose=(1, 1, 1, 1), unit=("uM", "uM", "uM", "uM"))
    card = card_for_file(path, UserColumns(targets=(target,)))
    assert card.measurements[0].unit_column == ""


def test_the_unit_of_the_call_is_that_of_rows_without_one(simple):
    path = simple(IC50=(100, 100, 100, 100), unit=("nM", "", "uM", "n/a"))
    columns = UserColumns(targets=("IC50",))
    alone = read_assay(card_for_file(path, columns))
    assert alone.value[:, 0].tolist() == pytest.approx([7, 4])
    assert alone.rejections[0].reason.startswith("column 'IC50': the unit in column 'unit' is missing")
    both = read_assay(card_for_file(path, UserColumns(targets=("IC50",), molar="nM")))
    assert both.value[:, 0].tolist() == pytest.approx([7, 7, 4, 7])


def test_a_unit_that_no_row_has_is_refused(simple):
    path = simple(IC50=(1, 2, 3, 4), unit=("uM", "µM", "uM", "uM"))
    message = r"--unit says nM, and column 'unit' beside 'IC50' says 3 uM, 1 µM\. Leave --unit out"
    with pytest.raises(LibraryError, match=message):
        card_for_file(path, UserColumns(targets=("IC50",), molar="nM"))
    said = card_for_file(path, UserColumns(targets=("IC50",), molar="nM", units={"IC50": ""}))
    assert said.measurements[0].unit_column == ""


@pytest.mark.parametrize(
    "other",
    [
        {"sex": ("M", "M", "M", "M")},
        {"size": ("M", "S", "L", "M")},
        {"solvent": ("DMSO", "water", "nM", "")},
        {"flag": ("=", "", "=", "~")},
        {"mark": ("<", ">", "?!", "=")},
    ],
)
def test_a_column_of_something_else_is_no_companion(simple, other):
    card = card_for_file(simple(IC50=(1, 2, 3, 4), **other), UserColumns(targets=("IC50",)))
    assert (card.measurements[0].relation_column, card.measurements[0].unit_column) == ("", "")
    assert card.notes == ()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"op": ("<", "=", "=", ">"), "limit": (">", "", "", "")},
            r"2 columns could be the relation of 'IC50': 'op', 'limit'\. --relation-column 'op' for all",
        ),
        (
            {"assayed in": ("nM", "uM", "nM", "nM"), "dosed in": ("nM", "nM", "nM", "nM")},
            r"2 columns could be the unit of 'IC50': 'assayed in', 'dosed in'\. --unit-column 'assayed in'",
        ),
    ],
)
def test_one_of_several_is_not_guessed(simple, columns, message):
    with pytest.raises(LibraryError, match=message):
        card_for_file(simple(IC50=(1, 2, 3, 4), **columns), UserColumns(targets=("IC50",)))


def test_of_several_targets_one_is_not_guessed(simple):
    path = simple(Ki=(1, 2, 3, 4), IC50=(1, 2, 3, 4), op=("<", "=", "=", ">"))
    message = r"column 'op' could be the relation of each of 'Ki', 'IC50'.* none where there is none"
    with pytest.raises(LibraryError, match=message):
        card_for_file(path, UserColumns(targets=("Ki", "IC50")))
    said = UserColumns(targets=("Ki", "IC50"), relations={"Ki": "op", "IC50": ""})
    assert [m.relation_column for m in card_for_file(path, said).measurements] == ["op", ""]


def test_names_tell_whose_a_column_is(simple):
    """As in a database that keeps what was published beside what was made of it."""
    path = simple(
        standard_value=(1, 2, 3, 4),
        standard_relation=("=", "=", "<", "="),
        standard_units=("nM", "nM", "nM", "uM"),
        published_value=(1, 2, 3, 4),
        published_relation=("=", ">", "=", "="),
        published_units=("nM", "uM", "nM", "nM"),
    )
    for of in ("standard", "published"):
        [found] = card_for_file(path, UserColumns(targets=(f"{of}_value",))).measurements
        assert (found.relation_column, found.unit_column) == (f"{of}_relation", f"{of}_units")


def test_kinds_and_units_that_are_mixed_are_said(simple):
    """An IC50 and a Ki, or a percentage and a mass, are not one quantity."""
    path = simple(
        value=(1, 2, 3, 4),
        type=("IC50", "Ki", "IC50", "Ki"),
        units=("%", "ug.mL-1", "%", "%"),
        other=(1, 2, 3, 4),
    )
    assert card_for_file(path, UserColumns(targets=("value",))).notes == (
        "column 'type' says 2 IC50, 2 Ki: all values of 'value' are read as of one kind; keep the rows of"
        " one, unless that is meant",
        "column 'units' says 3 %, 1 ug.mL-1: all values of 'value' are read as of one kind; keep the rows of"
        " one, unless that is meant",
    )


def test_labels_have_neither(simple):
    path = simple(toxic=(0, 1, 1, 0), op=("<", "=", "=", ">"), unit=("nM", "nM", "nM", "nM"))
    assert card_for_file(path, UserColumns(targets=("toxic",))).measurements[0].relation_column == ""


@pytest.mark.parametrize("given", [{"molar": "nM"}, {"units": {"pIC50": "unit"}}])
def test_a_logarithm_is_no_concentration(given):
    """-log10 of a pIC50 is a number like any other, and nobody would see it."""
    with pytest.raises(ConfigError, match=r"column 'pIC50' is a logarithm by its name.* leave its unit out"):
        UserColumns(targets=("pIC50",), **given)


def test_a_contradiction_is_refused_with_its_column(simple):
    path = simple(IC50=("<433", "100", ">9", "1"), rel=(">", ">", ">", "="))
    table = read_assay(card_for_file(path, UserColumns(targets=("IC50",), molar="nM")))
    [refused] = table.rejections
    assert refused.reason == "column 'IC50': the cell says '<', and the column of relations '>'"
    assert table.relation[:, 0].tolist() == [-1, -1, 0]


def test_what_is_about_and_what_is_far_beyond_is_said(simple):
    """A value that nobody vouches for counts as one that was measured."""
    path = simple(pIC50=("~6.2", "<<5", "7", "7.1"), rel=("", "", "~", "<"))
    table = read_assay(card_for_file(path, UserColumns(targets=("pIC50",))))
    assert table.relation[:, 0].tolist() == [0, -1, 0, -1]
    assert table.notes[1:] == (
        "assay.csv: column 'pIC50': 2 values with ~, read as exact",
        "assay.csv: column 'pIC50': 1 value with <<, read as <",
    )
