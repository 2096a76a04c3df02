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


def calls(keys, scores):
    return [
        Call(i, 1, key, score, "me") for i, (key, score) in enumerate(zip(keys, scores, strict=True), start=1)
    ]


def remembering(keys, scores):
    memory = Memory()
    memory.add(calls(keys, scores))
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


def test_where_nothing_is_watched_nobody_is_penalised():
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


def growing(n, round_of=lambda number: number):
    """Alkylbenzenes, each better than all before: one series that still improves."""
    return [Call(i, round_of(i), "C" * i + "c1ccccc1", i / 100, "me") for i in range(1, n + 1)]


def test_a_collapse_closes_the_crowded_scaffold_for_a_while():
    """Further members earn nothing, so that they do not become parents; then it is open again."""
    memory = Memory(watch=20)
    memory.add(growing(20))
    [remedy] = memory.remedies
    assert (remedy.kind, remedy.call, remedy.until) == ("collapse", 20, 40)
    assert remedy.scaffolds == ("c1ccccc1",)
    assert "share few scaffolds; the 1 commonest earn nothing more until call 40" in str(remedy)
    assert memory.is_crowded("c1ccccc1")
    assert not memory.is_crowded("c1ccncc1")
    late = growing(41)[20:]
    memory.add(late[:20])
    assert {each.score for each in memory.to_learn(late[:20])} == {0.0}
    assert [each.call for each in memory.remedies] == [20, 40]  # looked at again when it has had its time


def test_a_standstill_is_explored_and_a_search_that_moves_is_let_alone():
    alcohols = ["C" * size + "O" for size in range(1, 31)]
    rings = [f"C1{'C' * size}N1{'C' * size}O" for size in range(1, 31)]
    memory = Memory(watch=15)
    memory.add([Call(i, i, key, 0.5, "me") for i, key in enumerate(rings, start=1)])
    assert [(each.kind, each.call) for each in memory.remedies] == [("standstill", 25)]
    assert memory.is_exploring
    assert not memory.is_crowded("C1CN1")
    moving = Memory(watch=15)
    moving.add([Call(i, i, key, i / 100, "me") for i, key in enumerate(rings, start=1)])
    assert not moving.remedies
    unwatched = remembering(alcohols, [0.5] * 30)
    assert not unwatched.remedies
    assert not unwatched.is_exploring


def test_what_is_done_follows_from_the_calls_alone():
    """A resumed search adds all of them at once, an unbroken one round by round."""
    by_round, at_once = Memory(watch=20), Memory(watch=20)
    rounds = growing(60, round_of=lambda number: (number + 3) // 4)
    for start in range(0, 60, 4):
        by_round.add(rounds[start : start + 4])
    at_once.add(rounds)
    assert at_once.remedies == by_round.remedies
    assert at_once.to_learn(rounds) == by_round.to_learn(rounds)


def test_a_compound_is_scored_once():
    memory = remembering(["CO"], [0.1])
    with pytest.raises(ValueError, match="'CO' was scored before, in call 1"):
        memory.add([Call(2, 1, "CO", 0.2)])
