"""``molscreen datasets``: the cards of the data sets, and whether their files are here and unharmed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from molscreen.cli.console import print_json, print_table
from molscreen.cli.options import Json
from molscreen.errors import MolscreenError

if TYPE_CHECKING:
    from molscreen.data.card import DatasetCard


def datasets(
    verify: Annotated[bool, typer.Option("--verify", help="Compare the sha256 of every file.")] = False,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The folder of the data; $MOLSCREEN_DATA where left out."),
    ] = None,
    json: Json = False,
) -> None:
    """List the data sets that molscreen knows: endpoints, licence, and with --verify their files."""
    from molscreen.data.card import find_data_folder, known_cards, load_card

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


def _verify(card: DatasetCard, data_root: Path) -> list[str]:
    """What is wrong with the files of a card, a sentence each."""
    from molscreen.data.card import locate

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
