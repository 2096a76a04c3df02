"""ReactionGenerator: every proposal can be made by the route that it prints."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from rdkit import Chem

from molscreen.chem.cleaning.recipe import Recipe
from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Compound
from molscreen.errors import ConfigError, ResumeError
from molscreen.generation.generator import GENERATORS, Proposal, Scored
from molscreen.generation.reactions.blocks import make_blocks, shipped_blocks
from molscreen.generation.reactions.generator import ReactionConfig, ReactionGenerator
from molscreen.generation.reactions.route import parse_route, run_route
from molscreen.generation.reactions.table import Reactions, shipped_reactions

SULFONYL = Chem.MolFromSmarts("S(=O)=O")
REACTIONS = shipped_reactions()
TWO = make_blocks([("acid", "CC(=O)O"), ("amine", "CCN")])


def key(proposal: Proposal) -> str:
    compound = standardize(proposal.smiles)
    assert isinstance(compound, Compound)
    return compound.key


def likes_sulfonyl(proposals: list[Proposal]) -> list[Scored]:
    hits = (Chem.MolFromSmiles(each.smiles).HasSubstructMatch(SULFONYL) for each in proposals)
    return [
        Scored(key(each), 0.9 if hit else 0.1, "reactions") for each, hit in zip(proposals, hits, strict=True)
    ]


@pytest.fixture(scope="module")
def taught() -> tuple[list[Proposal], list[Proposal], ReactionGenerator]:
    """What a generator proposed before and after it learnt to like sulfones and sulfonamides."""
    generator, rng = ReactionGenerator(), np.random.default_rng(7)
    fresh = generator.propose(250, rng)
    generator.learn(likes_sulfonyl(fresh))
    return fresh, generator.propose(250, rng), generator


def test_all_of_500_printed_routes_give_the_same_product_again(taught) -> None:
    """Read from the printed line alone, drawn ones and varied ones."""
    proposals = [*taught[0], *taught[1]]
    assert len(proposals) == 500
    for each in proposals:
        assert run_route(parse_route(each.step), shipped_blocks(), REACTIONS)[-1] == each.smiles


def test_proposals_are_new_finished_and_of_drug_size(taught) -> None:
    proposals = [*taught[0], *taught[1]]
    bought = {block.key for block in shipped_blocks()}
    keys = [key(each) for each in proposals]
    assert len(set(keys)) == len(keys)
    assert not set(keys) & bought
    for each in proposals:
        mol = Chem.MolFromSmiles(each.smiles)
        assert mol.GetNumHeavyAtoms() <= 50
        assert REACTIONS.leftover(mol) is None
        assert 1 <= len(parse_route(each.step).steps) <= 3


def test_scores_turn_the_search_towards_what_is_good(taught) -> None:
    fresh, later, _ = taught
    good = [np.mean([each.score for each in likes_sulfonyl(some)]) for some in (fresh, later)]
    assert good[1] > good[0] + 0.2


def test_parents_are_compounds_whose_routes_were_varied(taught) -> None:
    fresh, later, _ = taught
    known = {key(each) for each in fresh}
    assert all(each.parents == () for each in fresh)
    assert any(each.parents for each in later)
    assert {parent for each in later for parent in each.parents} <= known


def test_state_goes_through_json_and_the_run_goes_on_alike(taught) -> None:
    generator = taught[2]
    resumed = ReactionGenerator()
    resumed.restore(json.loads(json.dumps(generator.state())))
    assert json.dumps(resumed.state()) == json.dumps(generator.state())
    expected = generator.propose(20, np.random.default_rng(3))
    assert resumed.propose(20, np.random.default_rng(3)) == expected


def test_another_process_with_other_hashes_proposes_the_same() -> None:
    """Nothing depends on the order of a set."""
    code = (
        "import sys, numpy as np;"
        "from molscreen.generation.reactions.blocks import make_blocks;"
        "from molscreen.generation.reactions.generator import ReactionGenerator;"
        "generator = ReactionGenerator(make_blocks([(each, each) for each in sys.argv[1:]]));"
        "print(*[each.smiles for each in generator.propose(20, np.random.default_rng(5))])"
    )
    keys = [block.key for block in shipped_blocks().members[::30]]
    run = subprocess.run(
        [sys.executable, "-c", code, *keys],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    here = ReactionGenerator(make_blocks([(each, each) for each in keys]))
    assert run.stdout.split() == [each.smiles for each in here.propose(20, np.random.default_rng(5))]


def test_what_can_be_made_is_made_once() -> None:
    """Of one acid and one amine there is one amide; then there is nothing more to propose."""
    generator, rng = ReactionGenerator(TWO), np.random.default_rng(0)
    proposals = generator.propose(5, rng)
    assert [(each.smiles, each.step) for each in proposals] == [("CCNC(C)=O", "amide coupling(acid, amine)")]
    assert generator.propose(5, rng) == []
    generator.learn([Scored("CCNC(C)=O", 0.5)])
    assert generator.propose(5, rng) == []


@pytest.mark.parametrize(
    "scored",
    [Scored("CCNC(C)=O", math.nan), Scored("c1ccccc1", 0.9, "genetic")],
    ids=["no score", "another's compound"],
)
def test_what_has_no_score_or_no_route_teaches_nothing(scored: Scored) -> None:
    generator = ReactionGenerator(TWO)
    generator.propose(1, np.random.default_rng(0))
    before = json.dumps(generator.state())
    generator.learn([scored])
    assert json.dumps(generator.state()) == before


def test_a_size_that_nothing_has_gives_nothing() -> None:
    generator = ReactionGenerator(TWO, config=ReactionConfig(max_heavy_atoms=5))
    assert generator.propose(3, np.random.default_rng(0)) == []


def test_a_run_is_not_resumed_with_other_blocks(taught) -> None:
    with pytest.raises(
        ResumeError, match=r"the run knows 'B\d{4}', which is not among the 2 blocks and 1 reactions"
    ):
        ReactionGenerator(TWO).restore(taught[2].state())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_steps": 0}, r"\[reactions\] max_steps must be positive, got 0"),
        ({"explore": 1.5}, r"\[reactions\] explore must be in \[0, 1\], got 1.5"),
        ({"explore": -0.5}, r"\[reactions\] explore must be in \[0, 1\], got -0.5"),
        ({"pressure": math.nan}, r"\[reactions\] pressure must be positive, got nan"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ReactionConfig(**options)


def test_it_is_a_generator_by_name() -> None:
    assert GENERATORS["reactions"] is ReactionGenerator


def test_products_are_standardised_as_the_plan_says() -> None:
    """Otherwise their scores, which come under the plan's keys, would never be known again."""
    recipe = Recipe(tautomer=True)
    generator = ReactionGenerator(recipe=recipe)
    proposals = generator.propose(60, np.random.default_rng(0))
    keys = {standardize(each.smiles, recipe).key: each for each in proposals}
    assert set(generator.state()["proposed"]) == set(keys)
    assert set(keys) != {standardize(each.smiles).key for each in proposals}
    generator.learn([Scored(key, 0.5) for key in keys])
    assert len(generator.state()["good"]) == len(keys)


def test_identity_tells_blocks_and_recipes_apart() -> None:
    plain = ReactionGenerator().identity()
    assert plain == ReactionGenerator().identity()
    assert plain["recipe"] != ReactionGenerator(recipe=Recipe(tautomer=True)).identity()["recipe"]
    blocks = make_blocks([("acid", "OC(=O)c1ccccc1"), ("amine", "NCc1ccccc1")])
    other = ReactionGenerator(blocks).identity()
    assert other["blocks"] != plain["blocks"]
    assert other["reactions"] == plain["reactions"]
    tolerant = Reactions(tuple(replace(each, spoilers={}) for each in REACTIONS), REACTIONS.leftovers)
    assert ReactionGenerator(reactions=tolerant).identity()["reactions"] != plain["reactions"]
    unfinished = ReactionGenerator(reactions=Reactions(REACTIONS.members, {}))
    assert unfinished.identity()["reactions"] != plain["reactions"]
