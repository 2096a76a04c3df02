"""Search: where an optimisation stands, and one round of it."""

from __future__ import annotations

import contextlib
import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, NamedTuple

import numpy as np

from molscreen.chem.compound import RECIPE_VERSION
from molscreen.chem.scaffold import murcko_scaffold
from molscreen.errors import ConfigError, RunError
from molscreen.generation.generator import MoleculeGenerator, Proposal, Scored
from molscreen.generation.search.bandit import Bandit, apportion, contributions, pick_by_share
from molscreen.generation.search.belief import draw_beta, pick_by_ucb
from molscreen.generation.search.checkpoint import Checkpoint
from molscreen.generation.search.direction import Direction
from molscreen.generation.search.evolve import Brood, evolve
from molscreen.generation.search.gate import INVALID, Candidate, Gates
from molscreen.generation.search.history import Call, History, Round
from molscreen.generation.search.judgement import Score, ask, record
from molscreen.generation.search.memory import Memory
from molscreen.generation.search.preset import OptimizeConfig
from molscreen.generation.search.progress import Progress
from molscreen.generation.search.start import standardize_seeds
from molscreen.generation.search.surrogate import Surrogate
from molscreen.provenance import versions

BOLDEST = 1.0  # how much the unknown is worth while a standstill is mended: the most of `draw_beta`


class Choice(NamedTuple):
    """What to score in a round, and what became of the further generations that were bred for it."""

    drafts: list[Call]
    bred: int  # candidates
    refused: Counter[str]  # proposals


class Search:
    """A search that has not begun, until it is run, or resumed and run; the parameters of `optimize`."""

    def __init__(
        self,
        score: Score,
        generators: Sequence[MoleculeGenerator],
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
        self.memory = Memory(config.bucket, watch=config.watch)
        self.surrogate = Surrogate(observations=config.observations, standardised=config.standardised)
        self.rng = np.random.default_rng(seed)
        try:
            self.bandit = Bandit.new([each.name for each in generators])
        except ValueError as error:
            raise ConfigError(f"generators: {error}") from error
        self.round = self.dry = 0
        self.stopped = ""
        self.rounds: list[Round] = []
        self.direction = Direction()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.identity = {
            "budget": budget,
            "seed": seed,
            "config": asdict(config),
            "gates": gates.identity(),
            "generators": [dict(each.identity()) for each in generators],
            "seeds": self.seeds,
            "other": dict(identity),
            "versions": {"recipe": RECIPE_VERSION, **versions(("numpy", "rdkit", "scipy"))},
        }

    def run(self, write: Callable[[Checkpoint], object], progress: Callable[[Progress], object]) -> History:
        """Round after round; what is done is written before the next begins."""
        if not self.round:
            write(self._checkpoint())
        while not self.stopped:
            self.seconds.clear()
            remedies = len(self.memory.remedies)
            candidates, refused = self._run_round()
            self.stopped = self._why_stop()
            with self._timed("write"):
                write(self._checkpoint())
            progress(self._progress(candidates, refused, remedies))
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
        candidates, refused = self._candidates()
        self.refused.update(refused)
        choice = self._choose(candidates, n) if candidates else Choice([], 0, Counter())
        self.refused.update(choice.refused)
        self._learn(self._call(choice.drafts))
        self.dry = 0 if candidates else self.dry + 1
        admitted, refused = len(candidates) + choice.bred, refused + choice.refused
        scored, proposed = len(choice.drafts), admitted + refused.total()
        invalid = sum(count for reason, count in refused.items() if reason.startswith(INVALID))
        self.rounds.append(Round(len(self.memory), proposed, proposed - invalid, admitted, scored))
        return admitted, refused

    @property
    def _shares(self) -> Bandit:
        """Who gets how much: alike for all while a standstill is being mended."""
        return Bandit.new(self.bandit.names) if self.memory.is_exploring else self.bandit

    def _candidates(self) -> tuple[list[Candidate], Counter[str]]:
        """What passes the gates of what the generators propose by themselves."""
        generations = self.config.generations if self._is_advised else 1
        wanted = apportion(math.ceil(self.config.proposals / generations), self._shares.shares())
        proposals: list[Proposal] = []
        with self._timed("propose"):
            for generator, n in zip(self._proposers(), wanted, strict=True):
                made = generator.propose(n, self.rng)
                foreign = {each.proposer for each in made} - {generator.name}
                if foreign:
                    raise RunError(f"generator '{generator.name}' signs as '{min(foreign)}'")
                proposals += made
        return self._admit(proposals)

    def _proposers(self) -> list[MoleculeGenerator]:
        """The generators; where a front is searched, bred from the best in the direction of the round."""
        if self.direction.weights is None:
            return list(self.generators)
        parents = self._parents()
        return [each.bred_from(parents) or each for each in self.generators]

    def _parents(self) -> list[Scored]:
        best = self.direction.best(self.memory.fit(), self.config.parents)
        return [Scored(call.key, worth) for call, worth in best]

    def _admit(self, proposals: Sequence[Proposal]) -> tuple[list[Candidate], Counter[str]]:
        """What passes the gates; shuffled first, so that no generator owns what several propose."""
        with self._timed("gates"):
            shuffled = [proposals[place] for place in self.rng.permutation(len(proposals))]
            return self.gates.admit(shuffled, self.memory)

    def _breed(self, parents: Sequence[Scored]) -> list[Proposal]:
        """A further generation, of these parents: of those generators that breed, by their shares."""
        with self._timed("propose"):
            broods = [each.bred_from(parents) for each in self.generators]
            shares = np.array([
                share if brood else 0.0 for share, brood in zip(self._shares.shares(), broods, strict=True)
            ])  # fmt: skip
            if not shares.any():
                return []
            size = math.ceil(self.config.proposals / self.config.generations)
            wanted = zip(broods, apportion(size, shares / shares.sum()), strict=True)
            return [each for brood, n in wanted if brood for each in brood.propose(n, self.rng)]

    @property
    def _is_advised(self) -> bool:
        """Whether enough is known for the surrogate to be asked."""
        return self.config.surrogate and self.memory.n_scored >= self.config.first

    def _choose(self, candidates: list[Candidate], n: int) -> Choice:
        """At most `n` calls to make: the surrogate's, then others from the shares of the generators."""
        refused: Counter[str] = Counter()
        by_ucb: list[int] = []
        candidates = self._uncrowded(candidates, n)
        drafts = [_draft(each, self.round) for each in candidates]
        n_first = len(drafts)
        if self._is_advised:
            beta = BOLDEST if self.memory.is_exploring else draw_beta(self.rng)
            brood = self._evolve(candidates, beta)
            refused = brood.refused
            told = zip(brood.candidates, brood.belief.mean.tolist(), brood.belief.std.tolist(), strict=True)
            drafts = [replace(_draft(each, self.round), mean=mean, std=std) for each, mean, std in told]
            with self._timed("choose"):
                wanted = math.ceil(self.config.ucb_share * n - 1e-9)  # of a batch of one: that one
                by_ucb = pick_by_ucb(brood.belief, wanted, beta)
        taken = set(by_ucb)
        others = [place for place in range(n_first) if place not in taken]
        proposers = [drafts[place].proposer for place in others]
        by_share = [others[i] for i in pick_by_share(proposers, n - len(by_ucb), self._shares)]
        picked = [replace(drafts[i], picked="ucb") for i in by_ucb] + [drafts[i] for i in by_share]
        return Choice(picked, len(drafts) - n_first, refused)

    def _evolve(self, candidates: list[Candidate], beta: float) -> Brood:
        """The candidates, and what is bred from them and from the best that were scored."""
        keys = [call.key for call in self.memory.calls]
        with self._timed("fit"):
            posterior = self.surrogate.fit(keys, self.direction.worth(self.memory.calls))
        config = self.config
        known = self._parents()
        with self._timed("evolve"):
            return evolve(
                candidates, known, posterior, beta,
                generations=config.generations, parents=config.parents,
                breed=self._breed, admit=self._admit_bred,
            )  # fmt: skip

    def _admit_bred(self, proposals: Sequence[Proposal]) -> tuple[list[Candidate], Counter[str]]:
        """What passes the gates, but for those whose scaffold has no room: nobody need breed these."""
        admitted, refused = self._admit(proposals)
        fit = self._uncrowded(admitted, 0)
        if crowded := len(admitted) - len(fit):
            refused["of a crowded scaffold"] = crowded
        return fit, refused

    def _uncrowded(self, candidates: list[Candidate], n: int) -> list[Candidate]:
        """Those whose scaffold has room; all, where these are too few."""
        if not self.config.bucket and not self.config.watch:
            return candidates
        fit = [each for each in candidates if not self.memory.is_crowded(murcko_scaffold(each.key))]
        return fit if len(fit) >= n else candidates

    def _call(self, drafts: list[Call]) -> list[Call]:
        """The drafts with their numbers and scores."""
        if not drafts:
            return []
        keys = [draft.key for draft in drafts]
        with self._timed("score"):
            return record(drafts, ask(self.score, keys), len(self.memory))

    def _learn(self, calls: list[Call]) -> None:
        if not calls:
            return
        with self._timed("learn"):
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

    def _progress(self, candidates: int, refused: Mapping[str, int], remedies: int) -> Progress:
        return Progress(
            round=self.round,
            calls=len(self.memory),
            budget=self.budget,
            best=self.memory.best_score,
            shares=dict(zip(self.bandit.names, self.bandit.shares().tolist(), strict=True)),
            candidates=candidates,
            refused=dict(refused),
            vitality=self.memory.vitality(),
            remedies=tuple(self.memory.remedies[remedies:]),
            seconds=dict(self.seconds),
        )

    @contextlib.contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[stage] += time.perf_counter() - start


def _draft(candidate: Candidate, round_: int) -> Call:
    proposal = candidate.proposal
    return Call(0, round_, candidate.key, np.nan, proposal.proposer, proposal.parents, proposal.step, "share")
