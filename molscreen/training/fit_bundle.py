"""Fit bundle: assay tables become a bundle, cross-fitted, blended, calibrated and judged."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from molscreen.aloud import Tell, unheard
from molscreen.data.card import DatasetCard
from molscreen.data.measured.assay_table import AssayTable
from molscreen.data.splits import SplitConfig
from molscreen.graphs.features import featurize_batch
from molscreen.graphs.pack import PackedGraphs
from molscreen.prediction.blend.council import NETWORKS, Council
from molscreen.prediction.bundle.assembly import Evidence, assemble_bundle
from molscreen.prediction.bundle.bundle import Bundle
from molscreen.prediction.bundle.manifest import About
from molscreen.prediction.certainty.calibration import to_fitted_scale
from molscreen.prediction.threads import single_thread
from molscreen.training.about import (
    REFITTED,
    counted,
    known_limits,
    list_sources,
    missing_intervals,
    rough_intervals,
    training_record,
    unlike_compounds,
)
from molscreen.training.choice import explain_choice
from molscreen.training.evaluate import score_constant
from molscreen.training.experts.fit_experts import VERSION as EXPERTS_VERSION
from molscreen.training.experts.fit_experts import FittedExperts, fit_experts
from molscreen.training.folds import Folds, cut_folds, join_tables
from molscreen.training.networks.batches import Examples
from molscreen.training.networks.distil import distil
from molscreen.training.networks.fit import FIT_VERSION
from molscreen.training.networks.fit_networks import FittedNetworks, fit_networks
from molscreen.training.recipe import TrainRecipe
from molscreen.training.report import (
    card_metrics,
    headlines,
    score_attributions,
    score_baseline,
    score_bundle,
)
from molscreen.training.stack import VERSION as STACK_VERSION
from molscreen.training.stack import stack

VERSIONS = f"fits {FIT_VERSION}, experts {EXPERTS_VERSION}, weights {STACK_VERSION}"
ID_LENGTH = 60  # characters of a compound's id that a bundle keeps


def fit_bundle(
    recipe: TrainRecipe,
    cards: Sequence[DatasetCard],
    tables: Sequence[AssayTable],
    *,
    tested: Sequence[str] = (),
    scratch: Path,
    joined: AssayTable | None = None,
    data_root: str | Path | None = None,
    progress: Tell = unheard,
) -> Bundle:
    """The bundle of a recipe: fitted on all that is not tested, with its figures on what is.

    Parameters
    ----------
    recipe : TrainRecipe
    cards, tables : sequences of DatasetCard and AssayTable
        The data sets, as read.
    tested : sequence of str
        Keys of compounds outside the data sets that a student must not be taught of either.
    scratch : Path
        A folder that keeps unfinished fits, for a training that is killed.
    joined : AssayTable, optional
        What `join_tables` made of `tables` by the split of `recipe`, where that was done already.
    data_root : path, optional
        Where a student's libraries lie.
    progress : callable
        Called with one line per finished epoch or step.

    Raises
    ------
    LibraryError
        There is too little data.
    """
    table = join_tables(tables, recipe.split) if joined is None else joined
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
            for_kernel=_for_kernel(table, recipe.kernel_limit),
            seed=recipe.seed, scratch=scratch, progress=progress,
        )  # fmt: skip
        fitted = fit_networks(
            examples, folds, spec=dataclasses.replace(recipe.network, kinds=kinds), config=recipe.fit,
            members=recipe.members, encoder=recipe.encoder, seed=recipe.seed,
            scratch=scratch, progress=progress,
        )  # fmt: skip
        evidence = _evidence(table, graphs, examples, folds, fitted, others)
        blend = stack(evidence.opinions, evidence.target, table.endpoints, relation=evidence.relation)
        student = fitted.networks[0]
        if recipe.distil:
            teacher = Council(networks=fitted.networks[:1], experts=others.apart, blend=blend)
            student = distil(
                teacher, table.keys, examples, folds, table.endpoints, recipe.distil,
                leave_out=recipe.datasets, tested=[*tested, *(table.keys[i] for i in folds.tested)],
                seed=recipe.seed, scratch=scratch, data_root=data_root, progress=progress,
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
    return _with_figures(bundle, evidence, recipe, table, graphs, folds, progress)


def _with_figures(
    bundle: Bundle,
    evidence: Evidence,
    recipe: TrainRecipe,
    table: AssayTable,
    graphs: PackedGraphs,
    folds: Folds,
    progress: Tell,
) -> Bundle:
    """The bundle, with how it was made, its figures on the test fold, and what is known to go wrong."""
    choice = tuple(explain_choice(bundle.blend, evidence, table.endpoints))
    for sentence in choice:
        progress(sentence)
    scores = score_bundle(bundle, table, graphs, folds) + score_constant(table.select(folds.tested))
    scores += score_baseline(table, folds, runs=recipe.baseline_runs, seed=recipe.seed, progress=progress)
    scores += score_attributions(bundle, table, graphs, folds, seed=recipe.seed)
    told = (*unlike_compounds(bundle), *missing_intervals(bundle), *rough_intervals(bundle))
    for sentence in (*told, *headlines(scores, table.endpoints)):
        progress(sentence)
    metrics = card_metrics(scores)
    about = dataclasses.replace(
        bundle.about,
        training={**training_record(recipe, table, folds, bundle), "weights of the experts": choice},
        metrics=metrics,
    )
    bundle = dataclasses.replace(bundle, about=about)
    limits = known_limits(bundle, recipe, metrics)
    return dataclasses.replace(bundle, about=dataclasses.replace(about, limits=limits))


def refit_bundle(
    judged: Bundle,
    recipe: TrainRecipe,
    cards: Sequence[DatasetCard],
    tables: Sequence[AssayTable],
    *,
    scratch: Path,
    data_root: str | Path | None = None,
    progress: Tell = unheard,
) -> Bundle:
    """The bundle of the same recipe fitted on all compounds, with the figures of the one that was judged.

    Its intervals and probabilities are calibrated out of its own folds. Nothing is left to judge it by.

    Parameters
    ----------
    judged : Bundle
        Of `fit_bundle`, from the same recipe and tables.
    recipe, cards, tables, scratch, data_root, progress
        As for `fit_bundle`; `scratch` is another folder.
    """
    progress("fitting again, on all compounds")
    everything = dataclasses.replace(
        recipe, baseline_runs=0, split=SplitConfig(method="random", train=1.0, test=0.0, official=False)
    )
    whole = fit_bundle(everything, cards, tables, scratch=scratch, data_root=data_root, progress=progress)
    about = dataclasses.replace(
        whole.about,
        training={**whole.about.training, "judged by": judged.about.training},
        metrics=judged.about.metrics,
        limits=(REFITTED, *known_limits(whole, recipe, judged.about.metrics)),
    )
    return dataclasses.replace(whole, about=about)


def _for_kernel(table: AssayTable, limit: int) -> NDArray[np.bool_]:
    """Which endpoints (t,) have at most `limit` measurements, tests included; all for 0."""
    return np.asarray((table.measured.sum(axis=0) <= limit) | (limit == 0))


def _trainable(table: AssayTable, graphs: PackedGraphs) -> Examples:
    """Every compound, with its test measurements hidden."""
    value = np.where(table.tested, np.nan, table.value)
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
    opinions = {NETWORKS: networks.opinion, **others.opinions}
    return Evidence(
        keys=[table.keys[i] for i in rows],
        ids=[_short_id(table.ids[i]) for i in rows],
        graphs=graphs.take(rows),
        target=examples.value[rows],
        relation=examples.relation[rows],
        opinions={name: opinion[rows] for name, opinion in opinions.items()},
        noise=networks.noise[rows],
        fold=folds.fold[rows],
    )


def _short_id(ids: str) -> str:
    """The first of a compound's ids, short enough to ship for every training compound; a cut shows."""
    first = " ".join(ids.split("; ")[0].split())
    return first if len(first) <= ID_LENGTH else f"{first[: ID_LENGTH - 1]}…"
