"""Own file: how a bundle predicts the measurements of a file of your own."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from molscreen.data.measured.assay import read_assay
from molscreen.data.measured.assay_table import AssayTable
from molscreen.data.measured.replicates import MergeReport, merge_replicates
from molscreen.data.measurement import Measurement
from molscreen.data.own_file.user_card import UserColumns, card_for_file
from molscreen.data.quality.tails import doubt_p_scale
from molscreen.endpoint import Endpoint, named_scale, split_unit
from molscreen.errors import LibraryError
from molscreen.prediction.bundle.bundle import Bundle
from molscreen.training.evaluate import (
    Score,
    score_constant,
    score_intervals,
    score_predictions,
    with_intervals,
)

UNSEEN = "unseen"  # the subset of compounds that the bundle was not trained on


def read_measurements(
    file: str | Path,
    matched: Mapping[str, Endpoint],
    *,
    columns: UserColumns | None = None,
) -> tuple[AssayTable, MergeReport]:
    """The measurements of a file of your own, one row per compound, all of them for testing.

    Parameters
    ----------
    file : path
    matched : mapping of column to Endpoint
        Whose values the columns hold.
    columns : UserColumns, optional
        What the columns of the file are, whose targets are those of `matched`; else they are found.

    Raises
    ------
    LibraryError
        The file cannot be read, lacks a column, holds nothing that can be used, or values that are not on the
        scale of their endpoint.
    """
    columns = columns or UserColumns(targets=tuple(matched))
    as_they_are = {
        column: ""
        for column, endpoint in matched.items()
        if not named_scale(endpoint.name, endpoint.unit).p_scale
    }
    card = card_for_file(
        file,
        dataclasses.replace(columns, units={**as_they_are, **columns.units}),
        kinds={column: endpoint.kind for column, endpoint in matched.items()},
    )
    card = dataclasses.replace(
        card,
        files=tuple(dataclasses.replace(each, split="test") for each in card.files),
        measurements=tuple(
            dataclasses.replace(each, endpoint=matched[each.column]) for each in card.measurements
        ),
    )
    table = read_assay(card)
    doubts = [
        _doubt_scale(measurement, value[~np.isnan(value)])
        for measurement, value in zip(card.measurements, table.value.T, strict=True)
    ]
    return merge_replicates(dataclasses.replace(table, notes=(*table.notes, *filter(None, doubts))))


def _doubt_scale(measurement: Measurement, value: NDArray[np.floating]) -> str:
    """A question about values that were converted to a p-scale; those that were not must be on it.

    Raises
    ------
    LibraryError
    """
    endpoint, unit = measurement.endpoint, split_unit(measurement.column)[1]
    if not named_scale(endpoint.name, endpoint.unit).p_scale:
        return ""
    question = doubt_p_scale(endpoint, value)
    if measurement.is_concentration:
        return question
    if unit:
        raise LibraryError(
            f"column '{measurement.column}' names a unit, {unit}, and endpoint '{endpoint.name}' is"
            f" -log10(mol/L): --unit {unit} converts it; without it, name the column otherwise"
        )
    if question:
        raise LibraryError(f"column '{measurement.column}': {question}")
    return ""


def find_trained_on(bundle: Bundle, keys: Sequence[str]) -> NDArray[np.bool_]:
    """Which of n compounds have the ECFP4 of a compound that any expert of the bundle was fitted on, (n,).

    A bundle keeps the fingerprints of those compounds and not their structures, so an isomer counts as well.
    Compounds that only tested it are not known to it, unless it was fitted again on all.
    """
    return np.asarray(bundle.neighbours.query(keys).similarity[:, 0] == 1.0)


def score_file(bundle: Bundle, table: AssayTable, *, trained_on: NDArray[np.bool_]) -> list[Score]:
    """Every figure of a bundle and of the constant guess on measurements of your own.

    Parameters
    ----------
    bundle : Bundle
    table : AssayTable
        As `read_measurements` gives it: n compounds, t endpoints of the bundle, all for testing.
    trained_on : (n,) bool
        As `find_trained_on` says. Where one is True, all figures come a second time, over the subset
        "unseen" of the other compounds: what a network was fitted on it predicts too well.
    """
    prediction = bundle.predict(table.keys)
    names = [endpoint.name for endpoint in bundle.endpoints]
    columns = [names.index(endpoint.name) for endpoint in table.endpoints]
    mean, low, high = (part[:, columns] for part in (prediction.mean, prediction.low, prediction.high))

    def score(part: AssayTable) -> list[Score]:
        judged = score_predictions(part, mean, model=bundle.name)
        judged = with_intervals(judged, part, mean, model=bundle.name)
        return [*judged, *score_intervals(part, low, high, model=bundle.name), *score_constant(part)]

    scores = score(table)
    if trained_on.any():
        unseen = table.masked(np.broadcast_to(~trained_on[:, None], table.value.shape))
        scores += [dataclasses.replace(each, subset=UNSEEN) for each in score(unseen)]
    return scores
