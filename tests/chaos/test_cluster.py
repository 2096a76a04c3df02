"""Ray: actors, raylets, nodes and drivers killed in the midst of a run; the bytes are of an unbroken one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from chaotic import (
    SHARDS,
    check,
    descendants,
    end,
    has_ended,
    is_gone,
    kill_process,
    n_parts,
    start,
    struck,
    wait_until,
)
from ray_keeper import Keeper
from small_plan import make_plan, result_files

from molscreen.screening.events import read_events
from molscreen.screening.screen import screen

pytest.importorskip("ray")
pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]
SEEDS = range(3)


BUNDLE = "stand_in:paced"


class Cluster:
    """A keeper's cluster with nodes known by their raylets; and drivers that join it."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self.raylets = [keeper.add(), keeper.add()]

    def start(self, library: Path, out: Path) -> subprocess.Popen[str]:
        options = {"executor": "ray", "address": self.keeper.address}
        return start(library, out, bundle=BUNDLE, options=options, env=self.keeper.environment)

    def set_pace(self, seconds: float) -> None:
        """Of the predictor, from now on, for each compound."""
        (Path(self.keeper.environment["HOME"]) / "pace").write_text(str(seconds))

    def actors(self) -> list[psutil.Process]:
        """Those that work through a shard now."""
        return [each for raylet in self.raylets for each in actors_under(raylet)]

    def mend(self) -> None:
        """Two nodes again."""
        self.raylets = [raylet for raylet in self.raylets if not has_ended(raylet)]
        while len(self.raylets) < 2:
            self.raylets.append(self.keeper.add())


def actors_under(pid: int) -> list[psutil.Process]:
    """Processes of actors, by the name that Ray gives them while they work through a shard."""
    found = []
    for child in descendants(pid):
        try:
            if "ShardActor.answer" in " ".join(child.cmdline()) and child.status() != psutil.STATUS_ZOMBIE:
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


@pytest.fixture(scope="module")
def unbroken(library, tmp_path_factory) -> dict[str, bytes]:
    """By the predictor that leaves time for what happens on a cluster."""
    plan = make_plan(BUNDLE, run=SHARDS)
    return result_files(screen(library, plan=plan, out=tmp_path_factory.mktemp("runs") / "unbroken").path)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    # not under pytest's folder: the names of sockets end at 107 bytes
    folder = tempfile.TemporaryDirectory(prefix="ms-", ignore_cleanup_errors=True)
    with folder as name, Keeper(Path(name)) as keeper:
        yield Cluster(keeper)


def hit_actor(cluster: Cluster, rng: random.Random) -> None:
    if actors := cluster.actors():
        kill_process(rng.choice(actors), "actor killed")


def hit_raylet(cluster: Cluster, rng: random.Random) -> None:
    """Its workers, and with them the node, go with it; another joins."""
    victim = rng.choice(cluster.raylets)
    kill_process(psutil.Process(victim), "raylet killed")
    while not has_ended(victim):
        time.sleep(0.01)
    cluster.mend()


def hit_node(cluster: Cluster, rng: random.Random) -> None:
    victim = cluster.raylets.pop(rng.randrange(2))
    cluster.keeper.remove(victim)
    struck("node left")
    cluster.mend()


HITS: list[Callable[[Cluster, random.Random], None]] = [hit_actor, hit_raylet, hit_node]


def at_work(cluster: Cluster, out: Path, target: int) -> Callable[[], bool]:
    return lambda: n_parts(out) >= target and bool(cluster.actors())


@pytest.mark.parametrize("seed", SEEDS)
def test_cluster_that_loses_actors_raylets_and_nodes(cluster, library, unbroken, tmp_path, seed):
    """One of each in random order; the driver lives through all three."""
    out = tmp_path / "run"
    rng = random.Random(seed)
    driver = cluster.start(library, out)
    target = 0
    for hit in rng.sample(HITS, 3):
        assert wait_until(at_work(cluster, out, target), driver), driver.communicate()[1]
        time.sleep(rng.uniform(0, 0.1))
        hit(cluster, rng)
        target = n_parts(out) + 1
    end(driver)
    check(out, unbroken)
    kinds = [
        event["failure"]["kind"] for event in read_events(out / "events.jsonl") if event["event"] == "setback"
    ]
    assert kinds


@pytest.mark.parametrize("seed", range(2))
def test_killed_driver_of_a_cluster(cluster, library, unbroken, tmp_path, seed):
    """The cluster goes on without it, its actors do not; and the next driver has the room."""
    out = tmp_path / "run"
    rng = random.Random(seed)
    for sent in (signal.SIGKILL, rng.choice((signal.SIGTERM, signal.SIGINT, signal.SIGKILL))):
        driver = cluster.start(library, out)
        target = n_parts(out) + 1
        assert wait_until(at_work(cluster, out, target), driver), driver.communicate()[1]
        actors = cluster.actors()
        time.sleep(rng.uniform(0, 0.1))
        driver.send_signal(sent)
        driver.communicate(timeout=60)
        assert driver.returncode != 0
        struck(f"driver of a cluster sent {sent.name}")
        assert is_gone(actors)
    end(cluster.start(library, out))
    check(out, unbroken)


def test_node_that_joins_late_is_used(cluster, library, unbroken, tmp_path):
    """The driver looks again while it works."""
    cluster.mend()
    cluster.keeper.remove(cluster.raylets.pop())
    cluster.set_pace(60)
    driver = cluster.start(library, tmp_path / "run")
    assert wait_until(at_work(cluster, tmp_path / "run", 0), driver), driver.communicate()[1]
    cluster.mend()
    struck("node joined late")
    assert wait_until(lambda: bool(actors_under(cluster.raylets[-1])), driver), "it was never given work"
    cluster.set_pace(0.01)
    end(driver)
    check(tmp_path / "run", unbroken)


@pytest.mark.parametrize("seed", range(2))
def test_raylet_of_a_cluster_of_ones_own(library, unbroken, tmp_path, seed):
    """It carries the driver's own connection: the driver ends, says why, and leaves nobody behind."""
    out, home = tmp_path / "run", tmp_path / "home"
    home.mkdir()
    settings = {"bundle": BUNDLE, "options": {"executor": "ray", "workers": 1}}
    settings["env"] = {**os.environ, "HOME": str(home)}
    driver = start(library, out, **settings)
    target = random.Random(seed).randrange(1, 4)
    assert wait_until(lambda: n_parts(out) >= target and bool(actors_under(driver.pid)), driver)
    (home / "pace").write_text("60")
    started = descendants(driver.pid)
    raylet = next(child for child in started if child.name() == "raylet")
    assert kill_process(raylet, "raylet of a cluster of one's own killed")
    _, log = driver.communicate(timeout=100)
    assert driver.returncode != 0
    assert "the Ray cluster has no node left" in log
    assert is_gone(started)
    (home / "pace").unlink()
    end(start(library, out, **settings))
    check(out, unbroken)
