"""``molscreen datasets``: the data sets that are known, and whether their files are here and unharmed.

``datasets check`` looks at the measurements of a file, or of one of these, as a training would.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from molscreen.cli.assay_columns import ColumnOptions, own_columns
from molscreen.cli.console import print_json, print_table, printable, say
from molscreen.cli.options import (
    DecimalMark,
    Encoding,
    IdColumn,
    Json,
    Kind,
    Method,
    MolarUnit,
    Names,
    RelationColumns,
    SmilesColumn,
    SplitColumn,
    Targets,
    TimeColumn,
    UnitColumns,
)
from molscreen.errors import MolscreenError, UsageError
from molscreen.storage import locate_here

if TYPE_CHECKING:
    from molscreen.data.card import DatasetCard

app = typer.Typer(help="List the data sets that molscreen knows, or check measurements before a training.")
Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="The folder of the data; $MOLSCREEN_DATA where left out."),
]


@app.callback(invoke_without_command=True)
def datasets(
    context: typer.Context,
    verify: Annotated[bool, typer.Option("--verify", help="Compare the sha256 of every file.")] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """List the data sets that molscreen knows: endpoints, licence, and with --verify their files."""
    if context.invoked_subcommand is not None:
        return
    from molscreen.data.card import known_cards, load_card
    from molscreen.data.data_folder import find_data_folder

    folder = find_data_folder(data) if verify else None
    cards = [load_card(name) for name in known_cards()]
    problems = {card.name: _verify(card, folder) for card in cards} if folder is not None else {}
    if json:
        print_json([_summary(card, problems.get(card.name)) for card in cards])
    else:
        columns = ("name", "endpoints", "metric", "licence", *(("files",) if verify else ()))
        rows = [
            (
                card.name,
                str(len(card.endpoints)),
                card.metric,
                card.licence if card.commercial else f"{card.licence} (not for bundles that ship)",
                *(("; ".join(problems[card.name]) or "ok",) if verify else ()),
            )
            for card in cards
        ]
        print_table(columns, rows)
    if any(problems.values()):
        raise typer.Exit(MolscreenError.exit_code)


@app.command("check")
def check(
    assay: Annotated[str, typer.Argument(metavar="ASSAY.csv|CARD", help="Measurements, or what names them.")],
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
    split: Annotated[
        Method | None,
        typer.Option(help="How a training would choose test compounds; as for train where left out."),
    ] = None,
    split_column: SplitColumn = None,
    time_column: TimeColumn = None,
    data: Data = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", parser=locate_here, help="Write the report there, instead of printing it."
        ),
    ] = None,
) -> None:
    """Report what a training would find in measurements, without training.

    Coverage, classes, replicates that disagree, censored values, heavy tails, activity cliffs, and what the
    test fold shares with the training fold. What matters comes first. --out has the rows and cells that
    cannot be used as well.
    """
    from molscreen.data.card import load_card
    from molscreen.data.measured.assay import read_assay
    from molscreen.data.quality.pages import PAGE
    from molscreen.data.splits import SplitConfig
    from molscreen.training.folds import FEWEST_COMPOUNDS
    from molscreen.training.inspection import inspect_measurements
    from molscreen.training.recipe import recipe_for_file
    from molscreen.training.rejections import tell_rejections

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
        split_column=split_column,
        time_column=time_column,
    )
    columns = own_columns(assay, options, split=split)
    if out is not None and out.exists():
        raise UsageError(f"'{out}' exists; name a new directory, or remove it first")
    settings = SplitConfig(method="given" if split_column else split or "scaffold", official=split is None)
    if columns is None:
        card = load_card(assay)
    else:
        _, [card] = recipe_for_file(Path(assay), columns, split=settings, seed=0)
    table = read_assay(card, data_root=data)
    found = inspect_measurements(card.name, [card], [table], settings, own=columns is not None)
    if not found.has_folds:
        say(f"fewer than {FEWEST_COMPOUNDS} compounds are too few to train: nothing is said of a test fold")
    if out is not None:
        out.mkdir(parents=True)
    tell_rejections({card.name: table}, path=None if out is None else out / "rejections.csv", tell=say)
    for sentence in found.kinds:
        say(sentence)
    if out is None:
        print(printable(found.pages[PAGE]), end="")
        return
    for sentence in found.sentences:
        say(sentence)
    for name, text in found.pages.items():
        (out / name).write_text(text, encoding="utf-8")
    say(f"wrote {', '.join(str(out / name) for name in found.pages)}")


def _verify(card: DatasetCard, data_root: Path) -> list[str]:
    """What is wrong with the files of a card, a sentence each."""
    from molscreen.data.data_folder import locate

    problems = []
    for file in card.files:
        try:
            locate(file, data_root=data_root)
        except MolscreenError as error:
            problems.append(str(error))
    return problems


def _summary(card: DatasetCard, problems: list[str] | None) -> dict[str, object]:
    return {
        "name": card.name,
        "title": card.title,
        "licence": card.licence,
        "commercial": card.commercial,
        "doi": card.doi,
        "endpoints": [endpoint.name for endpoint in card.endpoints],
        **({} if problems is None else {"problems": problems}),
    }
