"""Proposals as one table: what of them is known, and to whom."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq

from molscreen.generation.known import Known
from molscreen.generation.proposals import write_proposals

OTHER = {"verdict": "in", "nearest": [["my own", 0.7]]}


def test_a_compound_that_a_model_was_trained_on_is_marked(tmp_path: Path) -> None:
    """Its prediction is remembered, and the compound no discovery; one that is nearly alike is not marked."""
    near = [
        {"tox": {"verdict": "in", "nearest": [["CHEMBL25", similarity], ["CHEMBL1", 0.4]]}, "own": OTHER}
        for similarity in (1.0, 0.999)
    ]
    shortlist = pa.table(
        {
            "rank": [1, 2],
            "id": ["a", "b"],
            "key": ["CC(=O)Oc1ccccc1C(=O)O", "CC(=O)Oc1cccc(C(=O)O)c1"],
            "score": [0.9, 0.8],
            "plain_score": ["0.95", "0.9"],
            "call": ["1", "2"],
            "neighbours": [json.dumps(each) for each in near],
        }
    )
    (tmp_path / "columns.csv").write_text("column,unit,meaning\nrank,,place\nkey,,structure\n")
    run = SimpleNamespace(
        path=tmp_path, shortlist_table=shortlist, plan=SimpleNamespace(objective={"term": []})
    )
    write_proposals(tmp_path, run, Known((), ()), best_seed=0.85)
    table = pq.read_table(tmp_path / "proposals.parquet")
    assert table["trained_on"].to_pylist() == ["tox", ""]
    assert table["better_than_seeds"].to_pylist() == [True, False]
