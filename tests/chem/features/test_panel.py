"""Descriptors are RDKit's own, and what is no number is NaN."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Crippen, Descriptors

from molscreen.chem.features.panel import LEFT_OUT, PANEL, panel

ETHANOL, ASPIRIN, NICOTINE = "CCO", "CC(=O)Oc1ccccc1C(=O)O", "CN1CCC[C@H]1c1cccnc1"
SODIUM, DIMETHYLMERCURY = "[Na+]", "C[Hg]C"


def test_there_is_a_column_for_each_name() -> None:
    values = panel([ETHANOL, ASPIRIN, NICOTINE])
    assert values.shape == (3, len(PANEL))
    assert values.dtype == np.float32
    assert np.isfinite(values).all()
    assert len(set(PANEL)) == len(PANEL) > 200
    assert set(PANEL) | LEFT_OUT == {name for name, _ in Descriptors.descList}


def test_values_are_those_of_a_table() -> None:
    """PubChem's of ethanol; Wildman and Crippen's logP of aspirin, by RDKit's own function."""
    ethanol, aspirin = (dict(zip(PANEL, row, strict=True)) for row in panel([ETHANOL, ASPIRIN]))
    assert ethanol["MolWt"] == pytest.approx(46.07, abs=0.01)
    assert ethanol["TPSA"] == pytest.approx(20.2, abs=0.1)
    assert (ethanol["NumHDonors"], ethanol["NumHAcceptors"], ethanol["RingCount"]) == (1, 1, 0)
    assert aspirin["MolLogP"] == pytest.approx(Crippen.MolLogP(Chem.MolFromSmiles(ASPIRIN)), rel=1e-6)


@pytest.mark.parametrize("key", [SODIUM, DIMETHYLMERCURY])
def test_what_rdkit_cannot_compute_is_missing(key: str) -> None:
    """Not zero, which would be a value; the other descriptors of the same molecule stay."""
    row = dict(zip(PANEL, panel([key, ETHANOL])[0], strict=True))
    assert np.isnan(row["BCUT2D_MWHI"])
    assert row["MolWt"] > 20


def test_what_ran_away_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """One descriptor of 1e30 would be all that a network sees of its column."""
    functions = importlib.import_module("molscreen.chem.features.panel")._FUNCTIONS
    for name, value in (("MolWt", 1e30), ("TPSA", np.inf), ("MolLogP", -2e6), ("RingCount", 1e6)):
        monkeypatch.setitem(functions, name, lambda _, value=value: value)
    row = dict(zip(PANEL, panel([ETHANOL])[0], strict=True))
    assert np.isnan([row["MolWt"], row["TPSA"], row["MolLogP"]]).all()
    assert row["RingCount"] == 1e6


def test_no_smiles_is_refused() -> None:
    with pytest.raises(ValueError, match="'about five' is no SMILES; standardize it first"):
        panel([ETHANOL, "about five"])


def test_no_compound_has_no_row() -> None:
    assert panel([]).shape == (0, len(PANEL))
