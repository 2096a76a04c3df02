"""A library of twenty thousand rows, salted with every bad input that we know: each row is answered."""

import random

import pyarrow.parquet as pq
import pytest
from rdkit import Chem

from molscreen.data.demo import demo_rows
from molscreen.data.files.library import open_library
from molscreen.prediction.bundle.bundle_file import load_bundle
from molscreen.prediction.table import predict_table
from molscreen.screening.results.run import open_run
from molscreen.screening.screen import screen
from tests.data.salted import CASES, salt, write_library

ROWS = 20_000


@pytest.fixture(scope="module")
def salted(tmp_path_factory):
    """Demo molecules, each drawn several times with its atoms in another order, and every bad input."""
    rng = random.Random(7)
    smiles = [row.smiles for row in demo_rows() if not row.id.startswith("broken")]
    good = []
    while len(good) < ROWS - len(CASES):
        mol = Chem.MolFromSmiles(rng.choice(smiles))
        if mol is not None and 6 <= mol.GetNumHeavyAtoms() <= 100 and "." not in Chem.MolToSmiles(mol):
            good.append(Chem.MolToSmiles(mol, doRandom=True))
    rows = salt(good, seed=7)
    path = tmp_path_factory.mktemp("salted") / "salted.csv"
    assert write_library(rows, path) == rows
    return rows, path


def check(rows, answers):
    """Every row, in order, with an expected status and code, and its own columns."""
    assert len(answers) == len(rows) >= ROWS
    wrong = [
        (row.case.entry, row.case.raw[:40], answer["status"], answer["reason_code"])
        for row, answer in zip(rows, answers, strict=True)
        if answer["id"] != row.id
        or answer["dose"] != row.dose
        or (row.case.entry and answer["status"] not in row.case.statuses)
        or (row.case.code is not None and (answer["reason_code"] or "") != row.case.code)
    ]
    assert wrong == []


@pytest.mark.slow
def test_predict_answers_every_row(salted):
    """One row in, one row out, in order, whatever the row is."""
    rows, path = salted
    tables = predict_table(open_library([str(path)]), [load_bundle("admet-tox")])
    check(rows, [answer for table in tables for answer in table.to_pylist()])


@pytest.mark.slow
def test_screen_answers_every_row(salted, tmp_path):
    """Scored, unscored and rejected rows add up, and each says what became of it."""
    rows, path = salted
    run = screen([str(path)], plan="oral-drug", out=tmp_path / "run", workers=2)
    counts = run.record.counts
    assert counts.read == len(rows) == counts.scored + counts.unscored + sum(counts.rejected.values())
    parts = sorted((open_run(tmp_path / "run").path / "scores").glob("part-*.parquet"))
    check(rows, [answer for part in parts for answer in pq.read_table(part).to_pylist()])
