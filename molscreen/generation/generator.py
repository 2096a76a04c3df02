"""MoleculeGenerator: a source of new molecules, which may learn from how its proposals were scored."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any, ClassVar

import numpy as np

from molscreen.registry import Registry

DECIMALS = 6  # of a score, when compounds are ranked


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

    def bred_from(self, parents: Sequence[Scored]) -> MoleculeGenerator | None:  # noqa: ARG002
        """One like it that has learnt of these compounds alone; None for one that does not breed.

        Their scores may be guesses: it is asked for proposals and then forgotten.
        """
        return None

    def identity(self) -> Mapping[str, Any]:
        """What proposals depend on, as JSON-able values: the class, and its ``config`` where it has one.

        Whoever has tables or weights adds their digests: a search is not gone on with where they differ.
        """
        config = getattr(self, "config", None)
        settings = asdict(config) if is_dataclass(config) and not isinstance(config, type) else {}
        return {"name": self.name, "class": type(self).__qualname__, "config": settings}

    def state(self) -> Mapping[str, Any]:
        """What `restore` needs, as JSON-able values."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:  # noqa: B027
        """Become what `state` came from."""


def best_first(scores: Mapping[str, float]) -> list[tuple[str, float]]:
    """Keys and scores, the best first; what differs beyond `DECIMALS` is arithmetic, and equal.

    Equal ones stand in an order that means nothing, by a digest of their keys: where all scores are alike,
    the first ones are no series of analogues, as they would be by their texts.

    Examples
    --------
    >>> best_first({"CCO": 0.2, "CCN": 0.9})
    [('CCN', 0.9), ('CCO', 0.2)]
    """
    return sorted(scores.items(), key=lambda item: (-round(item[1], DECIMALS), digest(item[:1])))


def digest(lines: Iterable[str]) -> str:
    """Of a table, line by line, in this order: 16 hexadecimal digits of its sha256.

    Examples
    --------
    >>> digest(["B0001 CCO"]) == digest(["B0001 CCN"])
    False
    """
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


GENERATORS: Registry[type[MoleculeGenerator]] = Registry(
    "generator",
    homes={
        "genetic": "molscreen.generation.genetic.generator",
        "fragments": "molscreen.generation.fragments.generator",
        "reactions": "molscreen.generation.reactions.generator",
        "language": "molscreen.generation.language.generator",
        "reinvent": "molscreen.generation.language.reinvent",
    },
)
