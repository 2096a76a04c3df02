"""A library of real drugs and its unbroken run; and at the end of a session, how many faults there were."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chaotic import FAULTS, SHARDS, end_all, write_drugs
from small_plan import make_plan, result_files

from molscreen.screening.screen import screen


@pytest.fixture(scope="session")
def library(tmp_path_factory) -> Path:
    """300 approved drugs."""
    return write_drugs(tmp_path_factory.mktemp("library") / "drugs.csv", 300)


@pytest.fixture(scope="session")
def run_folder(library, tmp_path_factory) -> Path:
    """The slow stand-in over that library, undisturbed; tests only look at it."""
    plan = make_plan("stand_in:slow", run=SHARDS)
    return screen(library, plan=plan, out=tmp_path_factory.mktemp("runs") / "unbroken").path


@pytest.fixture(scope="session")
def unbroken(run_folder) -> dict[str, bytes]:
    """What every run of the slow stand-in over that library must end with."""
    return result_files(run_folder)


@pytest.fixture(autouse=True)
def nobody_is_left() -> Iterator[None]:
    """A test that failed leaves no process behind."""
    yield
    end_all()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What `make chaos` promises is a number, so it is printed."""
    if FAULTS:
        terminalreporter.section("faults")
        for kind, n in sorted(FAULTS.items()):
            terminalreporter.write_line(f"{n:6d}  {kind}")
        terminalreporter.write_line(f"{FAULTS.total():6d}  in all")
