"""Every option of a verb arrives where the work is done; nothing is computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer.core
import typer.main
from typer.testing import CliRunner

from molscreen.chem.cleaning.recipe import Recipe
from molscreen.cli.app import app
from molscreen.data.files.record import ReadOptions
from molscreen.data.own_file.user_card import UserColumns
from molscreen.generation.settings import DesignConfig

ROOMS = {
    "design": ("molscreen.generation.design.design",),
    "screen": ("molscreen.screening.screen.amend", "molscreen.report.screen.screen"),
    "train": ("molscreen.training.train.train",),
    "index": ("molscreen.screening.index.index",),
}
WORKERS = "--executor ray --workers 3 --address head:6379 --gpus 1"
READ = "--smiles-column structure --id-column code --encoding cp1252"
READ_SO = ReadOptions(smiles_column="structure", id_column="code", encoding="cp1252")


class ArrivedError(Exception):
    """The last function of a verb was called."""


def arrivals(verb: str, words: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the functions behind a verb get by name, but for who is told of the progress."""
    *first, last = ROOMS[verb]
    got: dict[str, Any] = {}

    def stop(*_: object, **options: object) -> None:
        got.update(options)
        raise ArrivedError

    for name in first:
        monkeypatch.setattr(name, lambda *_, **options: got.update(options))
    monkeypatch.setattr(last, stop)
    result = CliRunner().invoke(app, [verb, *words.split()])
    assert isinstance(result.exception, ArrivedError), result.output
    return {name: value for name, value in got.items() if name not in ("progress", "tell", "plan")}


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("assay.csv").write_text("structure,code,IC50,rel,u,fold,year\nCCO,1,5,<,nM,train,2020\n")


CASES = {
    "design": (
        "--out d --plan low-tox --seeds a.smi --known b.csv --keep c1ccncc1 --forbid [Br] --forbid I"
        " --alerts flag --budget 7 --preset fast --generator genetic --bundle x --control y --control z"
        f" --top 4 --bold --pareto --seed 5 --batch 6 {WORKERS} --resume",
        {
            "out": Path("d"), "seeds": ["a.smi"], "known": ["b.csv"], "bundles": ["x"], "control": ["y", "z"],
            "top": 4, "executor": "ray", "workers": 3, "address": "head:6379", "gpus": 1, "resume": True,
            "config": DesignConfig(
                budget=7, seed=5, preset="fast", batch=6, generators=("genetic",), keep="c1ccncc1",
                forbid=("[Br]", "I"), alerts="flag", bold=True, pareto=True,
            ),
        },
    ),
    "screen": (
        f"a.smi --out r --plan cns --bundle x --top 4 {READ} {WORKERS} --timeout 9 --first-look old --resume",
        {
            "bundles": ["x"], "top": 4, "out": Path("r"), "first_look": Path("old"), "resume": True,
            "options": READ_SO,
            "run": {
                "executor": "ray", "workers": 3, "address": "head:6379", "gpus": 1, "timeout": 9,
            },
        },
    ),
    "train": (
        f"assay.csv --out b --target-column IC50 {READ} --decimal point --task regression --unit uM"
        " --relation-column rel --unit-column u --name pIC50 --better higher --split-column fold"
        " --seed 5 --effort best --no-refit",
        {
            "out": Path("b"), "split": "given", "seed": 5, "effort": "best", "refit": False,
            "columns": UserColumns(
                targets=("IC50",), kind="regression", smiles="structure", id="code", split="fold",
                encoding="cp1252", decimal="point", molar="uM", names={"IC50": "pIC50"}, better="higher",
                relations={"IC50": "rel"}, units={"IC50": "u"},
            ),
        },
    ),
    "index": (
        f"a.smi --out s --append --tautomer {READ} --workers 3 --resume",
        {
            "out": Path("s"), "append": True, "resume": True, "workers": 3, "options": READ_SO,
            "recipe": Recipe(tautomer=True),
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("verb", CASES)
def test_options_arrive(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words, expected = CASES[verb]
    assert arrivals(verb, words, monkeypatch) == expected


@pytest.mark.parametrize("verb", CASES)
def test_no_option_is_left_out(verb: str) -> None:
    """Who adds an option adds it to the case above."""
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    printed = {"--help", "--json", "--dry-run"}  # of what is printed, not of what is done
    by_time = {"--split", "--time-column"} if verb == "train" else set()
    options = {each.opts[0] for each in group.commands[verb].params if each.opts[0].startswith("--")}
    given = {word.replace("--no-", "--") for word in CASES[verb][0].split() if word.startswith("--")}
    assert options - printed - by_time == given


def test_a_split_by_time_and_a_refit_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that cannot be given beside a column of folds and --no-refit."""
    words = "assay.csv --out b --target-column IC50 --unit nM --split time --time-column year --refit"
    got = arrivals("train", words, monkeypatch)
    assert (got["split"], got["refit"], got["columns"].time) == ("time", True, "year")
