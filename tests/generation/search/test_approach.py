"""Seeds may be far from what is known of a target: the search walks there, proposing nothing on its way."""

from __future__ import annotations

import numpy as np
import pytest

from molscreen.generation.generator import MoleculeGenerator, Proposal
from molscreen.generation.search.approach import Approach, Candidate
from molscreen.generation.search.gate import Gates
from molscreen.generation.search.optimize import OptimizeConfig, optimize


def by_length(keys):
    """Alkanes of ten carbons and more are inside."""
    return np.array([10 / len(key) for key in keys])


def candidate(key, *parents):
    return Candidate(key, Proposal(key, "me", parents))


def sifted(approach, *candidates):
    return [each.key for each in approach.sift(candidates)]


def test_inside_may_pass_and_outside_may_not():
    inside, outside = candidate("C" * 10), candidate("C" * 9, "C" * 8)
    assert sifted(Approach(by_length), outside, inside) == [inside.key]


def test_where_few_are_inside_those_that_come_nearer_fill_up_nearest_first():
    near, nearer = candidate("C" * 7, "C" * 6), candidate("C" * 8, "C" * 7)
    inside, away = candidate("C" * 10), candidate("C" * 4, "C" * 5)
    assert sifted(Approach(by_length, fewest=2), near, nearer, inside, away) == [nearer.key, inside.key]
    assert sifted(Approach(by_length, fewest=9), near, nearer, inside, away) == [
        near.key, nearer.key, inside.key,
    ]  # fmt: skip


def test_it_comes_nearer_than_all_its_parents():
    crossed = candidate("C" * 7, "C" * 6, "C" * 8)
    assert sifted(Approach(by_length, fewest=1), crossed) == []


def test_what_is_made_from_nothing_is_on_no_way():
    assert sifted(Approach(by_length, fewest=1), candidate("C" * 9)) == []


def test_each_key_is_asked_about_once():
    asked = []

    def distance(keys):
        asked.extend(keys)
        return by_length(keys)

    approach = Approach(distance, fewest=5)
    for _ in range(2):
        approach.sift([candidate("C" * 7, "C" * 6), candidate("C" * 8, "C" * 7)])
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
    """Without steps on the way it would end where it begins."""

    def score(keys):
        return np.array([min(len(key), 20) / 20 for key in keys])

    config = OptimizeConfig(batch=1)
    for fewest, found in ((0, 0), (1, 6)):
        gates = Gates(approach=Approach(by_length, fewest=fewest))
        history = optimize(score, [Longer()], gates=gates, budget=12, config=config, seeds=["CCCC"])
        assert len(history.best_new()) == found
    assert [len(call.key) for call in history.calls] == list(range(4, 16))
    assert min(len(call.key) for call in history.best_new()) == 10
