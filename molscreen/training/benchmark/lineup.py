"""Lineup: the methods that can enter a benchmark, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from molscreen.errors import ConfigError, did_you_mean
from molscreen.training.benchmark.contender import Contender
from molscreen.training.benchmark.external import Chemprop, Script
from molscreen.training.benchmark.ours import OURS, STUDENT, OursTogether, ours
from molscreen.training.benchmark.peers import Constant, Forest, Nearest, SvmEcfp
from molscreen.training.benchmark.suite import VIRTUAL_SCREENING
from molscreen.training.recipe import TrainRecipe

PEERS: dict[str, Callable[[], Contender]] = {
    "constant": Constant,
    "forest": Forest,
    "svm-ecfp": SvmEcfp,
    "nearest": Nearest,
    "chemprop": Chemprop,
    "maplight": lambda: Script("maplight", "MapLight recipe without its GNN: CatBoost, untuned", "catboost"),
    "deepchem-dmpnn": lambda: Script("deepchem-dmpnn", "DeepChem's D-MPNN, defaults, 30 epochs", "deepchem"),
}
CHOICES = (OURS, STUDENT, *PEERS)
DEFAULT = (OURS, "forest", "svm-ecfp", "constant")
DEFAULT_SCREENS = ("nearest",)  # a model for each of thousands of draws is for the patient


def line_up(
    names: Sequence[str],
    *,
    benchmark: str,
    effort: str = "standard",
    recipe: TrainRecipe | None = None,
    folder: Path | None = None,
) -> tuple[Contender, ...]:
    """The methods of those names, each once; without a name, those that suit the benchmark.

    With a recipe, "ours" learns all tasks together, as that says, and keeps its fits in `folder`.

    Raises
    ------
    ConfigError
        A name is unknown, or the method ranks by actives and the benchmark has none.
    """
    chosen = tuple(dict.fromkeys(names)) or (DEFAULT_SCREENS if benchmark == VIRTUAL_SCREENING else DEFAULT)
    for name in chosen:
        if name not in CHOICES:
            raise ConfigError(
                f"unknown model '{name}'.{did_you_mean(name, CHOICES)} Known: {', '.join(CHOICES)}"
            )
        if name == "nearest" and benchmark != VIRTUAL_SCREENING:
            raise ConfigError(f"model 'nearest' ranks by known actives: it is for {VIRTUAL_SCREENING} alone")
        if name == STUDENT and recipe is None:
            raise ConfigError(f"model '{STUDENT}' needs a training file that says how it is taught")
    makers = dict(PEERS)
    makers[OURS] = lambda: ours(effort) if recipe is None else OursTogether(recipe, folder)
    if recipe is not None:
        makers[STUDENT] = lambda: OursTogether(recipe, folder, student=True)
    return tuple(makers[name]() for name in chosen)
