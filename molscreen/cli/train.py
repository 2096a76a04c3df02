"""``molscreen train``: measurements in, a bundle with its model card out."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from molscreen.cli.console import say
from molscreen.cli.options import OutFolder, SmilesColumn
from molscreen.cli.progress import Ticker
from molscreen.errors import UsageError

if TYPE_CHECKING:
    from molscreen.data.splits import Method as SplitMethod

Task = Literal["regression", "classification"]
Method = Literal["random", "scaffold", "cluster", "time"]


def train(
    assay: Annotated[
        str, typer.Argument(metavar="ASSAY.csv|CARD|FILE.toml", help="Measurements, or what names them.")
    ],
    out: OutFolder,
    target_column: Annotated[
        list[str] | None,
        typer.Option(metavar="T", help="A column of measurements; may be repeated. A card names its own."),
    ] = None,
    smiles_column: SmilesColumn = None,
    task: Annotated[Task | None, typer.Option(help="Found from the values where it is left out.")] = None,
    split: Annotated[
        Method | None,
        typer.Option(help="How test compounds are chosen. Left out: the official fold, else scaffold."),
    ] = None,
    split_column: Annotated[
        str | None, typer.Option(metavar="C", help="A column of train, valid and test, instead of --split.")
    ] = None,
    time_column: Annotated[
        str | None, typer.Option(metavar="C", help="When a value was measured, for --split time.")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="S", help="Another seed, other networks.")] = None,
) -> None:
    """Train an ensemble of graph networks on your own measurements.

    The bundle in --out holds weights, calibration, domain and a model card. An ECFP baseline is
    fitted and reported beside the networks, always. A killed training is continued by the same call.
    """
    from molscreen.data.user_card import UserColumns
    from molscreen.training.recipe import TrainRecipe
    from molscreen.training.train import train as train_bundle

    columns = None
    if target_column:
        columns = UserColumns(
            targets=tuple(target_column),
            kind=task,
            smiles=smiles_column or "",
            split=split_column or "",
            time=time_column or "",
        )
    elif Path(assay).is_file() and Path(assay).suffix != ".toml":
        raise UsageError(f"{assay}: --target-column is missing; name the columns of measurements")
    if split is not None and split_column is not None:
        raise UsageError("--split and --split-column are both given: leave one out")
    if (split == "time") != (time_column is not None):
        raise UsageError("--split time and --time-column belong together: give both or neither")
    shares = TrainRecipe(name="default").split
    method: SplitMethod | None = "given" if split_column else split
    with Ticker() as ticker:
        train_bundle(
            assay,
            out=out,
            columns=columns,
            split=None
            if method is None
            else dataclasses.replace(shares, method=method, official=split is None),
            seed=seed,
            progress=ticker,
        )
    say(f"wrote {out}; its figures are in {out / 'MODEL_CARD.md'}")
    say(f"use it: molscreen predict CCO --bundle {out}")
