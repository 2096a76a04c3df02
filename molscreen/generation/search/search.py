"""Search: where an optimisation stands, and one round of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from molscreen.chem.compound import RECIPE_VERSION
from molscreen.errors import ConfigError
from molscreen.generation.generator import MoleculeGenerator
from molscreen.generation.search.bandit import Bandit, contributions
from molscreen.generation.search.checkpoint import Checkpoint
from molscreen.generation.search.choice import Chooser
from molscreen.generation.search.direction import Direction
from molscreen.generation.search.gate import INVALID, Gates, standardize_seeds
from molscreen.generation.search.history import Call, History, Remedy, Round
from molscreen.generation.search.judgement import Score, ask, record
from molscreen.generation.search.memory import Memory, Vitality
from molscreen.generation.search.nursery import Nursery
from molscreen.generation.search.preset import OptimizeConfig
from molscreen.provenance import versions
from molscreen.screening.tiers.stages import Stopwatch

RETIRED = {"generations": 1, "bucket": 0}
"""Settings of before, of which no run had others: so those that were begun with them go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundReport:
    """What one round did, for whoever looks on.

    Attributes
    ----------
    round, calls, budget : int
    best : float
        The best score so far; NaN where there is none.
    shares : mapping of str to float
        Of each generator, in the round that comes.
    candidates : int
        Proposals that passed the gates.
    refused : mapping of str to int
        Proposals that did not, by reason.
    vitality : Vitality
    remedies : tuple of Remedy
        Decided after this round.
    seconds : mapping of str to float
        Wall time of the round by stage.
    """

    round: int
    calls: int
    budget: int
    best: float
    shares: Mapping[str, float]
    candidates: int
    refused: Mapping[str, int]
    vitality: Vitality
    remedies: tuple[Remedy, ...]
    seconds: Mapping[str, float]


class Search:
    """A search that has not begun, until it is run, or resumed and run; the parameters of `optimize`."""

    def __init__(
        self,
        score: Score,
        generators: Sequence[MoleculeGenerator],
        *,
        gates: Gates,
        budget: int,
        seed: int,
        config: OptimizeConfig,
        seeds: Sequence[str],
        identity: Mapping[str, Any],
    ) -> None:
        self.score, self.generators, self.gates = score, generators, gates
        self.budget, self.config = budget, config
        self.seeds, self.refused = standardize_seeds(seeds, gates.recipe)
        self.memory = Memory(watch=config.watch)
        self.rng, self.stopwatch = np.random.default_rng(seed), Stopwatch()
        self.nursery = Nursery(
            generators=generators,
            gates=gates,
            memory=self.memory,
            config=config,
            rng=self.rng,
            stopwatch=self.stopwatch,
        )
        self.chooser = Chooser(self.nursery)
        try:
            self.bandit = Bandit.new([each.name for each in generators])
        except ValueError as error:
            raise ConfigError(f"generators: {error}") from error
        self.round = self.dry = 0
        self.stopped = ""
        self.rounds: list[Round] = []
        self.direction = Direction()
        self.identity = {
            "budget": budget,
            "seed": seed,
            "config": asdict(config) | RETIRED,
            "gates": gates.identity(),
            "generators": [dict(each.identity()) for each in generators],
            "seeds": self.seeds,
            "other": dict(identity),
            "versions": {"recipe": RECIPE_VERSION, **versions(("numpy", "rdkit", "scipy"))},
        }

    def run(
        self, write: Callable[[Checkpoint], object], progress: Callable[[RoundReport], object]
    ) -> History:
        """Round after round; what is done is written before the next begins."""
        if not self.round:
            write(self._checkpoint())
        while not self.stopped:
            self.stopwatch.seconds.clear()
            remedies = len(self.memory.remedies)
            candidates, refused = self._run_round()
            self.stopped = self._why_stop()
            with self.stopwatch("write"):
                write(self._checkpoint())
            progress(self._report(candidates, refused, remedies))
        history = History(
            tuple(self.memory.calls), dict(self.refused), self.stopped, tuple(self.rounds),
            tuple(self.memory.remedies),
        )  # fmt: skip
        history.check()
        return history

    def resume(self, found: Checkpoint) -> None:
        """Become what was written."""
        state = found.state
        self.memory.add(found.calls)
        self.round, self.dry, self.stopped = state["round"], state["dry"], state["stopped"]
        self.refused = Counter(state["refused"])
        self.rounds = [Round(*each) for each in state["rounds"]]
        self.rng.bit_generator.state = state["rng"]
        self.bandit = Bandit.from_state(state["bandit"])
        for generator, its_state in zip(self.generators, state["generators"], strict=True):
            generator.restore(its_state)

    def _checkpoint(self) -> Checkpoint:
        state = {
            "round": self.round,
            "dry": self.dry,
            "stopped": self.stopped,
            "refused": dict(self.refused),
            "rounds": [list(each) for each in self.rounds],
            "rng": self.rng.bit_generator.state,
            "bandit": self.bandit.state(),
            "generators": [dict(each.state()) for each in self.generators],
        }
        return Checkpoint(identity=self.identity, calls=tuple(self.memory.calls), state=state)

    def _run_round(self) -> tuple[int, Counter[str]]:
        """Number of candidates, and the refusals of the other proposals."""
        self.round += 1
        n = min(self.config.batch, self.budget - len(self.memory))
        waiting = [key for key in self.seeds if key not in self.memory][:n]
        if waiting:
            self._learn(self._call([Call(0, self.round, key, np.nan) for key in waiting]))
            return len(waiting), Counter()
        weighs_anew = self.config.pareto and self.round % 2 == 0
        self.direction = Direction.draw(self.memory.calls, self.rng) if weighs_anew else Direction()
        shares = self._shares
        size = self.config.proposals
        candidates, refused = self.nursery.propose(size, shares, self.direction, fewest=n)
        self.refused.update(refused)
        drafts: list[Call] = []
        if candidates:
            drafts = self.chooser.choose(
                candidates, n, round_=self.round, shares=shares, direction=self.direction
            )
        self._learn(self._call(drafts))
        self.dry = 0 if candidates else self.dry + 1
        admitted, scored = len(candidates), len(drafts)
        proposed = admitted + refused.total()
        invalid = sum(count for reason, count in refused.items() if reason.startswith(INVALID))
        self.rounds.append(Round(len(self.memory), proposed, proposed - invalid, admitted, scored))
        return admitted, refused

    @property
    def _shares(self) -> Bandit:
        """Who gets how much: alike for all while a standstill is being mended."""
        return Bandit.new(self.bandit.names) if self.memory.is_exploring else self.bandit

    def _call(self, drafts: list[Call]) -> list[Call]:
        """The drafts with their numbers and scores."""
        if not drafts:
            return []
        keys = [draft.key for draft in drafts]
        with self.stopwatch("score"):
            return record(drafts, ask(self.score, keys), len(self.memory))

    def _learn(self, calls: list[Call]) -> None:
        if not calls:
            return
        with self.stopwatch("learn"):
            self.memory.add(calls)
            worth, among = (self.direction.worth(each) for each in (calls, self.memory.calls))
            self.bandit = self.bandit.learn(contributions([call.proposer for call in calls], worth, among))
            told = self.memory.to_learn(calls, self.direction.places(calls, self.memory.calls))
            for generator in self.generators:
                generator.learn(told)

    def _why_stop(self) -> str:
        if len(self.memory) >= self.budget:
            return f"the budget of {self.budget} calls is spent"
        if self.dry >= self.config.patience and not self.memory.n_scored:
            reasons = Counter(call.reason or "no number" for call in self.memory.calls)
            told = "; ".join(f"{reason}: {count}" for reason, count in reasons.most_common(3))
            return f"none of {len(self.memory)} compounds has a score to start from ({told or 'no compound'})"
        if self.dry >= self.config.patience:
            return (
                f"no new candidate in {self.dry} rounds: the generators, or what the gates let pass, ran dry"
            )
        return ""

    def _report(self, candidates: int, refused: Mapping[str, int], remedies: int) -> RoundReport:
        return RoundReport(
            round=self.round,
            calls=len(self.memory),
            budget=self.budget,
            best=self.memory.best_score,
            shares=dict(zip(self.bandit.names, self.bandit.shares().tolist(), strict=True)),
            candidates=candidates,
            refused=dict(refused),
            vitality=self.memory.vitality(),
            remedies=tuple(self.memory.remedies[remedies:]),
            seconds=dict(self.stopwatch.seconds),
        )
