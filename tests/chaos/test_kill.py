"""kill -9 at any moment, of anybody, and Ctrl-C: after --resume, the bytes of an unbroken run."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import psutil
import pytest
from chaotic import (
    FAULTS,
    check,
    descendants,
    end,
    is_gone,
    kill_process,
    n_parts,
    start,
    strike,
    struck,
    wait_until,
    workers_of,
)

pytestmark = pytest.mark.integration
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 10))]


def finish(library: Path, out: Path, unbroken: dict[str, bytes]) -> None:
    """Go on to the end, and compare."""
    end(start(library, out))
    check(out, unbroken)
    assert not (out / "lock").exists()


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_driver(library, unbroken, tmp_path, seed):
    """Three kills at random moments of a run, each followed by a resume."""
    out = tmp_path / "run"
    rng, before = random.Random(seed), FAULTS["driver killed"]
    for target in sorted(rng.sample(range(1, 14), 3)):
        driver = start(library, out)
        wait_until(lambda target=target: n_parts(out) >= target, driver)
        time.sleep(rng.uniform(0, 0.05))  # somewhere between two commits, or in one
        strike(driver, "driver killed")
    assert FAULTS["driver killed"] >= before + 1, f"seed {seed}: nobody was hit"
    finish(library, out, unbroken)


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_workers(library, unbroken, tmp_path, seed):
    """The driver replaces them, blames no molecule, and ends by itself."""
    out = tmp_path / "run"
    rng, before = random.Random(seed), FAULTS["worker killed"]
    driver = start(library, out)
    for target in sorted(rng.sample(range(1, 12), 3)):
        if wait_until(lambda target=target: n_parts(out) >= target and bool(workers_of(driver)), driver):
            for victim in workers_of(driver)[:1]:
                kill_process(victim, "worker killed")
    assert FAULTS["worker killed"] >= before + 1, f"seed {seed}: nobody was hit"
    end(driver)
    check(out, unbroken)


@pytest.mark.parametrize("sent", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_interrupted_driver_takes_its_workers_along(library, unbroken, tmp_path, sent):
    """Ctrl-C: committed shards stay, nobody works on, and the folder is free for --resume."""
    out = tmp_path / "run"
    driver = start(library, out)
    assert wait_until(lambda: n_parts(out) >= 3, driver)
    started = descendants(driver.pid)
    driver.send_signal(sent)
    _, log = driver.communicate(timeout=60)
    assert driver.returncode != 0
    struck(f"driver sent {sent.name}")
    assert is_gone(started)
    assert n_parts(out) >= 3
    if sent == signal.SIGINT:
        assert log.rstrip().endswith("KeyboardInterrupt")
        assert not (out / "lock").exists()
        assert not list(out.rglob("*.tmp-*"))
    finish(library, out, unbroken)


def test_killed_driver_leaves_nobody_behind(library, tmp_path):
    """Workers in the middle of a long shard, and their guards, end too: no battery is eaten for nothing."""
    driver = start(library, tmp_path / "run", bundle="stand_in:endless")
    assert wait_until(lambda: len(workers_of(driver)) == 2, driver)
    time.sleep(3)  # into the shard
    started = psutil.Process(driver.pid).children(recursive=True)
    assert len(started) >= 2
    strike(driver, "driver killed")
    assert is_gone(started)
