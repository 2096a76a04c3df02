"""``molscreen evaluate``: how well a bundle predicts your own measurements, or a method a benchmark."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from molscreen.cli.assay_columns import ColumnOptions, match_targets
from molscreen.cli.console import print_json, print_table, say
from molscreen.cli.generation_benchmark import BENCHMARKS, run_generation_benchmark
from molscreen.cli.options import (
    DecimalMark,
    Encoding,
    IdColumn,
    Json,
    MolarUnit,
    RelationColumns,
    SmilesColumn,
    UnitColumns,
)
from molscreen.errors import UsageError
from molscreen.number import interval, number
from molscreen.storage import locate_here

if TYPE_CHECKING:
    from molscreen.data.measured.assay_table import AssayTable
    from molscreen.data.measured.replicates import MergeReport
    from molscreen.prediction.bundle.bundle import Bundle
    from molscreen.training.evaluate import Score

# Panels of --help.
BENCHMARK, PREDICTION, SEARCH = "Benchmarks", "Benchmarks of prediction", "Benchmarks of search"


def evaluate(
    bundle: Annotated[
        str | None, typer.Argument(metavar="BUNDLE", help="A shipped bundle or a folder.", show_default=False)
    ] = None,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE.csv", help="Structures and measured values.", show_default=False),
    ] = None,
    target_column: Annotated[
        list[str] | None, typer.Option(metavar="T", help="A measured column; may be repeated.")
    ] = None,
    smiles_column: SmilesColumn = None,
    id_column: IdColumn = None,
    encoding: Encoding = None,
    decimal: DecimalMark = None,
    unit: MolarUnit = None,
    relation_column: RelationColumns = None,
    unit_column: UnitColumns = None,
    benchmark: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="tdc-admet, moleculeace, moleculenet or virtual-screening, instead of a file; of generation:"
            " pmo, guacamol, prior or fragments.",
            rich_help_panel=BENCHMARK,
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="ours, forest, svm-ecfp …; may be repeated.", rich_help_panel=PREDICTION
        ),
    ] = None,
    tasks: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="Of the benchmark; all if left out.", rich_help_panel=BENCHMARK),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Runs of each method; 5, or 3 of pmo, if left out.", rich_help_panel=BENCHMARK
        ),
    ] = None,
    effort: Annotated[
        str | None,
        typer.Option(
            metavar="E", help="quick, standard or best, of the model 'ours'.", rich_help_panel=PREDICTION
        ),
    ] = None,
    recipe: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.toml",
            help="A training file: the model 'ours' is one bundle for all tasks by it.",
            rich_help_panel=PREDICTION,
        ),
    ] = None,
    variant: Annotated[
        Literal["official", "cleaned"] | None,
        typer.Option(help="Of the training folds; both if left out.", rich_help_panel=PREDICTION),
    ] = None,
    actives: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="That train a virtual screen; 5 if left out.", rich_help_panel=PREDICTION
        ),
    ] = None,
    cross_validate: Annotated[
        bool,
        typer.Option(
            "--cross-validate",
            help="Compare the models on one task: 5 × 5 folds, Tukey HSD.",
            rich_help_panel=PREDICTION,
        ),
    ] = False,
    generator: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="portfolio, portfolio-language, reinvent, or a single one.",
            rich_help_panel=SEARCH,
        ),
    ] = None,
    budget: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Calls of a search; 10,000 of pmo, 20,000 of guacamol.", rich_help_panel=SEARCH
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Processes of a search benchmark; 1 if left out.", rich_help_panel=SEARCH
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            parser=locate_here,
            help="Write tables there, and go on where a run was cut.",
            rich_help_panel=BENCHMARK,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Compare predictions with measurements: every metric, per endpoint, beside a constant guess.

    A target column is compared with the endpoint of its name; COLUMN=ENDPOINT names another. Replicates
    count once. Of values with < or > the share is told whose prediction lies on their side; all other figures
    are of exact values. Where the file holds compounds that the bundle was trained on, every figure comes
    twice: over all compounds, and over the unseen ones.

    With --benchmark, methods are trained and judged on the field's own tasks and splits, as they are and
    without the training compounds that are tested as well, beside what others have published.
    """
    of_benchmark = {
        "--model": model,
        "--tasks": tasks,
        "--seeds": seeds,
        "--effort": effort,
        "--recipe": recipe,
        "--variant": variant,
        "--actives": actives,
        "--cross-validate": cross_validate,
        "--out": out,
    }
    of_search = {"--generator": generator, "--budget": budget, "--workers": workers}
    options = ColumnOptions(
        targets=target_column,
        smiles=smiles_column,
        id=id_column,
        encoding=encoding,
        decimal=decimal,
        unit=unit,
        relations=relation_column,
        units=unit_column,
    )
    of_file = {"BUNDLE": bundle, "FILE.csv": file, **options.by_option}
    if benchmark is not None:
        _refuse(of_file, "are not for --benchmark, which brings its own data: leave them out")
        if benchmark in BENCHMARKS:
            foreign = {**of_benchmark, "--tasks": None, "--seeds": None, "--out": None}
            _refuse(foreign, "are not for a benchmark of generation: leave them out")
            run_generation_benchmark(
                benchmark, generator=generator, tasks=_names(tasks), seeds=seeds, budget=budget,
                workers=workers, out=out, json=json,
            )  # fmt: skip
            return
        _refuse(of_search, "are for --benchmark pmo or guacamol alone: leave them out")
        from molscreen.cli.benchmark import Settings, run_benchmark

        settings = Settings.checked(
            benchmark=benchmark,
            models=tuple(model or ()),
            tasks=_names(tasks),
            seeds=seeds,
            effort=effort,
            recipe=recipe,
            variant=variant,
            actives=actives,
            cross_validate=cross_validate,
            out=out,
        )
        run_benchmark(settings, json=json)
        return
    _refuse({**of_benchmark, **of_search}, "are for --benchmark alone: name one, or leave them out")
    if bundle is None or file is None or not target_column:
        raise UsageError(
            "expected BUNDLE FILE.csv --target-column T, to judge a bundle on your own measurements,"
            " or --benchmark NAME, to judge methods"
        )
    from molscreen.prediction.bundle.bundle_file import load_bundle
    from molscreen.training.own_file import read_measurements

    predictor = load_bundle(bundle)
    matched = match_targets(target_column, predictor.endpoints)
    table, merged = read_measurements(file, matched, columns=options.columns(tuple(matched)))
    _judge(predictor, table, merged, json=json)


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def _refuse(given: Mapping[str, object], why: str) -> None:
    """Raise where one of the arguments is given.

    Raises
    ------
    UsageError
    """
    if named := [name for name, value in given.items() if value]:
        raise UsageError(f"{', '.join(named)}: {why}")


def _judge(bundle: Bundle, table: AssayTable, merged: MergeReport, *, json: bool) -> None:
    """Judge a bundle on measurements, and print every figure."""
    from molscreen.training.own_file import find_trained_on, score_file

    for note in table.notes:
        say(note)
    trained_on = find_trained_on(bundle, table.keys)
    _say_what_was_read(table, merged, int(trained_on.sum()))
    scores = score_file(bundle, table, trained_on=trained_on)
    if json:
        print_json([dataclasses.asdict(score) for score in scores])
    else:
        heading = ("endpoint", "compounds", "metric", bundle.name, "95 % interval", "constant", "n")
        print_table(heading, _side_by_side(scores))


def _say_what_was_read(table: AssayTable, merged: MergeReport, n_trained_on: int) -> None:
    """Where every row went, and how many compounds are no test."""
    from molscreen.data.measured.unread_cell import describe_unread
    from molscreen.data.reasons import count_reasons, list_reasons

    refused = len(table.rejections)
    reasons = f" ({list_reasons(count_reasons(table.rejections))})" if refused else ""
    say(
        f"{merged.rows:,} rows: {merged.compounds:,} compounds, {merged.duplicates:,} replicates,"
        f" {refused:,} refused{reasons}"
    )
    for sentence in describe_unread(table.unread):
        say(sentence)
    if n_trained_on:
        say(
            f"{n_trained_on:,} of {len(table):,} compounds have the same ECFP4 as a compound the bundle was"
            " trained on, and flatter the figures over all; 'unseen' leaves them out"
        )


def _side_by_side(scores: Sequence[Score]) -> list[tuple[str, ...]]:
    """One line per endpoint, subset and metric, the constant guess beside the network."""
    constant = {(s.endpoint, s.subset, s.metric): s.value for s in scores if s.is_guess}
    return [
        (
            s.endpoint,
            s.subset,
            _with_direction(s.metric),
            number(s.value),
            _interval(s),
            number(constant.get((s.endpoint, s.subset, s.metric))),
            f"{s.n:,}",
        )
        for s in scores
        if not s.is_guess
    ]


def _interval(score: Score) -> str:
    """Where the figure of other compounds of this kind would lie."""
    if score.low is None or score.high is None or math.isnan(score.value):
        return ""
    if math.isnan(score.low):
        return f"too few compounds ({score.n:,}) to say"
    return interval(score.low, score.high)


def _with_direction(metric: str) -> str:
    """A metric with an arrow: up where more of it is better, down where less is; none where neither.

    Examples
    --------
    >>> [_with_direction(metric) for metric in ("auroc", "rmse of log10", "coverage")]
    ['auroc ↑', 'rmse of log10 ↓', 'coverage']
    """
    from molscreen.metrics import METRICS
    from molscreen.prediction.bundle.headline import ERROR_AVOIDED, KEPT

    if metric in (ERROR_AVOIDED, KEPT):
        return f"{metric} ↑"
    known = METRICS.get(metric.removesuffix(" of log10"))  # an error by another scale is one as well
    return metric if known is None else f"{metric} {'↑' if known.direction == 'higher' else '↓'}"
