"""Breeding: a generator that is asked for children of other parents stays as it was."""

from __future__ import annotations

import numpy as np
import pytest

from molscreen.generation.fragments.generator import FragmentGenerator
from molscreen.generation.fragments.keep import Keep
from molscreen.generation.generator import MoleculeGenerator, Scored, best_first
from molscreen.generation.genetic.generator import GeneticGenerator

LEARNT = [Scored("CC(=O)Oc1ccccc1C(=O)O", 0.9), Scored("CC(=O)Nc1ccc(O)cc1", 0.5)]
PARENTS = [Scored("CCN(CC)CC(=O)Nc1c(C)cccc1C", 0.8), Scored("CC(C)Cc1ccc(C(C)C(=O)O)cc1", 0.1)]


@pytest.mark.parametrize("kind", [GeneticGenerator, FragmentGenerator])
def test_children_are_of_the_parents_that_are_given(kind):
    generator = kind()
    generator.learn(LEARNT)
    before = generator.state()
    made = generator.bred_from(PARENTS).propose(30, np.random.default_rng(0))
    assert {key for each in made for key in each.parents} == {each.key for each in PARENTS}
    assert generator.state() == before
    after = generator.propose(10, np.random.default_rng(1))
    assert {key for each in after for key in each.parents} <= {each.key for each in LEARNT}


def test_breeding_keeps_what_must_be_kept():
    generator = FragmentGenerator(keep=Keep.read("*c1ccncc1"))
    bred = generator.bred_from([Scored("Cc1ccncc1", 0.5), Scored("c1ccccc1", 0.9)])
    made = bred.propose(20, np.random.default_rng(0))
    assert {each.parents for each in made} == {("Cc1ccncc1",)}


def test_a_generator_that_does_not_breed_says_so():
    class Silent(MoleculeGenerator):
        name = "silent"

        def propose(self, n, rng):  # noqa: ARG002
            return []

    assert Silent().bred_from(PARENTS) is None


def test_equal_scores_do_not_stand_in_the_order_of_their_texts():
    """Where all scores are alike, as in a task that is all or nothing, the first are no one series."""
    scores = {"C" * size: 0.0 for size in range(1, 60)}
    ranked = [len(key) for key, _ in best_first(scores)]
    assert sorted(ranked) == list(range(1, 60))
    assert abs(np.corrcoef(ranked, np.arange(59))[0, 1]) < 0.3
    assert best_first(dict(reversed(scores.items()))) == best_first(scores)


def test_what_differs_by_arithmetic_alone_is_equal():
    assert best_first({"CCO": 0.3, "CCN": 0.1 + 0.2}) == best_first({"CCN": 0.1 + 0.2, "CCO": 0.3})
