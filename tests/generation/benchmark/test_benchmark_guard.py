"""Guard: the rules refuse what they are for, and know what is usual."""

from __future__ import annotations

import re

import numpy as np
import pytest

from molscreen.data.drugs import drug_keys
from molscreen.errors import ResumeError, RunError
from molscreen.generation.benchmark.guard import ReferenceProfile

CELECOXIB = "Cc1ccc(-c2cc(C(F)(F)F)nn2-c2ccc(S(N)(=O)=O)cc2)cc1"


@pytest.fixture(scope="module")
def reference():
    return ReferenceProfile.of(drug_keys())


@pytest.mark.parametrize(
    ("smiles", "basic"),
    [
        (CELECOXIB, True),
        ("CCO", False),  # 46 g/mol
        ("CCCCCCCCCCCCCCCC(=O)O", False),  # palmitic acid: log P, rotatable bonds
        ("Cc1ccc(I)cc1C(=O)NCCN1CCOCC1", False),  # iodine
        ("O=C1CSC(=S)N1CCCc1ccccc1", False),  # rhodanine, of PAINS
        ("nonsense(", False),
    ],
)
def test_basic_rules_refuse_what_they_are_for(reference, smiles, basic):
    assert reference.judge(smiles).basic is basic


def test_a_drug_of_the_reference_is_usual_and_a_strange_molecule_is_not(reference):
    assert reference.judge(drug_keys()[0]).target
    assert not reference.judge("C1CC12CC23CC34CC4CP(=O)(F)Cl").target


def test_both_rules_must_be_passed(reference):
    assert reference.judge(CELECOXIB).passes
    assert not reference.judge("CCO").passes


def test_a_reference_is_read_back_as_it_was(reference, tmp_path):
    reference.save(tmp_path / "reference.npz")
    again = ReferenceProfile.load(tmp_path / "reference.npz")
    assert (again.weight, again.logp) == (reference.weight, reference.logp)
    assert np.array_equal(again.seen, reference.seen)


def test_what_the_reference_is_of_decides():
    """Steroids are strange to a reference of alkanes."""
    alkanes = ReferenceProfile.of(["C" * size for size in range(5, 40)])
    assert not alkanes.judge("CC12CCC3c4ccc(O)cc4CCC3C1CCC2O").target
    assert alkanes.judge("C" * 18).target


def test_a_file_of_its_name_is_whole(reference, tmp_path, monkeypatch):
    """What was cut while it was written is not believed by the run that goes on."""

    def write_half(file, **_):
        file.write(b"PK half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", write_half)
    with pytest.raises(RunError, match="no space left on the disk"):
        reference.save(tmp_path / "zinc.npz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kept", [0, 100, 0.5, 0.999], ids=["empty", "begun", "half", "but for the end"])
def test_a_damaged_file_is_named_with_what_to_do(reference, tmp_path, kept):
    path = tmp_path / "zinc.npz"
    reference.save(path)
    content = path.read_bytes()
    path.write_bytes(content[: kept if isinstance(kept, int) else int(kept * len(content))])
    with pytest.raises(ResumeError, match=re.escape(f"{path}: cannot be read (")) as caught:
        ReferenceProfile.load(path)
    assert str(caught.value).endswith("remove it, and it is made again from ZINC")
