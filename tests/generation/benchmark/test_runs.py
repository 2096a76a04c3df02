"""Runs: kept call by call, gone on with, the same in one process or several, and never mixed up."""

from __future__ import annotations

import json
import math
import multiprocessing
import time
from dataclasses import replace

import pytest

from molscreen.errors import ResumeError, RunError
from molscreen.generation.benchmark import runs as rooms
from molscreen.generation.benchmark.method import Method
from molscreen.generation.benchmark.runs import Plan, run_all, run_one
from molscreen.generation.benchmark.start import DRUGS, ZINC
from molscreen.generation.benchmark.table import (
    BenchmarkSummary,
    as_json,
    describe,
    detail_rows,
    main_rows,
    write_tables,
)
from molscreen.generation.search.checkpoint import CALLS, load
from molscreen.generation.search.preset import OptimizeConfig
from molscreen.provenance import json_ready
from tests.generation.benchmark.failing_runs import die, fail_or_sleep

TINY = Method(
    name="tiny", generators=("genetic",), config=OptimizeConfig(proposals=20, batch=5, first=5), start=10
)


@pytest.fixture(autouse=True)
def no_zinc(monkeypatch, tmp_path):
    monkeypatch.setenv("MOLSCREEN_DATA", str(tmp_path))


def plan(out, **changes):
    settings = {
        "benchmark": "pmo",
        "method": TINY,
        "tasks": ("qed", "median1"),
        "seeds": (0, 1),
        "budget": 20,
    }
    return Plan(**{**settings, "out": out, **changes})


def histories(out):
    paths = sorted(out.rglob(CALLS))
    return {str(path.parent.relative_to(out)): load(path.parent).calls for path in paths}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    out = tmp_path_factory.mktemp("done")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOLSCREEN_DATA", str(out))
        return plan(out), run_all(plan(out))


def test_every_task_and_seed_has_its_history(done):
    wanted, runs = done
    assert [(run.rating.task, run.rating.seed) for run in runs] == [
        ("qed", 0), ("qed", 1), ("median1", 0), ("median1", 1),
    ]  # fmt: skip
    found = histories(wanted.out)
    assert sorted(found) == ["median1/0", "median1/1", "qed/0", "qed/1"]
    assert {len(calls) for calls in found.values()} == {20}


def test_tasks_of_a_seed_start_alike_and_seeds_differ(done):
    found = histories(done[0].out)
    starts = {name: [call.key for call in calls[:10]] for name, calls in found.items()}
    assert starts["qed/0"] == starts["median1/0"] != starts["qed/1"]


def test_what_is_there_is_not_computed_again(done, monkeypatch):
    wanted, runs = done
    monkeypatch.setattr(rooms, "rate", None)
    assert repr(run_all(wanted)) == repr(runs)  # which have NaN


def test_a_cut_run_ends_as_an_unbroken_one(done, monkeypatch, tmp_path):
    def cut(each):
        if each.calls >= 15:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rooms, "run_one", lambda job, _: run_one(job, cut))
        with pytest.raises(KeyboardInterrupt):
            run_all(plan(tmp_path / "out"))
    assert len(load(tmp_path / "out" / "qed" / "0").calls) == 15
    run_all(plan(tmp_path / "out"))
    assert repr(histories(tmp_path / "out")) == repr(histories(done[0].out))  # which has NaN


def test_another_budget_or_method_needs_another_folder(done):
    with pytest.raises(ResumeError, match="holds runs of benchmark pmo, method tiny, budget 20, start "):
        run_all(plan(done[0].out, budget=30))


def test_the_start_is_told_and_another_needs_another_folder(done):
    """Runs that begin with drugs are not runs that begin with ZINC."""
    wanted = done[0]
    settings = json.loads((wanted.out / "benchmark.json").read_text())
    assert settings == {"benchmark": "pmo", "method": "tiny", "budget": 20, "start": DRUGS}
    path = wanted.out / "benchmark.json"
    told = path.read_text()
    path.write_text(told.replace(DRUGS, ZINC))
    with pytest.raises(ResumeError, match=r"holds runs of .*, start random molecules of ZINC;"):
        run_all(wanted)
    path.write_text(told)


def test_a_folder_that_does_not_tell_its_start_is_gone_on_with(done):
    wanted, runs = done
    path = wanted.out / "benchmark.json"
    told = path.read_text()
    path.write_text('{"benchmark": "pmo", "method": "tiny", "budget": 20}')
    assert repr(run_all(wanted)) == repr(runs)
    path.write_text(told)


def test_a_damaged_reference_is_told_before_a_run(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "zinc.npz").write_bytes(b"cut")
    with pytest.raises(ResumeError, match=r"zinc\.npz: cannot be read"):
        run_all(plan(tmp_path / "out"))
    assert histories(tmp_path / "out") == {}


def test_a_table_has_a_row_for_each_task_and_the_sum(done):
    summary = BenchmarkSummary.of(*done)
    heading, rows = main_rows(summary)
    assert heading == ("task", "AUC top-10")  # of 20 calls: nothing published stands beside it
    assert [row[0] for row in rows] == ["qed", "median1", "sum of 2"]
    total, sd = summary.total("auc")
    assert total == pytest.approx(summary.mean("qed", "auc") + summary.mean("median1", "auc"))
    assert rows[-1][1] == f"{total:.3f} ± {sd:.3f}"
    assert detail_rows(summary)[1][0][4] == "–"  # filtered, without ZINC


def of_zinc(summary, **changes):
    """The same, as if its runs had begun with ZINC."""
    runs = {name: tuple(replace(run, source=ZINC) for run in runs) for name, runs in summary.runs.items()}
    return replace(summary, runs=runs, **changes)


def test_published_figures_stand_beside_runs_of_ten_thousand_calls(done):
    summary = of_zinc(BenchmarkSummary.of(*done), plan=plan(done[0].out, budget=10_000))
    heading, rows = main_rows(summary)
    assert heading[2:4] == ("Genetic GFN", "Mol GA")
    assert rows[0][2] == "0.942"
    assert {source.name for source in summary.sources()} == {"genetic-gfn", "gp-bo", "invirtuogen"}


def test_nothing_published_stands_beside_runs_that_began_with_drugs(done):
    """Others began with ZINC; the title says what these began with."""
    summary = replace(BenchmarkSummary.of(*done), plan=plan(done[0].out, budget=10_000))
    assert main_rows(summary)[0] == ("task", "AUC top-10")
    assert describe(summary).endswith(f"10 {DRUGS} to start with")
    assert describe(of_zinc(summary)).endswith("10 random molecules of ZINC to start with")
    assert as_json(summary)["start_source"] == DRUGS
    assert as_json(summary)["published"] == []


def test_guacamol_is_summed_by_its_own_score(done):
    of_drugs = BenchmarkSummary(
        plan=plan(done[0].out, benchmark="guacamol", tasks=("median1",)), runs={"median1": done[1][2:]}
    )
    summary = of_zinc(of_drugs)
    heading, rows = main_rows(summary)
    assert heading[:3] == ("task", "GuacaMol score", "best of ChEMBL")
    assert rows[0][1].split()[0] == f"{summary.mean('median1', 'guacamol'):.3f}"


def test_tables_are_written_as_strict_json_csv_and_markdown(done):
    summary = BenchmarkSummary.of(*done)
    paths = {path.name: path for path in write_tables(summary)}
    report = json.loads(paths["results.json"].read_text())
    assert report == json_ready(json.loads(json.dumps(as_json(summary))))
    assert report["runs"][0]["filtered"] is None
    assert len(paths["results.csv"].read_text().splitlines()) == 1 + 4
    assert "| sum of 2 |" in paths["results.md"].read_text()


def test_processes_give_the_same(done, tmp_path):
    """Each with one thread; nothing depends on who ran first."""
    out = tmp_path / "apart"
    runs = run_all(plan(out, workers=2, seeds=(0,)))
    inline = [run for run in done[1] if run.rating.seed == 0]
    assert [repr(run.rating) for run in runs] == [repr(run.rating) for run in inline]
    assert not math.isnan(runs[0].rating.auc)


def test_a_process_that_is_ended_from_outside_is_told_with_what_it_did(monkeypatch, tmp_path):
    monkeypatch.setattr(rooms, "run_one", die)
    with pytest.raises(
        RunError, match="while it worked on one of qed/0, median1/0; every call is kept"
    ) as caught:
        run_all(plan(tmp_path / "apart", workers=2))
    assert str(caught.value).startswith(f"{tmp_path / 'apart'}: a process was ended from outside")


def test_what_fails_does_not_wait_for_the_others(monkeypatch, tmp_path):
    """Nor does an interrupt of this process alone: the others may have an hour of calls to go."""
    monkeypatch.setattr(rooms, "run_one", fail_or_sleep)
    began = time.monotonic()
    with pytest.raises(ValueError, match="qed failed"):
        run_all(plan(tmp_path / "apart", workers=2))
    assert time.monotonic() - began < 100
    assert multiprocessing.active_children() == []
