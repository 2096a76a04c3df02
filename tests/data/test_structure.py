"""Mol blocks and InChI as SMILES, each converted where it can do no harm."""

from __future__ import annotations

import pytest

from molscreen.data.record import Record
from molscreen.data.structure import in_smiles, inchi_to_smiles, molblock_to_smiles
from tests.chem.guard_targets import obey


def test_record_that_ends_the_process_costs_only_itself():
    """Blame falls on the record, with its number and line; those around it are converted."""
    texts = ["cco", "segfault", "ccn", "raise"]
    drafts = [Record(10 + i, "a.sdf", 7 * i + 1, f"id-{i}", text, (str(i),)) for i, text in enumerate(texts)]
    first, crashed, second, failed = in_smiles(drafts, obey, first_row=10)
    assert (first.raw, second.raw, first.fault, second.fault) == ("CCO", "CCN", None, None)
    assert (crashed.fault.status, crashed.fault.code, crashed.fault.stage) == ("crashed", "crashed", "read")
    assert crashed.fault.source == "a.sdf:8"
    assert crashed.fault.reason.startswith("record 2: ")
    assert (crashed.row, crashed.id, crashed.fields) == (11, "id-1", ("1",))
    assert failed.fault.status == "error"
    assert "atom 7" in failed.fault.reason


def test_record_with_a_fault_is_not_converted():
    fault = next(in_smiles([Record(0, "a", 1, "", "raise")], obey)).fault
    bad = Record(0, "a", 1, "", "segfault", (), fault)
    assert list(in_smiles([bad], obey)) == [bad]


@pytest.mark.parametrize(
    ("inchi", "smiles"),
    [
        ("InChI=1S/C9H8O4/c1-6(10)13-8-5-3-2-4-7(8)9(11)12/h2-5H,1H3,(H,11,12)", "CC(=O)Oc1ccccc1C(=O)O"),
        ("InChI=1S/C3H7NO2/c1-2(4)3(5)6/h2H,4H2,1H3,(H,5,6)/t2-/m0/s1", "C[C@H](N)C(=O)O"),
    ],
)
def test_inchi_of_a_drug_is_its_smiles(inchi, smiles):
    assert inchi_to_smiles(inchi) == smiles


def test_dummy_and_query_atoms_are_left_to_the_recipe():
    block = "x\n\n\n  2  1  0  0  0  0  0  0  0  0999 V2000\n"
    atom = "    {}.0000    0.0000    0.0000 {}   0  0\n"
    for symbol in ("R#", "A", "Q", "*"):
        smiles = molblock_to_smiles(
            block + atom.format(0, "C ") + atom.format(1, symbol.ljust(2)) + "  1  2  1  0\nM  END\n"
        )
        assert smiles == "*C"
