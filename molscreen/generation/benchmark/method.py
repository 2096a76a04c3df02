"""Method: what searches in a benchmark, by name, with the settings it has in every task."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from molscreen.errors import UsageError, did_you_mean
from molscreen.generation.benchmark.start import N_START
from molscreen.generation.generator import GENERATORS, MoleculeGenerator
from molscreen.generation.search.gate import Gates
from molscreen.generation.search.preset import PRESETS, OptimizeConfig

HEAVY_ATOMS = (1, 100)  # of a proposal, as in Tripp & Hernández-Lobato, arXiv:2406.07709
GATES = Gates(heavy_atoms=HEAVY_ATOMS)
ROUNDS = 200  # of a long search: more cost time, and 10,000 calls are to take ten minutes of a core
SEARCH = PRESETS["standard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A search with its settings, which no task changes.

    Attributes
    ----------
    name : str
    generators : tuple of str
        Names in `GENERATORS`.
    config : OptimizeConfig
    start : int
        Random molecules that are scored first; they are calls like any other.
    """

    name: str
    generators: tuple[str, ...]
    config: OptimizeConfig
    start: int = N_START

    def within(self, budget: int) -> OptimizeConfig:
        """The settings for so many calls: batches grow where there would be more than `ROUNDS` of them."""
        return replace(self.config, batch=max(self.config.batch, math.ceil(budget / ROUNDS)))

    def make_generators(self) -> list[MoleculeGenerator]:
        """New ones, which have learnt nothing."""
        return [GENERATORS[name]() for name in self.generators]


_REINVENT = OptimizeConfig(proposals=64, batch=64, surrogate=False, ucb_share=0.0)

SPECIAL: Mapping[str, Method] = MappingProxyType(
    {
        "portfolio": Method(name="portfolio", generators=("genetic", "fragments"), config=SEARCH),
        "portfolio-language": Method(
            name="portfolio-language", generators=("genetic", "fragments", "language"), config=SEARCH
        ),
        "reinvent": Method(name="reinvent", generators=("reinvent",), config=_REINVENT, start=0),
    }
)
"""Two portfolios, and REINVENT with the settings published for PMO (Kim et al., arXiv:2402.05961)."""


def find_method(name: str) -> Method:
    """The method of a name: one of `SPECIAL`, or a generator by itself, chosen from by the surrogate.

    Raises
    ------
    UsageError
        There is none.

    Examples
    --------
    >>> find_method("genetic").generators
    ('genetic',)
    """
    if name in SPECIAL:
        return SPECIAL[name]
    choices = list(dict.fromkeys([*SPECIAL, *GENERATORS]))
    if name not in choices:
        raise UsageError(
            f"--generator {name}: unknown.{did_you_mean(name, choices)} Known: {', '.join(choices)}"
        )
    return Method(name=name, generators=(name,), config=SEARCH)
