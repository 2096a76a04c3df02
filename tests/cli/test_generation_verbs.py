"""``molscreen design`` and ``molscreen enumerate``: what is written, what is said, and what is refused."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from molscreen.cli.app import app
from tests.small_run import TRAINING


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one call, in this process."""
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    path = tmp_path / "seeds.smi"
    path.write_text("\n".join([*TRAINING, "[13CH3]c1ccccc1"]))
    return path


def test_design_writes_a_folder_that_can_be_read(
    tiny_bundle: Path, small_plan: Path, seeds: Path, tmp_path: Path
) -> None:
    out = tmp_path / "design"
    code, said, told = run(
        "design", "--plan", small_plan, "--bundle", tiny_bundle, "--seeds", seeds, "--budget", 20,
        "--preset", "fast", "--bold", "--out", out, "--json",
    )  # fmt: skip
    assert code == 0
    found = json.loads(said)
    assert found["outcome"]["calls"] == 20
    names = {"rank", "id", "key", "reward", "plain_score", "better_than_seeds", "in_domain"}
    assert names == set(found["proposals"][0])
    better = sum(row["reward"] > found["outcome"]["best_seed"] for row in found["proposals"])
    assert f"{better} of {len(found['proposals'])} are better than the best seed (reward 0." in told
    for name in (
        "report.html",
        "proposals/report.html",
        "proposals/shortlist.sdf",
        "search/history.parquet",
        "proposals.csv",
        "proposals.sdf",
    ):
        assert (out / name).is_file()
    assert "seeds, isotope: seeds.smi:9: labels (13C) dropped: the search goes on from" in told
    assert "20 compounds scored" in told
    assert "proposals: " in told
    assert "passed the gates and were not picked" in told
    assert "control        best " in told
    pages = [out / "report.html", out / "proposals" / "report.html"]
    written = [page.read_text() for page in pages]
    for page in pages:
        page.unlink()
    assert run("report", out)[:2] == (0, f"{pages[0]}\n")
    assert [page.read_text() for page in pages] == written
    code, _, told = run("design", "--plan", small_plan, "--bundle", tiny_bundle, "--out", out)
    assert code == 2
    assert "a design is here. Give --resume (Python: resume=True) to go on with it" in told


def test_a_plan_that_nothing_meets_is_no_success(
    tiny_bundle: Path, small_plan: Path, seeds: Path, tmp_path: Path
) -> None:
    """The guilty wish is named, and said to be hopeless before the budget is spent."""
    plan = tmp_path / "heavy.toml"
    wish = '[[objective.term]]\nendpoint = "MolWt"\ncurve = "rise"\nlow = 5000\nhigh = 6000\n'
    plan.write_text(small_plan.read_text().replace("[[objective.term]]", wish + "[[objective.term]]", 1))
    code, _, told = run(
        "design", "--plan", plan, "--bundle", tiny_bundle, "--seeds", seeds, "--budget", 40,
        "--preset", "fast", "--bold", "--out", tmp_path / "out",
    )  # fmt: skip
    assert code == 1
    assert re.search(r"none of the first \d+ compounds scores above 0: are the plan's limits", told)
    assert re.search(r"no new compound scores above 0: the wish for MolWt is met by none of \d+\. Are", told)
    page = (tmp_path / "out" / "report.html").read_text()
    assert '<p class="alert">no new compound scores above 0: the wish for MolWt' in page


def test_an_interrupted_design_says_how_to_go_on(
    tiny_bundle: Path, small_plan: Path, seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search is done and kept; only its last files are missing, and nothing says that it is finished."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    arguments = (
        "design", "--plan", small_plan, "--bundle", tiny_bundle, "--seeds", seeds, "--budget", 15,
        "--preset", "fast", "--bold", "--out", tmp_path / "out",
    )  # fmt: skip
    with monkeypatch.context() as patch:
        patch.setattr("molscreen.generation.design.write_proposals", interrupt)
        _, _, told = run(*arguments)
        code, _, refused = run("report", tmp_path / "out")
        assert code == 1
        assert "this design is not finished; go on with it by --resume" in refused
    assert "is kept; go on with:" in told
    assert not (tmp_path / "out" / "report.html").exists()
    code, _, _ = run(*arguments, "--resume")
    assert code == 0
    assert (tmp_path / "out" / "report.html").is_file()


def test_unknown_generator_lists_the_choices(tmp_path: Path) -> None:
    code, _, told = run("design", "--generator", "gentic", "--out", tmp_path / "out")
    assert code == 2
    assert "unknown generator 'gentic'. Known: fragments, genetic, " in told
    assert "Did you mean 'genetic'?" in told
    assert not (tmp_path / "out").exists()


def test_products_of_a_reaction_are_a_library(tmp_path: Path) -> None:
    """Every combination is a row or is counted with its reason."""
    blocks = tmp_path / "blocks.csv"
    blocks.write_text("id,smiles\nacid,CC(=O)O\nethylamine,CCN\nmorpholine,C1COCCN1\nbad,CC(C)(C)(C)C\n")
    code, said, told = run("enumerate", "--reaction", "amide coupling", "--blocks", blocks)
    assert code == 0
    rows = list(csv.DictReader(said.splitlines()))
    assert [row["smiles"] for row in rows] == ["CCNC(C)=O", "CC(=O)N1CCOCC1"]
    assert rows[0]["id"] == "amide-coupling:acid+ethylamine"
    assert "block refused: blocks.csv:5: carbon with five bonds" in told
    assert "2 rows written" in told


def test_a_core_takes_every_group(tmp_path: Path) -> None:
    (tmp_path / "r1.smi").write_text("*C Me\n*[H] H\n")
    (tmp_path / "r2.smi").write_text("*F F\n*C#N CN\n")
    out = tmp_path / "new" / "library.csv"
    code, _, told = run(
        "enumerate", "--core", "c1cc([*:2])ccc1O[*:1]", "--groups", f"1={tmp_path / 'r1.smi'}",
        "--groups", f"2={tmp_path / 'r2.smi'}", "--limit", 3, "--out", out,
    )  # fmt: skip
    assert code == 0
    assert "3 of 4 combinations" in told
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [row["id"] for row in rows] == [
        "R1=Me+R2=F",
        "R1=Me+R2=CN",
        "R1=H+R2=F",
    ]


def test_groups_and_blocks_are_not_overwritten_by_what_they_give(tmp_path: Path) -> None:
    """Named outright, or by a detour."""
    path = tmp_path / "groups.csv"
    path.write_text("smiles,id\n*C,Me\n")
    for out in (path, tmp_path / "new" / ".." / "groups.csv"):
        for asked in (
            ["--core", "C[*:1]", "--groups", f"1={path}"],
            ["--reaction", "amide coupling", "--blocks", path],
        ):
            code, said, told = run("enumerate", *asked, "--out", out)
            assert (code, said) == (2, "")
            assert "groups.csv: a file that is read, which would be overwritten" in told
    assert path.read_text() == "smiles,id\n*C,Me\n"


def test_group_that_cannot_be_read_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "groups.csv"
    path.write_text("smiles,id\n*C,Me\n*CC,Et,more\n")
    code, said, told = run("enumerate", "--core", "C[*:1]", "--groups", f"1={path}")
    assert (code, said) == (2, "")
    assert "--groups groups.csv:3: 3 fields, expected 2. Correct the row, or remove it" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give either --reaction or --core"),
        (["--reaction", "amid coupling"], "Did you mean 'amide coupling'?"),
        (["--reaction", "amide coupling", "--groups", "1=x.smi"], "--groups belongs to --core"),
        (["--core", "C[*:1]", "--blocks", "x.smi"], "--blocks belongs to --reaction"),
        (["--core", "C[*:1]", "--groups", "x.smi"], "expected a position and a file"),
        (["--reaction", "amide coupling", "--out", "library.smi"], "the suffix is '.smi', expected .csv"),
    ],
)
def test_a_call_that_cannot_be_is_refused_at_once(arguments: list[str], message: str) -> None:
    code, said, told = run("enumerate", *arguments)
    assert (code, said) == (2, "")
    assert message in told


def test_reactions_are_listed() -> None:
    code, said, _ = run("enumerate", "--reaction", "?")
    assert code == 0
    assert "Suzuki coupling (aryl halide + boronic acid)" in said.splitlines()


def test_a_front_of_many_wishes_is_said_to_tell_little(
    tiny_bundle: Path, small_plan: Path, seeds: Path, tmp_path: Path
) -> None:
    """Before the budget is spent, and after it, with the share that is on the front."""
    plan = tmp_path / "many.toml"
    wish = '[[objective.term]]\nendpoint = "{}"\ncurve = "rise"\nlow = 0\nhigh = 500\n'
    more = "".join(wish.format(name) for name in ("MolWt", "TPSA"))
    plan.write_text(small_plan.read_text().replace("[[objective.term]]", more + "[[objective.term]]", 1))
    arguments = (
        "design", "--bundle", tiny_bundle, "--seeds", seeds, "--budget", 20, "--preset", "fast", "--bold",
        "--pareto",
    )  # fmt: skip
    code, _, told = run(*arguments, "--plan", plan, "--out", tmp_path / "many")
    assert code == 0
    assert "--pareto: of 5 wishes hardly any compound is beaten in all" in told
    assert re.search(r"front +\d+ of 20 compounds \(\d+ %\), hypervolume 0\.\d+: ", told)
    assert "Of 5 wishes hardly any compound" in (tmp_path / "many" / "report.html").read_text()
    _, _, told = run(*arguments, "--plan", small_plan, "--out", tmp_path / "few")
    assert "hardly any compound" not in told
