from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from molscreen.prediction.certainty import edges
from molscreen.prediction.certainty.edges import Edges, similarity_by_chance
from molscreen.prediction.certainty.neighbours import N_BITS, NeighbourDomain, _encode
from molscreen.prediction.compressed import compress, decompress
from molscreen.prediction.gap_code import decode_gaps
from tests.prediction.tiny_bundle import drug_keys

ASPIRIN, SALICYLIC_ACID = "CC(=O)Oc1ccccc1C(=O)O", "O=C(O)c1ccccc1O"
IBUPROFEN = "CC(C)Cc1ccc(C(C)C(=O)O)cc1"
PARACETAMOL, NAPROXEN = "CC(=O)Nc1ccc(O)cc1", "COc1ccc2cc(C(C)C(=O)O)ccc2c1"


def last_apart(n: int) -> NDArray[np.bool_]:
    """The last of n compounds is held apart."""
    return np.arange(n) == n - 1


def test_domain_holds_what_it_promises(drugs: list[str]) -> None:
    """Of new drugs, at least 95 % are in and 99 % in or at the edge.

    Calibrated and queried by one function with one k. Calibrating on the reference itself,
    where each compound is its own nearest neighbour, would fail this by far. What was held apart for the
    edges is part of the reference afterwards, so that new compounds are a little nearer than those were.
    """
    inside, not_out = [], []
    for seed in range(10):
        order = np.random.default_rng(seed).permutation(len(drugs))[:1500]
        chosen = [drugs[i] for i in order]
        domain = NeighbourDomain.fit(chosen[:1000], chosen[:1000], np.arange(1000) >= 600)
        verdict = np.array(domain.query(chosen[1000:]).verdict)
        inside.append((verdict == "in").mean())
        not_out.append((verdict != "out").mean())
    assert 0.935 < np.mean(inside) < 0.98
    assert np.mean(not_out) == pytest.approx(0.99, abs=0.01)


def test_neighbours_are_those_of_rdkit(drugs: list[str]) -> None:
    """RDKit's own similarity, on its own bit vectors, is the oracle; after a round trip."""
    reference, queries = drugs[:200], drugs[200:220]
    fitted = NeighbourDomain.fit(reference, reference, np.arange(200) < 20, k=3)
    answer = NeighbourDomain.from_tensors(fitted.to_tensors()).query(queries)
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=N_BITS)
    bits = {key: generator.GetFingerprint(Chem.MolFromSmiles(key)) for key in reference + queries}
    for row, query in enumerate(queries):
        expected = DataStructs.BulkTanimotoSimilarity(bits[query], [bits[key] for key in reference])
        assert answer.similarity[row] == pytest.approx(sorted(expected)[:-4:-1], abs=1e-6)
        named = [DataStructs.TanimotoSimilarity(bits[query], bits[key]) for key in answer.ids[row]]
        assert named == pytest.approx(answer.similarity[row].tolist(), abs=1e-6)


def test_analogue_is_named() -> None:
    """Salicylic acid is what aspirin is made from; the ids are the user's own."""
    keys = [SALICYLIC_ACID, IBUPROFEN, PARACETAMOL, NAPROXEN]
    ids = ["salicylic acid", "ibuprofen", "paracetamol", "naproxen"]
    answer = NeighbourDomain.fit(keys, ids, last_apart(4), k=2).query([ASPIRIN])
    assert answer.ids[0][0] == "salicylic acid"


def test_compound_held_apart_is_a_neighbour_afterwards() -> None:
    """It was measured too, and a chemist would look it up."""
    domain = NeighbourDomain.fit([ASPIRIN, IBUPROFEN, NAPROXEN], ["a", "b", "n"], last_apart(3), k=1)
    answer = domain.query([NAPROXEN])
    assert (answer.ids, answer.similarity.tolist()) == ((("n",),), [[1.0]])


def test_reference_takes_less_than_100_bytes_a_compound(drugs: list[str]) -> None:
    """Drugs are the largest of what a bundle holds; ids are ChEMBL's."""
    ids = [f"CHEMBL{7 * place}" for place in range(len(drugs))]
    tensors = NeighbourDomain.fit(drugs, ids, np.arange(len(drugs)) < 20).to_tensors()
    assert sum(array.nbytes for array in tensors.values()) / len(drugs) < 100


@given(st.lists(st.sets(st.integers(0, N_BITS - 1), max_size=60), min_size=1, max_size=8))
def test_codes_give_the_bits_back(sets: list[set[int]]) -> None:
    dense = np.zeros((len(sets), N_BITS), np.uint8)
    for row, bits in enumerate(sets):
        dense[row, sorted(bits)] = 1
    packed = np.packbits(dense, axis=1)
    bit, start = decode_gaps(*_encode(packed))
    assert [part.tolist() for part in np.split(bit, start[1:-1])] == [sorted(bits) for bits in sets]


def test_fewer_references_than_neighbours_are_all_used() -> None:
    domain = NeighbourDomain.fit([ASPIRIN, IBUPROFEN, NAPROXEN], ["a", "b", "n"], last_apart(3))
    assert domain.query([PARACETAMOL]).similarity.shape == (1, 2)


def test_no_query_has_no_answer() -> None:
    answer = NeighbourDomain.fit([ASPIRIN, NAPROXEN], ["a", "n"], last_apart(2)).query([])
    assert answer.verdict == answer.ids == ()


@pytest.mark.parametrize(
    ("ids", "apart", "message"),
    [
        (["a"], [False, True], "2 keys, 1 ids"),
        (["a", "b"], [True], "2 keys, 2 ids, 1 of 1 apart"),
        (["a", "b"], [False, False], "0 of 2 apart"),
        (["a", "b"], [True, True], "2 of 2 apart"),
        (["a\n", "b"], [False, True], "line break"),
    ],
)
def test_reference_that_cannot_be_is_refused(ids: list[str], apart: list[bool], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NeighbourDomain.fit([ASPIRIN, IBUPROFEN], ids, np.array(apart))


def test_distance_is_at_most_1_for_what_is_in() -> None:
    """Also where every compound held apart has a twin, so that nothing but twins is in."""
    keys = [ASPIRIN, IBUPROFEN, *drug_keys()[:60]]
    for domain in (
        NeighbourDomain.fit(keys, [str(i) for i in range(len(keys))], last_apart(len(keys))),
        NeighbourDomain.fit([ASPIRIN, ASPIRIN], ["a", "b"], last_apart(2)),
    ):
        asked = [*keys, *drug_keys()[100:200]]
        distance, said = domain.distance(asked), domain.query(asked)
        assert ((distance <= 1) == (np.array(said.verdict) == "in")).all()
        order = np.argsort(said.similarity.mean(axis=1))
        assert (np.diff(distance[order]) <= 1e-6).all()
    assert domain.distance([]).shape == (0,)


def test_arrays_that_do_not_belong_together_are_refused() -> None:
    tensors = NeighbourDomain.fit([ASPIRIN, IBUPROFEN], ["a", "b"], last_apart(2)).to_tensors()
    codes = decompress(tensors["neighbours.codes"], name="codes")
    with pytest.raises(ValueError, match="2 ids, 2 compounds"):
        NeighbourDomain.from_tensors(tensors | {"neighbours.codes": compress(codes[:-1])})
    with pytest.raises(ValueError, match=r"neighbours\.codes: cut short"):
        NeighbourDomain.from_tensors(tensors | {"neighbours.codes": tensors["neighbours.codes"][:-1]})


def of_two_targets(drugs: list[str]) -> NeighbourDomain:
    """200 drugs, of which the first 120 were measured for A, and the last 100 for B."""
    place = np.arange(200)
    measured = {"A": place < 120, "B": place >= 100}
    fitted = NeighbourDomain.fit(drugs[:200], drugs[:200], place % 5 == 0, measured=measured, k=3)
    return NeighbourDomain.from_tensors(fitted.to_tensors())


@pytest.mark.parametrize(("target", "measured"), [("A", slice(0, 120)), ("B", slice(100, 200))])
def test_whoever_asks_about_a_target_is_told_of_compounds_measured_for_it(
    drugs: list[str], target: str, measured: slice
) -> None:
    """A domain of these compounds alone is the oracle."""
    asked = of_two_targets(drugs).restricted_to({target, "hERG"}).query(drugs[200:220])
    alone = drugs[measured]
    expected = NeighbourDomain.fit(alone, alone, np.arange(len(alone)) % 5 == 0, k=3).query(drugs[200:220])
    assert asked.ids == expected.ids
    assert asked.similarity == pytest.approx(expected.similarity)
    assert (set(asked.measured), set(expected.measured)) == ({target}, {""})


def test_of_several_targets_the_one_counts_that_a_compound_is_least_like(drugs: list[str]) -> None:
    """Selectivity is known where both are."""
    domain, queries = of_two_targets(drugs), drugs[200:220]
    both = domain.restricted_to({"A", "B"})
    farther = np.maximum(*(domain.restricted_to({name}).distance(queries) for name in "AB"))
    assert both.distance(queries) == pytest.approx(farther)
    for ids, target in zip(both.query(queries).ids, both.query(queries).measured, strict=True):
        assert set(ids) <= set(drugs[:120] if target == "A" else drugs[100:200])
    assert both.distance([]).shape == (0,)


def test_each_endpoint_is_as_far_as_for_whoever_asks_about_it_alone(drugs: list[str]) -> None:
    """`predict`, which is not told what is asked, and an explanation give one verdict."""
    domain, queries, names = of_two_targets(drugs), drugs[200:220], ["B", "hERG", "A"]
    alone = [domain.restricted_to({name}).distance(queries) for name in names]
    assert (domain.distances(queries, names) == np.stack(alone, axis=1)).all()
    of_a = domain.restricted_to({"A"}).distances(queries, names[1:])
    assert (of_a == np.stack(alone[1:], axis=1)).all()
    assert domain.distances([], names).shape == (0, 3)


def test_the_share_inside_is_kept_and_not_missed(drugs: list[str]) -> None:
    """Of drugs, which are all unlike each other, chance leaves few inside; older bundles do not know it."""
    tensors = of_two_targets(drugs).to_tensors()
    for own in NeighbourDomain.from_tensors(tensors).activities.values():
        assert 0 < own.share_inside < 0.6
    del tensors["neighbours.inside"]
    for own in NeighbourDomain.from_tensors(tensors).activities.values():
        assert np.isnan(own.share_inside)


def test_whoever_asks_about_properties_is_told_of_all_compounds(drugs: list[str]) -> None:
    domain = of_two_targets(drugs)
    asked = domain.restricted_to({"hERG"}).query(drugs[200:210])
    assert asked.ids == domain.query(drugs[200:210]).ids
    assert asked.measured == ("",) * 10


def test_an_activitys_domain_holds_what_it_promises(
    drugs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of new compounds like those measured for it, 95 % are in, where that is more alike than by chance.

    The half measured is the one with the longest SMILES, held apart and queried as it comes.
    """
    monkeypatch.setattr(edges, "similarity_by_chance", lambda _: 0.0)  # drugs are all unlike each other
    inside = []
    for seed in range(8):
        order = np.random.default_rng(seed).permutation(len(drugs))[:1500]
        chosen = [drugs[i] for i in order]
        length = np.array([len(key) for key in chosen])
        is_long = length > np.median(length)
        measured = {"A": is_long[:1000]}
        domain = NeighbourDomain.fit(chosen[:1000], chosen[:1000], np.arange(1000) >= 600, measured=measured)
        new = [key for key, is_one in zip(chosen[1000:], is_long[1000:], strict=True) if is_one]
        asked = domain.restricted_to({"A"})
        inside.append((asked.distance(new) <= 1).mean())
        assert (asked.distance(new) <= 1).tolist() == [each == "in" for each in asked.query(new).verdict]
    assert 0.93 < np.mean(inside) < 0.98


def test_an_activity_of_few_compounds_has_the_edges_of_all_or_no_domain(drugs: list[str]) -> None:
    place, apart = np.arange(200), np.arange(200) < 50
    measured = {"few": (place % 12) == 0, "fewer": place < 53}
    domain = NeighbourDomain.fit(drugs[:200], drugs[:200], apart, measured=measured, k=5)
    assert set(domain.activities) == {"few"}  # of the other only 3 are not held apart
    assert domain.activities["few"].edges == domain.edges.above_chance(17)


def test_nobody_is_inside_an_activitys_domain_by_chance(drugs: list[str]) -> None:
    """To be as alike to 500 drugs as these are to each other tells nothing."""
    measured = {"A": np.ones(500, bool)}
    domain = NeighbourDomain.fit(drugs[:500], drugs[:500], last_apart(500), measured=measured)
    own, edges = domain.edges, domain.activities["A"].edges
    assert own.inside < edges.inside == similarity_by_chance(500)
    assert own.outside == edges.outside
    others, asked = drugs[500:1000], domain.restricted_to({"A"})
    assert (asked.distance(others) <= 1).mean() < (domain.distance(others) <= 1).mean()
    similarity = asked.query(others).similarity.mean(axis=1)
    assert ((asked.distance(others) <= 1) == (similarity >= np.float32(edges.inside))).all()


def test_edges_above_chance_stay() -> None:
    assert Edges(0.5, 0.3).above_chance(1000) == Edges(0.5, 0.3)


@pytest.mark.parametrize(
    ("measured", "message"),
    [
        ({"A": np.ones(50, bool)}, "measured: 'A' is not about each of 100 compounds"),
        ({"A\nB": np.ones(100, bool)}, "contains a line break"),
    ],
)
def test_what_is_measured_of_others_is_refused(
    drugs: list[str], measured: dict[str, NDArray[np.bool_]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        NeighbourDomain.fit(drugs[:100], drugs[:100], last_apart(100), measured=measured)


def test_measurements_of_another_number_of_compounds_are_refused(drugs: list[str]) -> None:
    tensors = of_two_targets(drugs).to_tensors()
    tensors["neighbours.measured"] = compress(bytes(40))
    with pytest.raises(ValueError, match="reshape"):
        NeighbourDomain.from_tensors(tensors)
