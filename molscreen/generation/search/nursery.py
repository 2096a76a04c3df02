"""Nursery: where candidates come from. Generators propose, gates refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from molscreen.chem.scaffold import murcko_scaffold
from molscreen.errors import RunError
from molscreen.generation.generator import MoleculeGenerator, Proposal, Scored
from molscreen.generation.search.bandit import Bandit, apportion
from molscreen.generation.search.candidate import Candidate
from molscreen.generation.search.direction import Direction
from molscreen.generation.search.gate import Gates
from molscreen.generation.search.memory import Memory
from molscreen.generation.search.preset import OptimizeConfig
from molscreen.screening.tiers.stages import Stopwatch


class Admitted(NamedTuple):
    """What passes the gates, and how many proposals did not, by reason."""

    candidates: list[Candidate]
    refused: Counter[str]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Nursery:
    """The generators of a search behind its gates.

    Attributes
    ----------
    generators : sequence of MoleculeGenerator
    gates : Gates
    memory : Memory
        Of the search: what was scored is no candidate, and the best of it are parents.
    config : OptimizeConfig
    rng : numpy.random.Generator
        Of the search.
    stopwatch : Stopwatch
        Told the seconds of each stage.
    """

    generators: Sequence[MoleculeGenerator]
    gates: Gates
    memory: Memory
    config: OptimizeConfig
    rng: np.random.Generator
    stopwatch: Stopwatch

    def propose(self, n: int, shares: Bandit, direction: Direction, *, fewest: int) -> Admitted:
        """Candidates out of `n` proposals, by the shares of the generators; `fewest` as for `Approach.sift`.

        Where a front is searched, those that breed do so from the best in the direction of the round.
        """
        proposals: list[Proposal] = []
        with self.stopwatch("propose"):
            wanted = apportion(n, shares.shares())
            for generator, its_share in zip(self._proposers(direction), wanted, strict=True):
                made = generator.propose(its_share, self.rng)
                foreign = {each.proposer for each in made} - {generator.name}
                if foreign:
                    raise RunError(f"generator '{generator.name}' signs as '{min(foreign)}'")
                proposals += made
        return self._admit(proposals, fewest)

    def parents(self, direction: Direction) -> list[Scored]:
        """The best that were scored, in a direction."""
        best = direction.best(self.memory.fit(), self.config.parents)
        return [Scored(call.key, worth) for call, worth in best]

    def uncrowded(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Those whose scaffold has room."""
        if not self.config.watch:
            return list(candidates)
        return [each for each in candidates if not self.memory.is_crowded(murcko_scaffold(each.key))]

    def _proposers(self, direction: Direction) -> list[MoleculeGenerator]:
        if direction.weights is None:
            return list(self.generators)
        parents = self.parents(direction)
        return [each.bred_from(parents) or each for each in self.generators]

    def _admit(self, proposals: Sequence[Proposal], fewest: int) -> Admitted:
        """What passes the gates; shuffled first, so that no generator owns what several propose."""
        with self.stopwatch("gates"):
            shuffled = [proposals[place] for place in self.rng.permutation(len(proposals))]
            return Admitted(*self.gates.admit(shuffled, self.memory, fewest=fewest))
