"""Novelty against a reference set given in the plan or in a file."""

from __future__ import annotations

import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from molscreen.errors import ConfigError
from molscreen.filters.filter import make_filter

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
SALICYLIC_ACID = "O=C(O)c1ccccc1O"
CAFFEINE = "Cn1c(=O)c2c(ncn2C)n(C)c1=O"


def tanimoto(a: str, b: str) -> float:
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    return DataStructs.TanimotoSimilarity(
        *(generator.GetFingerprint(Chem.MolFromSmiles(smiles)) for smiles in (a, b))
    )


@pytest.mark.parametrize(
    "reference",
    [ASPIRIN, "OC(=O)c1ccccc1OC(C)=O", "[Na+].CC(=O)Oc1ccccc1C(=O)[O-]"],
    ids=["as written", "written another way", "as its sodium salt"],
)
def test_a_known_compound_is_not_novel(reference):
    novel = make_filter("novelty", known=[CAFFEINE, reference])
    assert novel.reason(Chem.MolFromSmiles(ASPIRIN)) == f"novelty: is in the reference set as '{reference}'"
    assert novel.reason(Chem.MolFromSmiles(SALICYLIC_ACID)) is None


def test_a_close_analogue_is_not_novel_enough():
    similarity = tanimoto(ASPIRIN, SALICYLIC_ACID)
    reason = make_filter("novelty", known=[CAFFEINE, ASPIRIN], max_similarity=0.3).reason(
        Chem.MolFromSmiles(SALICYLIC_ACID)
    )
    assert reason == f"novelty: Tanimoto {similarity:.6g} to '{ASPIRIN}' (at most 0.3)"


@pytest.mark.parametrize(("step", "novel"), [(-1e-3, False), (0.0, True), (1e-3, True)])
def test_a_similarity_at_the_limit_passes(step, novel):
    limit = round(tanimoto(ASPIRIN, SALICYLIC_ACID), 6) + step
    filter_ = make_filter("novelty", known=[ASPIRIN], max_similarity=limit)
    assert (filter_.reason(Chem.MolFromSmiles(SALICYLIC_ACID)) is None) is novel


def test_a_reference_file_is_read_with_its_names_and_comments(tmp_path):
    path = tmp_path / "known compounds.smi"
    path.write_text(f"# house collection\n\n{ASPIRIN} aspirin\n{CAFFEINE}\tcaffeine\n", encoding="utf-8")
    novel = make_filter("novelty", file=str(path))
    assert novel.reason(Chem.MolFromSmiles(CAFFEINE)) is not None
    assert novel.reason(Chem.MolFromSmiles(SALICYLIC_ACID)) is None


def test_a_reference_file_is_read_when_the_filter_is_made(tmp_path):
    """Not later, in the middle of a run, when it may have changed."""
    path = tmp_path / "known.smi"
    path.write_text(ASPIRIN, encoding="utf-8")
    novel = make_filter("novelty", file=str(path))
    path.unlink()
    assert novel.reason(Chem.MolFromSmiles(ASPIRIN)) is not None


def test_a_reference_line_that_is_no_molecule_is_named(tmp_path):
    """Left out silently, it would let that compound pass as new."""
    path = tmp_path / "known.smi"
    path.write_text(f"{ASPIRIN}\nC1CC\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"known\.smi, line 2: 'C1CC' cannot be a reference"):
        make_filter("novelty", file=str(path))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "neither 'known' nor 'file' names a reference set"),
        ({"known": [ASPIRIN], "max_similarity": 1.5}, r"'max_similarity' is 1\.5, expected 0 to 1"),
        ({"file": "no-such-file.smi"}, "reference file 'no-such-file.smi' cannot be read"),
        ({"known": ["aspirin"]}, "'known', entry 1: 'aspirin' cannot be a reference"),
    ],
)
def test_a_reference_that_cannot_be_used_stops_the_run_before_it_starts(options, message):
    with pytest.raises(ConfigError, match=message):
        make_filter("novelty", **options)


def test_an_empty_reference_file_is_refused(tmp_path):
    path = tmp_path / "empty.smi"
    path.write_text("# nothing\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"empty\.smi: holds no SMILES"):
        make_filter("novelty", file=str(path))
