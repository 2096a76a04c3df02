"""Fingerprints and similarities agree with RDKit's own, pair by pair."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator
from scipy.sparse import csr_matrix

from molscreen.chem.features import fingerprint
from molscreen.chem.features.fingerprint import Lookup, ecfp_bits, ecfp_counts, nearest, tanimoto

DRUGS = {
    "aspirin": "CC(=O)Oc1ccccc1C(=O)O",
    "salicylic acid": "O=C(O)c1ccccc1O",
    "caffeine": "Cn1c(=O)c2c(ncn2C)n(C)c1=O",
    "theophylline": "Cn1c(=O)c2[nH]cnc2n(C)c1=O",
    "gefitinib": "COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCCN1CCOCC1",
    "diazepam": "CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21",
    "nicotine": "CN1CCC[C@H]1c1cccnc1",
}
KEYS = list(DRUGS.values())


@pytest.mark.parametrize("n_bits", [2048, 1024, 200])
def test_tanimoto_is_rdkits(n_bits):
    """200 bits are no whole number of 64-bit words."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=n_bits)
    theirs = [generator.GetFingerprint(Chem.MolFromSmiles(key)) for key in KEYS]
    expected = [DataStructs.BulkTanimotoSimilarity(a, theirs) for a in theirs]
    packed = ecfp_bits(KEYS, n_bits=n_bits)
    assert packed.shape == (len(KEYS), n_bits // 8)
    np.testing.assert_allclose(tanimoto(packed, packed), expected, rtol=1e-6)


def test_similarity_is_symmetric_and_one_with_itself():
    packed = ecfp_bits(KEYS)
    similarity = tanimoto(packed, packed)
    np.testing.assert_array_equal(similarity, similarity.T)
    np.testing.assert_array_equal(np.diag(similarity), 1.0)


def test_isomers_and_spellings_are_alike():
    """ECFP without chirality: nicotine's enantiomers and any order of atoms have one fingerprint."""
    packed = ecfp_bits(["CN1CCC[C@H]1c1cccnc1", "CN1CCC[C@@H]1c1cccnc1", "n1cccc(c1)C1CCCN1C"])
    assert (packed == packed[0]).all()


def test_counts_have_the_same_support_as_bits():
    counts, bits = ecfp_counts(KEYS), np.unpackbits(ecfp_bits(KEYS), axis=1)
    np.testing.assert_array_equal(counts > 0, bits == 1)


def test_counts_of_a_chain_grow_with_it():
    """Every further CH2 inside decane is one more of the same environment."""
    longest = [int(ecfp_counts(["C" * n], radius=1).max()) for n in (8, 9, 10)]
    assert longest == [6, 7, 8]


def test_empty_fingerprint_is_like_nothing():
    empty = np.zeros((1, 256), np.uint8)
    assert tanimoto(empty, empty).item() == 0.0


def test_nearest_agrees_with_sorting_all(monkeypatch):
    """Any block size; ties go to the first, as a stable sort has it."""
    rng = np.random.default_rng(0)
    query, reference = rng.integers(0, 4, (23, 8), np.uint8), rng.integers(0, 4, (40, 8), np.uint8)
    everything = tanimoto(query, reference)
    expected = np.argsort(-everything, axis=1, kind="stable")[:, :5]
    for block_bytes in (1, 1000, 1 << 22):
        monkeypatch.setattr(fingerprint, "_BLOCK_BYTES", block_bytes)
        indices, similarity = nearest(query, reference, 5)
        np.testing.assert_array_equal(indices, expected)
        np.testing.assert_array_equal(similarity, np.take_along_axis(everything, expected, axis=1))


def test_theophylline_is_caffeines_neighbour():
    names = list(DRUGS)
    packed = ecfp_bits(KEYS)
    indices, _ = nearest(packed[names.index("caffeine")][None], packed, 2)
    assert [names[i] for i in indices[0]] == ["caffeine", "theophylline"]


def test_no_queries_no_neighbours():
    packed = ecfp_bits(KEYS)
    assert nearest(packed[:0], packed, 3)[0].shape == (0, 3)
    assert tanimoto(packed, packed[:0]).shape == (len(KEYS), 0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ecfp_bits(["C("]), r"'C\(' is no SMILES; standardize it first"),
        (lambda: ecfp_bits(["C"], n_bits=1001), "n_bits is 1001, expected a positive multiple of 8"),
        (lambda: nearest(ecfp_bits(["C"]), ecfp_bits(["C"]), 2), "k is 2, expected 1 to 1"),
        (
            lambda: tanimoto(ecfp_bits(["C"]), ecfp_bits(["C"], n_bits=64)),
            r"fingerprints of different widths, \[64, 2048\] bits",
        ),
    ],
)
def test_wrong_calls_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_lookup_finds_what_nearest_finds():
    """The same neighbours, ties included, and the same bytes of their similarities."""
    packed = ecfp_bits([*KEYS, *KEYS[:5], "C"])  # five are there twice: ties
    on = csr_matrix(np.unpackbits(packed, axis=1))
    lookup = Lookup(on.indices, on.indptr, 2048)
    index, similarity = lookup.nearest(packed, 7)
    expected = nearest(packed, packed, 7)
    assert index.tolist() == expected[0].tolist()
    assert similarity.tobytes() == expected[1].tobytes()
