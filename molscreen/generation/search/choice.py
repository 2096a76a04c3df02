"""Chooser: which candidates of a round are scored, by the surrogate and by the shares of the generators."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from molscreen.generation.search.bandit import Bandit, pick_by_share
from molscreen.generation.search.belief import Belief, draw_beta, pick_by_ucb
from molscreen.generation.search.candidate import Candidate
from molscreen.generation.search.direction import Direction
from molscreen.generation.search.history import Call
from molscreen.generation.search.nursery import Nursery
from molscreen.generation.search.surrogate import Surrogate

BOLDEST = 1.0  # how much the unknown is worth while a standstill is mended: the most of `draw_beta`


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
    ) -> list[Call]:
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
        by_ucb: list[int] = []
        fit = self._nursery.uncrowded(candidates)
        candidates = fit if len(fit) >= n else candidates
        drafts = [_draft(each, round_) for each in candidates]
        if self.is_advised:
            beta = BOLDEST if self._memory.is_exploring else draw_beta(self._rng)
            belief = self._believe(candidates, direction)
            told = zip(drafts, belief.mean.tolist(), belief.std.tolist(), strict=True)
            drafts = [replace(draft, mean=mean, std=std) for draft, mean, std in told]
            with self._stopwatch("choose"):
                wanted = math.ceil(self._config.ucb_share * n - 1e-9)  # of a batch of one: that one
                by_ucb = pick_by_ucb(belief, wanted, beta)
        taken = set(by_ucb)
        others = [place for place in range(len(drafts)) if place not in taken]
        proposers = [drafts[place].proposer for place in others]
        by_share = [others[i] for i in pick_by_share(proposers, n - len(by_ucb), shares)]
        return [replace(drafts[i], picked="ucb") for i in by_ucb] + [drafts[i] for i in by_share]

    def _believe(self, candidates: Sequence[Candidate], direction: Direction) -> Belief:
        """What the surrogate thinks of candidates, from all that was scored."""
        keys = [call.key for call in self._memory.calls]
        with self._stopwatch("fit"):
            posterior = self._surrogate.fit(keys, direction.worth(self._memory.calls))
        with self._stopwatch("believe"):
            return posterior.believe([each.key for each in candidates])


def _draft(candidate: Candidate, round_: int) -> Call:
    proposal = candidate.proposal
    return Call(0, round_, candidate.key, np.nan, proposal.proposer, proposal.parents, proposal.step, "share")
