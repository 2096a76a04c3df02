"""The genetic generator breeds the best compounds that it has learnt of."""

import json
import math

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import QED

from molscreen.errors import ConfigError
from molscreen.generation.generator import Scored
from molscreen.generation.genetic.generator import GeneticConfig, GeneticGenerator, rank_weights
from tests.generation.generator_contract import DRUGS, SCORED, taught


def test_rank_weights_are_those_of_the_paper():
    """1 / (k n + rank): for k = 1 and 4 compounds, 1/4, 1/5, 1/6 and 1/7, scaled to 1."""
    inverse = np.array([1 / 4, 1 / 5, 1 / 6, 1 / 7])
    np.testing.assert_allclose(rank_weights(4, 1.0), inverse / inverse.sum())
    assert rank_weights(1024, 0.01).sum() == pytest.approx(1)
    assert (np.diff(rank_weights(1024, 0.01)) < 0).all()


def test_parents_are_drawn_as_often_as_their_weights_say():
    """Counted over pure mutations, where each child has one parent."""
    generator = GeneticGenerator(GeneticConfig(mutation_only=1.0, rank_offset=0.5))
    generator.learn(SCORED)
    counts = dict.fromkeys(generator.population, 0)
    rng = np.random.default_rng(0)
    chances = np.cumsum(rank_weights(len(counts), 0.5))
    for _ in range(300):
        parents, _ = generator._breed(generator.population, chances, rng)
        counts[parents[0]] += 1
    share = np.array(list(counts.values())) / 300
    np.testing.assert_allclose(share, rank_weights(len(counts), 0.5), atol=0.08)


def test_an_empty_population_proposes_nothing():
    rng = np.random.default_rng(0)
    assert GeneticGenerator().propose(10, rng) == []
    assert taught(GeneticGenerator, [Scored("CCO", math.nan)]).propose(10, rng) == []


def test_only_the_best_are_kept_and_ties_are_settled_by_digests():
    generator = GeneticGenerator(GeneticConfig(population=3))
    generator.learn([Scored("CCO", 0.5), Scored("CCN", 0.5), Scored("CCC", 0.1), Scored("CCF", 0.9)])
    assert generator.population == ("CCF", "CCO", "CCN")
    generator.learn([Scored("CCCl", 0.6)])
    assert generator.population == ("CCF", "CCCl", "CCO")


def test_the_order_of_learning_does_not_matter():
    there, back = taught(GeneticGenerator, SCORED), taught(GeneticGenerator, SCORED[::-1])
    assert there.state() == back.state()


def test_the_latest_score_counts_and_a_lost_one_ends_parenthood():
    """A compound that was taken back, by a diversity filter for example, must not go on breeding."""
    generator = taught(GeneticGenerator, [Scored("CCO", 0.9), Scored("CCN", 0.8), Scored("CCC", 0.7)])
    generator.learn([Scored("CCO", 0.1), Scored("CCN", math.nan)])
    assert generator.population == ("CCC", "CCO")


def test_differences_that_are_only_arithmetic_do_not_rank():
    generator = taught(GeneticGenerator, [Scored("CCO", 0.3), Scored("CCN", 0.1 + 0.2 + 1e-9)])
    assert generator.population == ("CCO", "CCN")


def test_what_it_breeds_from_is_not_proposed_again():
    generator = taught(GeneticGenerator)
    known = set(DRUGS.values())
    for _ in range(3):
        proposals = generator.propose(50, np.random.default_rng(0))
        assert not known & {each.smiles for each in proposals}
        known |= {each.smiles for each in proposals}
        generator.learn([Scored(each.smiles, 0.5) for each in proposals])


def test_steps_and_parents_tell_how_a_child_was_made():
    """Two parents for a crossover, one for a mutation; a mutated child has both steps."""
    generator = GeneticGenerator(GeneticConfig(mutation_only=0.3, mutation_after_crossover=0.5))
    generator.learn(SCORED)
    proposals = generator.propose(80, np.random.default_rng(0))
    for each in proposals:
        assert each.step.startswith("crossover") == (len(each.parents) == 2)
    assert {len(each.parents) for each in proposals} == {1, 2}
    assert any("crossover" in each.step and ", " in each.step for each in proposals)


def test_one_compound_alone_is_mutated():
    proposals = taught(GeneticGenerator, [Scored(DRUGS["aspirin"], 0.5)]).propose(
        50, np.random.default_rng(0)
    )
    assert len(proposals) == 50
    assert {each.parents for each in proposals} == {(DRUGS["aspirin"],)}


def test_attempts_run_out_where_little_can_be_made():
    """Methane has few neighbours; the call ends all the same."""
    proposals = taught(GeneticGenerator, [Scored("C", 0.5)]).propose(100, np.random.default_rng(0))
    assert 0 < len(proposals) < 30


def test_the_state_holds_the_population_alone():
    """A checkpoint is small, and readable."""
    assert json.loads(json.dumps(taught(GeneticGenerator, [Scored("CCO", 0.25)]).state())) == {
        "population": [["CCO", 0.25]]
    }


def test_breeding_raises_the_score():
    """Six small generations towards QED: the best eight leave the drugs that they came from behind."""

    def scored(smiles):
        return [Scored(each, QED.qed(Chem.MolFromSmiles(each))) for each in smiles]

    generator = taught(GeneticGenerator, scored(DRUGS.values()))
    before = list(generator.state()["population"])[:8]
    rng = np.random.default_rng(0)
    for _ in range(6):
        generator.learn(scored(each.smiles for each in generator.propose(25, rng)))
    after = list(generator.state()["population"])[:8]
    assert np.mean([score for _, score in after]) > np.mean([score for _, score in before]) + 0.1
    assert after[0][1] > before[0][1]


@pytest.mark.parametrize("field", ["population", "rank_offset", "attempts"])
def test_sizes_must_be_positive(field):
    with pytest.raises(ConfigError, match=rf"\[genetic\] {field} must be positive, got 0"):
        GeneticConfig(**{field: 0})


@pytest.mark.parametrize("field", ["mutation_only", "mutation_after_crossover"])
def test_shares_are_between_zero_and_one(field):
    with pytest.raises(ConfigError, match=rf"\[genetic\] {field} must be in \[0, 1\], got 1.5"):
        GeneticConfig(**{field: 1.5})
