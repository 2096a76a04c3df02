"""AnalogueGenerator: a small generator for tests of what stands around generators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from molscreen.chem.analogues.analogues import Analogue, analogues
from molscreen.generation.generator import MoleculeGenerator, Proposal, Scored


@dataclass(frozen=True)
class AnalogueConfig:
    """How many parents it has."""

    parents: int = 10


class AnalogueGenerator(MoleculeGenerator):
    """Proposes the analogues of the best compounds that it knows."""

    name = "analogues"

    def __init__(self, config: AnalogueConfig = AnalogueConfig(), name: str = "analogues") -> None:
        self.config = config
        self.name = name
        self.known: dict[str, float] = {}

    def propose(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        best = sorted(self.known, key=lambda key: (-self.known[key], key))[: self.config.parents]
        found: dict[str, Proposal] = {}
        for parent in best:
            for each in _analogues(parent)[: max(1, n // len(best))]:
                found.setdefault(each.key, Proposal(each.key, self.name, (parent,), each.change))
        made = list(found.values())
        return [made[i] for i in rng.permutation(len(made))[:n]]

    def learn(self, scored: Sequence[Scored]) -> None:
        self.known.update({each.key: each.score for each in scored if not np.isnan(each.score)})

    def state(self) -> Mapping[str, Any]:
        return {"known": self.known}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.known = dict(state["known"])


@cache
def _analogues(key: str) -> list[Analogue]:
    """Tests search the same neighbourhood again and again."""
    return analogues(key)
