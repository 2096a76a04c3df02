"""MoleculeNet through DeepChem, from files written here: nothing is fetched."""

from __future__ import annotations

import gzip
import tempfile

import numpy as np
import pytest

from molscreen.chem.compound import Rejection
from molscreen.data.moleculenet import MOLECULENET, load_moleculenet
from molscreen.errors import ConfigError, LibraryError

TOX21_TASKS = (
    "NR-AR,NR-AR-LBD,NR-AhR,NR-Aromatase,NR-ER,NR-ER-LBD,NR-PPAR-gamma,SR-ARE,SR-ATAD5,SR-HSE,SR-MMP,SR-p53"
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A raw file of each kind under DeepChem's names, and no way to the network."""
    (tmp_path / "delaney-processed.csv").write_text(
        "Compound ID,smiles,measured log solubility in mols per litre\n"
        "aspirin,CC(=O)Oc1ccccc1C(=O)O,-1.72\n"
        "caffeine,Cn1cnc2c1c(=O)n(C)c(=O)n2C,-0.97\n"
        "nonsense,CC(C)(C)(C)C,0\n"
    )
    rows = f"smiles,mol_id,{TOX21_TASKS}\nCC(=O)Oc1ccccc1C(=O)O,TOX1,{'0,' * 11}1\nCCO,TOX2,1,{',' * 10}0\n"
    (tmp_path / "tox21.csv.gz").write_bytes(gzip.compress(rows.encode()))

    def refuse(*_args, **_kwargs):
        raise AssertionError("a test reached for the network")

    monkeypatch.setattr("socket.socket.connect", refuse)
    return tmp_path


def test_values_are_those_of_the_file(folder):
    table = load_moleculenet("esol", folder)
    assert table.keys == ("CC(=O)Oc1ccccc1C(=O)O", "Cn1c(=O)c2c(ncn2C)n(C)c1=O")
    assert table.value[:, 0].tolist() == pytest.approx([-1.72, -0.97])
    assert (table.endpoints[0].unit, table.endpoints[0].direction) == ("log10 mol/L", "higher")


def test_what_is_no_molecule_is_a_rejection(folder):
    (rejection,) = load_moleculenet("esol", folder).rejections
    assert isinstance(rejection, Rejection)
    assert (rejection.source, rejection.raw) == ("moleculenet/esol:3", "CC(C)(C)(C)C")


def test_missing_labels_are_nan(folder):
    """DeepChem writes 0 with weight 0 for what was not measured: that is no inactive compound."""
    table = load_moleculenet("tox21", folder)
    assert [endpoint.name for endpoint in table.endpoints] == TOX21_TASKS.split(",")
    assert table.value[0].tolist() == [0] * 11 + [1]
    assert table.measured[1].tolist() == [True] + [False] * 10 + [True]
    assert table.value[1, [0, 11]].tolist() == [1, 0]
    assert not (table.split != "").any()


def test_nothing_is_left_in_the_folder_for_temporary_files(folder, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    load_moleculenet("esol", folder)
    assert not [path for path in scratch.iterdir() if path.is_dir()]


def test_nothing_is_fetched_unasked(tmp_path):
    with pytest.raises(LibraryError, match=r"BBBP.csv: no such file.*pass download=True"):
        load_moleculenet("bbbp", tmp_path)


def test_unknown_name_suggests_the_nearest(tmp_path):
    with pytest.raises(ConfigError, match=r"unknown MoleculeNet set 'tox_21'.*Did you mean 'tox21'"):
        load_moleculenet("tox_21", tmp_path)


def test_every_loader_exists_in_deepchem():
    from molscreen.data.splits import quiet_deepchem

    with quiet_deepchem() as deepchem:
        for known in MOLECULENET.values():
            assert callable(getattr(deepchem.molnet, known.loader))
    assert np.unique([known.raw_file for known in MOLECULENET.values()]).size == len(MOLECULENET)
