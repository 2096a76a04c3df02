"""Reading and merging measurements: nothing disappears, folds are kept, columns are joined by compound."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from molscreen.data.card import known_cards, load_card
from molscreen.data.measured.assay import merge, read_assay
from molscreen.data.measured.replicates import merge_replicates
from molscreen.errors import ConfigError, LibraryError

CARD = """
name = "two-files"
title = "Potency and hERG block of a few drugs"
licence = "CC0"
commercial = true
smiles_column = "Drug"
id_column = "Drug_ID"

[subsets]
cliff = "cliff_mol"

[[file]]
path = "train.csv"
split = "train"

[[file]]
path = "test.csv.gz"
split = "test"

[[file]]
path = "NOTES.txt"
structures = false

[[endpoint]]
name = "potency"
column = "pIC50"
kind = "regression"
unit = "pIC50"
direction = "higher"
role = "activity"
ceiling = 9.0

[[endpoint]]
name = "hERG"
column = "blocks"
kind = "classification"
unit = "probability"
direction = "lower"
role = "toxicity"
"""
TRAIN = """Drug_ID,Drug,pIC50,blocks,cliff_mol
aspirin,CC(=O)Oc1ccccc1C(=O)O,4.5,0,0
terfenadine,CC(C)(C)c1ccc(cc1)C(O)CCCN1CCC(CC1)C(O)(c1ccccc1)c1ccccc1,>7.2,1,1
nonsense,CC(C)(C)(C)C,5,0,0
caffeine,Cn1cnc2c1c(=O)n(C)c(=O)n2C,about 5,,0
ibuprofen,CC(C)Cc1ccc(cc1)C(C)C(=O)O,9.0,,0
"""
TEST = """Drug_ID,Drug,pIC50,blocks,cliff_mol
aspirin sodium,[Na+].CC(=O)Oc1ccccc1C(=O)[O-],4.7,,0
astemizole,COc1ccc(CCN2CCC(CC2)Nc2nc3ccccc3n2Cc2ccc(F)cc2)cc1,,1,0
"""


CAFFEINE_BLOCKS_NOTHING = TRAIN.replace("about 5,,0", "about 5,0,0")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "card.toml").write_text(CARD)
    (tmp_path / "train.csv").write_text(TRAIN)
    (tmp_path / "test.csv.gz").write_bytes(gzip.compress(TEST.encode()))
    return tmp_path


def test_measurements_are_read_with_unit_relation_fold_and_id(folder):
    table = read_assay(folder / "card.toml", data_root=folder)
    assert [endpoint.unit for endpoint in table.endpoints] == ["pIC50", "probability"]
    assert table.ids == (
        "two-files:aspirin",
        "two-files:terfenadine",
        "two-files:ibuprofen",
        "two-files:aspirin sodium",
        "two-files:astemizole",
    )
    assert np.allclose(table.value[:, 0], [4.5, 7.2, 9.0, 4.7, np.nan], equal_nan=True)
    assert np.allclose(table.value[:, 1], [0, 1, np.nan, np.nan, 1], equal_nan=True)
    assert table.relation[:, 0].tolist() == [0, 1, 1, 0, 0]  # 9.0 is the ceiling of the assay
    assert table.split.tolist() == [["train", "train"]] * 2 + [["train", ""], ["test", ""], ["", "test"]]
    assert table.subsets["cliff"].tolist() == [[False, False], [True, True]] + [[False, False]] * 3


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        (("2244.0", "2519.0", "x.0"), ("2244", "2519", "x.0")),
        (("2244.0", "2519.1", ""), ("2244.0", "2519.1", "two-files-1.0.csv:4")),  # batches
        (("2244.0", "2519", ""), ("2244", "2519", "two-files-1.0.csv:4")),
    ],
)
def test_a_number_that_was_taken_for_a_float_is_a_name_again(tmp_path, ids, names):
    """A training compound is named on the shortlist: 2244.0 is no CID that anybody finds."""
    structures = ("CC(=O)Oc1ccccc1C(=O)O", "Cn1cnc2c1c(=O)n(C)c(=O)n2C", "CCO")
    rows = [f"{name},{smiles},5,0,0" for name, smiles in zip(ids, structures, strict=True)]
    (tmp_path / "two-files-1.0.csv").write_text("\n".join([TRAIN.splitlines()[0], *rows]))
    card = CARD.replace("train.csv", "two-files-1.0.csv").replace(
        'path = "test.csv.gz"', 'path = "2"\nstructures = false'
    )
    (tmp_path / "card.toml").write_text(card)
    table = read_assay(tmp_path / "card.toml", data_root=tmp_path)
    assert table.ids == tuple(f"two-files:{name}" for name in names)


def test_every_record_is_a_row_or_a_rejection(folder):
    table = read_assay(folder / "card.toml", data_root=folder)
    assert len(table) + len(table.rejections) == 7
    refused = {rejection.source_id: rejection for rejection in table.rejections}
    assert refused["nonsense"].stage == "standardize"
    assert refused["nonsense"].source == "train.csv:4"
    assert refused["caffeine"].stage == "read"
    assert "column 'pIC50': 'about 5' is not a number" in refused["caffeine"].reason


def test_a_structure_is_corrected_by_its_id_unless_asked_as_published(folder):
    corrected = CARD.replace("[subsets]", '[corrections]\nnonsense = "CC(C)(C)C"\n\n[subsets]')
    (folder / "card.toml").write_text(corrected)
    table = read_assay(folder / "card.toml", data_root=folder)
    assert table.keys[table.ids.index("two-files:nonsense")] == "CC(C)(C)C"
    assert "two-files: 1 record with another structure than in the file, as the card corrects" in table.notes
    published = read_assay(folder / "card.toml", data_root=folder, as_published=True)
    assert "two-files:nonsense" not in published.ids
    assert "nonsense" in {rejection.source_id for rejection in published.rejections}


def test_a_corrected_record_may_measure_something_else_or_be_refused(folder):
    """Ibuprofen has no value for hERG; caffeine's pIC50 cannot be read."""
    corrected = '[corrections]\nibuprofen = "CCO"\ncaffeine = "CCN"\n\n[subsets]'
    (folder / "card.toml").write_text(CARD.replace("[subsets]", corrected))
    for endpoint in ("hERG", "potency"):
        table = read_assay(folder / "card.toml", data_root=folder, endpoints=[endpoint])
        assert ("CCO" in table.keys) == (endpoint == "potency")


def test_a_correction_without_its_record_is_told(folder):
    (folder / "card.toml").write_text(CARD.replace("[subsets]", '[corrections]\nasprin = "CCO"\n\n[subsets]'))
    with pytest.raises(LibraryError, match="no record has the id 'asprin', which the card corrects"):
        read_assay(folder / "card.toml", data_root=folder)


def test_a_cell_that_cannot_be_read_costs_its_endpoint_alone(folder):
    """One laboratory's remark does not take away what another one measured."""
    (folder / "train.csv").write_text(CAFFEINE_BLOCKS_NOTHING)
    table = read_assay(folder / "card.toml", data_root=folder)
    caffeine = table.ids.index("two-files:caffeine")
    assert np.array_equal(table.value[caffeine], [np.nan, 0], equal_nan=True)
    [cell] = table.unread
    assert (cell.column, cell.text) == ("pIC50", "about 5")
    assert (cell.rejection.source, cell.rejection.source_id, cell.rejection.code) == (
        "train.csv:5",
        "caffeine",
        "cell",
    )
    assert cell.rejection.reason.startswith("column 'pIC50': 'about 5' is not a number")
    assert len(table) + len(table.rejections) == 7
    assert merge_replicates(table)[0].unread == table.unread


def test_rejections_keep_the_order_of_the_files(folder):
    """Whoever mends a file goes through it from the top, whatever was wrong with each row."""
    rejections = read_assay(folder / "card.toml", data_root=folder).rejections
    assert [(each.source, each.stage) for each in rejections] == [
        ("train.csv:4", "standardize"),
        ("train.csv:5", "read"),
    ]


def test_missing_structure_column_is_called_one(folder):
    """'No column Drug' alone sends the reader looking among the measurements."""
    (folder / "train.csv").write_text(TRAIN.replace("Drug,", "Structure,", 1))
    message = (
        r"'Drug' was looked for as the column of structures: name another with smiles_column of the card"
    )
    with pytest.raises(LibraryError, match=message):
        read_assay(folder / "card.toml", data_root=folder)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("split_column", "column 'pIC50': the fold is 'about 5', expected train, valid or test"),
        ("time_column", "column 'pIC50': the time is 'about 5', expected a year or a date"),
    ],
)
def test_unreadable_fold_and_time_name_their_column(folder, key, reason):
    """A row has many cells; the reason says which."""
    text = CARD.replace('split = "train"', "").replace("[subsets]", f'{key} = "pIC50"\n\n[subsets]')
    (folder / "card.toml").write_text(text)
    rejections = read_assay(folder / "card.toml", data_root=folder).rejections
    assert any(each.reason.startswith(reason) for each in rejections)


def test_salt_in_the_test_file_takes_its_parent_out_of_training(folder):
    merged, report = merge_replicates(read_assay(folder / "card.toml", data_root=folder))
    aspirin = merged.keys.index("CC(=O)Oc1ccccc1C(=O)O")
    assert merged.value[aspirin].tolist() == pytest.approx([4.7, 0])
    assert merged.split[aspirin].tolist() == ["test", "train"]
    assert report.rows == 7


def test_training_mask_forgets_the_test_measurements_alone(folder):
    merged, _ = merge_replicates(read_assay(folder / "card.toml", data_root=folder))
    fitted = merged.masked(merged.split != "test")
    assert merged.measured.sum() == 6
    assert fitted.measured.sum() == 4  # aspirin's potency and astemizole's hERG block are tested
    assert not (fitted.split == "test").any()


def test_one_endpoint_can_be_read_alone(folder):
    (folder / "train.csv").write_text(CAFFEINE_BLOCKS_NOTHING)
    table = read_assay(folder / "card.toml", data_root=folder, endpoints=["hERG"])
    assert table.value.tolist() == [[0], [1], [0], [1]]
    assert "two-files:caffeine" in table.ids
    assert table.unread == ()  # its pIC50 is not looked at


def test_missing_column_is_named_with_the_nearest(folder):
    (folder / "train.csv").write_text(TRAIN.replace("pIC50", "pIC_50"))
    with pytest.raises(LibraryError, match=r"no column 'pIC50'.*Did you mean 'pIC_50'"):
        read_assay(folder / "card.toml", data_root=folder)


def test_a_data_set_without_a_usable_record_is_refused(folder):
    (folder / "train.csv").write_text("Drug_ID,Drug,pIC50,blocks,cliff_mol\nx,CC(C)(C)(C)C,5,0,0\n")
    (folder / "test.csv.gz").write_bytes(
        gzip.compress(b"Drug_ID,Drug,pIC50,blocks,cliff_mol\n1,C1CC,5,0,0\n")
    )
    with pytest.raises(
        LibraryError, match=r"the first, train\.csv:2, holds the structure 'CC\(C\).*': carbon"
    ):
        read_assay(folder / "card.toml", data_root=folder)


def test_long_table_measures_one_target_a_row(tmp_path):
    """Screening benchmarks have a row for each target and compound, and decoys for several targets."""
    (tmp_path / "long.csv").write_text("target,smiles,active\nA,CCO,1\nB,CCN,1\ndecoys,CCC,0\n")
    (tmp_path / "card.toml").write_text(
        'name="long"\ntitle="long"\nlicence="CC0"\ncommercial=true\n[[file]]\npath="long.csv"\n'
        + "".join(
            f'[[endpoint]]\nname="{t}"\ncolumn="active"\nkind="classification"\n'
            f'where = {{ target = ["{t}", "decoys"] }}\n'
            for t in "AB"
        )
    )
    table = read_assay(tmp_path / "card.toml", data_root=tmp_path)
    expected = [[1, np.nan], [np.nan, 1], [0, 0]]
    assert np.array_equal(table.value, expected, equal_nan=True)
    assert read_assay(tmp_path / "card.toml", data_root=tmp_path, endpoints=["A"]).keys == ("CCO", "CCC")


def test_folds_and_times_may_be_columns(tmp_path):
    (tmp_path / "t.csv").write_text(
        "smiles,y,set,measured\nCCO,1.5,Train,2019-03-01\nCCN,2.5,TEST,2021\nCCC,3,fold9,\n"
    )
    (tmp_path / "card.toml").write_text(
        'name="t"\ntitle="t"\nlicence="CC0"\ncommercial=true\nsplit_column="set"\ntime_column="measured"\n'
        '[[file]]\npath="t.csv"\n[[endpoint]]\nname="y"\ncolumn="y"\n'
    )
    table = read_assay(tmp_path / "card.toml", data_root=tmp_path)
    assert table.split[:, 0].tolist() == ["train", "test"]
    assert table.time[0] < table.time[1] == 2021
    assert "the fold is 'fold9'" in table.rejections[0].reason


def test_merge_joins_columns_by_compound(folder):
    table, _ = merge_replicates(read_assay(folder / "card.toml", data_root=folder))
    card = load_card(folder / "card.toml")
    potency, _ = merge_replicates(read_assay(card.only(["potency"]), data_root=folder))
    herg, _ = merge_replicates(read_assay(card.only(["hERG"]), data_root=folder))
    joined = merge([potency, herg])
    assert set(joined.keys) == set(potency.keys) | set(herg.keys)
    assert joined.measured.sum() == potency.measured.sum() + herg.measured.sum()
    assert joined.split.dtype == table.split.dtype
    for column, single in enumerate((potency, herg)):
        for key, value, split in zip(single.keys, single.value[:, 0], single.split[:, 0], strict=True):
            row = joined.keys.index(key)
            assert np.array_equal(joined.value[row, column], value, equal_nan=True)
            assert joined.split[row, column] == split


def test_merge_refuses_an_endpoint_taken_twice(folder):
    table, _ = merge_replicates(read_assay(folder / "card.toml", data_root=folder))
    with pytest.raises(ConfigError, match="'potency' is taken 2 times"):
        merge([table, table])


def test_merge_refuses_tables_that_repeat_a_compound(folder):
    with pytest.raises(ValueError, match="call merge_replicates on it first"):
        merge([read_assay(folder / "card.toml", data_root=folder)])


def test_select_keeps_rows_together(folder):
    table = read_assay(folder / "card.toml", data_root=folder)
    chosen = table.select(np.array([3, 0]))
    assert chosen.keys == (table.keys[3], table.keys[0])
    assert chosen.ids == (table.ids[3], table.ids[0])
    assert np.array_equal(chosen.value, table.value[[3, 0]], equal_nan=True)
    assert len(table.select(table.held_out)) == 2


@pytest.mark.slow
@pytest.mark.skipif("MOLSCREEN_DATA" not in os.environ, reason="needs the data sets: set MOLSCREEN_DATA")
@pytest.mark.parametrize("name", [name for name in known_cards() if load_card(name).measurements])
def test_every_data_set_reads_as_its_card_says(name):
    """Digests, columns and labels of the real files; at most one record in twenty is refused."""
    first = [
        endpoint.name for endpoint in load_card(name).endpoints[:30]
    ]  # vs_riniker has 114 on 364,336 rows
    table = read_assay(name, endpoints=first)
    merged, report = merge_replicates(table)
    assert report.rows == report.compounds + report.duplicates + len(table.rejections)
    assert len(table.rejections) <= 0.05 * report.rows
    assert merged.measured.any(axis=0).all()
    labels = [endpoint.kind == "classification" for endpoint in table.endpoints]
    assert np.isin(table.value[:, labels][table.measured[:, labels]], (0, 1)).all()
