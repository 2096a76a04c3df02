"""About: what a bundle says of its own training: sources, record, limits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from molscreen.data.assay_table import AssayTable
from molscreen.data.card import DatasetCard
from molscreen.prediction.bundle import Bundle
from molscreen.prediction.conformal import LEVEL, ConformalInterval
from molscreen.prediction.headline import BLEND, find_guessed
from molscreen.prediction.manifest import Source
from molscreen.prediction.probability import VennAbers
from molscreen.training.folds import Folds
from molscreen.training.recipe import TrainRecipe

LIMITS = (
    "Figures are of the test fold named in the training record; other chemistry will do worse.",
    "Measurements of one endpoint may come from several laboratories and disagree among themselves.",
)
REFITTED = (
    "This bundle was fitted on all compounds, those of the test fold included; its figures are those of the"
    " same recipe fitted without them."
)
SHARED_COMPOUNDS = "A compound tested for one endpoint may have trained another, related one."


def list_sources(cards: Sequence[DatasetCard], tables: Sequence[AssayTable]) -> tuple[Source, ...]:
    """What was read, from where, and under which licence."""
    return tuple(
        Source(
            name=card.name,
            licence=card.licence,
            origin=card.citation or card.title,
            n_compounds=len(set(table.keys)),
        )
        for card, table in zip(cards, tables, strict=True)
    )


def training_record(recipe: TrainRecipe, table: AssayTable, folds: Folds) -> dict[str, Any]:
    """How the bundle was made, and from how much."""
    return {
        "recipe": asdict(recipe),
        "compounds": len(table),
        "cross-fitted on": len(folds.fitted),
        "tested on": len(folds.tested),
        "records refused": len(table.rejections),
        "cells refused": len(table.unread),
        "folds": "official where the data set has them, else [split] method; per measurement"
        if recipe.split.official
        else "[split] method; per compound",
    }


def known_limits(
    bundle: Bundle, recipe: TrainRecipe, metrics: Mapping[str, Mapping[str, Mapping[str, float]]]
) -> tuple[str, ...]:
    """What is known to go wrong with a bundle, one sentence each: first what it should not be used for.

    Parameters
    ----------
    bundle : Bundle
    recipe : TrainRecipe
    metrics : mapping
        Of its model card, or of the bundle that was judged in its place; see
        `molscreen.training.report.card_metrics`.
    """
    return (
        *map(str, find_guessed(metrics, bundle.endpoints)),
        *LIMITS,
        *(SHARED_COMPOUNDS,) * recipe.split.official,
        *missing_intervals(bundle),
        *short_intervals(metrics),
    )


def missing_intervals(bundle: Bundle) -> tuple[str, ...]:
    """A sentence for each endpoint with too few calibration labels for an interval: its bounds are NaN.

    The wide view is calibrated on a fifth of the compounds, so that it may lack one where the full view has
    it; which the sentence then says.
    """
    told = []
    for endpoint, full, wide in zip(bundle.endpoints, bundle.full.columns, bundle.wide.columns, strict=True):
        if _is_unknown(full):
            told.append(f"endpoint {endpoint.name} has {counted(full.n, 'calibration label')}: no interval")
        elif _is_unknown(wide):
            labels = counted(wide.n, "calibration label")
            told.append(f"endpoint {endpoint.name} has {labels} in the wide view: no interval there")
    return tuple(told)


def _is_unknown(column: ConformalInterval | VennAbers) -> bool:
    return isinstance(column, ConformalInterval) and column.quantile is None


def short_intervals(metrics: Mapping[str, Mapping[str, Mapping[str, float]]]) -> tuple[str, ...]:
    """A sentence for each endpoint whose intervals held less of the test fold than they promise.

    Less by more than two standard errors of a share of so many measurements. A test fold that was split by
    scaffolds is not exchangeable with what intervals are calibrated on, so they promise less there.

    Parameters
    ----------
    metrics : mapping
        Of a model card, see `molscreen.training.report.card_metrics`.
    """
    return tuple(
        f"on the test fold, the {LEVEL:.0%} intervals of {endpoint} held {figures['coverage']:.0%} of"
        f" {figures['n']:,.0f} measurements"
        for endpoint, figures in metrics.get(BLEND, {}).items()
        if "coverage" in figures
        and figures["coverage"] < LEVEL - 2 * math.sqrt(LEVEL * (1 - LEVEL) / figures["n"])
    )


def counted(n: int, noun: str) -> str:
    """A number with its noun.

    Examples
    --------
    >>> counted(1, "endpoint"), counted(1200, "compound")
    ('1 endpoint', '1,200 compounds')
    """
    return f"{n:,} {noun}{'s' * (n != 1)}"
