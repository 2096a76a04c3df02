"""Evolve: further generations come from what the surrogate expects, and tell where they come from."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from molscreen.generation.generator import Proposal, Scored
from molscreen.generation.genetic.generator import GeneticGenerator
from molscreen.generation.search.evolve import evolve
from molscreen.generation.search.gate import Candidate, Gates
from molscreen.generation.search.optimize import OptimizeConfig, optimize
from molscreen.generation.search.surrogate import Surrogate

SCORED = ["CCCCCO", "CCCCO", "CCCO", "c1ccccc1", "Cc1ccccc1"]
SCORE = np.array([0.9, 0.7, 0.5, 0.1, 0.1])  # longer alcohols are better


def candidate(key, *parents, step=""):
    return Candidate(key, Proposal(key, "me", parents, step))


def longer(parents):
    """A carbon more for each parent."""
    return [Proposal(f"C{each.key}", "me", (each.key,), "longer") for each in parents]


def bred(generations, *, parents=1, breed=longer, first=None, beta=0.1):
    return evolve(
        first or [candidate("CCCCCCO", "CCCCCO", step="first"), candidate("CCc1ccccc1")],
        [Scored(*each) for each in zip(SCORED, SCORE.tolist(), strict=True)],
        Surrogate().fit(SCORED, SCORE),
        beta,
        generations=generations,
        parents=parents,
        breed=lambda ranked: Gates().admit(breed(ranked), SCORED),
    )


def test_one_generation_is_the_first_one():
    brood = bred(1)
    assert [each.key for each in brood.candidates] == ["CCCCCCO", "CCc1ccccc1"]
    assert brood.belief.mean.shape == (2,)
    assert not brood.refused


def test_parents_are_those_of_the_highest_bounds_scored_or_not():
    asked = []

    def breed(parents):
        asked.append([each.key for each in parents])
        return longer(parents)

    bred(2, parents=2, breed=breed)
    assert len(asked) == 1
    assert set(asked[0]) == {"CCCCCO", "CCCCCCO"}  # the best that was scored, and an unscored one like it


def test_belief_is_that_of_all_candidates_at_once():
    brood = bred(3, parents=3)
    keys = [each.key for each in brood.candidates]
    together = Surrogate().fit(SCORED, SCORE).believe(keys)
    assert len(keys) == len(set(keys)) > 3
    assert brood.belief.mean.tolist() == together.mean.tolist()
    assert brood.belief.std.tolist() == together.std.tolist()
    assert np.allclose(brood.belief.whitened, together.whitened)


def test_a_grandchild_names_the_parents_that_were_scored():
    """Lineage leads through compounds that are in the history, and the steps tell the rest."""
    brood = bred(3, parents=2, first=[candidate("CCCCCCO", "CCCCCO", step="first")])
    of = {each.key: each.proposal for each in brood.candidates}
    assert of["CCCCCCCO"].parents == ("CCCCCO",)
    assert of["CCCCCCCO"].step == "first, then longer"
    assert all(set(each.parents) <= set(SCORED) for each in of.values())


def test_what_is_proposed_twice_is_counted_and_no_candidate():
    brood = bred(3, breed=lambda _: [Proposal("CCCCCCO", "me"), Proposal("CCCCCCCO", "me")])
    assert [each.key for each in brood.candidates] == ["CCCCCCO", "CCc1ccccc1", "CCCCCCCO"]
    assert brood.refused == Counter({"proposed twice": 3})


def test_breeders_that_have_nothing_end_no_round():
    brood = bred(4, breed=lambda _: [])
    assert len(brood.candidates) == 2


def test_a_search_with_generations_goes_on_as_if_it_had_never_stopped(tmp_path):
    """What is bred inside a round leaves nothing behind that a checkpoint would have to hold."""

    def search(folder, stop_at=1000):
        def stop(each):
            if each.calls >= stop_at:
                raise KeyboardInterrupt

        return optimize(
            lambda keys: np.array([min(1.0, len(key) / 40) for key in keys]),
            [GeneticGenerator()],
            gates=Gates(),
            budget=40,
            config=OptimizeConfig(proposals=30, generations=3, batch=5, first=5),
            seeds=[*SCORED, "CCN(CC)CC", "COc1ccccc1"],
            folder=folder,
            progress=stop,
        )

    whole = search(tmp_path / "whole")
    for calls in (10, 25):
        with pytest.raises(KeyboardInterrupt):
            search(tmp_path / "cut", stop_at=calls)
    assert repr(search(tmp_path / "cut")) == repr(whole)
    scored = {call.key for call in whole.calls}
    assert all(set(call.parents) <= scored for call in whole.calls)
    assert any(", then " in call.step for call in whole.calls)
