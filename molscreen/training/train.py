"""Train: measurements in, a calibrated bundle with its model card out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from molscreen.data.assay import read_assay
from molscreen.data.assay_table import EQUAL, AssayTable
from molscreen.data.card import DatasetCard, load_card
from molscreen.data.splits import Method, SplitConfig
from molscreen.data.user_card import UserColumns
from molscreen.errors import UsageError
from molscreen.graphs.features import featurize_batch
from molscreen.graphs.pack import PackedGraphs
from molscreen.prediction.assembly import Evidence, assemble_bundle
from molscreen.prediction.bundle import Bundle
from molscreen.prediction.bundle_file import load_bundle, save_bundle
from molscreen.prediction.calibration import to_fitted_scale
from molscreen.prediction.columns import check_columns
from molscreen.prediction.council import NETWORKS, Council
from molscreen.prediction.manifest import About
from molscreen.prediction.threads import single_thread
from molscreen.training.about import (
    counted,
    known_limits,
    list_sources,
    missing_intervals,
    training_record,
)
from molscreen.training.batches import Examples
from molscreen.training.choice import explain_choice
from molscreen.training.distil import distil
from molscreen.training.effort import Effort, with_effort
from molscreen.training.evaluate import score_constant
from molscreen.training.fit_experts import FittedExperts, fit_experts
from molscreen.training.fit_networks import FittedNetworks, fit_networks
from molscreen.training.folds import Folds, cut_folds, join_tables
from molscreen.training.recipe import TrainRecipe, load_recipe, recipe_for_file
from molscreen.training.rejections import count_reasons, write_rejections
from molscreen.training.report import (
    card_metrics,
    headlines,
    score_attributions,
    score_baseline,
    score_bundle,
)
from molscreen.training.stack import stack

Progress = Callable[[str], None]

DECADES = 3  # from which positive values look like concentrations
ID_LENGTH = 60  # characters of a compound's id that a bundle keeps


def train(
    source: str | Path,
    *,
    out: str | Path,
    columns: UserColumns | None = None,
    split: SplitConfig | Method | None = None,
    seed: int | None = None,
    effort: Effort | None = None,
    data_root: str | Path | None = None,
    progress: Progress = lambda _: None,
) -> Bundle:
    """Train a blend of experts and write it as a bundle.

    Parameters
    ----------
    source : str or path
        A training file (``.toml``), the name of a dataset card, or a file of measurements.
    out : path
        The bundle's directory; it must not exist. What a killed training had finished lies in
        ``<out>.training`` and is continued by the same call; rows that cannot be used are listed
        in ``<out>.rejections.csv``.
    columns : UserColumns, optional
        What the columns of a file of measurements are; needed for such a file alone.
    split : SplitConfig or str, optional
        How test compounds are chosen, in place of what a training file says; a method alone leaves the
        shares and the seed as they are, and, unless it is "given", divides official folds as well.
    seed : int, optional
        In place of that of a training file; 0 for anything else.
    effort : {"quick", "standard", "best"}, optional
        How long may be tried, "standard" where absent; see `with_effort`. A training file says itself
        what is to be done.
    data_root : path, optional
        Where the files of dataset cards lie; without it ``$MOLSCREEN_DATA``.
    progress : callable
        Called with one line per finished epoch or step.

    Returns
    -------
    Bundle
        As loaded from `out`.

    Raises
    ------
    UsageError
        The source, a column or a setting is wrong, an endpoint is named like a column of ours, `out`
        exists, or there is too little data.
    """
    out = Path(out)
    if out.exists():
        raise UsageError(f"'{out}' exists; name a new directory, or remove it first")
    if effort is not None and _is_training_file(source):
        raise UsageError(f"{source}: a training file says itself how much is done: leave --effort out")
    recipe, cards = _resolve(source, columns, split, seed)
    for card in cards:
        check_columns([(recipe.name, card.endpoints)])
    times = sorted({f"'{card.time_column}'" for card in cards if card.time_column})
    if recipe.split.method == "time" and times:
        progress(f"split by time: column {', '.join(times)}")
    progress(f"reading {counted(len(cards), 'data set')}")
    tables = [read_assay(card, data_root=data_root) for card in cards]
    if not _is_training_file(source):
        recipe = with_effort(recipe, effort or "standard", sum(len(set(table.keys)) for table in tables))
    _tell_rejections(cards, tables, out.with_name(f"{out.name}.rejections.csv"), progress)
    if columns is not None and not columns.molar:
        _tell_decades(tables[0], progress)
    scratch = checkpoint_folder(out)
    bundle = train_tables(recipe, cards, tables, scratch=scratch, data_root=data_root, progress=progress)
    save_bundle(bundle, out)
    saved = load_bundle(out)
    _remove_checkpoints(scratch)
    return saved


def checkpoint_folder(out: Path) -> Path:
    """Where the unfinished fits of the bundle `out` lie."""
    return out.with_name(f"{out.name}.training")


def finished_fits(folder: Path) -> list[Path]:
    """What such a folder keeps: experts, and networks of which at least one epoch is finished."""
    return sorted(folder.glob("*.safetensors"))


def _remove_checkpoints(folder: Path) -> None:
    """Take our checkpoints away, and their folder unless something else lies in it."""
    for path in [*finished_fits(folder), *folder.glob("*.safetensors.tmp")]:
        path.unlink()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def train_tables(
    recipe: TrainRecipe,
    cards: Sequence[DatasetCard],
    tables: Sequence[AssayTable],
    *,
    scratch: Path,
    data_root: str | Path | None = None,
    progress: Progress = lambda _: None,
) -> Bundle:
    """The bundle of a recipe, from assay tables as read; `scratch` keeps unfinished fits."""
    table = join_tables(tables, recipe.split)
    folds = cut_folds(table, seed=recipe.seed)
    progress(
        f"{counted(len(table), 'compound')}, {counted(len(table.endpoints), 'endpoint')},"
        f" {counted(len(folds.tested), 'compound')} tested"
    )
    graphs = featurize_batch(table.keys)
    examples = _trainable(table, graphs)
    kinds = tuple(endpoint.kind for endpoint in table.endpoints)
    with single_thread():  # with more, sums come in another order, and a fit ends with other weights
        others = fit_experts(
            recipe.experts, table.keys, examples, folds, table.endpoints,
            seed=recipe.seed, scratch=scratch, progress=progress,
        )  # fmt: skip
        fitted = fit_networks(
            examples, folds, spec=dataclasses.replace(recipe.network, kinds=kinds), config=recipe.fit,
            members=recipe.members, encoder=recipe.encoder, seed=recipe.seed,
            scratch=scratch, progress=progress,
        )  # fmt: skip
        evidence = _evidence(table, graphs, examples, folds, fitted, others)
        blend = stack(evidence.opinions, evidence.target, table.endpoints)
        student = fitted.networks[0]
        if recipe.distil:
            teacher = Council(networks=fitted.networks[:1], experts=others.apart, blend=blend)
            student = distil(
                teacher, table.keys, examples, folds, table.endpoints, recipe.distil,
                leave_out=recipe.datasets, seed=recipe.seed,
                scratch=scratch, data_root=data_root, progress=progress,
            )  # fmt: skip
        bundle = assemble_bundle(
            table.endpoints,
            student=student,
            networks=fitted.networks,
            experts=others.experts,
            blend=blend,
            evidence=evidence,
            about=About(
                name=recipe.name, description=recipe.description, sources=list_sources(cards, tables)
            ),
        )
    choice = tuple(explain_choice(blend, evidence, table.endpoints))
    for sentence in choice:
        progress(sentence)
    scores = score_bundle(bundle, table, graphs, folds) + score_constant(table.select(folds.tested))
    scores += score_baseline(table, folds, runs=recipe.baseline_runs, seed=recipe.seed, progress=progress)
    scores += score_attributions(bundle, table, graphs, folds, seed=recipe.seed)
    without_interval = missing_intervals(bundle)
    for sentence in (*without_interval, *headlines(scores, table.endpoints)):
        progress(sentence)
    about = dataclasses.replace(
        bundle.about,
        training={**training_record(recipe, table, folds), "weights of the experts": choice},
        metrics=card_metrics(scores),
        limits=known_limits(recipe) + without_interval,
    )
    return dataclasses.replace(bundle, about=about)


def _tell_rejections(
    cards: Sequence[DatasetCard], tables: Sequence[AssayTable], path: Path, progress: Progress
) -> None:
    """Say how many rows are refused and why, and list them in a file; without any there is none."""
    rejections = {card.name: table.rejections for card, table in zip(cards, tables, strict=True)}
    refused = [each for some in rejections.values() for each in some]
    path.unlink(missing_ok=True)  # of a training that was killed
    if refused:
        write_rejections(path, rejections)
        read = len(refused) + sum(map(len, tables))
        progress(f"{len(refused):,} of {read:,} rows refused ({count_reasons(refused)}); see {path}")


def _tell_decades(table: AssayTable, progress: Progress) -> None:
    """Ask about values that look like concentrations: squared errors would see the largest alone."""
    for endpoint, value in zip(table.endpoints, table.value.T, strict=True):
        known = value[~np.isnan(value)]
        if endpoint.kind == "regression" and len(known) and known.min() > 0:
            decades = np.log10(known.max() / known.min())
            if decades >= DECADES:
                progress(
                    f"column '{endpoint.name}', {decades:.0f} powers of ten from its least value to its"
                    " largest: if these are concentrations, --unit nM (or uM …) fits their logarithm instead"
                )


def _resolve(
    source: str | Path, columns: UserColumns | None, split: SplitConfig | Method | None, seed: int | None
) -> tuple[TrainRecipe, tuple[DatasetCard, ...]]:
    """The recipe and the cards that `source` means."""
    path = Path(source)
    if _is_training_file(source):
        recipe, cards = load_recipe(path)
        return dataclasses.replace(
            recipe, split=_amended(recipe.split, split), seed=recipe.seed if seed is None else seed
        ), cards
    settings, seed = _amended(TrainRecipe(name="default").split, split), seed or 0
    if columns is not None:
        return recipe_for_file(path, columns, split=settings, seed=seed)
    card = load_card(source)
    recipe = TrainRecipe(name=card.name.replace("/", "-"), description=card.title, seed=seed, split=settings)
    return recipe, (card,)


def _is_training_file(source: str | Path) -> bool:
    path = Path(source)
    return path.suffix == ".toml" and path.name != "card.toml"


def _amended(before: SplitConfig, asked: SplitConfig | Method | None) -> SplitConfig:
    """The split that is asked for; of a method alone the rest stays."""
    if isinstance(asked, str):
        return dataclasses.replace(before, method=asked, official=asked == "given")
    return asked or before


def _trainable(table: AssayTable, graphs: PackedGraphs) -> Examples:
    """Every compound, with its test measurements hidden."""
    value = np.where(table.split == "test", np.nan, table.value)
    return Examples(graphs, to_fitted_scale(value, table.endpoints).astype(np.float32), table.relation)


def _evidence(
    table: AssayTable,
    graphs: PackedGraphs,
    examples: Examples,
    folds: Folds,
    networks: FittedNetworks,
    others: FittedExperts,
) -> Evidence:
    """What was known of the compounds outside the test fold, and what the experts said of them."""
    rows = folds.fitted
    usable = (table.split != "test") & (table.relation == EQUAL)
    opinions = {NETWORKS: networks.opinion, **others.opinions}
    return Evidence(
        keys=[table.keys[i] for i in rows],
        ids=[_short_id(table.ids[i]) for i in rows],
        graphs=graphs.take(rows),
        target=np.where(usable, examples.value, np.nan)[rows],
        opinions={name: opinion[rows] for name, opinion in opinions.items()},
        doubt=networks.doubt[rows],
        unseen=folds.fold[rows] == 0,
    )


def _short_id(ids: str) -> str:
    """The first of a compound's ids, short enough to ship for every training compound."""
    return " ".join(ids.split("; ")[0].split())[:ID_LENGTH]
