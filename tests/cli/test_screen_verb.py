"""``molscreen screen`` and ``demo``: what is said at the end, before the start, and where it breaks off."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from molscreen.cli.app import app
from molscreen.cli.screen import telling_what_is_kept
from molscreen.errors import RunLockedError, WorkerError
from molscreen.screening.folder.lock import RunLock

STRICT = """
[rerank]
fraction = 0.01
minimum = 1
maximum = 1
[[filter]]
rule = "brenk"
[diversity]
method = "none"
"""


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one call, in this process."""
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def options(tiny_bundle: Path, small_plan: Path, tmp_path: Path) -> tuple[str | Path, ...]:
    """Of a small screen into a folder ``run``."""
    out = tmp_path / "run"
    return ("--plan", small_plan, "--bundle", tiny_bundle, "--executor", "inline", "--out", out)


@pytest.fixture
def hopeless(tmp_path: Path) -> Path:
    """A library without a molecule."""
    path = tmp_path / "bad.csv"
    path.write_text("smiles\nCC(C)(C)(C)C\nC1CC\nc1cccc1\nFC(F)(F)(F)F\n")
    return path


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_nothing_scored_is_said_and_fails(
    hopeless: Path, options: tuple[str | Path, ...], tmp_path: Path, form: tuple[str, ...]
) -> None:
    """An empty shortlist with exit code 0 passes for a result; the folder is complete all the same."""
    code, out, err = run("screen", hopeless, *options, *form)
    assert code == 1
    assert (
        "not one of 4 rows could be scored (invalid/valence: 2, invalid/kekulize: 1, invalid/syntax: 1)"
        in err
    )
    assert "  invalid/valence: 2\n  invalid/kekulize: 1\n  invalid/syntax: 1\n" in err
    assert json.loads(out)["shortlist"] == [] if form else out == ""
    assert json.loads((tmp_path / "run" / "run.json").read_text())["state"] == "complete"


def test_empty_shortlist_is_said(small_plan: Path, options: tuple[str | Path, ...], tmp_path: Path) -> None:
    """Two alerts, and only one of them looked at: one is scored, none is listed."""
    plan, library = tmp_path / "plan.toml", tmp_path / "nitro.csv"
    plan.write_text(small_plan.read_text().replace("top = 5", "top = 1").partition("[[filter]]")[0] + STRICT)
    library.write_text("smiles\nO=[N+]([O-])c1ccccc1\nO=[N+]([O-])c1ccccc1C\n")
    code, out, err = run("screen", library, *options, "--plan", plan)
    assert (code, out) == (0, "")
    assert "the shortlist is empty: every compound looked at again was rejected" in err
    assert "  filtered/brenk: 1\n" in err


def test_a_model_that_guesses_is_named_before_the_work_and_in_the_report(
    small_library: Path, tiny_bundle: Path, options: tuple[str | Path, ...], tmp_path: Path
) -> None:
    """It ranks a library like any other; a library of a million rows takes a while."""
    guessing = shutil.copytree(tiny_bundle, tmp_path / "guessing")
    manifest = json.loads((guessing / "bundle.json").read_text())
    manifest["about"]["metrics"] = {
        "test fold, blend": {"hERG": {"auroc": 0.4}},
        "test fold, constant": {"hERG": {"auroc": 0.5}},
    }
    (guessing / "bundle.json").write_text(json.dumps(manifest))
    mine = [guessing if each == tiny_bundle else each for each in options]
    code, out, err = run("screen", small_library, *mine, "--json")
    assert code == 0
    said = "bundle 'tiny' predicts hERG no better than a constant guess in its own test"
    assert err.count(f"molscreen: {said}") == 1
    assert err.index(said) < err.index("rows read")
    assert f"caution: {said}" in err
    assert json.loads(out)["cautions"][0].startswith(said)
    assert said in (tmp_path / "run" / "report.html").read_text().replace("&#39;", "'")


def test_how_the_library_is_read_is_said_before_the_work_and_in_the_report(
    options: tuple[str | Path, ...], tmp_path: Path
) -> None:
    """Whoever sees that the wrong column is read can stop the run at its start."""
    library = tmp_path / "pain.csv"
    library.write_text("Cmpd;Structure;Name\nK-1;CC(=O)Oc1ccccc1C(=O)O;aspirin\n")
    _, _, err = run("screen", library, *options)
    said = "pain.csv: semicolon-separated, header found, structure column 'Structure', id column 'Cmpd'"
    assert err.startswith(said)
    report = (tmp_path / "run" / "report.html").read_text()
    assert said.replace("'", "&#39;") in report


def test_run_named_like_a_file_is_refused(hopeless: Path, tmp_path: Path) -> None:
    """Whoever writes --out hits.csv expects a file."""
    code, _, err = run("screen", hopeless, "--out", tmp_path / "hits.csv")
    assert code == 2
    assert "hits.csv: named like a file, expected a folder, for example 'hits'" in err


def test_dry_run_tells_what_the_run_would_refuse(
    small_run: Path, small_library: Path, options: tuple[str | Path, ...]
) -> None:
    """An hour's estimate for a folder that is taken helps nobody."""
    code, _, err = run("screen", small_library, *options, "--out", small_run, "--dry-run")
    assert code == 2
    assert "a run that is complete is here" in err


def test_dry_run_doubts_a_library_without_a_molecule(hopeless: Path, options: tuple[str | Path, ...]) -> None:
    code, _, err = run("screen", hopeless, *options, "--dry-run")
    assert code == 0
    assert "of the first 4 rows: invalid/valence: 2, invalid/kekulize: 1, invalid/syntax: 1\n" in err
    assert "not one of these rows could be scored; see whether the right column is read" in err


def test_another_shortlist_takes_the_first_look_over(
    small_library: Path, options: tuple[str | Path, ...], tmp_path: Path
) -> None:
    assert run("screen", small_library, *options)[0] == 0
    before = tmp_path / "run"
    again = (small_library, *options, "--top", "3", "--out", tmp_path / "again", "--first-look", before)
    code, out, err = run("screen", *again)
    assert code == 0
    assert "best 3 of 3" in out
    assert f"first look: taken over from {before} wherever it has the same rows" in err
    assert "first look taken over.path" in (tmp_path / "again" / "report.html").read_text()
    code, _, err = run("screen", *again, "--dry-run")
    assert code == 2
    assert "estimates a screen from its beginning" in err


def test_what_breaks_off_says_what_is_kept(small_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    failure, fault = WorkerError("3 attempts failed alike"), OSError(5, "Input/output error")
    for error in (KeyboardInterrupt(), failure, fault):
        with pytest.raises(type(error)), telling_what_is_kept(small_run, "molscreen screen … --resume"):
            raise error
        assert capsys.readouterr().err == (
            f"10 of 10 rows are scored and kept in {small_run}; go on with:\n  molscreen screen … --resume\n"
        )


def test_nothing_is_kept_of_a_run_that_never_began(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(KeyboardInterrupt), telling_what_is_kept(tmp_path, "molscreen screen … --resume"):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == ""


def test_run_of_another_driver_is_not_to_be_resumed(
    small_run: Path, small_library: Path, options: tuple[str | Path, ...], tmp_path: Path
) -> None:
    """It is at work; --resume would be turned away again."""
    folder = shutil.copytree(small_run, tmp_path / "run")
    with RunLock(folder):
        code, _, err = run("screen", small_library, *options, "--resume")
    assert code == RunLockedError.exit_code
    assert "locked by" in err
    assert "go on with" not in err


@pytest.mark.parametrize("left", [None, "lock"])
def test_demo_killed_in_its_first_moments_starts_again(
    left: str | None, small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no --resume to leave out, which an error would ask for."""
    import molscreen.data.demo
    import molscreen.report.screen
    from molscreen.screening.results.run import open_run

    asked = []

    def screen(*_: object, resume: bool, **__: object) -> object:
        asked.append(resume)
        return open_run(small_run)

    monkeypatch.setattr(molscreen.report.screen, "screen", screen)
    monkeypatch.setattr(molscreen.data.demo, "write_demo_library", lambda _: 0)
    (tmp_path / "demo").mkdir()
    if left:
        (tmp_path / "demo" / left).touch()
    code, out, _ = run("demo", "--out", tmp_path / "demo")
    assert (code, asked) == (0, [False])
    assert f"best 5 of 5; all in {small_run}/shortlist.csv" in out
