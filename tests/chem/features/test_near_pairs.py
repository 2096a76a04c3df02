"""All alike pairs are found, each once, although few pairs are compared."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molscreen.chem.features import near_pairs as rare
from molscreen.chem.features.fingerprint import ecfp_bits, tanimoto
from molscreen.chem.features.near_pairs import near_pairs
from molscreen.chem.identity import inchikey_blocks, number_skeletons

DRUGS = (
    "CC(=O)Oc1ccccc1C(=O)O", "OC(=O)c1ccccc1O", "CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21",
    "CC(C)Cc1ccc(cc1)C(C)C(=O)O", "Cn1c(=O)c2c(ncn2C)n(C)c1=O",
    "Cn1c(=O)c2[nH]cnc2n(C)c1=O", "CC(=O)Nc1ccc(O)cc1",
)  # fmt: skip


def found(packed, similarity):
    """All pairs as tuples."""
    return sorted(
        (min(i, j), max(i, j))
        for pairs in near_pairs(packed, similarity)
        for i, j in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
    )


def expected(packed, similarity):
    """The same by comparing all with all."""
    rows, columns = np.nonzero(np.triu(tanimoto(packed, packed) >= np.float32(similarity), k=1))
    return sorted(zip(rows.tolist(), columns.tolist(), strict=True))


@given(
    st.lists(st.integers(0, 2**16 - 1), min_size=2, max_size=40),
    st.sampled_from([0.2, 0.5, 0.75, 0.9, 1.0]),
    st.sampled_from([3, 1 << 14]),
)
def test_every_pair_is_found_once(numbers, similarity, chunk):
    """Whatever the bits, the threshold and the size of a chunk."""
    packed = np.array(numbers, ">u2").view(np.uint8).reshape(-1, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rare, "CHUNK", chunk)
        patch.setattr(rare, "BLOCK", 7)
        assert found(packed, similarity) == expected(packed, similarity)


def test_drugs_are_as_alike_as_they_are_one_by_one():
    packed = ecfp_bits([*DRUGS, *DRUGS[:2]])
    for similarity in (0.2, 0.4, 0.9):
        assert found(packed, similarity) == expected(packed, similarity)
    assert found(packed, 0.9) == [(0, 7), (1, 8)]


def test_a_similarity_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="similarity is 0, expected above 0"):
        list(near_pairs(ecfp_bits(["CCO"]), 0))


@pytest.mark.parametrize(
    "forms",
    [
        ("C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O", "CC(N)C(=O)O"),  # alanine
        ("N=C(N)NC(=O)c1nc(Cl)c(N)nc1N", "NC(N)=NC(=O)c1nc(Cl)c(N)nc1N"),  # amiloride, two tautomers
        ("[2H]C([2H])([2H])O", "CO"),  # methanol, also deuterated
        ("CN(C)Cc1ccccc1Sc1ccc(I)cc1N", "CN(C)Cc1ccccc1Sc1ccc([123I])cc1N"),
    ],
)
def test_skeletons_are_the_blocks_of_inchikeys(forms):
    """InChI is asked about few compounds, and still nothing is missed."""
    keys = [*DRUGS, *forms]
    place = {}
    blocks = [place.setdefault(block, len(place)) for block in inchikey_blocks(keys)]
    assert number_skeletons(keys).tolist() == blocks
    assert len(set(blocks[len(DRUGS) :])) == 1
