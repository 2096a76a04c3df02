"""What was scored is remembered once, best first, and a crowded scaffold is no longer rewarded."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molscreen.generation.search.history import Call
from molscreen.generation.search.memory import Memory

BENZENES = ("Cc1ccccc1", "Clc1ccccc1", "Oc1ccccc1", "Nc1ccccc1", "Fc1ccccc1")
OTHERS = ("c1ccncc1", "C1CCCCC1", "c1ccoc1", "CCO", "CCN")
SCORES = st.lists(st.one_of(st.just(math.nan), st.sampled_from([0.1, 0.5, 0.9])), min_size=10, max_size=10)


def calls(keys, scores, parents=()):
    parents = dict(parents)
    return [
        Call(i, 1, key, score, "me", parents.get(key, ()))
        for i, (key, score) in enumerate(zip(keys, scores, strict=True), start=1)
    ]


def remembering(keys, scores, bucket=0, parents=()):
    memory = Memory(bucket)
    memory.add(calls(keys, scores, parents))
    return memory


@given(SCORES)
def test_the_best_come_first_and_the_earlier_of_equals(scores):
    memory = remembering(BENZENES + OTHERS, scores)
    best = memory.best(10)
    assert [(-call.score, call.number) for call in best] == sorted(
        (-call.score, call.number) for call in memory.calls if not math.isnan(call.score)
    )
    assert memory.n_scored == len(best)


@given(SCORES, st.one_of(st.just(math.nan), st.sampled_from([0.0, 0.1, 0.5, 0.7, 1.0])))
def test_a_rank_is_how_many_are_at_least_as_good(scores, score):
    """A missing score is behind all."""
    memory = remembering(BENZENES + OTHERS, scores)
    numbers = np.array(scores)[~np.isnan(scores)]
    assert memory.rank(score) == (len(numbers) if math.isnan(score) else (numbers >= score).sum())


def test_the_bucket_of_a_scaffold_holds_so_many():
    """Its first members are told to generators as they are, further ones as worthless; others not at all."""
    memory = remembering(BENZENES + OTHERS, [0.5] * 10, bucket=3)
    told = [each.score for each in memory.to_learn(memory.calls)]
    assert told == [0.5] * 3 + [0.0] * 2 + [0.5] * 5
    assert {call.key for call in memory.best(10)}.isdisjoint(BENZENES[3:])
    assert memory["Nc1ccccc1"].score == 0.5  # what happened is not rewritten


def test_without_a_bucket_nobody_is_penalised():
    memory = remembering(BENZENES, [0.5] * 5)
    assert not memory.is_crowded("c1ccccc1")
    assert len(memory.best(9)) == 5


def test_a_series_shows_as_collapse():
    assert remembering(BENZENES, [0.1] * 5).vitality().scaffolds == 1 / 5
    assert remembering(OTHERS[:4], [0.1] * 4).vitality().scaffolds == 1
    assert remembering(OTHERS[:3] + BENZENES, [0.1] * 8).vitality(recent=5).scaffolds == 1 / 5
    assert math.isnan(Memory().vitality().scaffolds)


def test_stagnation_counts_calls_since_one_was_among_the_best():
    """Equal to the tenth best is no progress, better than it is."""
    alcohols = ["C" * size + "O" for size in range(1, 31)]
    memory = remembering(alcohols[:10], [0.5] * 10)
    assert memory.vitality().stagnation == 0
    memory.add(calls(alcohols[10:15], [0.5, 0.4, math.nan, 0.5, 0.1]))
    assert memory.vitality().stagnation == 5
    memory.add(calls(alcohols[15:17], [0.6, 0.1]))
    assert memory.vitality().stagnation == 1


def test_descent_is_told_back_to_the_seeds():
    """A compound is named once, though it is a parent by two lines; parents never scored are passed over."""
    parents = {"CCCO": ("CCO", "CO"), "CCCN": ("CCCO", "CO"), "CCO": ("CO", "CBr")}
    memory = remembering(["CO", "CCO", "CCCO", "CCCN"], [0.1] * 4, parents=parents)
    assert [call.key for call in memory.ancestry("CCCN")] == ["CCCN", "CCCO", "CO", "CCO"]
    with pytest.raises(KeyError):
        memory.ancestry("CBr")


def test_a_compound_is_scored_once():
    memory = remembering(["CO"], [0.1])
    with pytest.raises(ValueError, match="'CO' was scored before, in call 1"):
        memory.add([Call(2, 1, "CO", 0.2)])
