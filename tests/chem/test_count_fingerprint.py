"""Counts are RDKit's, and min-max similarity is what its definition says, pair by pair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator
from scipy.sparse import csr_matrix

from molscreen.chem.count_fingerprint import KINDS, MOST, WIDTH, count_fingerprints, minmax
from molscreen.data.drugs import drug_keys

NICOTINE = "CN1CCC[C@H]1c1cccnc1"
DRUGS = {
    "aspirin": "CC(=O)Oc1ccccc1C(=O)O",
    "caffeine": "Cn1c(=O)c2c(ncn2C)n(C)c1=O",
    "gefitinib": "COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCCN1CCOCC1",
    "diazepam": "CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21",
    "nicotine": NICOTINE,
}
KEYS = list(DRUGS.values())
COUNTS = count_fingerprints(KEYS)


def by_definition(a, b):
    """Every pair at once: no unary columns, no products."""
    smaller = np.minimum(a[:, None].astype(int), b[None]).sum(axis=2)
    larger = np.maximum(a[:, None].astype(int), b[None]).sum(axis=2)
    return smaller / np.maximum(larger, 1)


@st.composite
def two_matrices(draw):
    """Counts, many of them 0, of two libraries with one width."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, m, width = draw(st.integers(0, 6)), draw(st.integers(0, 6)), draw(st.integers(1, 12))
    most = draw(st.sampled_from([1, 3, MOST]))
    return [
        (rng.integers(0, most, (size, width), endpoint=True) * rng.integers(0, 2, (size, width))).astype(
            np.uint8
        )
        for size in (n, m)
    ]


@given(two_matrices())
def test_similarity_is_its_definition(pair):
    """Rows without counts, counts of 255, and libraries without rows are drawn, too."""
    a, b = pair
    similarity = minmax(csr_matrix(a), csr_matrix(b))
    assert similarity.dtype == np.float32
    np.testing.assert_allclose(similarity, by_definition(a, b), rtol=1e-6)


def test_similarity_is_exact_where_totals_outgrow_two_bytes():
    """A protein has more than 65,535 pairs of atoms."""
    rng = np.random.default_rng(0)
    a = rng.integers(200, 256, (3, 400)).astype(np.uint8)
    assert a.sum(axis=1).min() > np.iinfo(np.uint16).max
    np.testing.assert_allclose(minmax(csr_matrix(a), csr_matrix(a)), by_definition(a, a), rtol=1e-6)


def test_similarity_is_rdkits_on_count_vectors():
    """RDKit's Tanimoto of count vectors is the min-max similarity."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, includeChirality=True, fpSize=WIDTH)
    theirs = [generator.GetCountFingerprint(Chem.MolFromSmiles(key)) for key in KEYS]
    expected = [DataStructs.BulkTanimotoSimilarity(each, theirs) for each in theirs]
    np.testing.assert_allclose(minmax(COUNTS["ecfp4"], COUNTS["ecfp4"]), expected, rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_similarity_is_symmetric_one_with_itself_and_free_of_neighbours(kind):
    similarity = minmax(COUNTS[kind], COUNTS[kind])
    np.testing.assert_array_equal(similarity, similarity.T)
    np.testing.assert_array_equal(np.diag(similarity), 1.0)
    alone = [minmax(COUNTS[kind][i], COUNTS[kind])[0] for i in range(len(KEYS))]
    np.testing.assert_array_equal(similarity, alone)


@pytest.mark.parametrize("kind", KINDS)
def test_spelling_does_not_matter_and_kinds_may_be_asked_alone(kind):
    """The order of atoms in a SMILES is not chemistry."""
    respelt = [Chem.MolToSmiles(Chem.MolFromSmiles(key), rootedAtAtom=3, canonical=False) for key in KEYS]
    assert respelt != KEYS
    assert (count_fingerprints(respelt, [kind])[kind] != COUNTS[kind]).nnz == 0
    assert COUNTS[kind].shape == (len(KEYS), WIDTH)
    assert COUNTS[kind].dtype == np.uint8


def test_only_ecfp4_tells_enantiomers_apart():
    """(R)-nicotine is some hundred times less toxic than the (S) form; the other kinds see one compound."""
    both = count_fingerprints([NICOTINE, NICOTINE.replace("@", "@@")])
    alike = {kind: minmax(counts, counts)[0, 1] for kind, counts in both.items()}
    assert alike.pop("ecfp4") < 1
    assert set(alike.values()) == {1.0}


def test_fcfp6_forgives_an_exchange_of_halogens():
    """Chlorine for bromine in diazepam is another element in the same role."""
    diazepam, phenazepam_like = DRUGS["diazepam"], DRUGS["diazepam"].replace("Cl", "Br")
    both = count_fingerprints([diazepam, phenazepam_like], ["ecfp4", "fcfp6"])
    alike = {kind: minmax(counts, counts)[0, 1] for kind, counts in both.items()}
    assert alike["fcfp6"] == 1 > alike["ecfp4"]


def test_counts_stop_at_their_cap():
    """A chain of 400 carbons has 396 torsions of one kind; no count turns over to a small one."""
    torsions = count_fingerprints(["C" * 400], ["torsion"])["torsion"]
    assert torsions.max() == MOST


def test_no_compound_has_no_row():
    assert count_fingerprints([])["ecfp4"].shape == (0, WIDTH)
    assert minmax(COUNTS["ecfp4"][:0], COUNTS["ecfp4"]).shape == (0, len(KEYS))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: count_fingerprints(["C("]), r"'C\(' is no SMILES; standardize it first"),
        (lambda: count_fingerprints(["C"], ["ecfp5"]), "unknown fingerprint 'ecfp5'. Known: ecfp4, fcfp6"),
        (
            lambda: minmax(csr_matrix((1, 8), dtype=np.uint8), COUNTS["ecfp4"]),
            "fingerprints of different widths, 8 and 8192 columns",
        ),
    ],
)
def test_what_cannot_be_counted_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_fingerprint_does_not_depend_on_those_before_it():
    """RDKit's ErG reads the distances that atom pairs leave on a molecule, and beyond them."""
    drugs = drug_keys()[:300]
    together = count_fingerprints(drugs)
    for kind in KINDS:
        alone = count_fingerprints(drugs, [kind])[kind]
        assert (together[kind] != alone).nnz == 0
