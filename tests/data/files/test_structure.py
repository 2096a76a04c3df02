"""Mol blocks and InChI as SMILES, each converted where it can do no harm."""

from __future__ import annotations

import pytest
from rdkit import Chem
from rdkit.Chem import AllChem

from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Compound
from molscreen.data.files.record import Record
from molscreen.data.files.structure import in_smiles, inchi_to_smiles, molblock_to_smiles
from tests.chem.guarded.guard_targets import obey


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


def molblock(smiles, *lines, v3000=False):
    """The drawing of a molecule, with lines before its end."""
    mol = Chem.MolFromSmiles(smiles)
    AllChem.Compute2DCoords(mol)
    end = "M  V30 END CTAB" if v3000 else "M  END"
    written = Chem.MolToV3KMolBlock(mol) if v3000 else Chem.MolToMolBlock(mol)
    return written.replace(end, "\n".join([*lines, end]))


def s_group(kind):
    return f"M  STY  1   1 {kind}\nM  SAL   1  2   1   2\nM  SMT   1 n\nM  SBL   1  1   2"


UNSAID = {
    "benzoic acid by an alias": (
        molblock("Cc1ccccc1", "A    1", "COOH"),
        "atom_alias",
        "atom 1, C, is shown as 'COOH'; draw its atoms",
    ),
    "poly(ethylene glycol)": (
        molblock("CCO", s_group("SRU")),
        "polymer",
        "the S-group 'SRU': polymers cannot be scored",
    ),
    "a copolymer": (
        molblock("CCO", s_group("COP")),
        "polymer",
        "the S-group 'COP': polymers cannot be scored",
    ),
    "an amine of any substitution": (
        molblock("CCN", "M  SUB  1   2   2"),
        "query",
        "atom 2 is a query: a pattern, not a molecule",
    ),
    "a bond that must be in a ring": (
        molblock("CC").replace("  1  2  1  0", "  1  2  1  0  0  1"),
        "query",
        "the bond between atoms 1 and 2 is a query: a pattern, not a molecule",
    ),
    "a substituent": (molblock("CCN", "M  APO  1   2   1"), "dummy_atom", "attachment point at atom 2"),
}


@pytest.mark.parametrize(("block", "code", "reason"), UNSAID.values(), ids=UNSAID)
def test_what_no_smiles_says_is_refused(block, code, reason):
    """Or another molecule is scored than was drawn, and its row is called ok."""
    fault = molblock_to_smiles(block)
    assert (fault.status, fault.code, fault.reason) == ("unsupported", code, reason)


@pytest.mark.parametrize(
    ("smiles", "lines", "canonical"),
    [
        ("Cc1ccccc1", ("A    1", "CH3"), "Cc1ccccc1"),
        ("NCC", ("A    1", "H2N"), "CCN"),
        ("CCO", (s_group("SUP"),), "CCO"),
        ("CCO", (s_group("MUL"),), "CCO"),
        ("CCO", ("V    1 a note",), "CCO"),
    ],
)
def test_what_only_decorates_a_drawing_is_read_past(smiles, lines, canonical):
    assert molblock_to_smiles(molblock(smiles, *lines)) == canonical


@pytest.mark.parametrize(("kind", "code"), [("RAC", "&"), ("REL", "o")])
def test_drawn_racemate_is_told_as_a_written_one(kind, code):
    """One enantiomer is scored, and the row says so, whichever format it came in."""
    group = f"M  V30 MDLV30/STE{kind}1 ATOMS=(1 2)"
    collection = ("M  V30 BEGIN COLLECTION", group, "M  V30 END COLLECTION")
    smiles = molblock_to_smiles(molblock("C[C@H](N)C(=O)O", *collection, v3000=True))
    assert smiles == f"C[C@H](N)C(=O)O |{code}1:1|"
    drawn = standardize(smiles)
    assert isinstance(drawn, Compound)
    assert drawn.key == "C[C@H](N)C(=O)O"
    assert [note.code for note in drawn.notes] == ["stereo_relative"]
    absolute = (collection[0], "M  V30 MDLV30/STEABS ATOMS=(1 2)", collection[2])
    assert molblock_to_smiles(molblock("C[C@H](N)C(=O)O", *absolute, v3000=True)) == "C[C@H](N)C(=O)O"
