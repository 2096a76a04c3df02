"""Search: where an optimisation stands, and one round of it."""

from __future__ import annotations

import contextlib
import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.compound import RECIPE_VERSION, Rejection
from molscreen.chem.recipe import Recipe
from molscreen.chem.scaffold import murcko_scaffold
from molscreen.chem.standardize import standardize
from molscreen.errors import ConfigError, RunError
from molscreen.generation.generator import MoleculeGenerator, Proposal
from molscreen.generation.search.bandit import Bandit, apportion, credit, pick_by_share
from molscreen.generation.search.checkpoint import Checkpoint
from molscreen.generation.search.gate import Candidate, Gates
from molscreen.generation.search.history import Call, History
from molscreen.generation.search.memory import Memory, Vitality
from molscreen.generation.search.preset import OptimizeConfig
from molscreen.generation.search.surrogate import Surrogate, draw_beta, pick_by_ucb
from molscreen.provenance import versions

Score = Callable[[Sequence[str]], NDArray[np.floating]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What one round did.

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
    seconds: Mapping[str, float]


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
        self.seeds, self.refused = _standardize_seeds(seeds, gates.recipe)
        self.memory = Memory(config.bucket)
        self.surrogate = Surrogate(observations=config.observations, standardised=config.standardised)
        self.rng = np.random.default_rng(seed)
        try:
            self.bandit = Bandit.new([each.name for each in generators])
        except ValueError as error:
            raise ConfigError(f"generators: {error}") from error
        self.round = self.dry = 0
        self.stopped = ""
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.identity = {
            "budget": budget,
            "seed": seed,
            "config": asdict(config),
            "gates": gates.identity(),
            "generators": [_describe(each) for each in generators],
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
            candidates, refused = self._run_round()
            self.stopped = self._why_stop()
            with self._timed("write"):
                write(self._checkpoint())
            progress(self._progress(candidates, refused))
        return History(tuple(self.memory.calls), dict(self.refused), self.stopped)

    def resume(self, found: Checkpoint) -> None:
        """Become what was written."""
        state = found.state
        self.memory.add(found.calls)
        self.round, self.dry, self.stopped = state["round"], state["dry"], state["stopped"]
        self.refused = Counter(state["refused"])
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
        candidates, refused = self._candidates()
        self.refused.update(refused)
        if candidates:
            self._learn(self._call(self._choose(candidates, n)))
        self.dry = 0 if candidates else self.dry + 1
        return len(candidates), refused

    def _candidates(self) -> tuple[list[Candidate], Counter[str]]:
        """What passes the gates; shuffled first, so that no generator owns what several propose."""
        proposals: list[Proposal] = []
        with self._timed("propose"):
            wanted = apportion(self.config.proposals, self.bandit.shares())
            for generator, n in zip(self.generators, wanted, strict=True):
                made = generator.propose(n, self.rng)
                foreign = {each.proposer for each in made} - {generator.name}
                if foreign:
                    raise RunError(f"generator '{generator.name}' signs as '{min(foreign)}'")
                proposals += made
        with self._timed("gates"):
            shuffled = [proposals[place] for place in self.rng.permutation(len(proposals))]
            return self.gates.admit(shuffled, self.memory)

    def _choose(self, candidates: list[Candidate], n: int) -> list[Call]:
        """At most `n` calls to make: the surrogate's, then others from the shares of the generators."""
        with self._timed("choose"):
            drafts = [_draft(each, self.round) for each in self._uncrowded(candidates, n)]
            by_ucb: list[int] = []
            if self.config.surrogate and self.memory.n_scored >= self.config.first:
                keys = [call.key for call in self.memory.calls]
                score = np.array([call.score for call in self.memory.calls])
                belief = self.surrogate.believe(keys, score, [draft.key for draft in drafts])
                told = zip(drafts, belief.mean.tolist(), belief.std.tolist(), strict=True)
                drafts = [replace(draft, mean=mean, std=std) for draft, mean, std in told]
                wanted = math.ceil(self.config.ucb_share * n - 1e-9)  # of a batch of one: that one
                by_ucb = pick_by_ucb(belief, wanted, draw_beta(self.rng))
            taken = set(by_ucb)
            others = [place for place in range(len(drafts)) if place not in taken]
            proposers = [drafts[place].proposer for place in others]
            by_share = [others[i] for i in pick_by_share(proposers, n - len(by_ucb), self.bandit)]
        return [replace(drafts[i], picked="ucb") for i in by_ucb] + [drafts[i] for i in by_share]

    def _uncrowded(self, candidates: list[Candidate], n: int) -> list[Candidate]:
        """Those whose scaffold has room; all, where these are too few."""
        if not self.config.bucket:
            return candidates
        fit = [each for each in candidates if not self.memory.is_crowded(murcko_scaffold(each.key))]
        return fit if len(fit) >= n else candidates

    def _call(self, drafts: list[Call]) -> list[Call]:
        """The drafts with their numbers and scores."""
        keys = [draft.key for draft in drafts]
        with self._timed("score"):
            scores = _check_scores(keys, self.score(keys))
        return [
            replace(draft, number=len(self.memory) + i, score=score)
            for i, (draft, score) in enumerate(zip(drafts, scores, strict=True), start=1)
        ]

    def _learn(self, calls: list[Call]) -> None:
        with self._timed("learn"):
            self.memory.add(calls)
            self.bandit = self.bandit.learn([(call.proposer, self._contribution(call)) for call in calls])
            told = self.memory.to_learn(calls)
            for generator in self.generators:
                generator.learn(told)

    def _contribution(self, call: Call) -> float:
        """Nothing without a score; the call itself is none of the better ones."""
        return 0.0 if np.isnan(call.score) else credit(self.memory.rank(call.score) - 1)

    def _why_stop(self) -> str:
        if len(self.memory) >= self.budget:
            return f"the budget of {self.budget} calls is spent"
        if self.dry >= self.config.patience and not self.memory.n_scored:
            return (
                f"none of {len(self.memory)} compounds has a score to start from: the plan's filters refuse"
                " them, or its models have no number for them"
            )
        if self.dry >= self.config.patience:
            return (
                f"no new candidate in {self.dry} rounds: the generators, or what the gates let pass, ran dry"
            )
        return ""

    def _progress(self, candidates: int, refused: Mapping[str, int]) -> Progress:
        return Progress(
            round=self.round,
            calls=len(self.memory),
            budget=self.budget,
            best=self.memory.best_score,
            shares=dict(zip(self.bandit.names, self.bandit.shares().tolist(), strict=True)),
            candidates=candidates,
            refused=dict(refused),
            vitality=self.memory.vitality(),
            seconds=dict(self.seconds),
        )

    @contextlib.contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[stage] += time.perf_counter() - start


def _check_scores(keys: Sequence[str], scores: NDArray[np.floating]) -> list[float]:
    """The scores of n keys.

    Raises
    ------
    RunError
        There are more or fewer of them, or one is neither in [0, 1] nor NaN.
    """
    values = np.asarray(scores, np.float64)
    if values.shape != (len(keys),):
        raise RunError(f"score gave an array of shape {values.shape} for {len(keys)} keys")
    for key, value in zip(keys, values, strict=True):
        if not (0 <= value <= 1 or np.isnan(value)):
            raise RunError(f"score of '{key}' is {value:g}, expected 0 to 1, or NaN where there is none")
    return [float(value) for value in values]


def _standardize_seeds(seeds: Sequence[str], recipe: Recipe) -> tuple[list[str], Counter[str]]:
    """Different keys in the order of the seeds, and how many seeds were refused for which reason."""
    results = [standardize(smiles, recipe) for smiles in seeds]
    refused = Counter(f"seed: {each.code}" for each in results if isinstance(each, Rejection))
    return list(dict.fromkeys(each.key for each in results if not isinstance(each, Rejection))), refused


def _draft(candidate: Candidate, round_: int) -> Call:
    proposal = candidate.proposal
    return Call(0, round_, candidate.key, np.nan, proposal.proposer, proposal.parents, proposal.step, "share")


def _describe(generator: MoleculeGenerator) -> dict[str, Any]:
    """What is known of a generator's settings: its class and, where it has one, its `config`."""
    config = getattr(generator, "config", None)
    settings = asdict(config) if is_dataclass(config) and not isinstance(config, type) else {}
    return {"name": generator.name, "class": type(generator).__qualname__, "config": settings}
