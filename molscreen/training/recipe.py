"""Recipe: which measurements become which bundle, and how; one TOML file, or a few options."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path

from molscreen.config import check_not_negative, read_toml, to_dataclass
from molscreen.data.card import DatasetCard, load_card
from molscreen.data.own_file.time_column import find_time_column
from molscreen.data.own_file.user_card import UserColumns, card_for_file
from molscreen.data.splits import Method, SplitConfig
from molscreen.errors import ConfigError, UsageError
from molscreen.models.network import NetworkSpec
from molscreen.models.pretrained import load_encoder
from molscreen.training.folds import N_FOLDS
from molscreen.training.networks.distil import DistilConfig
from molscreen.training.networks.fit import FitConfig

EXPERTS = ("kernel", "trees")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainRecipe:
    """A training file.

    Attributes
    ----------
    name, description : str
        Of the bundle.
    datasets : tuple of str
        Names of cards; every endpoint of theirs is an output of the bundle.
    members : int
        Networks, each fitted with another fold left out, from seeds ``seed``, ``seed + 1`` ...
    encoder : str
        The pre-trained encoder that networks start from; empty: from random weights.
    experts : tuple of {"kernel", "trees"}
        Who is heard beside the networks.
    kernel_limit : int
        Endpoints with more measurements, tests included, are left to the other experts: the kernel
        carries every compound that fits it, about 400 bytes each. 0: none is.
    seed : int
    baseline_runs : int
        Forests that are fitted and reported beside the blend; 0 leaves them out.
    refit : bool
        Whether all is fitted again on all compounds, those of the test fold included, once the figures are
        known.
    distil : table, optional
        How a student is taught; without it, the first network is the student.
    split, network, fit : tables
        Of ``[split]`` only the test fold is used: all else is cross-fitted.
    """

    name: str
    description: str = ""
    datasets: tuple[str, ...] = ()
    members: int = 3
    encoder: str = ""
    experts: tuple[str, ...] = EXPERTS
    kernel_limit: int = 0
    seed: int = 0
    baseline_runs: int = 3
    refit: bool = False
    split: SplitConfig = field(default_factory=SplitConfig)
    distil: DistilConfig | None = None
    network: NetworkSpec = field(default_factory=NetworkSpec)
    fit: FitConfig = field(default_factory=FitConfig)

    def __post_init__(self) -> None:
        if not 1 <= self.members <= N_FOLDS:
            raise ConfigError(f"members must be from 1 to {N_FOLDS}, got {self.members}")
        if unknown := set(self.experts) - set(EXPERTS):
            raise ConfigError(f"unknown expert '{unknown.pop()}'. Known: {', '.join(EXPERTS)}")
        if self.split.validation:
            raise ConfigError(
                "[split] validation must be 0: every compound outside the test fold is fitted on, and"
                " judged out of fold. Add its share to train"
            )
        check_not_negative(self, "baseline_runs", "kernel_limit", "seed")
        if self.network.kinds:
            raise ConfigError("[network] kinds is not yours to set: the data sets decide")


def load_recipe(path: Path) -> tuple[TrainRecipe, tuple[DatasetCard, ...]]:
    """The recipe of a training file, and the cards it names.

    Raises
    ------
    ConfigError
        A key, a value, a card or an encoder is unknown, or the encoder has another shape.
    """
    recipe = to_dataclass(TrainRecipe, read_toml(path), where=str(path))
    if recipe.encoder:
        shape = load_encoder(recipe.encoder).spec
        asked = (recipe.network.encoder, recipe.network.width, recipe.network.depth)
        if asked != (shape.encoder, shape.width, shape.depth):
            raise ConfigError(
                f"{path}: [network] is {asked}, but encoder '{recipe.encoder}' is"
                f" {(shape.encoder, shape.width, shape.depth)} (encoder, width, depth): make them alike"
            )
    if not recipe.datasets:
        raise ConfigError(f"{path}: 'datasets' is empty: name at least one card")
    return recipe, tuple(load_card(name) for name in recipe.datasets)


def recipe_for_file(
    path: Path, columns: UserColumns, *, split: SplitConfig, seed: int
) -> tuple[TrainRecipe, tuple[DatasetCard, ...]]:
    """The default recipe for a file of your own.

    Parameters
    ----------
    path : Path
    columns : UserColumns
    split : SplitConfig
        With the method "time", and no such column named, the column is found.
    seed : int

    Raises
    ------
    LibraryError
        The file cannot be read, or lacks a column; see `card_for_file` and `find_time_column`.
    """
    if split.method == "time" and not columns.time:
        columns = dataclasses.replace(columns, time=find_time_column(path, columns))
    card = card_for_file(path, columns)
    recipe = TrainRecipe(
        name=path.name.split(".")[0],
        description=card.title,
        seed=seed,
        split=split,
    )
    return recipe, (card,)


def resolve_recipe(
    source: str | Path,
    columns: UserColumns | None,
    *,
    name: str,
    split: SplitConfig | Method | None = None,
    seed: int | None = None,
    refit: bool | None = None,
) -> tuple[TrainRecipe, tuple[DatasetCard, ...]]:
    """The recipe and the cards that a source means.

    Parameters
    ----------
    source, columns, split, seed, refit
        As for `molscreen.training.train.train`.
    name : str
        Of the bundle, unless a training file says it.

    Raises
    ------
    UsageError
        The source, a column or a setting is wrong.
    """
    path = Path(source)
    if is_training_file(source):
        recipe, cards = load_recipe(path)
        return dataclasses.replace(
            recipe,
            split=_amended(recipe.split, split),
            seed=recipe.seed if seed is None else seed,
            refit=recipe.refit if refit is None else refit,
        ), cards
    settings, seed = _amended(SplitConfig(), split), seed or 0
    if columns is not None:
        recipe, cards = recipe_for_file(path, columns, split=settings, seed=seed)
    elif path.is_file() and path.name != "card.toml":
        raise UsageError(
            f"{source}: a file of measurements; say what its columns are by --target-column"
            " (Python: columns=UserColumns(targets=…))"
        )
    else:
        cards = (load_card(source),)
        recipe = TrainRecipe(name=name, description=cards[0].title, seed=seed, split=settings)
    return dataclasses.replace(recipe, name=name, refit=bool(refit)), cards


def is_training_file(source: str | Path) -> bool:
    """Whether it is one, and no card."""
    path = Path(source)
    return path.suffix == ".toml" and path.name != "card.toml"


def _amended(before: SplitConfig, asked: SplitConfig | Method | None) -> SplitConfig:
    """The split that is asked for; of a method alone the rest stays."""
    if isinstance(asked, str):
        return dataclasses.replace(before, method=asked, official=asked == "given")
    return asked or before
