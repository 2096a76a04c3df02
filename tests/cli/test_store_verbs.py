"""``molscreen index``, ``search``, and ``screen`` of a store: what is said, written and returned."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from molscreen.cli.app import app

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one call, in this process."""
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="module")
def store(small_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ten rows, indexed on the command line."""
    out = tmp_path_factory.mktemp("stores") / "ten"
    code, stdout, err = run("index", small_library, "--out", out, "--workers", 1)
    assert (code, stdout) == (0, "")
    assert "10 rows read: 8 indexed, 2 rejected\n  invalid/" in err
    assert re.search(r"[1-9]\d*\.\d kB: [\d,]+ bytes a row", err)
    return out


def test_screen_takes_a_store(
    store: Path, small_run: Path, tiny_bundle: Path, small_plan: Path, tmp_path: Path
) -> None:
    """The shortlist of the library itself, to the byte."""
    out = tmp_path / "run"
    code, _, err = run(
        "screen", store, "--plan", small_plan, "--bundle", tiny_bundle, "--executor", "inline", "--out", out
    )
    assert code == 0
    assert "10 rows read: 8 scored (1 repeat another row), 0 without a score, 2 rejected" in err
    for name in ("shortlist.csv", "shortlist.sdf", "rejections.csv", "columns.csv"):
        assert (out / name).read_bytes() == (small_run / name).read_bytes(), name


def test_similar_rows_are_printed_best_first(store: Path) -> None:
    code, out, err = run("search", store, "--similar", "COC(=O)c1ccccc1OC(C)=O", "--top", 3)
    rows = [line.split() for line in out.splitlines() if line.strip()[:1].isdigit()]
    assert (code, len(rows)) == (0, 3)
    assert [row[:2] for row in rows[:2]] == [["0", "aspirin"], ["8", "aspirin"]]
    assert rows[0][-1] == ASPIRIN
    assert "3 hits in 10 rows" in err
    assert "1 hit in 10 rows" in run("search", store, "--similar", ASPIRIN, "--top", 1)[2]


def test_hits_are_written_with_the_users_columns(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "hits.csv"
    code, _, err = run("search", store, "--substructure", "C(=O)[OH]", "--workers", 1, "--out", out)
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["id"] == "aspirin"
    assert rows[0]["batch"] == "1e5"
    assert [row["key"] for row in rows].count(ASPIRIN) == 2
    assert f"{len(rows)} hits in 10 rows, all in {out}" in err
    assert code == 0


def test_hits_as_json(store: Path) -> None:
    code, out, _ = run("search", store, "--similar", ASPIRIN, "--threshold", 1.0, "--json")
    assert code == 0
    assert [(row["id"], row["similarity"]) for row in json.loads(out)] == [
        ("aspirin", 1.0),
        ("aspirin again", 1.0),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "give either --similar SMILES or --substructure SMARTS"),
        (("--similar", "CCO", "--substructure", "C"), "give either"),
        (("--similar", "C(C"), "'C(C': "),
        (("--substructure", "c1cc"), "'c1cc' is no SMARTS"),
        (("--substructure", "C", "--top", 3), "--threshold and --top belong to --similar"),
        (("--similar", "CCO", "--threshold", 2), "threshold is 2.0, expected 0 to 1"),
        (("--similar", "CCO", "--out", "hits.txt"), "expected .csv"),
        (("--similar", "CCO", "--out", "s3://lab/hits.csv"), "s3://lab/hits.csv: not supported here"),
    ],
)
def test_wrong_questions_are_refused(store: Path, arguments: tuple[object, ...], said: str) -> None:
    """Exit code 2: nothing was searched."""
    code, out, err = run("search", store, *map(str, arguments))
    assert (code, out) == (2, "")
    assert said in err


def test_no_store_is_said(tmp_path: Path) -> None:
    code, _, err = run("search", tmp_path, "--similar", "CCO")
    assert code == 2
    assert "no store here (no store.json); molscreen index makes one" in err


def test_library_without_a_compound_fails(tmp_path: Path) -> None:
    """The store is there, and of no use: exit code 1, as `screen` has it."""
    (tmp_path / "bad.smi").write_text("C(C\nc1cc\n")
    code, out, err = run("index", tmp_path / "bad.smi", "--out", tmp_path / "store", "--workers", 1, "--json")
    assert code == 1
    assert json.loads(out)["rows"] == 2
    assert "not one of 2 rows is a compound (invalid/" in err


def test_store_named_like_a_file_is_refused(small_library: Path, tmp_path: Path) -> None:
    code, _, err = run("index", small_library, "--out", tmp_path / "store.csv")
    assert code == 2
    assert "named like a file, expected a folder, for example 'store'" in err


def test_interrupted_indexing_says_how_to_go_on(
    small_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command is printed ready to copy, and does what it says."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    words = ["index", str(small_library), "--out", str(tmp_path / "store"), "--workers", "1"]
    monkeypatch.setattr("sys.argv", ["molscreen", *words])
    with monkeypatch.context() as patch:
        patch.setattr("molscreen.screening.index.write_shard", interrupted)
        code, _, err = run(*words)
    assert code == 130
    assert f"is kept; go on with:\n  molscreen {' '.join(words)} --resume\n" in err
    code, _, err = run(*words, "--resume")
    assert code == 0
    assert "10 rows read: 8 indexed" in err
