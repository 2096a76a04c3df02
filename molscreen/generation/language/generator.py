"""LanguageGenerator: writes molecules token by token, and learns to write those that score, with replay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from molscreen.config import check_not_negative, check_positive
from molscreen.generation.generator import GENERATORS, Scored
from molscreen.generation.genetic.generator import rank_weights
from molscreen.generation.language.policy import Policy
from molscreen.generation.language.prior import Prior
from molscreen.generation.language.writer import Writer
from molscreen.generation.language.writing import Style
from molscreen.prediction.threads import single_thread


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageConfig:
    """How the language generator writes and learns.

    Attributes
    ----------
    memory : int
        Compounds that it learns from, the best so far, whoever proposed them.
    rank_offset : float
        k of `molscreen.generation.genetic.generator.rank_weights`, by which these are drawn.
    calls_per_update : int
        Compounds scored for each update of the network.
    batch : int
        Compounds drawn for an update.
    beta : float
        Inverse temperature: a molecule is to be written as often as ``exp(beta * score)``. Less gives more
        different molecules that score less.
    rate, partition_rate : float
        Of Adam, for the weights and for the log of the partition function.
    partition : float
        Where that begins.
    kl : float
        Weight of the divergence from the prior.
    style : Style, optional
        How compounds are written to be learnt from; that of the prior if None. Another must have the same
        tokens, and costs what the network has to unlearn.
    attempts : int
        Molecules written at most for each that is asked for.
    seed : int
        Of what is drawn to learn from.

    References
    ----------
    Genetic GFN: Kim et al., NeurIPS 2024, arXiv:2402.05961, whose settings these are: 8 updates for a round
    of 64 molecules.
    """

    memory: int = 1024
    rank_offset: float = 0.01
    calls_per_update: int = 8
    batch: int = 64
    beta: float = 50.0
    rate: float = 5e-4
    partition_rate: float = 0.1
    partition: float = 5.0
    kl: float = 0.01
    style: Style | None = None
    attempts: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        above = ("memory", "rank_offset", "calls_per_update", "batch", "beta", "rate", "attempts")
        check_positive(self, *above, where="[language]")
        check_not_negative(self, "partition_rate", "kl", "seed", where="[language]")


@GENERATORS.register("language")
class LanguageGenerator(Writer):
    """A recurrent network that writes SMILES, drawn from a prior of drug-like molecules to high scores.

    Before it has learnt of anything it writes as the prior does, and always within a grammar, so that nearly
    all of it is a molecule. Trajectory balance teaches it to write a molecule of score R with a probability
    proportional to ``exp(beta * R)``, from compounds drawn by rank out of the best so far, whoever proposed
    them; a term for the divergence holds it near the prior. A compound with a token that the prior has never
    seen is not learnt from.

    Parameters
    ----------
    prior : Prior, optional
        The shipped one if None.
    config : LanguageConfig

    References
    ----------
    Kim et al., NeurIPS 2024, arXiv:2402.05961. Trajectory balance: Malkin et al., NeurIPS 2022,
    arXiv:2201.13259.

    Examples
    --------
    >>> import numpy as np
    >>> from rdkit import Chem
    >>> generator = LanguageGenerator()
    >>> proposals = generator.propose(5, np.random.default_rng(0))
    >>> len(proposals), all(Chem.MolFromSmiles(each.smiles) for each in proposals)
    (5, True)
    """

    name: ClassVar[str] = "language"

    def __init__(
        self,
        prior: Prior | None = None,
        config: LanguageConfig = LanguageConfig(),  # frozen
    ) -> None:
        super().__init__(prior, config)
        self.config = config

    def make_policy(self, prior: Prior) -> Policy:
        """The network as it is before it has learnt."""
        config = self.config
        return Policy(prior, config.rate, partition=config.partition, partition_rate=config.partition_rate)

    def learn(self, scored: Sequence[Scored]) -> None:
        """Remember the best compounds, and update the network as often as so many calls allow."""
        self.replay.learn(scored)
        updates, self._owed = divmod(self._owed + len(scored), self.config.calls_per_update)
        if len(self.replay):
            with single_thread():
                for _ in range(updates):
                    self._balance()

    def _balance(self) -> None:
        """One step of trajectory balance, on compounds drawn by rank."""
        config = self.config
        chance = rank_weights(len(self.replay), config.rank_offset)
        sequences, scores = self.replay.draw(config.batch, chance, self.draw_rng())
        found = self.policy.likelihood(sequences)
        balance = found.policy + self.policy.log_z - config.beta * scores
        divergence = (found.policy - found.prior).mean()
        self.descend(balance.square().mean() + config.kl * divergence)
