"""The ranking is one total order, whatever came first; a diverse choice keeps to it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit.DataStructs import BulkTanimotoSimilarity, CreateFromBitString
from rdkit.SimDivFilters import rdSimDivPickers

from molscreen.chem.features.fingerprint import ecfp_bits
from molscreen.chem.scaffold import murcko_scaffold
from molscreen.screening.shortlist import Shortlist, pick_diverse

SCORE = st.sampled_from([0.0, 0.1, 0.10004, 0.5, 0.9, float("nan")])
SCORED = st.lists(st.tuples(SCORE, st.sampled_from("abcdef"), st.integers(0, 99)), max_size=30)


def add(shortlist: Shortlist, scored) -> Shortlist:
    return shortlist.add(*map(list, zip(*scored, strict=True))) if scored else shortlist


@given(SCORED, st.integers(1, 5), st.randoms())
def test_order_and_parts_do_not_matter(scored, size, random):
    """What makes the live leaderboard the final answer, on any number of machines."""
    whole = add(Shortlist(size), scored)
    shuffled = random.sample(scored, len(scored))
    cut = random.randint(0, len(scored))
    parts = add(Shortlist(size), shuffled[:cut]).merge(add(Shortlist(size), shuffled[cut:]))
    assert parts == whole


@given(SCORED, st.integers(1, 5))
def test_ranking_is_the_plain_sort(scored, size):
    """Against the obvious program: sort everything, keep the first row of each key."""
    best = {}
    for score, key, row in scored:
        if not np.isnan(score):
            entry = (-round(score, 4), key, row)
            best[key] = min(entry, best.get(key, entry))
    assert [tuple(entry) for entry in add(Shortlist(size), scored).entries] == sorted(best.values())[:size]


def test_missing_is_never_good():
    """Promise 3: a NaN has no place, even where there is nothing else."""
    assert Shortlist(3).add([float("nan")], ["C"], [0]).entries == ()


def test_noise_below_the_resolution_does_not_rank():
    """The last bits depend on the batch; 0.50001 and 0.50004 are one score, and the key decides."""
    entries = Shortlist(2).add([0.50004, 0.50001], ["CO", "CC"], [0, 1]).entries
    assert [entry.key for entry in entries] == ["CC", "CO"]


def test_scaffold_cap_limits_each_chemotype(drugs):
    from molscreen.chem.cleaning.standardize import standardize

    keys = [c.key for c in map(standardize, drugs) if hasattr(c, "key")]
    picked = pick_diverse(keys, 60, method="scaffold", per_scaffold=2)
    assert picked == sorted(picked)
    assert len(picked) == 60
    scaffolds = [murcko_scaffold(keys[i]) for i in picked]
    assert max(scaffolds.count(s) for s in set(scaffolds) - {""}) == 2
    for passed in set(range(picked[-1])) - set(picked):  # nobody better was left out without cause
        assert scaffolds.count(murcko_scaffold(keys[passed])) == 2


def test_scaffold_cap_fills_up_with_the_best_passed_over():
    keys = ["Cc1ccccc1", "CCc1ccccc1", "CCCc1ccccc1", "C1CCNCC1"]
    assert pick_diverse(keys, 3, method="scaffold", per_scaffold=1) == [0, 1, 3]


def test_maxmin_is_as_diverse_as_rdkits_picker(drugs):
    """Independent oracle: the nearest two of the picked are as far apart."""
    from molscreen.chem.cleaning.standardize import standardize

    keys = sorted({c.key for c in map(standardize, drugs[:150]) if hasattr(c, "key")})
    k = 20
    bits = ["".join(map(str, row)) for row in np.unpackbits(ecfp_bits(keys), axis=1)]
    fingerprints = [CreateFromBitString(text) for text in bits]
    theirs = list(rdSimDivPickers.MaxMinPicker().LazyBitVectorPick(fingerprints, len(keys), k, [0]))

    def spread(picked):
        chosen = [fingerprints[place] for place in picked]
        return 1 - max(max(BulkTanimotoSimilarity(chosen[i], chosen[:i])) for i in range(1, k))

    ours = pick_diverse(keys, k, method="maxmin", pool=len(keys))
    assert spread(ours) == pytest.approx(spread(theirs), abs=1e-6)


def test_maxmin_starts_with_the_best_and_settles_ties_by_rank():
    picked = pick_diverse(["CCO", "c1ccccc1", "c1ccccc1", "CCO"], 2, method="maxmin")
    assert picked == [0, 1]


@pytest.mark.parametrize("method", ["scaffold", "maxmin", "none"])
def test_short_rankings_are_taken_whole(method):
    for n in range(4):
        assert pick_diverse(["CCO", "CCN", "c1ccccc1"][:n], 5, method=method) == list(range(n))


def test_merge_is_associative():
    lists = [Shortlist(2).add([s], [k], [0]) for s, k in ((0.1, "a"), (0.2, "b"), (0.3, "a"), (0.2, "c"))]
    results = set()
    for order in itertools.permutations(lists):
        left = order[0].merge(order[1]).merge(order[2]).merge(order[3])
        right = order[0].merge(order[1].merge(order[2].merge(order[3])))
        results |= {left.entries, right.entries}
    assert len(results) == 1
