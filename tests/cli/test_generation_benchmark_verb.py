"""``molscreen evaluate --benchmark pmo …``: one command, kept runs, wrong calls refused before any work."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from molscreen.cli import generation_benchmark
from molscreen.cli.app import app
from molscreen.data.drugs import drug_keys
from molscreen.generation.benchmark import method
from molscreen.generation.language import corpus
from molscreen.generation.search.preset import OptimizeConfig


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    """No ZINC, and searches that take a second."""
    monkeypatch.setenv("MOLSCREEN_DATA", str(tmp_path))
    tiny = method.Method(
        name="portfolio", generators=("genetic",), config=OptimizeConfig(proposals=20, batch=5), start=10
    )
    monkeypatch.setattr(method, "SPECIAL", {"portfolio": tiny})


def run(*arguments):
    done = CliRunner().invoke(app, ["evaluate", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


def test_one_command_gives_the_tables_and_another_goes_on(tmp_path):
    out = tmp_path / "out"
    arguments = (
        "--benchmark",
        "pmo",
        "--tasks",
        "qed,median1",
        "--seeds",
        "1",
        "--budget",
        "20",
        "--out",
        out,
    )
    code, printed, said = run(*arguments)
    assert code == 0, said
    lines = [line.split() for line in printed.splitlines()]
    assert ["sum", "of", "2"] in [words[:3] for words in lines]
    assert "no ZINC in the data folder: there are no filtered and combined figures" in said
    assert "the same 10 approved drugs that are like no target (there is no ZINC in the data folder)" in said
    assert "2 of 2: median1, seed 0: AUC top-10" in said
    assert sorted(path.name for path in out.glob("results.*")) == [
        "results.csv",
        "results.json",
        "results.md",
    ]
    again, printed_again, _ = run(*arguments)
    assert (again, printed_again) == (0, printed)


def test_json_is_strict_and_has_no_table():
    code, printed, _ = run(
        "--benchmark", "guacamol", "--tasks", "median1", "--budget", "15", "--json", "--generator", "genetic"
    )
    report = json.loads(printed)
    assert code == 0
    assert (report["method"], report["budget"], report["seeds"]) == ("genetic", 15, [0])
    assert report["runs"][0]["filtered"] is None
    assert report["start_source"].startswith("approved drugs")
    assert report["published"] == []  # others began with ZINC


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("pmo", "--tasks", "median3"), "--tasks median3: pmo has no such task. Did you mean 'median"),
        (("pmo", "--generator", "portfolo"), "--generator portfolo: unknown. Did you mean 'portfolio'?"),
        (("pmo", "--budget", "0"), "--budget must be at least 1, got 0"),
        (("pmo", "--model", "forest"), "--model: are not for a benchmark of generation"),
        (("fragments", "--budget", "10"), "--budget is for --benchmark pmo or guacamol alone"),
        (
            ("fragments", "--tasks", "linkers"),
            "--tasks linkers: fragments has no such task. Did you mean 'linker'?",
        ),
        (("tdc-admet", "--generator", "genetic"), "--generator: are for --benchmark pmo or guacamol alone"),
    ],
)
def test_wrong_calls_are_refused_before_any_work(arguments, message):
    code, printed, said = run("--benchmark", *arguments)
    assert (code, printed) == (2, "")
    assert message in said


def test_options_of_a_search_are_not_for_a_file():
    code, _, said = run("--generator", "genetic")
    assert code == 2
    assert "--generator: are for --benchmark alone" in said


def test_a_prior_is_judged_by_the_grammar_and_as_it_writes(monkeypatch, tmp_path):
    """Both shares of valid samples are told; what has no figure for so few is null."""
    known = corpus.hold_out(drug_keys()[:60], 30)
    monkeypatch.setattr(corpus, "read_corpus", lambda **_: known)
    monkeypatch.setattr(generation_benchmark, "PRIOR_SAMPLES", 40)
    code, printed, said = run("--benchmark", "prior", "--json", "--out", tmp_path / "out")
    assert code == 0, said
    report = json.loads(printed)
    assert [each["samples"] for each in report.values()] == [40, 40]
    assert report["by the grammar"]["validity"] >= report["as the network writes"]["validity"]
    assert report["by the grammar"]["unique_10k"] is None
    assert json.loads((tmp_path / "out" / "results.json").read_text()) == report
    assert len((tmp_path / "out" / "by-the-grammar.smi").read_text().splitlines()) == 40
