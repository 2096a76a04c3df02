"""Chooser: which candidates of a round are scored, by the surrogate and by the shares of the generators."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from molscreen.generation.generator import Scored
from molscreen.generation.search.bandit import Bandit, pick_by_share
from molscreen.generation.search.belief import draw_beta, pick_by_ucb
from molscreen.generation.search.candidate import Candidate
from molscreen.generation.search.direction import Direction
from molscreen.generation.search.evolve import Brood, evolve
from molscreen.generation.search.history import Call
from molscreen.generation.search.nursery import Admitted, Nursery
from molscreen.generation.search.surrogate import Surrogate

BOLDEST = 1.0  # how much the unknown is worth while a standstill is mended: the most of `draw_beta`


class Choice(NamedTuple):
    """What to score in a round, and what became of the further generations that were bred for it."""

    drafts: list[Call]
    bred: int  # candidates
    refused: Counter[str]  # proposals


class Chooser:
    """Picks a batch out of the candidates of a nursery."""

    def __init__(self, nursery: Nursery) -> None:
        config = nursery.config
        self._nursery, self._memory, self._config = nursery, nursery.memory, config
        self._rng, self._stopwatch = nursery.rng, nursery.stopwatch
        self._surrogate = Surrogate(observations=config.observations, standardised=config.standardised)

    @property
    def is_advised(self) -> bool:
        """Whether enough is known for the surrogate to be asked."""
        return self._config.surrogate and self._memory.n_scored >= self._config.first

    def choose(
        self,
        candidates: Sequence[Candidate],
        n: int,
        *,
        round_: int,
        shares: Bandit,
        direction: Direction,
    ) -> Choice:
        """At most `n` calls to make: the surrogate's, then others from the shares of the generators.

        Parameters
        ----------
        candidates : sequence of Candidate
            Not empty.
        n : int
        round_ : int
            Its number.
        shares : Bandit
        direction : Direction
            In which the surrogate wants to climb.
        """
        refused: Counter[str] = Counter()
        by_ucb: list[int] = []
        fit = self._nursery.uncrowded(candidates)
        candidates = fit if len(fit) >= n else candidates
        drafts = [_draft(each, round_) for each in candidates]
        n_first = len(drafts)
        if self.is_advised:
            beta = BOLDEST if self._memory.is_exploring else draw_beta(self._rng)
            brood = self._evolve(candidates, beta, shares, direction)
            refused = brood.refused
            told = zip(brood.candidates, brood.belief.mean.tolist(), brood.belief.std.tolist(), strict=True)
            drafts = [replace(_draft(each, round_), mean=mean, std=std) for each, mean, std in told]
            with self._stopwatch("choose"):
                wanted = math.ceil(self._config.ucb_share * n - 1e-9)  # of a batch of one: that one
                by_ucb = pick_by_ucb(brood.belief, wanted, beta)
        taken = set(by_ucb)
        others = [place for place in range(n_first) if place not in taken]
        proposers = [drafts[place].proposer for place in others]
        by_share = [others[i] for i in pick_by_share(proposers, n - len(by_ucb), shares)]
        picked = [replace(drafts[i], picked="ucb") for i in by_ucb] + [drafts[i] for i in by_share]
        return Choice(picked, len(drafts) - n_first, refused)

    def _evolve(
        self, candidates: Sequence[Candidate], beta: float, shares: Bandit, direction: Direction
    ) -> Brood:
        """The candidates, and what is bred from them and from the best that were scored."""
        keys = [call.key for call in self._memory.calls]
        config = self._config
        with self._stopwatch("fit"):
            posterior = self._surrogate.fit(keys, direction.worth(self._memory.calls))
        known = self._nursery.parents(direction)

        def breed(parents: Sequence[Scored]) -> Admitted:
            return self._nursery.breed(config.brood_size, shares, parents)

        with self._stopwatch("evolve"):
            return evolve(
                candidates, known, posterior, beta,
                generations=config.generations, parents=config.parents, breed=breed,
            )  # fmt: skip


def _draft(candidate: Candidate, round_: int) -> Call:
    proposal = candidate.proposal
    return Call(0, round_, candidate.key, np.nan, proposal.proposer, proposal.parents, proposal.step, "share")
