"""Min-max similarity is what its definition says, pair by pair, however it is computed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator
from scipy.sparse import csr_matrix

from molscreen.chem.features.count_fingerprint import KINDS, MOST, WIDTH, count_fingerprints
from molscreen.chem.features.minmax import Columns, Unary, minmax

KEYS = [
    "CC(=O)Oc1ccccc1C(=O)O",
    "Cn1c(=O)c2c(ncn2C)n(C)c1=O",
    "COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCCN1CCOCC1",
    "CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21",
    "CN1CCC[C@H]1c1cccnc1",
]
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


@given(two_matrices())
def test_columns_and_unary_give_the_same_bytes(pair):
    """A bundle may be read by either."""
    reference, others = map(csr_matrix, pair)
    by_columns, by_unary = (each.of(reference).similarity(others) for each in (Columns, Unary))
    assert by_columns.dtype == by_unary.dtype
    assert by_columns.tobytes() == by_unary.tobytes()


def test_similarity_is_exact_where_totals_outgrow_two_bytes():
    """A protein has more than 65,535 pairs of atoms."""
    rng = np.random.default_rng(0)
    a = rng.integers(200, 256, (3, 400)).astype(np.uint8)
    assert a.sum(axis=1).min() > np.iinfo(np.uint16).max
    for similarity in (
        minmax(csr_matrix(a), csr_matrix(a)),
        Columns.of(csr_matrix(a)).similarity(csr_matrix(a)),
    ):
        np.testing.assert_allclose(similarity, by_definition(a, a), rtol=1e-6)


def test_similarity_is_that_of_every_row_of_a_long_reference():
    """Longer than what is unfolded at once."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 4, (3000, 6)).astype(np.uint8), rng.integers(0, 4, (200, 6)).astype(np.uint8)
    similarity = Unary.of(csr_matrix(a)).similarity(csr_matrix(b))
    np.testing.assert_allclose(similarity, by_definition(a, b), rtol=1e-6)


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


def test_no_compound_is_like_nobody():
    assert minmax(COUNTS["ecfp4"][:0], COUNTS["ecfp4"]).shape == (0, len(KEYS))


@pytest.mark.parametrize("kind", [Unary, Columns])
def test_counts_of_other_widths_are_refused(kind):
    with pytest.raises(ValueError, match="fingerprints of different widths, 8 and 8192 columns"):
        kind.of(COUNTS["ecfp4"]).similarity(csr_matrix((1, 8), dtype=np.uint8))
