"""Two drivers at the same moment: one works, the other is told so, and the result is exact."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from chaotic import start_command, struck, write_drugs
from small_plan import result_files

from molscreen.screening.screen import screen
from molscreen.storage import locate

pytestmark = pytest.mark.integration
PLAN = """
top = 5
bundles = ["stand_in:paced"]
[[objective.term]]
endpoint = "potency"
curve = "rise"
low = 4
high = 9
[run]
executor = "inline"
shard_size = 32
"""
REFUSALS = {
    1: r"locked by .+/.+ since",
    2: r"a run that (was begun and not finished|is complete) is here",
}
"""By exit code. In a store the second waits for a heartbeat of the first, which may be done by then."""
TWICE = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 6))]


@pytest.fixture(scope="module")
def few(tmp_path_factory) -> Path:
    """150 approved drugs: at least 1.5 seconds' work."""
    return write_drugs(tmp_path_factory.mktemp("library") / "few.csv", 150)


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "plan.toml"
    path.write_text(PLAN, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def alone(few, plan, tmp_path_factory) -> dict[str, bytes]:
    """By one driver that nobody disturbs."""
    return result_files(screen(few, plan=plan, out=tmp_path_factory.mktemp("runs") / "alone").path)


def race(few: Path, plan: Path, out: Path | str) -> None:
    """Two commands at once; one is refused."""
    drivers = [start_command(few, plan, out) for _ in range(2)]
    said = {driver.communicate(timeout=200)[1]: driver.returncode for driver in drivers}
    assert sorted(said.values())[0] == 0, said
    assert sorted(said.values())[1] in REFUSALS, said
    refusal, code = next(each for each in said.items() if each[1])
    assert re.search(REFUSALS[code], refusal), refusal
    assert str(out) in refusal
    struck("second driver, " + ("in a store" if "://" in str(out) else "on disk"))


@pytest.mark.parametrize("seed", TWICE)
def test_two_drivers_on_disk(few, plan, alone, tmp_path, seed):
    race(few, plan, tmp_path / "run")
    found = result_files(tmp_path / "run")
    del found["report.html"]
    assert found == alone
    assert json.loads((tmp_path / "run" / "run.json").read_text())["state"] == "complete"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_two_drivers_in_a_store(few, plan, alone, bucket, seed):
    out = f"{bucket}/run"
    race(few, plan, out)
    path = locate(out)
    there = path.fs.find(path.path)
    names = {key.removeprefix(path.path).lstrip("/"): key for key in there}
    [last] = [
        name for name in names if name.startswith("lock")
    ]  # it stays, or a late driver would make it anew
    assert json.loads(path.fs.cat_file(names[last]))["released"]
    found = {name: path.fs.cat_file(names[name]) for name in names if name in alone}
    assert found == alone
