"""``molscreen evaluate``: how well a bundle predicts measurements of your own."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from molscreen.cli.console import print_json, print_table, say
from molscreen.cli.options import Json, SmilesColumn, Targets
from molscreen.errors import UsageError, did_you_mean
from molscreen.report.number import number

if TYPE_CHECKING:
    from molscreen.data.assay import AssayTable
    from molscreen.endpoint import Endpoint
    from molscreen.training.evaluate import Score

CONSTANT = "constant"  # the best that can be said without looking at a molecule


def evaluate(
    bundle: Annotated[str, typer.Argument(metavar="BUNDLE", help="A shipped bundle or a folder.")],
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Structures and measured values.")],
    target_column: Targets,
    smiles_column: SmilesColumn = None,
    json: Json = False,
) -> None:
    """Compare predictions with measurements: every metric, per endpoint, beside a constant guess.

    A target column is compared with the endpoint of its name; COLUMN=ENDPOINT names another. Replicates
    count once, and values with < or > are left out.
    """
    from molscreen.prediction.bundle import load_bundle
    from molscreen.training.evaluate import score_intervals, score_predictions

    predictor = load_bundle(bundle)
    matched = match_targets(target_column, predictor.endpoints)
    table = read_measurements(file, matched, smiles_column)
    prediction = predictor.predict(table.keys)
    names = [endpoint.name for endpoint in predictor.endpoints]
    columns = [names.index(endpoint.name) for endpoint in matched.values()]
    scores = [
        *score_predictions(table, prediction.mean[:, columns], model=predictor.name),
        *score_intervals(
            table, prediction.low[:, columns], prediction.high[:, columns], model=predictor.name
        ),
        *constant_scores(table),
    ]
    if json:
        print_json([dataclasses.asdict(score) for score in scores])
    else:
        print_table(("endpoint", "metric", predictor.name, CONSTANT, "n"), _side_by_side(scores))


def match_targets(columns: Sequence[str], endpoints: Sequence[Endpoint]) -> dict[str, Endpoint]:
    """Column to endpoint: by name, as ``COLUMN=ENDPOINT``, or the only one there is.

    Raises
    ------
    UsageError
        No endpoint has the name; those there are, are listed.
    """
    known = {endpoint.name: endpoint for endpoint in endpoints}
    matched: dict[str, Endpoint] = {}
    for text in columns:
        column, _, name = text.partition("=") if text not in known else (text, "", text)
        if not name and len(known) == len(columns) == 1:
            name = next(iter(known))
        if (name or column) not in known:
            raise UsageError(
                f"--target-column {text}: the bundle has no endpoint '{name or column}'. It predicts:"
                f" {', '.join(known)}.{did_you_mean(name or column, known)} COLUMN=ENDPOINT pairs them"
            )
        matched[column] = known[name or column]
    return matched


def read_measurements(file: Path, matched: Mapping[str, Endpoint], smiles_column: str | None) -> AssayTable:
    """The measurements of a file, one row per compound, all of them for testing."""
    from molscreen.data.assay import read_assay
    from molscreen.data.replicates import merge_replicates
    from molscreen.data.user_card import UserColumns, card_for_file

    kinds = {endpoint.kind for endpoint in matched.values()}
    columns = UserColumns(
        targets=tuple(matched), smiles=smiles_column or "", kind=kinds.pop() if len(kinds) == 1 else None
    )
    card = card_for_file(file, columns)
    card = dataclasses.replace(
        card,
        files=tuple(dataclasses.replace(each, split="test") for each in card.files),
        measurements=tuple(
            dataclasses.replace(each, endpoint=matched[each.column]) for each in card.measurements
        ),
    )
    table, merged = merge_replicates(read_assay(card))
    refused = sum(merged.rejected.values())
    say(
        f"{merged.rows:,} rows: {merged.compounds:,} compounds, {merged.duplicates:,} replicates,"
        f" {refused:,} refused"
    )
    return table


def constant_scores(table: AssayTable) -> list[Score]:
    """The same figures for a predictor that gives every compound the mean of the measurements."""
    import numpy as np

    from molscreen.training.evaluate import score_predictions

    guess = np.broadcast_to(np.nanmean(table.value, axis=0), table.value.shape)
    return score_predictions(table, guess, model=CONSTANT)


def _side_by_side(scores: Sequence[Score]) -> list[tuple[str, ...]]:
    """One line per endpoint and metric, the constant guess beside the network."""
    constant = {(s.endpoint, s.metric): s.value for s in scores if s.model == CONSTANT}
    return [
        (s.endpoint, s.metric, number(s.value), number(constant.get((s.endpoint, s.metric))), f"{s.n:,}")
        for s in scores
        if s.model != CONSTANT
    ]
