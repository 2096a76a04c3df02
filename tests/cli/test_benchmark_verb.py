"""``molscreen evaluate --benchmark``: tables from one command, and wrong calls refused before any work."""

import csv
import json
import re

import pytest
from typer.testing import CliRunner

from molscreen.cli.app import app
from tests.training.benchmark.toy_benchmark import make_benchmark


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("MOLSCREEN_CARDS", str(tmp_path / "cards"))
    monkeypatch.setenv("MOLSCREEN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MOLSCREEN_PEERS", str(tmp_path / "nothing"))
    return make_benchmark(tmp_path)


def run(*arguments):
    done = CliRunner().invoke(app, ["evaluate", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


def test_one_command_gives_the_table(data, tmp_path):
    """Official beside cleaned; a peer that is not installed is a line, and no error."""
    out = tmp_path / "out"
    arguments = (
        "--benchmark",
        "tdc-admet",
        "--model",
        "svm-ecfp",
        "--model",
        "constant",
        "--model",
        "chemprop",
    )
    code, printed, said = run(*arguments, "--out", out)
    assert code == 0, said
    assert "length: 63 rows train, 0 are set aside for choices, 26 are tested; 2 are removed to clean" in said
    assert "chemprop: not installed: chemprop in" in printed
    lines = [line.split() for line in printed.splitlines()]
    assert ["polar", "auroc", "constant", "0.500"] in [words[:4] for words in lines]
    assert [words[0] for words in lines if words[1:] in (["1.00"], ["2.00"])] == ["svm-ecfp", "constant"]
    report = json.loads((out / "results.json").read_text())
    assert [task["removed"] for task in report["tasks"]] == [2, 2]
    assert report["ranks"] == {"svm-ecfp": 1.0, "constant": 2.0}
    with (out / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 2 * 2
    page = (out / "results.md").read_text()
    assert "## Conflicts, the first 2 of 2" in page
    assert "## Mean rank over 2 tasks, official" in page
    again, printed_again, said_again = run(*arguments, "--out", out)
    assert (again, printed_again) == (0, printed)
    assert f"8 results are in {out}, and are not computed again" in said_again


def test_json_is_strict_and_has_no_table(data):
    code, printed, _ = run("--benchmark", "tdc-admet", "--tasks", "polar", "--model", "constant", "--json")
    report = json.loads(printed)
    assert code == 0
    assert report["tasks"][0]["findings"][0]["sd"] is None  # of one run


def test_a_screen_is_a_benchmark_too(data):
    code, printed, said = run("--benchmark", "virtual-screening", "--seeds", "2", "--actives", "6")
    assert code == 0, said
    assert "MUV, mean of 1" in printed


def test_methods_are_compared_by_cross_validation(data, tmp_path):
    models = ("--model", "svm-ecfp", "--model", "constant")
    code, printed, _ = run(
        "--benchmark", "tdc-admet", "--tasks", "polar", "--cross-validate", *models, "--out", tmp_path / "cv"
    )
    assert code == 0
    assert "svm-ecfp − constant" in printed
    assert re.search(r"− constant +[+−]0\.\d{3} +[+−]", printed)  # one minus, not two kinds in one row
    assert "p (Tukey HSD)" in (tmp_path / "cv" / "comparison-polar.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "expected BUNDLE FILE.csv --target-column T"),
        (("admet-tox", "a.csv"), "expected BUNDLE FILE.csv --target-column T"),
        (("admet-tox", "--benchmark", "tdc-admet"), "BUNDLE: are not for --benchmark"),
        (("--benchmark", "tdc-admet", "--target-column", "x"), "--target-column: are not for --benchmark"),
        (
            ("admet-tox", "a.csv", "--target-column", "x", "--seeds", "3"),
            "--seeds: are for --benchmark alone",
        ),
        (("--benchmark", "tcd"), "unknown benchmark 'tcd'. Known: tdc-admet, moleculeace, moleculenet"),
        (
            ("--benchmark", "tdc-admet", "--model", "forrest"),
            "unknown model 'forrest'. Did you mean 'forest'?",
        ),
        (("--benchmark", "tdc-admet", "--tasks", "hurg"), "benchmark 'tdc-admet' has no task 'hurg'"),
        (("--benchmark", "tdc-admet", "--seeds", "0"), "--seeds must be at least 1, got 0"),
        (
            ("--benchmark", "tdc-admet", "--actives", "5"),
            "--actives 5: it is for --benchmark virtual-screening",
        ),
        (
            ("--benchmark", "tdc-admet", "--effort", "fast"),
            "effort is 'fast', expected one of quick, ",
        ),
        (
            ("--benchmark", "tdc-admet", "--model", "forest", "--effort", "best"),
            "--effort best: it is for --model ours, which is not asked for",
        ),
        (
            ("--benchmark", "tdc-admet", "--model", "forest", "--recipe", "a.toml"),
            "--recipe a.toml: it is for --model ours, which is not asked for",
        ),
        (
            ("--benchmark", "tdc-admet", "--effort", "best", "--recipe", "a.toml"),
            "--effort and --recipe are both given",
        ),
        (("--benchmark", "tdc-admet", "--recipe", "absent.toml"), "absent.toml"),
        (("--benchmark", "tdc-admet", "--model", "ours-student"), "needs a training file"),
        (
            ("--benchmark", "virtual-screening", "--variant", "cleaned"),
            "--variant cleaned: it is for official test folds",
        ),
        (
            ("--benchmark", "tdc-admet", "--cross-validate"),
            "--cross-validate compares two or more --model on one",
        ),
    ],
)
def test_a_wrong_call_is_refused_before_any_work(data, tmp_path, arguments, message):
    """Hours of training must not end in a complaint about an option."""
    out = tmp_path / "out"
    given = (*arguments, "--out", out) if "--benchmark" in arguments else arguments
    code, printed, said = run(*given)
    assert (code, printed) == (2, "")
    assert message in said
    assert not out.exists()
