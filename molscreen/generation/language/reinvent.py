"""ReinventGenerator: the method that others are measured against, on the prior of the language generator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from molscreen.config import check_positive
from molscreen.generation.generator import GENERATORS, Scored
from molscreen.generation.language.policy import Policy
from molscreen.generation.language.prior import Prior
from molscreen.generation.language.writer import Writer
from molscreen.generation.language.writing import Style
from molscreen.prediction.threads import single_thread

_LEAST = 1e-9  # of a compound's weight when it is drawn: where all score 0 they are alike


@dataclass(frozen=True, slots=True, kw_only=True)
class ReinventConfig:
    """How REINVENT learns.

    Attributes
    ----------
    sigma : float
        How much a score counts against the prior.
    rate : float
        Of Adam.
    replay : int
        Compounds drawn from the memory for each update, beside those just scored.
    memory : int
        Compounds that are drawn from, the best so far, by their scores.
    style : Style, optional
        How compounds are written to be learnt from; that of the prior if None.
    attempts : int
        Molecules written at most for each that is asked for; 1 is REINVENT's, whose invalid ones just miss.
    seed : int
        Of what is drawn to learn from.

    References
    ----------
    Olivecrona et al., J. Cheminform. 9, 48 (2017), doi:10.1186/s13321-017-0235-x; settings as tuned for PMO,
    Gao et al., NeurIPS 2022, doi:10.48550/arXiv.2206.12411: 64 molecules in a round, 24 of them replayed.
    """

    sigma: float = 500.0
    rate: float = 5e-4
    replay: int = 24
    memory: int = 100
    style: Style | None = None
    attempts: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        check_positive(self, "sigma", "rate", "replay", "memory", "attempts", where="[reinvent]")


@GENERATORS.register("reinvent")
class ReinventGenerator(Writer):
    """REINVENT, for benchmarks: a baseline of our own, in the same harness and with the same prior.

    To be measured, every molecule it proposes is scored, 64 in a round, and no other generator and no
    surrogate stands beside it. For a search of one's own `LanguageGenerator` is the better choice. Each call
    of `learn` is one update: on what was just scored, and on some of the best so far, the square of
    ``log P(prior) + sigma * score - log P(policy)`` is descended. It writes within the grammar of the
    language generator, so that it misses fewer of its 64; the regulariser of the original is left out.

    Parameters
    ----------
    prior : Prior, optional
        The shipped one if None.
    config : ReinventConfig

    References
    ----------
    Olivecrona et al., J. Cheminform. 9, 48 (2017), doi:10.1186/s13321-017-0235-x.
    """

    name: ClassVar[str] = "reinvent"

    def __init__(
        self,
        prior: Prior | None = None,
        config: ReinventConfig = ReinventConfig(),  # frozen
    ) -> None:
        super().__init__(prior, config)
        self.config = config

    def make_policy(self, prior: Prior) -> Policy:
        """The network as it is before it has learnt."""
        return Policy(prior, self.config.rate)

    def learn(self, scored: Sequence[Scored]) -> None:
        """One update on what has a score, and on some of what was best before."""
        rng = self.draw_rng()
        sequences, scores = self.replay.write(scored, rng)
        if len(self.replay) > self.config.replay:
            worth = np.fromiter(self.replay.scores.values(), np.float64) + _LEAST
            again, theirs = self.replay.draw(self.config.replay, worth / worth.sum(), rng)
            sequences, scores = sequences + again, torch.cat([scores, theirs])
        self.replay.learn(scored)
        if sequences:
            with single_thread():
                found = self.policy.likelihood(sequences)
                wanted = found.prior + self.config.sigma * scores
                self.descend((wanted - found.policy).square().mean())
