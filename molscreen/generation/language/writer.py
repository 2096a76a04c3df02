"""Writer: what generators have in common whose network writes molecules and learns from their scores."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from molscreen.generation.generator import MoleculeGenerator, Proposal
from molscreen.generation.language.policy import Policy
from molscreen.generation.language.prior import Prior, load_prior
from molscreen.generation.language.replay import Replay
from molscreen.generation.language.writing import Style
from molscreen.prediction.threads import single_thread

STEP = "written anew"  # what is said of a molecule that was made of nothing


class WriterConfig(Protocol):
    """What a writer wants to know of its settings."""

    @property
    def memory(self) -> int:
        """Compounds that are learnt from again, the best so far."""

    @property
    def attempts(self) -> int:
        """Molecules written at most for each that is asked for."""

    @property
    def style(self) -> Style | None:
        """How compounds are written to be learnt from; that of the prior if None."""

    @property
    def seed(self) -> int:
        """Of what is drawn to learn from."""


class Writer(MoleculeGenerator):
    """A network that begins as a prior, and a memory of the best compounds that it can write.

    The network is made when it is first needed. All that is random in its learning depends on the number of
    the update, so that it needs no generator of its own.

    Parameters
    ----------
    prior : Prior, optional
        The shipped one if None.
    config : WriterConfig
    """

    def __init__(self, prior: Prior | None, config: WriterConfig) -> None:
        self.prior = prior
        self._settings = config
        self._made: tuple[Policy, Replay] | None = None
        self._updates = self._owed = 0  # updates done; calls that none was done for yet

    @abstractmethod
    def make_policy(self, prior: Prior) -> Policy:
        """The network as it is before it has learnt."""

    @property
    def policy(self) -> Policy:
        """The network, as it is now."""
        return self._both()[0]

    @property
    def replay(self) -> Replay:
        """What it learns from."""
        return self._both()[1]

    def propose(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        """At most `n` different molecules, none of them in the memory."""
        known, attempts = self.replay.scores, self._settings.attempts
        with single_thread():
            made = self.policy.molecules(n, rng, without=known, attempts=attempts)
        return [Proposal(smiles, self.name, step=STEP) for smiles in made]

    def draw_rng(self) -> np.random.Generator:
        """The randomness of the update that comes."""
        return np.random.default_rng([self._settings.seed, self._updates])

    def descend(self, loss: Tensor) -> None:
        """End an update."""
        self.policy.descend(loss)
        self._updates += 1

    def identity(self) -> Mapping[str, Any]:
        """What proposals depend on: the settings, the weights, and the version that computes with them."""
        return {**super().identity(), "prior": self._prior().digest, "torch": torch.__version__}

    def state(self) -> Mapping[str, Any]:
        """The memory, and the network with its optimiser once it has learnt."""
        return {
            "replay": self.replay.state(),
            "updates": self._updates,
            "owed": self._owed,
            "policy": self.policy.state() if self._updates else "",
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Become what `state` came from."""
        self._made = None
        self._updates, self._owed = int(state["updates"]), int(state["owed"])
        self.replay.restore(state["replay"])
        if state["policy"]:
            self.policy.restore(state["policy"])

    def _prior(self) -> Prior:
        return self.prior if self.prior is not None else load_prior()

    def _both(self) -> tuple[Policy, Replay]:
        if self._made is None:
            prior = self._prior()
            style = self._settings.style or prior.style
            replay = Replay(prior.vocabulary, style, self._settings.memory)
            self._made = self.make_policy(prior), replay
        return self._made
