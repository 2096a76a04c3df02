"""``molscreen datasets``: the data sets that are known, and whether their files are here and unharmed.

``datasets check`` looks at the measurements of a file, or of one of these, as a training would.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from molscreen.cli.console import print_json, print_table, printable, say
from molscreen.cli.options import (
    DecimalMark,
    Encoding,
    Json,
    Kind,
    Method,
    MolarUnit,
    SmilesColumn,
    SplitColumn,
    Targets,
    TimeColumn,
)
from molscreen.cli.train import own_columns
from molscreen.errors import MolscreenError, UsageError
from molscreen.storage import locate_here

if TYPE_CHECKING:
    from molscreen.data.assay_table import AssayTable
    from molscreen.data.card import DatasetCard
    from molscreen.data.splits import SplitConfig

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
    encoding: Encoding = None,
    decimal: DecimalMark = None,
    task: Kind = None,
    unit: MolarUnit = None,
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
    test fold shares with the training fold. What matters comes first.
    """
    from molscreen.data.assay import read_assay
    from molscreen.data.card import load_card
    from molscreen.data.found_kind import describe_kinds
    from molscreen.data.quality.data_report import report_data
    from molscreen.data.quality.pages import PAGE, data_pages
    from molscreen.data.quality.tails import ask_about_scales
    from molscreen.data.splits import SplitConfig
    from molscreen.training.recipe import recipe_for_file

    columns = own_columns(
        assay, target_column, smiles_column, encoding=encoding, decimal=decimal,
        task=task, unit=unit, split=split, split_column=split_column, time_column=time_column,
    )  # fmt: skip
    if out is not None and out.exists():
        raise UsageError(f"'{out}' exists; name a new directory, or remove it first")
    settings = SplitConfig(method="given" if split_column else split or "scaffold", official=split is None)
    if columns is None:
        card = load_card(assay)
    else:
        _, [card] = recipe_for_file(Path(assay), columns, split=settings, seed=0)
    table = read_assay(card, data_root=data)
    for sentence in describe_kinds(table) if columns is not None else ():
        say(sentence)
    if columns is not None and not columns.molar:
        for question in ask_about_scales(table).values():
            say(question)
    merged = _divided(table, settings)
    pages = data_pages(report_data(card.name, [card.name], [table], merged), with_rows=columns is not None)
    if out is None:
        print(printable(pages[PAGE]), end="")
        return
    out.mkdir(parents=True)
    for name, text in pages.items():
        (out / name).write_text(text, encoding="utf-8")
    say(f"wrote {', '.join(str(out / name) for name in pages)}")


def _divided(table: AssayTable, config: SplitConfig) -> AssayTable:
    """One row per compound, in the folds of a training; without folds where there are too few compounds."""
    from molscreen.training.folds import FEWEST_COMPOUNDS, has_too_few, join_tables, undivided

    if has_too_few([table]):
        say(f"fewer than {FEWEST_COMPOUNDS} compounds are too few to train: nothing is said of a test fold")
        return undivided([table])
    return join_tables([table], config)


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
