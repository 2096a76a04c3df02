"""Start: the same random molecules for every task, whatever the machine has."""

from __future__ import annotations

import gzip
import hashlib

import pytest
from rdkit import Chem

from molscreen.chem.features.fingerprint import ecfp_bits, tanimoto
from molscreen.chem.identity import inchikey_blocks
from molscreen.data.drugs import drug_keys
from molscreen.generation.benchmark.definition import TASKS
from molscreen.generation.benchmark.start import draw_start, is_no_answer

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
    assert start.source == "approved drugs that are like no target (there is no ZINC in the data folder)"


@pytest.mark.parametrize("seed", [1, 4, 7])  # that would draw albuterol, mestranol and amlodipine
def test_no_answer_is_among_the_drugs(monkeypatch, tmp_path, seed):
    """Many tasks ask for a drug: a search that begins with it has found it before it has searched."""
    monkeypatch.setenv("MOLSCREEN_DATA", str(tmp_path))
    keys = draw_start(50, seed=seed).keys
    assert len(keys) == 50
    targets = sorted({target for task in TASKS.values() for target in task.targets})
    assert not set(inchikey_blocks(keys)) & set(inchikey_blocks(targets))
    assert tanimoto(ecfp_bits(keys), ecfp_bits(targets)).max() < 0.6


def test_isomers_and_near_analogues_of_a_target_are_answers():
    answers = ["CC1(C)[C@@H]2CC[C@@]1(C)C(=O)C2", "CCCC1=NN(C)C2=C1N=C(NC2=O)c1cc(ccc1OCC)S(=O)(=O)N1CCNCC1"]
    assert not any(is_no_answer(Chem.MolFromSmiles(each)) for each in answers)  # camphor; desmethylsildenafil
    assert is_no_answer(Chem.MolFromSmiles("CC(=O)Nc1ccc(O)cc1"))


def test_molecules_of_zinc_are_drawn_by_the_seed_as_keys(monkeypatch, tmp_path):
    alcohols = ["C" * size + "O" for size in range(2, 29)] + ["CC(C)(C)NCC(O)c1ccc(O)c(CO)c1"]
    make_data(tmp_path, monkeypatch, [*alcohols, "C[NH3+]"])
    starts = [draw_start(10, seed=seed).keys for seed in (0, 0, 1)]
    assert starts[0] == starts[1] != starts[2]
    assert len(set(starts[0])) == 10
    assert set(draw_start(40, seed=0).keys) == {*alcohols, "CN"}  # all there are, standardised
    assert draw_start(1, seed=0).source == "random molecules of ZINC"


def test_a_method_may_start_with_nothing():
    assert draw_start(0, seed=0).keys == ()
