"""What a cluster does once in a thousand hours, played by a stand-in for ray."""
# ruff: noqa: ARG002, ARG005 - the arguments are those of ray

from __future__ import annotations

import os
import sys
import time
from types import SimpleNamespace

import pytest

from molscreen.errors import UsageError
from molscreen.screening.cluster import probe as probe_module
from molscreen.screening.cluster import worker as worker_module
from molscreen.screening.cluster.probe import import_path, probe
from molscreen.screening.cluster.worker import RayWorker
from molscreen.screening.events import Journal, read_events, silent
from molscreen.screening.executors.executor import Done
from molscreen.screening.executors.watched import WatchedExecutor
from molscreen.screening.shard import cut_compounds


class RayError(Exception):
    pass


class GetTimeoutError(RayError):
    pass


class RayTaskError(RayError):
    pass


class ActorUnavailableError(RayError):
    pass


class ActorDiedError(RayError):
    pass


class OutOfMemoryError(RayError):
    pass


EXCEPTIONS = SimpleNamespace(
    RayError=RayError,
    GetTimeoutError=GetTimeoutError,
    RayTaskError=RayTaskError,
    ActorUnavailableError=ActorUnavailableError,
    OutOfMemoryError=OutOfMemoryError,
)


class FakeRay:
    """As much of ray as a driver asks of it; `looks` are the nodes alive at each look, the last for good."""

    exceptions = EXCEPTIONS

    def __init__(self, error: Exception, looks: list[list[str]]) -> None:
        self.error, self.looks, self.killed = error, looks, 0

    def get(self, news: object, timeout: float | None = None) -> bytes:
        raise self.error

    def nodes(self) -> list[dict[str, object]]:
        now = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        return [{"NodeID": name, "Alive": True, "NodeManagerHostname": name} for name in now]

    def kill(self, actor: object, no_restart: bool) -> None:
        self.killed += 1


def ending(error: Exception, looks: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> RayWorker:
    monkeypatch.setattr(worker_module, "NODE_NEWS", 5.0)
    monkeypatch.setattr(worker_module.time, "sleep", lambda _: None)
    worker = RayWorker(FakeRay(error, looks), None, None, None)
    worker._node = "a"
    assert worker.receive() is None
    return worker


def test_node_whose_loss_is_noticed_late_blames_no_molecule(monkeypatch) -> None:
    """A machine taken back by its owner: for some seconds, the cluster still believes in it."""
    worker = ending(ActorUnavailableError("unreachable"), [["a", "b"], ["a", "b"], ["b"]], monkeypatch)
    assert (worker.failure_kind, worker.ending) == ("left", "was lost with its node")


def test_actor_that_ended_on_a_living_node_died_of_its_work(monkeypatch) -> None:
    """Ends that are alike are told alike: so a model that ends every worker is found out."""
    ends = [ending(ActorDiedError(f"dead\nactor_id: {i}"), [["a"]], monkeypatch) for i in range(2)]
    assert {(each.failure_kind, each.ending) for each in ends} == {("died", "died (ActorDiedError)")}


def test_what_an_actor_raised_is_told(monkeypatch) -> None:
    """What it printed is on another machine."""
    error = RayTaskError("Traceback\n  File x\nKeyError: 'plan'\n")
    worker = ending(error, [["a", "b"]], monkeypatch)
    assert (worker.failure_kind, worker.ending) == ("died", "died (KeyError: 'plan')")
    assert worker._ray.killed == 1


def test_two_nodes_of_one_name_are_both_asked(tmp_path, monkeypatch) -> None:
    """Containers may be called alike; the fault of the first was forgotten over the second."""
    answers = iter(["does not see the folder", ""])
    monkeypatch.setattr(probe_module, "_ask", lambda *_: next(answers))
    nodes = [{"NodeID": i, "Alive": True, "NodeManagerHostname": "worker"} for i in "ab"]
    ray = SimpleNamespace(exceptions=EXCEPTIONS, nodes=lambda: nodes, get=lambda answer, timeout: answer)
    with pytest.raises(UsageError, match="does not see the folder"):
        probe(ray, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_silent_nodes_are_waited_for_together(tmp_path, monkeypatch) -> None:
    """A hundred of them take two minutes, not three hours."""
    monkeypatch.setattr(probe_module, "_ask", lambda *_: None)
    monkeypatch.setattr(probe_module, "PROBE_TIMEOUT", 0.2)

    def get(_: object, timeout: float) -> str:
        time.sleep(timeout)
        raise GetTimeoutError

    nodes = [{"NodeID": i, "Alive": True, "NodeManagerHostname": f"n{i}"} for i in range(20)]
    ray = SimpleNamespace(exceptions=EXCEPTIONS, nodes=lambda: nodes, get=get)
    start = time.monotonic()
    with pytest.raises(UsageError, match=r"node n0 gave no answer.*node n19 gave no answer"):
        probe(ray, tmp_path)
    assert time.monotonic() - start < 2


def test_actors_here_find_the_modules_of_a_notebook(monkeypatch, tmp_path) -> None:
    """There, and at a prompt, the folder itself is '' on the path."""
    import socket

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", "/lib"])
    ray = SimpleNamespace(nodes=lambda: [{"Alive": True, "NodeManagerHostname": socket.gethostname()}])
    assert import_path(ray) == [os.getcwd(), "/lib"]


class Hands:
    """Eight workers of one node, which are lost together in the middle of their first shard."""

    size = 8

    def __init__(self) -> None:
        self.hired: list[Hand] = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def room(self) -> int:
        return self.size

    def hire(self) -> Hand:
        self.hired.append(Hand(lost=len(self.hired) < self.size))
        return self.hired[-1]

    def wait(self, hands):
        return list(hands)


class Hand:
    failure_kind, ending = "left", "was lost with its node"

    def __init__(self, *, lost: bool) -> None:
        self.lost, self.task = lost, None

    def send(self, tier, task, *, timeout) -> None:
        self.task = task

    def receive(self):
        if self.task is None:
            return {"ready": "node"}
        return None if self.lost else {"done": Done(self.task.shard.index, len(self.task.shard), {})}

    def stop(self) -> None:
        return None


def test_lost_node_costs_one_pause_not_one_for_each_of_its_workers(monkeypatch) -> None:
    """Nobody is heard in a pause: eight of 30 s would have stopped the rest of the cluster for minutes."""
    from molscreen.screening.executors import watched

    pauses: list[float] = []
    monkeypatch.setattr(watched.time, "sleep", pauses.append)
    shards = list(cut_compounds(list(range(20)), ["CCO"] * 20, 1))
    with WatchedExecutor(Hands(), timeout=60) as executor:
        outcomes = list(executor.work("rerank", shards))
    assert sorted(each.shard for each in outcomes if isinstance(each, Done)) == list(range(20))
    assert sum(pauses) <= 30


class Unplaced:
    """A worker for which the cluster has no place as yet."""

    failure_kind, ending = "no place", "found no place within 900 s; the cluster has {'CPU': 64}"

    def receive(self) -> None:
        return None

    def stop(self) -> None:
        return None


def test_full_cluster_is_waited_for(monkeypatch, tmp_path) -> None:
    """A colleague's job ends at four in the morning: the run did not end at a quarter past one."""
    from molscreen.screening.executors import watched

    class Full(Hands):
        def hire(self):
            if len(self.hired) < 40:
                self.hired.append(Unplaced())
                return self.hired[-1]
            return Hand(lost=False)

    monkeypatch.setattr(watched.time, "sleep", lambda _: None)
    shards = list(cut_compounds(list(range(20)), ["CCO"] * 20, 1))
    told: list[str] = []
    done: list[Done] = []
    journal = Journal(tmp_path / "events.jsonl", silent, 20, tell=told.append)
    with WatchedExecutor(Full(), timeout=60) as executor:
        journal.follow("rerank", executor.work("rerank", shards), done.append)
    assert sorted(each.shard for each in done) == list(range(20))
    assert told == [
        "no worker as yet: the last found no place within 900 s; the cluster has {'CPU': 64}."
        " Still waiting; an interrupt loses nothing"
    ]
    assert [
        event["text"] for event in read_events(tmp_path / "events.jsonl") if event["event"] == "delay"
    ] == told


@pytest.mark.parametrize(("arrived", "kind"), [(False, "no place"), (True, "timeout")])
def test_worker_without_a_place_is_told_from_one_that_cannot_load(arrived, kind) -> None:
    """Of the second, three in a row end the run: bundles do not load there."""
    ray = FakeRay(GetTimeoutError(), [["a"]])
    ray.wait = lambda refs, timeout: (refs, []) if arrived else ([], refs)
    ray.cluster_resources = lambda: {"CPU": 64.0, "memory": 1e9}
    worker = RayWorker(ray, None, "place", "news")
    assert worker.receive() is None
    assert worker.failure_kind == kind
    assert ("the cluster has {'CPU': 64.0}" in worker.ending) is not arrived


def test_crew_is_left_although_a_worker_cannot_be_stopped() -> None:
    """The head is gone: what else was started ends all the same."""
    ended = []

    def refuse():
        raise RayError("no head")

    crew = SimpleNamespace(__enter__=lambda: crew, __exit__=lambda *error: ended.append("crew"))
    executor = WatchedExecutor(crew, timeout=1.0)
    executor._idle = [
        SimpleNamespace(stop=lambda: ended.append("first")),
        SimpleNamespace(stop=refuse),
        SimpleNamespace(stop=lambda: ended.append("last")),
    ]
    with pytest.raises(RayError, match="no head"), executor:
        pass
    assert ended == ["last", "first", "crew"]
