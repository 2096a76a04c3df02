"""``molscreen train``: what is refused before any work, and how an interrupt is survived."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from molscreen.cli.app import app


def run(*arguments: str | Path) -> tuple[int, str]:
    """Exit code and stderr of one call, in this process."""
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stderr


@pytest.fixture
def assay(tmp_path: Path) -> Path:
    """Alkanes and alcohols with their size, a year, and two rows that cannot be used."""
    rows = [f"m{i},{'C' * (i // 2 + 2)}{'O' * (i % 2)},{i // 2 + 2},{1990 + i // 10}" for i in range(300)]
    lines = ["name,smiles,size,year", *rows, "neo,CC(C)(C)(C)C,5,2001", "words,CCN,three,2001"]
    path = tmp_path / "assay.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "assay.csv",
            (),
            "--target-column is missing; name the columns of measurements. Columns: size, year",
        ),
        ("asay.csv", (), "asay.csv: no such file. Did you mean 'assay.csv'?"),
        ("asay.csv", ("--target-column", "size", "--task", "regression"), "Did you mean 'assay.csv'?\n"),
        ("assay.csv", ("--target-column", "SIZE"), "Did you mean 'size'? Columns: size, year"),
        ("assay.csv", ("--target-column", "size", "--smiles-column", "SMILE"), "with --smiles-column"),
        ("assay.csv", ("--target-column", "size", "--time-column", "year"), "without --split time"),
        ("assay.csv", ("--target-column", "year", "--split", "time"), "no column of dates or years found"),
    ],
)
def test_refusal_speaks_of_columns_and_options(
    name: str, options: tuple[str, ...], message: str, assay: Path
) -> None:
    """The owner of a CSV knows neither cards nor tables of a training file."""
    code, err = run("train", assay.with_name(name), *options, "--out", assay.with_name("bundle"))
    assert code == 2
    assert message in err
    assert "card" not in err
    assert "[" not in err
    assert [path.name for path in assay.parent.iterdir()] == ["assay.csv"]


def test_out_that_cannot_be_is_refused_before_any_work(assay: Path) -> None:
    """Not after hours of training."""
    code, err = run("train", assay, "--target-column", "size", "--out", assay / "bundle")
    assert code == 2
    assert err.endswith("'assay.csv' is a file, expected a folder. Name another --out\n")
    code, err = run("train", assay, "--target-column", "size", "--out", assay.with_name("size.csv"))
    assert code == 2
    assert err.endswith("size.csv: named like a file, expected a folder, for example 'size'\n")


def test_columns_of_a_data_set_are_not_the_user_s(tmp_path: Path) -> None:
    """They would have been passed over in silence."""
    code, err = run(
        "train",
        "tdc_admet/herg",
        "--smiles-column",
        "Drug",
        "--better",
        "lower",
        "--out",
        tmp_path / "bundle",
    )
    assert code == 2
    assert "--smiles-column, --better: for a file of your own; 'tdc_admet/herg' is a data set" in err


@pytest.mark.integration
def test_interrupted_training_prints_how_to_go_on(assay: Path) -> None:
    """Ctrl-C ends with 130, without a traceback, and the same command goes on from the last epoch."""
    out = assay.with_name("my bundle")
    command = [sys.executable, "-m", "molscreen", "train", str(assay), "--target-column", "size"]
    command += ["--split", "time", "--out", str(out)]
    checkpoint = assay.with_name("my bundle.training") / "member-0.safetensors"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not checkpoint.exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        printed, log = process.communicate()
    assert (process.returncode, printed) == (130, "")
    assert "split by time: column 'year'" in log
    assert "2 of 302 rows refused (1 invalid/valence, 1 invalid/value); see " in log
    assert f"finished epochs are kept in {checkpoint.parent}; go on with:\n  molscreen train " in log
    assert f"--out '{out}'\n" in log
    assert "Traceback" not in log
