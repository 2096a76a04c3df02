"""About: what a bundle says of its own training: sources, record, limits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from molscreen.data.card import DatasetCard
from molscreen.data.measured.assay_table import EQUAL, AssayTable
from molscreen.prediction.blend.council import NETWORKS
from molscreen.prediction.bundle.bundle import Bundle
from molscreen.prediction.bundle.card import NEAREST
from molscreen.prediction.bundle.headline import BLEND, KEPT, judge_endpoints
from molscreen.prediction.bundle.manifest import Source
from molscreen.prediction.certainty.conformal import LEVEL, ConformalInterval, expected_coverage
from molscreen.prediction.certainty.edges import similarity_by_chance
from molscreen.prediction.certainty.probability import VennAbers
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
ROUGH = 100  # calibration compounds: from fewer, 90 % may well be less than 84 %
MOSTLY_INSIDE = 0.5  # of the compounds held out: fewer, and an edge of the domain is worth a sentence
BOUNDS = "measurements that are bounds"  # of the training record
LEARNT = {  # what each expert does with a bound
    NETWORKS: "networks learn from the probability of the allowed side",
    "kernel": "the kernel from the value that is expected beyond",
    "trees": "trees from what a kernel expects beyond",
}
OF_EXACT = (
    "Figures other than their share kept are of exact values alone, which a limit of the assay has selected:"
    " they favour who predicts everything on the measured side. The promise of the intervals is of exact"
    " values as well: how many of those beyond a bound they hold is not known."
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


def training_record(recipe: TrainRecipe, table: AssayTable, folds: Folds, bundle: Bundle) -> dict[str, Any]:
    """How the bundle was made, and from how much; how near its test compounds are to it."""
    tested = [table.keys[i] for i in folds.tested]
    nearest = bundle.neighbours.query(tested).similarity[:, 0] if tested else ()
    return {
        "recipe": asdict(recipe),
        "compounds": len(table),
        "cross-fitted on": len(folds.fitted),
        "tested on": len(tested),
        **({NEAREST: round(float(np.median(nearest)), 3)} if tested else {}),
        "records refused": len(table.rejections),
        "cells refused": len(table.unread),
        **count_bounds(table),
        "folds": "official where the data set has them, else [split] method; per measurement"
        if recipe.split.official
        else "[split] method; per compound",
    }


def count_bounds(table: AssayTable) -> dict[str, Any]:
    """How many measurements of each endpoint are bounds, and of how many; nothing where none is."""
    bounded = (table.measured & (table.relation != EQUAL)).sum(axis=0).tolist()
    counts = {
        endpoint.name: {"bounds": n, "of": of}
        for endpoint, n, of in zip(table.endpoints, bounded, table.measured.sum(axis=0).tolist(), strict=True)
        if n
    }
    return {BOUNDS: counts} if counts else {}


def known_limits(
    bundle: Bundle, recipe: TrainRecipe, metrics: Mapping[str, Mapping[str, Mapping[str, float]]]
) -> tuple[str, ...]:
    """What is known to go wrong with a bundle, one sentence each: first what it should not be used for.

    Parameters
    ----------
    bundle : Bundle
        With its training record.
    recipe : TrainRecipe
    metrics : mapping
        Of its model card, or of the bundle that was judged in its place; see
        `molscreen.training.report.card_metrics`.
    """
    return (
        *(str(each) for each in judge_endpoints(metrics, bundle.endpoints) if each.verdict != "better"),
        *LIMITS,
        *(SHARED_COMPOUNDS,) * recipe.split.official,
        *unlike_compounds(bundle),
        *missing_intervals(bundle),
        *rough_intervals(bundle),
        *short_intervals(metrics),
        *what_bounds_taught(bundle, metrics),
    )


def unlike_compounds(bundle: Bundle) -> tuple[str, ...]:
    """A sentence for each activity whose own compounds are mostly outside its domain.

    Its edge is where 95 % of those held out are inside, but not below what is alike by chance.
    """
    return tuple(
        f"the compounds measured for {name} are unlike each other: {1 - own.share_inside:.0%} of those held"
        " out are no more like the rest than 1 in 20 unrelated molecules is, so that most new compounds are"
        " called outside the domain, and a design finds little inside"
        for name, own in bundle.neighbours.activities.items()
        if own.share_inside < MOSTLY_INSIDE and own.edges.inside == similarity_by_chance(own.measured.sum())
    )


def what_bounds_taught(
    bundle: Bundle, metrics: Mapping[str, Mapping[str, Mapping[str, float]]]
) -> tuple[str, ...]:
    """A sentence for each endpoint with measurements that are bounds, and one on what was made of them.

    Parameters
    ----------
    bundle : Bundle
        With its training record.
    metrics : mapping
        As for `known_limits`.
    """
    counts = bundle.about.training.get(BOUNDS, {})
    if not counts:
        return ()
    told = []
    for endpoint, count in counts.items():
        figures = metrics.get(BLEND, {}).get(endpoint, {})
        kept = (
            f"; of {figures['bounds']:,.0f} in the test fold {figures[KEPT]:.0%} are kept by their prediction"
            if KEPT in figures
            else ""
        )
        told.append(
            f"{endpoint}: {count['bounds']:,} of {count['of']:,} measurements are bounds (< or >){kept}"
        )
    learnt = [LEARNT[name] for name in bundle.blend.experts if name in LEARNT]
    return (*told, f"Bounds: {'; '.join(learnt)}. {OF_EXACT}")


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


def rough_intervals(bundle: Bundle) -> tuple[str, ...]:
    """A sentence for each endpoint whose intervals rest on few compounds: what they may hold in truth."""
    told = []
    for endpoint, column in zip(bundle.endpoints, bundle.full.columns, strict=True):
        if isinstance(column, ConformalInterval) and column.n < ROUGH and not _is_unknown(column):
            low, high = expected_coverage(column.n)
            told.append(
                f"the {LEVEL:.0%} intervals of {endpoint.name} are calibrated on {column.n} compounds: of"
                f" others like these they hold {low:.0%} to {high:.0%}, or a little less"
            )
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
        f"on the test fold, the {100 * LEVEL:.0f} % intervals of {endpoint} held"
        f" {100 * figures['coverage']:.0f} % of"
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
