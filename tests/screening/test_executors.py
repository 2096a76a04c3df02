"""Who does the work, and in which order, changes nothing; whoever fails is found."""

from __future__ import annotations

import random
import re
import socket
import subprocess
import sys

import pytest
from small_plan import make_plan, result_files, write_library
from stand_in import LETHAL

from molscreen.errors import WorkerError
from molscreen.screening.events import read_events
from molscreen.screening.executors.local import LocalCrew
from molscreen.screening.screen import screen


@pytest.fixture(scope="module")
def local(library, plan, tmp_path_factory):
    return screen(library, plan=plan, out=tmp_path_factory.mktemp("runs") / "l", executor="local", workers=2)


def test_local_gives_the_bytes_of_inline(run, local):
    """The contract of every executor: same parts, same shortlist, to the last byte."""
    assert result_files(local.path) == result_files(run.path)
    assert local.record.fingerprint == run.record.fingerprint


def test_permuted_library_permutes_the_answer(run, structures, tmp_path):
    """Promise 2: the same compounds, scores and shortlist, whatever the order of the file."""
    order = random.Random(0).sample(range(len(structures)), len(structures))
    path = write_library(tmp_path / "shuffled.csv", [structures[i] for i in order])
    shuffled = screen(path, plan=make_plan(), out=tmp_path / "run")
    assert shuffled.shortlist["key"].tolist() == run.shortlist["key"].tolist()
    assert shuffled.shortlist["score"].tolist() == run.shortlist["score"].tolist()
    columns = ["key", "status", "reason_code", "score", "potency", "in_domain"]
    before = run.scores(columns).iloc[order].reset_index(drop=True)
    assert shuffled.scores(columns).equals(before)


def test_other_shard_size_gives_the_same_ranking(run, library, tmp_path):
    plan = make_plan(run={"executor": "inline", "shard_size": 37}, rerank={"minimum": 60, "maximum": 100})
    other = screen(library, plan=plan, out=tmp_path / "run")
    assert other.shortlist.equals(run.shortlist)
    assert other.rejections.equals(run.rejections)


@pytest.fixture(scope="module")
def poisoned(drugs, tmp_path_factory):
    """60 drugs, and a peroxide that no predictor here survives."""
    path = tmp_path_factory.mktemp("poison") / "library.csv"
    return write_library(path, [*drugs[:33], f"CC{LETHAL}CC", *drugs[33:60]])


def test_row_that_makes_the_model_fail_costs_one_row(poisoned, tmp_path):
    run = screen(poisoned, plan=make_plan("stand_in:upset"), out=tmp_path / "run")
    lost = run.rejections[run.rejections["stage"] == "predict"]
    assert lost["id"].tolist() == ["00033"]
    assert (lost["status"] + "/" + lost["reason_code"]).tolist() == ["error/exception"]
    assert lost["reason"].str.contains("made the model fail: ArithmeticError: the chain is too long").all()


def test_words_of_an_exception_are_for_its_row_and_not_for_the_log(poisoned, tmp_path):
    """They may hold a structure, and a log is what one sends to strangers."""
    run = screen(poisoned, plan=make_plan("stand_in:upset"), out=tmp_path / "run")
    setbacks = [event for event in read_events(run.path / "events.jsonl") if event["event"] == "setback"]
    assert {event["failure"]["kind"] for event in setbacks} == {"exception"}
    for event in setbacks:
        assert re.fullmatch(r"ArithmeticError \(\w+, line \d+\)", event["failure"]["text"])


@pytest.mark.integration
@pytest.mark.parametrize(
    ("bundle", "status"), [("lethal", "crashed"), pytest.param("stuck", "timeout", marks=pytest.mark.slow)]
)
def test_row_that_ends_or_stalls_its_worker_costs_one_row(poisoned, tmp_path, bundle, status):
    """Blame falls on exactly that molecule, and the run goes on."""
    run_table = {"executor": "local", "workers": 2, "shard_size": 16, "timeout": 6}
    plan = make_plan(f"stand_in:{bundle}", run=run_table)
    run = screen(poisoned, plan=plan, out=tmp_path / "run")
    lost = run.rejections[run.rejections["stage"] == "predict"]
    assert lost["id"].tolist() == ["00033"]
    assert (lost["status"] + "/" + lost["reason_code"]).tolist() == [f"{status}/{status}"]
    assert run.record.counts.read == 61


@pytest.mark.parametrize("executor", ["inline", "local"])
def test_broken_model_stops_the_run_and_its_words_are_in_the_folder(library, tmp_path, executor):
    """Nobody can mend it without them; but they may hold a structure, and the message stands in a log."""
    plan, out = make_plan("stand_in:broken"), tmp_path / "run"
    where = rf"failed alike: RuntimeError \(predict, line \d+\)\. What it said, .* is in {out}/failure\.txt"
    with pytest.raises(WorkerError, match=where):
        screen(library, plan=plan, out=out, executor=executor, workers=2)
    assert (out / "failure.txt").read_text().startswith("RuntimeError: shapes differ (predict, line ")


def test_part_that_a_killed_worker_left_unfinished_is_removed(tmp_path):
    """Ctrl-C catches workers in the middle of a file, too. Those of other machines may be alive."""
    worker = subprocess.Popen([sys.executable, "-c", ""])
    worker.wait()
    hosts = (socket.gethostname(), "elsewhere")
    ours, theirs = (tmp_path / f"part-000000.parquet.tmp-{host}-{worker.pid}-00" for host in hosts)
    ours.touch()
    theirs.touch()
    with LocalCrew(tmp_path, workers=2):
        pass
    assert list(tmp_path.iterdir()) == [theirs]
