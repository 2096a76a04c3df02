"""Presets: how a search spends its calls, in general and for cheap and dear scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from molscreen.config import check_not_negative, check_positive
from molscreen.errors import ConfigError
from molscreen.generation.search.surrogate import OBSERVATIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizeConfig:
    """How a search spends its calls."""

    proposals: int = 1000  # asked for in a round; a choice of 1 in 50 is what the surrogate lives from
    parents: int = 300  # where a front is searched: what those that breed do so from
    batch: int = 20  # compounds of a round; fewer learn more per call, more keep the machine busy
    ucb_share: float = 0.5  # of a batch, picked by the surrogate; the rest keeps its mistakes in check
    surrogate: bool = True
    standardised: bool = True  # scores, see `Surrogate`
    observations: int = OBSERVATIONS
    first: int = 20  # scored before the surrogate is asked; with fewer it only knows what is alike
    watch: int = 0  # calls, see `Memory`: how long a collapse or a standstill may last; 0: for ever
    pareto: bool = False  # every other round climbs in a random direction of the front, see `Direction`
    patience: int = 5  # rounds without any new candidate before the search ends

    def __post_init__(self) -> None:
        check_positive(self, "proposals", "parents", "batch", "observations", "first", "patience")
        check_not_negative(self, "watch")
        if not 0 <= self.ucb_share <= 1:
            raise ConfigError(f"ucb_share must be from 0 to 1, got {self.ucb_share}")


PRESETS: Mapping[str, OptimizeConfig] = MappingProxyType(
    {
        "fast": OptimizeConfig(proposals=300),  # a score of milliseconds: proposing is what takes the time
        "standard": OptimizeConfig(),
        "expensive": OptimizeConfig(batch=5, ucb_share=0.8, first=10),  # minutes and more: think longer
    }
)
