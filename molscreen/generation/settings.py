"""Settings: what a design may propose, and how it searches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from molscreen.arguments import as_sequence
from molscreen.config import check_choice, check_not_negative, check_positive, check_types
from molscreen.errors import ConfigError
from molscreen.generation.generator import GENERATORS
from molscreen.generation.reranker import SHARD_SIZE
from molscreen.screening.plan.tables import Action

HEAVY_ATOMS = (8, 60)  # of a proposal: from a fragment's size to that of the largest oral drugs

Preset = Literal["fast", "standard", "expensive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignConfig:
    """What a design may propose, and how it searches.

    Attributes
    ----------
    budget : int
        Compounds that may be scored, seeds included.
    seed : int
    preset : {"fast", "standard", "expensive"}
        See `molscreen.generation.search.preset.PRESETS`.
    batch : int
        Compounds scored in a round; 0 is as the preset has it. With fewer the search learns more from each;
        each worker needs as many as `shard_size` to be busy.
    generators : tuple of str
        Names in `GENERATORS`; empty: all that hold what must be kept by construction, or, where nothing must
        be kept, those that need no blocks.
    keep : str
        What every proposal has, at the same atoms: SMARTS, or a core as SMILES with ``*`` where alone
        something may be attached; see `molscreen.generation.fragments.keep.Keep`. Empty: nothing.
    forbid : tuple of str
        SMARTS that no proposal has.
    alerts : {"refuse", "flag"}
        What becomes of proposals with a structural alert that the plan flags, or with a group that does not
        last (`molscreen.filters.alerts.Unstable`): refused, unless all seeds have it (see
        `molscreen.generation.new_alerts.NewAlerts`), or flagged as in a screen.
    heavy_atoms : (int, int)
        Fewest and most of a proposal.
    bold : bool
        Whether predictions are believed as they stand, anywhere. Otherwise a wish is judged by the less
        desirable end of its 90 % interval, and nothing outside the domain of the models is proposed: a search
        without these finds what fools the models.
    pareto : bool
        Whether to look for the front of all ways to weigh the wishes: every other round climbs in a random
        direction (`molscreen.objectives.pareto.chebyshev`), the others by the plan's own weights. With random
        directions alone, the front of two wishes covered half as much after 200 calls.
    """

    budget: int = 1000
    seed: int = 0
    preset: Preset = "standard"
    batch: int = 0
    generators: tuple[str, ...] = ()
    keep: str = ""
    forbid: tuple[str, ...] = ()
    alerts: Action = "refuse"
    heavy_atoms: tuple[int, int] = HEAVY_ATOMS
    bold: bool = False
    pareto: bool = False

    def __post_init__(self) -> None:
        for name in ("generators", "forbid"):
            object.__setattr__(self, name, as_sequence(getattr(self, name)))
        check_types("design", self)
        check_positive(self, "budget")
        check_not_negative(self, "seed", "batch")
        check_choice("preset", self.preset, get_args(Preset))
        check_choice("alerts", self.alerts, get_args(Action))
        for name in self.generators:
            GENERATORS[name]  # raises, and lists the choices
            if self.generators.count(name) > 1:
                raise ConfigError(f"generator '{name}' is named twice")

    @property
    def proposers(self) -> tuple[str, ...]:
        """The generators, chosen where none is named."""
        return self.generators or (("fragments",) if self.keep else ("genetic", "fragments"))

    @property
    def shard_size(self) -> int:
        """Compounds that one worker scores together: dear ones are shared out one by one."""
        return 1 if self.preset == "expensive" else SHARD_SIZE
