"""``molscreen evaluate``: how well a bundle predicts measurements of your own."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from molscreen.cli.console import print_json, print_table, say
from molscreen.cli.options import Json, MolarUnit, SmilesColumn, Targets
from molscreen.errors import UsageError, did_you_mean
from molscreen.report.number import number

if TYPE_CHECKING:
    from molscreen.data.assay import AssayTable, MergeReport
    from molscreen.endpoint import Endpoint
    from molscreen.training.evaluate import Score


def evaluate(
    bundle: Annotated[str, typer.Argument(metavar="BUNDLE", help="A shipped bundle or a folder.")],
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Structures and measured values.")],
    target_column: Targets,
    smiles_column: SmilesColumn = None,
    unit: MolarUnit = None,
    json: Json = False,
) -> None:
    """Compare predictions with measurements: every metric, per endpoint, beside a constant guess.

    A target column is compared with the endpoint of its name; COLUMN=ENDPOINT names another. Replicates
    count once, and values with < or > are left out. Where the file holds compounds that the bundle was
    trained on, every figure comes twice: over all compounds, and over the unseen ones.
    """
    from molscreen.prediction.bundle import load_bundle
    from molscreen.training.evaluate import find_trained_on, read_measurements, score_file

    predictor = load_bundle(bundle)
    matched = match_targets(target_column, predictor.endpoints)
    table, merged = read_measurements(file, matched, smiles_column=smiles_column or "", molar=unit or "")
    trained_on = find_trained_on(predictor, table.keys)
    _say_what_was_read(table, merged, int(trained_on.sum()))
    scores = score_file(predictor, table, trained_on=trained_on)
    if json:
        print_json([dataclasses.asdict(score) for score in scores])
    else:
        heading = ("endpoint", "compounds", "metric", predictor.name, "constant", "n")
        print_table(heading, _side_by_side(scores))


def match_targets(columns: Sequence[str], endpoints: Sequence[Endpoint]) -> dict[str, Endpoint]:
    """Column to endpoint: by name, as ``COLUMN=ENDPOINT``, or the only one there is.

    Raises
    ------
    UsageError
        No endpoint has the name (those there are, are listed), or two are paired with one.
    """
    known = {endpoint.name: endpoint for endpoint in endpoints}
    matched: dict[str, Endpoint] = {}
    for text in columns:
        column, _, name = text.partition("=") if text not in known else (text, "", text)
        if not name and len(known) == len(columns) == 1:
            name = next(iter(known))
        if (name or column) not in known:
            raise UsageError(
                f"--target-column {text}: the bundle has no endpoint '{name or column}'."
                f"{did_you_mean(name or column, known)} COLUMN=ENDPOINT pairs them."
                f" It predicts: {', '.join(known)}"
            )
        endpoint = known[name or column]
        if column in matched:
            raise UsageError(f"--target-column {text}: column '{column}' has an endpoint already")
        if endpoint in matched.values():
            raise UsageError(f"--target-column {text}: endpoint '{endpoint.name}' has a column already")
        matched[column] = endpoint
    return matched


def _say_what_was_read(table: AssayTable, merged: MergeReport, n_trained_on: int) -> None:
    """Where every row went, and how many compounds are no test."""
    from molscreen.training.rejections import count_reasons

    refused = sum(merged.rejected.values())
    reasons = f" ({count_reasons(table.rejections)})" if refused else ""
    say(
        f"{merged.rows:,} rows: {merged.compounds:,} compounds, {merged.duplicates:,} replicates,"
        f" {refused:,} refused{reasons}"
    )
    if n_trained_on:
        say(
            f"{n_trained_on:,} of {len(table):,} compounds have the same ECFP4 as a compound the bundle was"
            " trained on, and flatter the figures over all; 'unseen' leaves them out"
        )


def _side_by_side(scores: Sequence[Score]) -> list[tuple[str, ...]]:
    """One line per endpoint, subset and metric, the constant guess beside the network."""
    from molscreen.training.evaluate import CONSTANT

    constant = {(s.endpoint, s.subset, s.metric): s.value for s in scores if s.model == CONSTANT}
    return [
        (
            s.endpoint,
            s.subset,
            s.metric,
            number(s.value),
            number(constant.get((s.endpoint, s.subset, s.metric))),
            f"{s.n:,}",
        )
        for s in scores
        if s.model != CONSTANT
    ]
