"""Start: the same random molecules for every task, whatever the machine has."""

from __future__ import annotations

import gzip
import hashlib

from molscreen.data.drugs import drug_keys
from molscreen.generation.benchmark.start import draw_start

CARD = """
name = "zinc250k"
title = "ZINC"
licence = "none"
commercial = true
smiles_column = "smiles"

[[file]]
path = "zinc.csv.gz"
sha256 = "{}"
"""


def make_data(tmp_path, monkeypatch, molecules):
    content = gzip.compress("\n".join(["smiles", *molecules, ""]).encode())
    (tmp_path / "zinc.csv.gz").write_bytes(content)
    (tmp_path / "cards" / "zinc250k").mkdir(parents=True)
    card = CARD.format(hashlib.sha256(content).hexdigest())
    (tmp_path / "cards" / "zinc250k" / "card.toml").write_text(card)
    monkeypatch.setenv("MOLSCREEN_CARDS", str(tmp_path / "cards"))
    monkeypatch.setenv("MOLSCREEN_DATA", str(tmp_path))


def test_drugs_stand_in_where_there_is_no_zinc_and_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("MOLSCREEN_DATA", str(tmp_path))
    start = draw_start(5, seed=0)
    assert set(start.keys) < set(drug_keys())
    assert start.source == "approved drugs (there is no ZINC in the data folder)"


def test_molecules_of_zinc_are_drawn_by_the_seed_as_keys(monkeypatch, tmp_path):
    alcohols = ["C" * size + "O" for size in range(2, 30)]
    make_data(tmp_path, monkeypatch, [*alcohols, "C[NH3+]"])
    starts = [draw_start(10, seed=seed).keys for seed in (0, 0, 1)]
    assert starts[0] == starts[1] != starts[2]
    assert len(set(starts[0])) == 10
    assert set(draw_start(40, seed=0).keys) == {*alcohols, "CN"}  # all there are, standardised
    assert draw_start(1, seed=0).source == "random molecules of ZINC"


def test_a_method_may_start_with_nothing():
    assert draw_start(0, seed=0).keys == ()
