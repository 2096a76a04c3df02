"""Cards: every data set says what it is, and wrong cards say what is wrong with them."""

from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path

import pandas as pd
import pytest

from molscreen.data.card import DataFile, cards_folder, known_cards, load_card
from molscreen.data.data_folder import find_data_folder, locate
from molscreen.errors import ConfigError, LibraryError

CARD = """
name = "caffeine"
title = "Caffeine and friends"
licence = "CC0"
commercial = true

[[file]]
path = "caffeine/table.csv"

[[endpoint]]
column = "y"
name = "pKi_A2A"
kind = "regression"
unit = "pKi"
direction = "higher"
role = "activity"
"""


def write_card(folder: Path, text: str) -> Path:
    path = folder / "card.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", known_cards())
def test_every_card_that_ships_is_complete(name):
    """Licence, origin and digests are why a card exists; a card without them is a rumour."""
    card = load_card(name)
    assert card.name == name
    assert card.title
    assert card.licence
    assert card.citation
    assert card.files
    assert all(len(file.sha256) == 64 for file in card.files)
    assert all(len(origin.commit) == 40 for origin in card.origins)
    assert card.origins
    for endpoint in card.endpoints:
        assert endpoint.unit, endpoint.name
        assert endpoint.description, endpoint.name


def test_the_sets_that_bundles_are_trained_on_have_cards():
    cards = known_cards()
    assert sum(name.startswith("tdc_admet/") for name in cards) == 22
    assert {"moleculenet/tox21", "moleculenet/clintox", "moleculeace"} <= set(cards)
    assert len(load_card("moleculeace").endpoints) == 24
    assert len(load_card("moleculenet/tox21").endpoints) == 12
    assert len(load_card("moleculenet/toxcast").endpoints) == 617


def test_endpoint_names_are_unique_over_all_cards():
    """Tables of different cards are merged by endpoint name."""
    names = [endpoint.name for card in map(load_card, known_cards()) for endpoint in card.endpoints]
    assert len(set(names)) == len(names)


def test_non_commercial_data_are_marked():
    assert not load_card("gdsc2_ccle").commercial
    assert load_card("tdc_admet/herg").commercial


def test_approval_is_not_better():
    """Of dioxin and sarin as of any compound, for the labels compare clinical candidates alone."""
    endpoints = {endpoint.name: endpoint for endpoint in load_card("moleculenet/clintox").endpoints}
    assert endpoints["FDA_APPROVED"].direction == "none"
    assert all("says nothing of other compounds" in each.description for each in endpoints.values())


@pytest.mark.skipif("MOLSCREEN_DATA" not in os.environ, reason="MOLSCREEN_DATA names no folder of data sets")
@pytest.mark.parametrize(
    ("name", "column", "percent"),
    [
        ("tdc_admet/herg", "Y", 69),
        ("tdc_admet/bbb_martins", "Y", 76),
        ("moleculenet/clintox", "FDA_APPROVED", 94),
    ],
)
def test_label_1_is_as_frequent_as_the_card_says(name, column, percent):
    """Where nothing is known of a compound, a model says this share."""
    card = load_card(name)
    label = pd.concat([pd.read_csv(locate(file)) for file in card.files])[column]
    assert 100 * label.mean() == pytest.approx(percent, abs=0.5)
    assert any(f"{percent} %" in problem for problem in card.problems)


def test_official_test_files_are_marked_as_such():
    for name in known_cards():
        for file in load_card(name).files:
            if file.path.endswith("/test.csv.gz"):
                assert file.split == "test"


def test_card_is_found_by_path(tmp_path):
    card = load_card(write_card(tmp_path, CARD))
    assert [endpoint.name for endpoint in card.endpoints] == ["pKi_A2A"]
    assert card.measurements[0].column == "y"


def test_many_columns_share_one_description(tmp_path):
    text = CARD.replace('column = "y"\nname = "pKi_A2A"', 'columns = ["pKi_A1", "pKi_A2A"]')
    card = load_card(write_card(tmp_path, text))
    assert [(m.column, m.endpoint.name, m.endpoint.unit) for m in card.measurements] == [
        ("pKi_A1", "pKi_A1", "pKi"),
        ("pKi_A2A", "pKi_A2A", "pKi"),
    ]


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        ('licence = "CC0"', 'license = "CC0"', r"unknown key 'license'.*Did you mean 'licence'\?"),
        ('unit = "pKi"', 'units = "pKi"', r"\[\[endpoint\]\] 1: unknown key 'units'.*Did you mean 'unit'\?"),
        (
            'direction = "higher"',
            'direction = "up"',
            "1: 'direction' is 'up', expected one of 'higher', 'lower', 'none'",
        ),
        ('column = "y"', 'column = "y"\nfile = "caffeine/tabel.csv"', "Did you mean 'caffeine/table.csv'"),
        ('column = "y"', 'columns = ["y"]', "leave out 'column' and 'name'"),
        ('table.csv"', 'table.csv"\nsplit = "tests"', r"\[\[file\]\] 1: 'split' is 'tests', expected one of"),
    ],
)
def test_wrong_card_says_where_and_what(tmp_path, wrong, right, message):
    with pytest.raises(ConfigError, match=message):
        load_card(write_card(tmp_path, CARD.replace(wrong, right, 1)))


def test_endpoint_described_twice_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="endpoint 'pKi_A2A' is described twice"):
        load_card(write_card(tmp_path, CARD + CARD[CARD.index("[[endpoint]]") :]))


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(
        ConfigError, match=r"unknown data set 'tdc_admet/hergg'\. Did you mean 'tdc_admet/herg'\? Known: "
    ):
        load_card("tdc_admet/hergg")


def test_unknown_endpoint_of_a_card_is_named():
    with pytest.raises(ConfigError, match=r"has no endpoint 'NR-Ahr'.*Did you mean 'NR-AhR'"):
        load_card("moleculenet/tox21").only(["NR-Ahr"])


def test_cards_folder_follows_the_environment(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    write_card(tmp_path / "mine", CARD)
    monkeypatch.setenv("MOLSCREEN_CARDS", str(tmp_path))
    assert known_cards() == ("mine",)


def test_missing_cards_are_explained(tmp_path, monkeypatch):
    """In an installation without the folder, or beside an unrelated package called `datasets`."""
    monkeypatch.setenv("MOLSCREEN_CARDS", str(tmp_path))
    with pytest.raises(ConfigError, match="set MOLSCREEN_CARDS"):
        cards_folder()


def test_file_is_compared_with_its_card(tmp_path):
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress(b"smiles,y\nCn1cnc2c1c(=O)n(C)c(=O)n2C,5.6\n"))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    file = DataFile(path="table.csv.gz", sha256=digest)
    assert locate(file, data_root=tmp_path) == path
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(LibraryError, match=f"the card says {digest}"):
        locate(file, data_root=tmp_path)


def test_data_root_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.delenv("MOLSCREEN_DATA", raising=False)
    (tmp_path / "table.csv").write_text("smiles\nCCO\n")
    with pytest.raises(ConfigError, match="set MOLSCREEN_DATA or pass data_root"):
        locate(DataFile(path="table.csv"))
    monkeypatch.setenv("MOLSCREEN_DATA", str(tmp_path))
    assert locate(DataFile(path="table.csv")) == tmp_path / "table.csv"
    with pytest.raises(LibraryError, match="no such file"):
        locate(DataFile(path="tabel.csv"))


def test_only_a_file_with_a_card_is_to_be_fetched(tmp_path):
    """The owner of a CSV has no card to look at."""
    with pytest.raises(
        LibraryError, match=r"no such file\. The card names its origin; the file is a copy of that"
    ):
        locate(DataFile(path="table.csv", sha256="0" * 64), data_root=tmp_path)
    with pytest.raises(LibraryError) as caught:
        locate(DataFile(path=str(tmp_path / "table.csv")))
    assert str(caught.value).endswith("table.csv: no such file.")


def test_data_folder_must_be_known_and_exist(tmp_path, monkeypatch):
    monkeypatch.delenv("MOLSCREEN_DATA", raising=False)
    with pytest.raises(ConfigError, match="set MOLSCREEN_DATA to it"):
        find_data_folder()
    with pytest.raises(ConfigError, match="nowhere: no such folder; --data must be"):
        find_data_folder(tmp_path / "nowhere")
    monkeypatch.setenv("MOLSCREEN_DATA", str(tmp_path / "gone"))
    with pytest.raises(ConfigError, match="gone: no such folder; MOLSCREEN_DATA must be"):
        find_data_folder()
    assert find_data_folder(tmp_path) == tmp_path


def test_a_correction_names_its_record(tmp_path: Path) -> None:
    """Records without an id would all be corrected by an empty one."""
    card = tmp_path / "card.toml"
    text = 'name = "x"\ntitle = "x"\nlicence = "CC0"\ncommercial = true\n'
    card.write_text(f'{text}[corrections]\naspirin = "CCO"\n')
    with pytest.raises(ConfigError, match="name the id_column"):
        load_card(card)
    card.write_text(f'{text}id_column = "id"\n[corrections]\n"" = "CCO"\n')
    with pytest.raises(ConfigError, match="an empty id"):
        load_card(card)
