"""``molscreen train``: measurements in, a bundle with its model card out."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from molscreen.cli.assay_columns import ColumnOptions, own_columns
from molscreen.cli.console import say
from molscreen.cli.options import (
    DecimalMark,
    Encoding,
    IdColumn,
    Kind,
    Method,
    MolarUnit,
    Names,
    OutFolder,
    RelationColumns,
    SmilesColumn,
    SplitColumn,
    Targets,
    TimeColumn,
    UnitColumns,
)
from molscreen.cli.progress import Ticker


def train(
    assay: Annotated[
        str, typer.Argument(metavar="ASSAY.csv|CARD|FILE.toml", help="Measurements, or what names them.")
    ],
    out: OutFolder,
    target_column: Targets = None,
    smiles_column: SmilesColumn = None,
    id_column: IdColumn = None,
    encoding: Encoding = None,
    decimal: DecimalMark = None,
    task: Kind = None,
    unit: MolarUnit = None,
    relation_column: RelationColumns = None,
    unit_column: UnitColumns = None,
    names: Names = None,
    better: Annotated[
        Literal["higher", "lower"] | None,
        typer.Option(help="Which way the measured columns are better for a drug; a plan is checked by it."),
    ] = None,
    split: Annotated[
        Method | None,
        typer.Option(help="How test compounds are chosen. Left out: the official fold, else scaffold."),
    ] = None,
    split_column: SplitColumn = None,
    time_column: TimeColumn = None,
    seed: Annotated[int | None, typer.Option(metavar="S", help="Another seed, other networks.")] = None,
    effort: Annotated[
        Literal["quick", "standard", "best"] | None,
        typer.Option(help="quick takes about a minute for 2,000 compounds; standard where left out."),
    ] = None,
    refit: Annotated[
        bool | None,
        typer.Option(
            "--refit/--no-refit",
            help="Once the figures are known, fit again on all compounds, those tested included.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Train the best model that your own measurements support: kernel, trees and graph networks, blended.

    The bundle in --out holds weights, calibration, domain and a model card. An ECFP baseline is fitted and
    reported beside the blend, always. OUT.data-report.md tells what was found in the measurements, and
    OUT.rejections.csv which rows and cells cannot be used. A killed training is continued by the same call.
    """
    from molscreen.screening.folder.resume import check_writable
    from molscreen.training.train import train as train_bundle

    options = ColumnOptions(
        targets=target_column,
        smiles=smiles_column,
        id=id_column,
        encoding=encoding,
        decimal=decimal,
        task=task,
        unit=unit,
        relations=relation_column,
        units=unit_column,
        names=names,
        better=better,
        split_column=split_column,
        time_column=time_column,
    )
    columns = own_columns(assay, options, split=split)
    check_writable(out.parent)
    try:
        with Ticker() as ticker:
            train_bundle(
                assay,
                out=out,
                columns=columns,
                split="given" if split_column else split,
                seed=seed,
                effort=effort,
                refit=refit,
                progress=ticker,
            )
    except KeyboardInterrupt:
        _say_how_to_go_on(out)
        raise
    say(f"wrote {out}; its figures are in {out / 'MODEL_CARD.md'}, its data in {out}.data-report.md")
    say(f"use it: molscreen predict CCO --bundle {out}")


def _say_how_to_go_on(out: Path) -> None:
    """The command that continues an interrupted training: the same again."""
    from molscreen.training.train import checkpoint_folder, finished_fits

    folder, command = checkpoint_folder(out), shlex.join(["molscreen", *sys.argv[1:]])
    if finished_fits(folder):
        say(f"finished epochs are kept in {folder}; go on with:\n  {command}")
    else:
        say(f"no epoch was finished; start again with:\n  {command}")
