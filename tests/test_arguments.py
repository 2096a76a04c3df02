"""One thing or several: wherever a sequence is expected, one name alone will do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from rdkit import Chem
from upath import UPath

from molscreen.arguments import as_names, as_sequence
from molscreen.data.files.library import open_library
from molscreen.data.own_file.user_card import UserColumns
from molscreen.errors import LibraryError, UsageError
from molscreen.generation.design import design
from molscreen.generation.settings import DesignConfig
from molscreen.prediction.bundle.bundle_file import load_bundle
from molscreen.screening.plan.plan import ScreenPlan, load_plan
from molscreen.screening.results.run import open_run
from molscreen.screening.screen import amend
from molscreen.screening.store.read import open_store


def test_several_stay_several_and_one_is_one() -> None:
    assert as_sequence(name for name in ("a", "b")) == ("a", "b")
    assert as_sequence(Path("a/b")) == (Path("a/b"),)
    assert as_names(UPath("memory://lab/a.csv"), what="library") == ("memory://lab/a.csv",)


def test_one_name_will_do_at_every_door(tmp_path: Path) -> None:
    library = tmp_path / "drugs.smi"
    library.write_text("CCO\n")
    assert open_library(str(library)).n_records == open_library(library).n_records == 1
    plan = ScreenPlan(name="x", objective={}, bundles="mine", library="a.csv", plugins="my.filters")  # type: ignore[arg-type]
    assert (plan.bundles, plan.library, plan.plugins) == (("mine",), ("a.csv",), ("my.filters",))
    wanted = amend(plan, "b.csv", bundles="yours")
    assert (wanted.library, wanted.bundles) == (("b.csv",), ("yours",))
    assert UserColumns(targets="pIC50").targets == ("pIC50",)  # type: ignore[arg-type]
    config = DesignConfig(generators="genetic", forbid="[N+]")  # type: ignore[arg-type]
    assert (config.generators, config.forbid) == (("genetic",), ("[N+]",))


FRAME = pd.DataFrame({"smiles": ["CCO", "CCN"], "id": ["a", "b"]})


@pytest.mark.parametrize("table", [FRAME, FRAME["smiles"], FRAME["smiles"].to_numpy(), {"smiles": ["CCO"]}])
def test_a_table_is_asked_to_be_written_to_a_file(table: object) -> None:
    """What a run has read must still be there when it is traced, or gone on with."""
    with pytest.raises(UsageError, match=r"library: got a \w+, expected names of files. .*to_csv"):
        amend("oral-drug", table)  # type: ignore[arg-type]


def test_what_is_no_name_is_refused() -> None:
    with pytest.raises(UsageError, match="library: got a Mol, expected a name or a path"):
        as_names([Chem.MolFromSmiles("CCO")], what="library")


@pytest.mark.parametrize(
    ("opened", "what"), [(open_run, "run"), (open_store, "store"), (load_bundle, "bundle")]
)
def test_what_is_opened_has_a_name(opened: Callable[[Any], object], what: str) -> None:
    with pytest.raises(UsageError, match=f"{what}: got a int, expected a name or a path"):
        opened(5)


def test_a_plan_is_a_plan_already() -> None:
    plan = load_plan("low-tox")
    assert load_plan(plan) is plan


def test_settings_are_no_dict(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="options is a dict, expected ReadOptions"):
        open_library("a.csv", {"smiles_column": "x"})  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="config is a dict, expected DesignConfig"):
        design(out=tmp_path / "design", config={"budget": 300})  # type: ignore[arg-type]
    assert not (tmp_path / "design").exists()


@pytest.mark.parametrize("smiles", ["CCO", "C[C@@H](O)N", "*c1ccccc1"])
def test_a_structure_is_no_file(smiles: str) -> None:
    with pytest.raises(LibraryError, match=r"no such file\. Structures are read from one: write them there"):
        open_library([smiles])


def test_a_structure_too_long_for_a_name_is_no_file() -> None:
    with pytest.raises(UsageError, match=r"'C{40}…' is too long for the name of a file; structures are read"):
        open_library("C" * 300)
