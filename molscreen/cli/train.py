"""``molscreen train``: measurements in, a bundle with its model card out."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from molscreen.cli.console import say
from molscreen.cli.options import (
    DecimalMark,
    Encoding,
    Kind,
    Method,
    MolarUnit,
    OutFolder,
    SmilesColumn,
    SplitColumn,
    Targets,
    Task,
    TimeColumn,
)
from molscreen.cli.progress import Ticker
from molscreen.errors import UsageError

if TYPE_CHECKING:
    from molscreen.data.user_card import UserColumns
    from molscreen.endpoint import Direction


def train(
    assay: Annotated[
        str, typer.Argument(metavar="ASSAY.csv|CARD|FILE.toml", help="Measurements, or what names them.")
    ],
    out: OutFolder,
    target_column: Targets = None,
    smiles_column: SmilesColumn = None,
    encoding: Encoding = None,
    decimal: DecimalMark = None,
    task: Kind = None,
    unit: MolarUnit = None,
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

    columns = own_columns(
        assay, target_column, smiles_column, encoding=encoding, decimal=decimal,
        task=task, unit=unit, better=better, split=split, split_column=split_column, time_column=time_column,
    )  # fmt: skip
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


def own_columns(
    assay: str,
    target_column: Sequence[str] | None,
    smiles_column: str | None,
    *,
    encoding: str | None,
    task: Task | None,
    unit: str | None,
    split: Method | None,
    split_column: str | None,
    time_column: str | None,
    decimal: Literal["comma", "point"] | None = None,
    better: Direction | None = None,
) -> UserColumns | None:
    """What the columns of a file of one's own are; None for a data set or a training file.

    Raises
    ------
    UsageError
        No target column is named, two options exclude each other, or one is not for a data set.
    """
    from molscreen.data.user_card import UserColumns

    if split is not None and split_column is not None:
        raise UsageError("--split and --split-column are both given: leave one out")
    if time_column is not None and split != "time":
        raise UsageError("--time-column is given without --split time: add that, or leave it out")
    if _is_own_file(assay, target_column):
        return UserColumns(
            targets=tuple(target_column or _refuse_without_target(assay, smiles_column, encoding)),
            kind=task,
            smiles=smiles_column or "",
            split=split_column or "",
            time=time_column or "",
            encoding=encoding or "",
            decimal=decimal or "",
            molar=unit or "",
            better=better or "none",
        )
    given = {
        "--target-column": target_column,
        "--smiles-column": smiles_column,
        "--encoding": encoding,
        "--decimal": decimal,
        "--task": task,
        "--unit": unit,
        "--better": better,
        "--split-column": split_column,
        "--time-column": time_column,
    }
    if named := [option for option, value in given.items() if value]:
        raise UsageError(
            f"{', '.join(named)}: for a file of your own; '{assay}' is a data set or a training file,"
            " which names its columns itself"
        )
    return None


def _is_own_file(assay: str, target_column: Sequence[str] | None) -> bool:
    """Whether the argument is a file of measurements, not the name of a data set or a TOML file."""
    from molscreen.data.card import known_cards

    path = Path(assay)
    if path.suffix == ".toml":
        return False
    return path.is_file() or bool(path.suffix) or (bool(target_column) and assay not in known_cards())


def _refuse_without_target(assay: str, smiles_column: str | None, encoding: str | None) -> NoReturn:
    """Name the columns that could be meant.

    Raises
    ------
    UsageError
    """
    from molscreen.data.measurements import open_measurements

    library = open_measurements(
        assay, smiles_column or "", "", encoding=encoding or "", setting="--smiles-column"
    )
    raise UsageError(
        f"{assay}: --target-column is missing; name the columns of measurements."
        f" Columns: {', '.join(library.columns) or 'none'} ({'; '.join(library.described)})"
    )


def _say_how_to_go_on(out: Path) -> None:
    """The command that continues an interrupted training: the same again."""
    from molscreen.training.train import checkpoint_folder, finished_fits

    folder, command = checkpoint_folder(out), shlex.join(["molscreen", *sys.argv[1:]])
    if finished_fits(folder):
        say(f"finished epochs are kept in {folder}; go on with:\n  {command}")
    else:
        say(f"no epoch was finished; start again with:\n  {command}")
