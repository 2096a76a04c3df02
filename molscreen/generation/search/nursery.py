"""Nursery: where candidates come from. Generators propose, gates refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
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


class Nursery:
    """The generators of a search behind its gates.

    Parameters
    ----------
    generators : sequence of MoleculeGenerator
    gates : Gates
    memory : Memory
        Of the search: what was scored is no candidate, and the best of it are parents.
    config : OptimizeConfig
    rng : numpy.random.Generator
        Of the search.
    stopwatch : Stopwatch
        Told the seconds of "propose" and "gates".
    """

    def __init__(
        self,
        generators: Sequence[MoleculeGenerator],
        gates: Gates,
        memory: Memory,
        config: OptimizeConfig,
        rng: np.random.Generator,
        stopwatch: Stopwatch,
    ) -> None:
        self.generators, self.gates = generators, gates
        self._memory, self._config, self._rng, self._stopwatch = memory, config, rng, stopwatch

    def propose(self, n: int, shares: Bandit, direction: Direction, *, fewest: int) -> Admitted:
        """Candidates out of `n` proposals, by the shares of the generators; `fewest` as for `Approach.sift`.

        Where a front is searched, those that breed do so from the best in the direction of the round.
        """
        proposals: list[Proposal] = []
        with self._stopwatch("propose"):
            wanted = apportion(n, shares.shares())
            for generator, its_share in zip(self._proposers(direction), wanted, strict=True):
                made = generator.propose(its_share, self._rng)
                foreign = {each.proposer for each in made} - {generator.name}
                if foreign:
                    raise RunError(f"generator '{generator.name}' signs as '{min(foreign)}'")
                proposals += made
        return self._admit(proposals, fewest)

    def breed(self, n: int, shares: Bandit, parents: Sequence[Scored]) -> Admitted:
        """Candidates of a further generation of these parents, by the shares of those that breed.

        None of a crowded scaffold: nobody need breed these.
        """
        with self._stopwatch("propose"):
            proposals = self._breed(n, shares, parents)
        admitted = self._admit(proposals)
        fit = self.uncrowded(admitted.candidates)
        if crowded := len(admitted.candidates) - len(fit):
            admitted.refused["of a crowded scaffold"] = crowded
        return Admitted(fit, admitted.refused)

    def parents(self, direction: Direction) -> list[Scored]:
        """The best that were scored, in a direction."""
        best = direction.best(self._memory.fit(), self._config.parents)
        return [Scored(call.key, worth) for call, worth in best]

    def uncrowded(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Those whose scaffold has room."""
        if not self._config.bucket and not self._config.watch:
            return list(candidates)
        return [each for each in candidates if not self._memory.is_crowded(murcko_scaffold(each.key))]

    def _proposers(self, direction: Direction) -> list[MoleculeGenerator]:
        if direction.weights is None:
            return list(self.generators)
        parents = self.parents(direction)
        return [each.bred_from(parents) or each for each in self.generators]

    def _breed(self, n: int, shares: Bandit, parents: Sequence[Scored]) -> list[Proposal]:
        broods = [each.bred_from(parents) for each in self.generators]
        of_breeders = np.array([
            share if brood else 0.0 for share, brood in zip(shares.shares(), broods, strict=True)
        ])  # fmt: skip
        if not of_breeders.any():
            return []
        wanted = apportion(n, of_breeders / of_breeders.sum())
        pairs = zip(broods, wanted, strict=True)
        return [each for brood, size in pairs if brood for each in brood.propose(size, self._rng)]

    def _admit(self, proposals: Sequence[Proposal], fewest: int = 0) -> Admitted:
        """What passes the gates; shuffled first, so that no generator owns what several propose."""
        with self._stopwatch("gates"):
            shuffled = [proposals[place] for place in self._rng.permutation(len(proposals))]
            return Admitted(*self.gates.admit(shuffled, self._memory, fewest=fewest))
