"""Seeds may be far from what is known of a target: the search walks there, proposing nothing on its way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from molscreen.generation.generator import MoleculeGenerator, Proposal
from molscreen.generation.search.approach import Approach
from molscreen.generation.search.candidate import Candidate
from molscreen.generation.search.gate import Gates
from molscreen.generation.search.judgement import Judgement
from molscreen.generation.search.optimize import optimize
from molscreen.generation.search.preset import OptimizeConfig


def by_length(keys):
    """Alkanes of ten carbons and more are inside."""
    return np.array([10 / len(key) for key in keys])


def candidate(key, *parents):
    return Candidate(key, Proposal(key, "me", parents))


def sifted(*candidates, fewest=0):
    return [each.key for each in Approach(by_length).sift(candidates, fewest)]


def test_inside_may_pass_and_outside_may_not():
    inside, outside = candidate("C" * 10), candidate("C" * 9, "C" * 8)
    assert sifted(outside, inside) == [inside.key]


def test_where_few_are_inside_those_that_come_nearer_fill_up_nearest_first():
    near, nearer = candidate("C" * 7, "C" * 6), candidate("C" * 8, "C" * 7)
    inside, away = candidate("C" * 10), candidate("C" * 4, "C" * 5)
    assert sifted(near, nearer, inside, away, fewest=2) == [nearer.key, inside.key]
    assert sifted(near, nearer, inside, away, fewest=9) == [
        near.key, nearer.key, inside.key,
    ]  # fmt: skip


def test_it_comes_nearer_than_all_its_parents():
    crossed = candidate("C" * 7, "C" * 6, "C" * 8)
    assert sifted(crossed, fewest=1) == []


def test_what_is_made_from_nothing_is_on_no_way():
    assert sifted(candidate("C" * 9), fewest=1) == []


def test_each_key_is_asked_about_once():
    asked = []

    def distance(keys):
        asked.extend(keys)
        return by_length(keys)

    approach = Approach(distance)
    for _ in range(2):
        approach.sift([candidate("C" * 7, "C" * 6), candidate("C" * 8, "C" * 7)], fewest=5)
    assert sorted(asked) == ["C" * 6, "C" * 7, "C" * 8]


def test_a_distance_that_answers_about_others_is_refused():
    with pytest.raises(ValueError, match=r"'distance' gave \(1,\) answers to 2 keys"):
        Approach(lambda _: np.ones(1)).sift([candidate("CCO"), candidate("CCN")])


class Longer(MoleculeGenerator):
    """Adds a carbon to the longest that it knows, or takes one away."""

    name = "longer"
    longest = ""

    def learn(self, scored):
        self.longest = max([self.longest, *(each.key for each in scored)], key=len)

    def propose(self, n, rng):  # noqa: ARG002
        steps = (self.longest + "C", self.longest[1:])
        return [Proposal(step, self.name, (self.longest,)) for step in steps[:n]]


def test_a_search_from_outside_walks_in_and_proposes_nothing_on_its_way():
    """The best of it, and what the terminal tells as the best, lie inside as well."""

    def judge(keys):
        said = Judgement.of_scores([1 - len(key) / 50 for key in keys])  # the first steps score best
        return replace(said, outside=by_length(keys) > 1)

    told = []
    history = optimize(
        judge, [Longer()], gates=Gates(approach=Approach(by_length)), budget=12,
        config=OptimizeConfig(batch=1), seeds=["CCCC"], progress=lambda done: told.append(done.best),
    )  # fmt: skip
    assert [len(call.key) for call in history.calls] == list(range(4, 16))
    assert [len(call.key) for call in history.best_new()] == list(range(10, 16))
    assert np.isnan(told[:6]).all()
    assert told[6:] == [pytest.approx(0.8)] * 6
