"""MoleculeGenerator: a source of new molecules, which may learn from how its proposals were scored."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from molscreen.registry import Registry


@dataclass(frozen=True, slots=True)
class Proposal:
    """A structure that a generator proposes, before anybody has looked at it.

    Attributes
    ----------
    smiles : str
        Valid for RDKit; not yet standardised.
    proposer : str
        The generator's name in `GENERATORS`.
    parents : tuple of str
        Keys of the compounds that it was made of; empty for one made from nothing.
    step : str
        What was done, in a chemist's words, for example ``Cl → CN``; for a reaction its name and blocks.
    """

    smiles: str
    proposer: str
    parents: tuple[str, ...] = ()
    step: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """A compound that was scored.

    Attributes
    ----------
    key : str
        A compound key, see `molscreen.chem.compound.Compound`.
    score : float
        In [0, 1], higher is better; NaN where it could not be scored.
    proposer : str
        Who proposed it; empty for a seed.
    """

    key: str
    score: float
    proposer: str = ""


class MoleculeGenerator(ABC):
    """A source of new molecules.

    A generator has no randomness of its own: all that it draws comes from the `rng` of `propose`, so that the
    same state and the same `rng` give the same proposals. `state` and `restore` make a resumed run exact.
    """

    name: ClassVar[str]

    @abstractmethod
    def propose(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        """At most `n` different structures, each one that RDKit can read.

        Fewer where nothing more can be made of what is known; an empty list where nothing can.
        """

    def learn(self, scored: Sequence[Scored]) -> None:  # noqa: B027  # nothing to learn is allowed
        """Take in compounds that were scored since the last call, seeds included; some scores may be NaN."""

    def state(self) -> Mapping[str, Any]:
        """What `restore` needs, as JSON-able values."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:  # noqa: B027
        """Become what `state` came from."""


GENERATORS: Registry[type[MoleculeGenerator]] = Registry(
    "generator",
    homes={
        "genetic": "molscreen.generation.genetic.generator",
        "fragments": "molscreen.generation.fragments.generator",
        "reactions": "molscreen.generation.reactions.generator",
    },
)
