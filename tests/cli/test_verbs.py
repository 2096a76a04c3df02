"""Each verb, on a bundle of random weights: what it prints, writes and returns."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from molscreen.cli.app import app
from molscreen.cli.assay_columns import match_targets
from molscreen.cli.screen import resume_command
from molscreen.endpoint import Endpoint, Kind
from molscreen.errors import UsageError
from molscreen.number import number
from molscreen.prediction.bundle.bundle_file import load_bundle, save_bundle
from molscreen.prediction.bundle.headline import KEPT

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def run(*arguments: str | Path, stdin: str | None = None) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one call, in this process."""
    result = CliRunner().invoke(app, [str(each) for each in arguments], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def table(text: str) -> list[dict[str, str]]:
    """The rows of a CSV."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


# ── predict ──────────────────────────────────────────────────────────────────────────────────────


def test_predict_shows_one_molecule(tiny_bundle: Path) -> None:
    code, out, err = run("predict", ASPIRIN, "--bundle", tiny_bundle)
    assert code == 0
    assert "pIC50" in out
    assert "hERG" in out
    assert f"{ASPIRIN}: ok" in err


def test_predict_answers_what_is_no_molecule(tiny_bundle: Path) -> None:
    """Not an error of the call, and no success either: the answer is why there are no numbers."""
    code, out, err = run("predict", "CC(C)(C)(C)C", "--bundle", tiny_bundle)
    assert (code, out) == (1, "")
    assert "invalid/valence: carbon with five bonds" in err


def test_predict_file_gives_a_row_for_each_row(tiny_bundle: Path, small_library: Path) -> None:
    """To stdout as CSV, in order, logs elsewhere; ids and columns as they were."""
    code, out, err = run("predict", small_library, "--bundle", tiny_bundle)
    rows, received = table(out), table(small_library.read_text())
    assert code == 0
    assert [row["id"] for row in rows] == [row["name"] for row in received]
    assert [row["input_smiles"] for row in rows] == [row["smiles"] for row in received]
    assert [row["batch"] for row in rows] == [row["batch"] for row in received]
    assert {row["status"] for row in rows} == {"ok", "warning", "invalid", "unsupported"}
    assert "10 rows answered" in err


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_predict_writes_files(suffix: str, tiny_bundle: Path, small_library: Path, tmp_path: Path) -> None:
    out = tmp_path / f"answers{suffix}"
    code, printed, _ = run("predict", small_library, "--bundle", tiny_bundle, "--out", out)
    assert (code, printed) == (0, "")
    status = (
        [row["status"] for row in table(out.read_text())]
        if suffix == ".csv"
        else pq.read_table(out)["status"].to_pylist()
    )
    assert len(status) == 10
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_predict_of_nothing_usable_still_answers(tiny_bundle: Path, tmp_path: Path) -> None:
    library = tmp_path / "bad.csv"
    library.write_text("smiles\nCC(C)(C)(C)C\nC1CC\n")
    code, out, err = run("predict", library, "--bundle", tiny_bundle)
    assert code == 1
    assert [row["status"] for row in table(out)] == ["invalid", "invalid"]
    assert "2 rows answered\n  invalid/syntax: 1\n  invalid/valence: 1\n" in err
    assert "not one row could be predicted (invalid/syntax: 1, invalid/valence: 1)" in err


def test_mistyped_file_is_no_molecule(tiny_bundle: Path, tmp_path: Path) -> None:
    """It would otherwise be an unreadable SMILES, with a row of its own."""
    for name in ("mols.csv", "./mols", f"{tmp_path}/mols"):
        code, out, err = run("predict", name, "--bundle", tiny_bundle)
        assert (code, out) == (2, "")
        assert "no such file" in err


def test_output_that_cannot_be_is_refused_first(tiny_bundle: Path, tmp_path: Path) -> None:
    """An hour of work is not lost to a folder in the way."""
    (tmp_path / "taken").write_text("")
    for out, message in (
        ("answers.txt", "the suffix is '.txt', expected .csv or .parquet"),
        ("taken/answers.csv", "'taken' is a file, expected a folder"),
    ):
        code, _, err = run("predict", "CCO", "--bundle", tiny_bundle, "--out", tmp_path / out)
        assert code == 2
        assert message in err
    code, _, _ = run("predict", "CCO", "--bundle", tiny_bundle, "--out", tmp_path / "new/folder/a.csv")
    assert code == 0
    assert (tmp_path / "new/folder/a.csv").is_file()


def test_predict_reads_stdin_and_writes_json(tiny_bundle: Path) -> None:
    code, out, _ = run("predict", "-", "--bundle", tiny_bundle, "--json", stdin=f"{ASPIRIN} aspirin\n")
    assert code == 0
    assert json.loads(out)[0]["id"] == "aspirin"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("no-such.csv",), "no-such.csv: no such file"),
        ((ASPIRIN, "--out", "answers.xls"), "the suffix is '.xls', expected .csv or .parquet"),
        ((ASPIRIN, "--bundle", "no-such-bundle"), "no-such-bundle"),
    ],
)
def test_predict_refuses_before_any_work(arguments: tuple[str, ...], message: str) -> None:
    code, out, err = run("predict", *arguments)
    assert (code, out) == (2, "")
    assert message in err


# ── screen, report ───────────────────────────────────────────────────────────────────────────────


def test_screen_writes_the_run_folder(
    tiny_bundle: Path, small_library: Path, small_plan: Path, small_run: Path, tmp_path: Path
) -> None:
    """From the command line and from Python: the same ranking."""
    out = tmp_path / "run"
    plan = ("--plan", small_plan, "--bundle", tiny_bundle, "--executor", "inline")
    code, printed, err = run("screen", small_library, *plan, "--out", out)
    assert code == 0
    assert "diazepam" in printed
    assert "10 rows read: 8 scored (1 repeat another row), 0 without a score, 2 rejected; 5 sh" in err
    assert "  invalid/valence: 1\n" in err
    assert f"best 5 of 5; all in {out / 'shortlist.csv'}" in printed
    for name in ("run.json", "shortlist.csv", "shortlist.sdf", "rejections.csv", "report.html"):
        assert (out / name).stat().st_size > 0
    assert (out / "shortlist.csv").read_bytes() == (small_run / "shortlist.csv").read_bytes()


def test_complete_run_is_not_overwritten(
    tiny_bundle: Path, small_library: Path, small_plan: Path, small_run: Path
) -> None:
    code, out, err = run(
        "screen", small_library, "--plan", small_plan, "--bundle", tiny_bundle, "--out", small_run
    )
    assert (code, out) == (2, "")
    assert "a run that is complete is here" in err


def test_dry_run_writes_nothing(
    tiny_bundle: Path, small_library: Path, small_plan: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    code, printed, err = run(
        "screen", small_library, "--plan", small_plan, "--bundle", tiny_bundle, "--out", out, "--dry-run"
    )
    assert code == 0
    assert json.loads(printed)["top"] == 5
    assert "8 of them to look at again and 5 to explain: about" in err
    assert not out.exists()


def test_resume_command_can_be_pasted() -> None:
    assert resume_command(["screen", "a b.smi", "--resume", "--out", "x"]) == (
        "molscreen screen 'a b.smi' --out x --resume"
    )


def test_report_prints_where_it_is(small_run: Path) -> None:
    assert run("report", small_run)[:2] == (0, f"{small_run / 'report.html'}\n")


# ── evaluate, explain ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    path = tmp_path / "measured.csv"
    smiles = (ASPIRIN, "CCO", "c1ccccc1", "CCN", "CCCC", "CC(C)O")
    rows = [f"{each},{5 + i / 2},{i % 2}\n" for i, each in enumerate(smiles)]
    path.write_text("smiles,pIC50,blocks\n" + "".join(rows))
    return path


def test_evaluate_stands_beside_a_constant(tiny_bundle: Path, measured: Path) -> None:
    """A figure without something to compare it with says nothing."""
    arguments = (
        "evaluate",
        tiny_bundle,
        measured,
        "--target-column",
        "pIC50",
        "--target-column",
        "blocks=hERG",
    )
    code, out, _ = run(*arguments, "--json")
    scores = {
        (s["endpoint"], s["metric"], s["model"]): s["value"] for s in json.loads(out) if s["subset"] == "all"
    }
    assert code == 0
    assert scores["pIC50", "rmse", "constant"] == pytest.approx(0.8539, abs=1e-4)  # sd of 5, 5.5 … 7.5
    assert scores["hERG", "auroc", "constant"] == 0.5
    assert ("pIC50", "coverage", "tiny") in scores
    assert {s["is_guess"] for s in json.loads(out)} == {True, False}
    printed = run(*arguments)[1]
    assert "95 % interval" in " ".join(printed.split())
    assert "too few compounds (6) to say" in " ".join(printed.split())
    assert all(each in printed for each in ("rmse ↓", "r2 ↑", "auroc ↑", "ece ↓"))
    assert "e-1" not in printed  # what rounding leaves of a calibration error of nothing


def test_measurements_to_judge_by_may_have_another_encoding(tiny_bundle: Path, measured: Path) -> None:
    lines = measured.read_text().splitlines()
    measured.write_text("\n".join([f"Größe,{lines[0]}", *(f"1,{line}" for line in lines[1:])]), "cp1252")
    arguments = ("evaluate", tiny_bundle, measured, "--target-column", "pIC50")
    code, _, err = run(*arguments)
    assert code == 2
    assert "--encoding cp1252" in err
    assert run(*arguments, "--encoding", "cp1252")[0] == 0


def test_a_bundle_called_like_the_guess_is_not_taken_for_it(tiny_bundle: Path, measured: Path) -> None:
    """The name is the user's: `--out constant`."""
    arguments = (measured, "--target-column", "pIC50")
    named = measured.parent / "constant"
    bundle = load_bundle(tiny_bundle)
    save_bundle(dataclasses.replace(bundle, about=dataclasses.replace(bundle.about, name="constant")), named)
    assert run("evaluate", named, *arguments)[1].count("rmse") == run("evaluate", tiny_bundle, *arguments)[
        1
    ].count("rmse")


def test_measurements_to_judge_by_may_be_an_export_of_chembl(tiny_bundle: Path, measured: Path) -> None:
    """A bound is no exact value, and a micromole no nanomole: the same figures as of the pIC50."""
    rows = [line.split(",") for line in measured.read_text().splitlines()[1:]]
    lines = ["Smiles,Standard Relation,Standard Value,Standard Units"]
    for i, (smiles, value, _) in enumerate(rows):
        unit, mole = ("nM", 9) if i % 2 else ("uM", 6)
        lines.append(f"{smiles},'=',{10 ** (mole - float(value))},{unit}")
    lines += ["CCCCO,'>',10000,nM", "CCCCN,'=',50,%"]
    export = measured.with_name("export.csv")
    export.write_text("\n".join(lines) + "\n")
    _, out, _ = run("evaluate", tiny_bundle, measured, "--target-column", "pIC50", "--json")
    arguments = ("evaluate", tiny_bundle, export, "--target-column", "Standard Value=pIC50", "--json")
    code, found, said = run(*arguments)
    assert code == 0
    of_exact = [score for score in json.loads(found) if score["metric"] != KEPT]
    for before, after in zip(json.loads(out), of_exact, strict=True):
        assert after["n"] == before["n"]
        if not before["is_guess"]:  # the guess knows of the limit
            assert after["value"] == pytest.approx(before["value"], abs=1e-4)
    assert {score["n"] for score in json.loads(found) if score["metric"] == KEPT} == {1}
    assert "column 'Standard Relation' was read as the relation of 'Standard Value' (7 =, 1 >)" in said
    assert "column 'Standard Units' was read as the unit of 'Standard Value' (" in said
    assert "column 'Standard Units': 1 cell cannot be used: '%' (1); the value beside it is left out" in said


def test_target_without_an_endpoint_lists_those_there_are() -> None:
    endpoints = [Endpoint(name="hERG"), Endpoint(name="pIC50")]
    with pytest.raises(
        UsageError, match=r"no endpoint 'hERGG'\. Did you mean 'hERG'\?.* It predicts: hERG, pIC50"
    ):
        match_targets(["hERGG"], endpoints)


def test_endpoint_is_compared_with_one_column() -> None:
    """Two columns of one endpoint would be two rows of one name in the table of figures."""
    with pytest.raises(UsageError, match=r"b=hERG: endpoint 'hERG' has a column already"):
        match_targets(["a=hERG", "b=hERG"], [Endpoint(name="hERG"), Endpoint(name="pIC50")])


def test_training_compounds_are_counted_and_judged_apart(tiny_bundle: Path, measured: Path) -> None:
    """Aspirin trained the bundle: the figure over the five others is the one to believe."""
    arguments = ("evaluate", tiny_bundle, measured, "--target-column", "pIC50")
    code, out, err = run(*arguments, "--json")
    n = {(s["subset"], s["metric"], s["model"]): s["n"] for s in json.loads(out)}
    assert code == 0
    assert "1 of 6 compounds have the same ECFP4 as a compound the bundle was trained on" in err
    assert (n["all", "rmse", "tiny"], n["unseen", "rmse", "tiny"]) == (6, 5)
    assert (n["all", "coverage", "tiny"], n["unseen", "coverage", "tiny"]) == (6, 5)
    assert n["unseen", "rmse", "constant"] == 5
    lines = [line.split() for line in run(*arguments)[1].splitlines()]
    assert [words[1] for words in lines if "rmse" in words] == ["all", "unseen"]


def test_unseen_compounds_are_reported_once(tiny_bundle: Path, tmp_path: Path) -> None:
    """Without a training compound in the file there is nothing to set apart."""
    file = tmp_path / "new.csv"
    file.write_text("smiles,pIC50\nCCO,5\nCCN,6\nCC(C)(C)(C)C,7\n")
    code, out, err = run("evaluate", tiny_bundle, file, "--target-column", "pIC50", "--json")
    assert code == 0
    assert {score["subset"] for score in json.loads(out)} == {"all"}
    assert err == "3 rows: 2 compounds, 0 replicates, 1 refused (1 invalid/valence)\n"


def test_only_endpoint_needs_no_name() -> None:
    [endpoint] = [Endpoint(name="CHEMBL204_Ki")]
    assert match_targets(["pKi"], [endpoint]) == {"pKi": endpoint}


def test_explain_weighs_every_atom(tiny_bundle: Path, tmp_path: Path) -> None:
    out = tmp_path / "aspirin.svg"
    arguments = ("explain", ASPIRIN, "--bundle", tiny_bundle, "--endpoint", "hERG")
    code, printed, _ = run(*arguments, "--out", out, "--json")
    said = json.loads(printed)
    assert code == 0
    assert "".join(atom["element"] for atom in said["atoms"]) == "CCOOCCCCCCCOO"
    assert said["neighbours_measured_for"] is None  # of a property, which a bundle does not keep
    for atom in said["atoms"]:  # what raises the probability multiplies its odds by more than one
        assert (atom["attribution"] > 0) == (atom["odds_ratio"] > 1)
    printed = " ".join(run(*arguments)[1].split())
    assert "odds times" in printed
    assert re.search("strongest is atom|no single atom moves it", printed)
    assert out.read_text().startswith("<svg")


def test_explain_counts_atoms_from_one_as_its_drawing_does(tiny_bundle: Path, tmp_path: Path) -> None:
    """As every sentence about an atom counts; of two oxygens it can be told which is meant."""
    out = tmp_path / "ethanol.svg"
    arguments = ("explain", "CCO", "--bundle", tiny_bundle, "--endpoint", "pIC50")
    said = json.loads(run(*arguments, "--out", out, "--json")[1])
    assert [(atom["atom"], atom["element"]) for atom in said["atoms"]] == [(1, "C"), (2, "C"), (3, "O")]
    assert out.read_text().count("class='note'") == 3
    printed = " ".join(run(*arguments)[1].split())
    assert "brings to pIC50 (-log10(mol/L))" in printed
    assert "odds" not in printed
    assert re.search(r"1 C \S+ 2 C \S+ 3 O", printed)


def test_explain_tells_the_prediction_that_it_explains(tiny_bundle: Path) -> None:
    """The same as `predict` tells, with its bounds and the verdict on the domain."""
    arguments = ("explain", ASPIRIN, "--bundle", tiny_bundle, "--endpoint", "hERG")
    said = json.loads(run(*arguments, "--json")[1])
    [row] = json.loads(run("predict", ASPIRIN, "--bundle", tiny_bundle, "--json")[1])
    assert said["prediction"] == pytest.approx(row["hERG"], abs=1e-4)
    assert [said["low"], said["high"]] == pytest.approx([row["hERG_low"], row["hERG_high"]], abs=1e-4)
    assert said["in_domain"] is row["hERG_in_domain"]
    where = "inside" if said["in_domain"] else "outside"
    assert f"hERG: {number(said['prediction'], 'probability')}" in run(*arguments)[1].replace("\n", " ")
    assert f"{where} the domain" in " ".join(run(*arguments)[1].split())


def test_explain_tells_what_would_turn_it_round(tiny_bundle: Path) -> None:
    """As a table and as JSON; and where nothing would, that is said."""
    from molscreen.prediction.bundle.bundle_file import load_bundle

    found = load_bundle(tiny_bundle).counterfactuals("CC(=O)Oc1ccccc1C(=O)O", "hERG")
    code, printed, err = run("explain", ASPIRIN, "--bundle", tiny_bundle, "--endpoint", "hERG", "--json")
    said = json.loads(printed)["counterfactuals"]
    assert code == 0
    assert [each["key"] for each in said] == [each.analogue.key for each in found]
    _, printed, err = run("explain", ASPIRIN, "--bundle", tiny_bundle, "--endpoint", "hERG")
    assert ("what would turn hERG round" in printed) == bool(found)
    assert ("no analogue one step away flips hERG" in err) != bool(found)


def test_explain_prints_a_small_change(capsys: pytest.CaptureFixture[str]) -> None:
    """Change, similarity, both predictions, and the analogue in full."""
    from molscreen.chem.analogues.analogues import Analogue
    from molscreen.cli.explain import _print_flips
    from molscreen.prediction.explained.counterfactual import Counterfactual

    herg = Endpoint(name="hERG", kind="classification", unit="probability")
    _print_flips([Counterfactual(Analogue("N#Cc1ccccc1", "Cl → CN", 0.83), 0.71, 0.28, better=True)], herg)
    assert capsys.readouterr().out.splitlines()[-2].split() == [
        "Cl", "→", "CN", "0.83", "0.71", "0.28", "N#Cc1ccccc1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "flip"),
    [("classification", "across 0.5 and by more than 0.2"), ("regression", "out of its 90 % interval")],
)
def test_explain_says_what_a_flip_is_where_there_is_none(
    kind: Kind, flip: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A report may show a step for the same compound, since a plan's wish turns sooner."""
    from molscreen.cli.explain import _print_flips

    _print_flips([], Endpoint(name="logD", kind=kind))
    told = " ".join(capsys.readouterr().err.split())
    assert told == f"no analogue one step away flips logD, {flip}; the wish of a plan may turn sooner"


def test_explain_makes_the_folder_of_its_drawing(tiny_bundle: Path, tmp_path: Path) -> None:
    """As predict and screen do with theirs."""
    out = tmp_path / "new" / "folder" / "aspirin.svg"
    arguments = ("explain", ASPIRIN, "--bundle", tiny_bundle, "--endpoint", "hERG", "--out", out)
    assert run(*arguments)[0] == 0
    assert out.read_text().startswith("<svg")


def test_explain_draws_svg_alone(tmp_path: Path) -> None:
    """An SVG under the name of a PNG opens nowhere; said before the bundle, here missing, is read."""
    out = tmp_path / "aspirin.png"
    code, _, err = run("explain", ASPIRIN, "--bundle", "no-such", "--endpoint", "hERG", "--out", out)
    assert (code, out.exists()) == (2, False)
    assert "the suffix is '.png', expected .svg" in err
    (tmp_path / "file").touch()
    options = ("--endpoint", "hERG", "--out", tmp_path / "file" / "aspirin.svg")
    code, _, err = run("explain", ASPIRIN, "--bundle", "no-such", *options)
    assert code == 2
    assert "'file' is a file, expected a folder" in err


@pytest.mark.parametrize(
    ("smiles", "endpoint", "message"),
    [("CC(C)(C)(C)C", "hERG", "five bonds"), (ASPIRIN, "hERGG", "Did you mean 'hERG'?")],
)
def test_explain_refuses_with_a_reason(smiles: str, endpoint: str, message: str, tiny_bundle: Path) -> None:
    code, _, err = run("explain", smiles, "--bundle", tiny_bundle, "--endpoint", endpoint)
    assert code == 2
    assert message in err


# ── bundles, doctor, train ───────────────────────────────────────────────────────────────────────


def test_bundles_are_listed_and_verified(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLSCREEN_BUNDLES", str(tiny_bundle.parent))
    code, out, _ = run("bundles", "--json")
    assert {"name": "tiny", "endpoints": 2, "state": "ok"} in json.loads(out)
    assert code == 0


def test_damaged_bundle_is_told(tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed byte in the weights shows before anybody believes a number."""
    damaged = tmp_path / "bundles" / "damaged"
    shutil.copytree(tiny_bundle, damaged)
    weights = bytearray((damaged / "weights.safetensors").read_bytes())
    weights[-1] ^= 1
    (damaged / "weights.safetensors").write_bytes(weights)
    monkeypatch.setenv("MOLSCREEN_BUNDLES", str(damaged.parent))
    code, out, _ = run("bundles")
    assert code == 2
    assert "sha256" in out


def test_model_card_is_shown(tiny_bundle: Path) -> None:
    code, out, _ = run("bundles", "show", str(tiny_bundle))
    assert code == 0
    assert out.startswith("# tiny")
    assert "Research use only" in out


def test_doctor_predicts_for_real(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLSCREEN_BUNDLES", str(tiny_bundle.parent))
    code, out, _ = run("doctor", "--json")
    found = json.loads(out)
    assert code == 0
    assert re.fullmatch(
        r"aspirin is ok: pIC50 -?\d+\.\d\d -log10\S+, in .* s with loading", found["a prediction by tiny"]
    )
    assert found["bundle tiny"] == "2 endpoints, sha256 as shipped"
    assert {"rdkit", "torch", "cores", "memory", "gpu"} <= set(found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "--target-column is missing"),
        (("--target-column", "y", "--split", "random", "--split-column", "fold"), "leave one out"),
        (("--target-column", "y", "--time-column", "year"), "--time-column is given without --split time"),
    ],
)
def test_train_refuses_what_cannot_be_meant(options: tuple[str, ...], message: str, tmp_path: Path) -> None:
    assay = tmp_path / "assay.csv"
    assay.write_text("smiles,y\nCCO,1\n")
    code, _, err = run("train", assay, *options, "--out", tmp_path / "bundle")
    assert code == 2
    assert message in err


# ── an interrupt ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.integration
def test_interrupted_screen_prints_how_to_go_on(tiny_bundle: Path, small_plan: Path, tmp_path: Path) -> None:
    """Ctrl-C ends with 130, without a traceback, and what it prints can be pasted."""
    library, out = tmp_path / "library.smi", tmp_path / "run"
    library.write_text("".join(f"{'C' * (2 + i % 90)}O{'C' * (1 + i // 90)}N m{i}\n" for i in range(9000)))
    command = [sys.executable, "-m", "molscreen", "screen", str(library), "--plan", str(small_plan)]
    command += ["--bundle", str(tiny_bundle), "--executor", "inline", "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not any(out.glob("scores/part-*.parquet")) and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        printed, log = process.communicate()
    assert (process.returncode, printed) == (130, "")
    assert re.search(rf"\n?[\d,]+ of 9,000 rows are scored and kept in {out}; go on with:\n", log)
    assert f"--out {out} --resume\n" in log
    assert "Traceback" not in log
