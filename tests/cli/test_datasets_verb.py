"""``molscreen datasets``: without the data, one sentence; measurements are checked without a training."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from molscreen.cli.app import app


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((), "set MOLSCREEN_DATA to it"), (("--data", "/no/such"), "/no/such: no such folder")],
)
def test_verify_without_a_folder_is_one_line(
    arguments: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list of sixty missing files hides that none was looked for."""
    monkeypatch.delenv("MOLSCREEN_DATA", raising=False)
    result = CliRunner().invoke(app, ["datasets", "--verify", *arguments])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert message in result.stderr


def test_cards_are_listed_without_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOLSCREEN_DATA", raising=False)
    result = CliRunner().invoke(app, ["datasets"])
    assert result.exit_code == 0
    assert "tdc_admet/herg" in result.stdout


@pytest.fixture
def assay(tmp_path: Path) -> Path:
    """Alkanes and alcohols with their size, a concentration, one conflict and a row that cannot be used."""
    rows = [f"m{i},{'C' * (i // 2 + 2)}{'O' * (i % 2)},{i // 2 + 2},{10 ** (i % 5)}" for i in range(120)]
    lines = ["name,smiles,size,IC50", *rows, "again,CCO,60,100", "words,CCN,three,1"]
    path = tmp_path / "assay.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def check(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    result = CliRunner().invoke(app, ["datasets", "check", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_a_file_is_checked_without_a_training(assay: Path) -> None:
    """What is wrong with a file is known in seconds, not after hours."""
    code, page, _ = check(assay, "--target-column", "size", "--split", "random")
    assert code == 0
    assert "| assay.csv | 122 | 121 | 1 | 120 |" in page
    assert "| assay.csv | invalid/value | 1 |" in page
    assert "### Replicates disagree: 1" in page
    assert "| size | 12 | 108 |" in page.split("## Leakage")[1]
    assert [path.name for path in assay.parent.iterdir()] == ["assay.csv"]


def test_concentrations_are_asked_about_once(assay: Path) -> None:
    """And not by another sentence again, which wants their logarithm."""
    _, page, _ = check(assay, "--target-column", "IC50", "--split", "random")
    assert "- column 'IC50', 4 powers of ten" in page
    assert "logarithmic scale would fit better" not in page
    _, page, said = check(assay, "--target-column", "IC50", "--unit", "nM", "--split", "random")
    assert "if these are concentrations" not in said + page
    assert "| pIC50 | -log10(mol/L) |" in page


@pytest.fixture
def export(assay: Path) -> Path:
    """The same compounds as an export of ChEMBL: quoted relations, mixed units, percentages among them."""
    rows = [line.split(",") for line in assay.read_text().splitlines()[1:121]]
    units = ("nM", "uM", "nM", "nM", "nM", "%")
    lines = ['"Smiles";"Standard Relation";"Standard Value";"Standard Units"']
    lines += [
        f'"{smiles}";"\'{">" if i % 4 == 0 else "="}\'";"{100 + i}";"{units[i % 6]}"'
        for i, (_, smiles, *_) in enumerate(rows)
    ]
    path = assay.with_name("export.csv")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_an_export_of_chembl_is_read_by_all_its_columns(export: Path) -> None:
    """Without a word of them on the command line; what was found is in the page."""
    code, page, _ = check(export, "--target-column", "Standard Value", "--split", "random")
    assert code == 0
    assert "| pStandard Value | -log10(mol/L) |" in page
    assert "| export.csv | 120 | 100 | 20 | 100 |" in page
    assert "column 'Standard Relation' was read as the relation of 'Standard Value' (90 =, 30 >)" in page
    assert "column 'Standard Units' was read as the unit of 'Standard Value' (80 nM, 20 uM, 20 %)" in page


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--relation-column", "Standard Relatio"), "no column 'Standard Relatio' besides structure and id."),
        (
            ("--unit-column", "a", "--unit-column", "b"),
            "--unit-column b: something else is said of 'Standard",
        ),
        (("--unit", "pM"), "--unit says pM, and column 'Standard Units' beside 'Standard Value' says 80 nM"),
    ],
)
def test_companions_that_cannot_be_are_refused(export: Path, options: tuple[str, ...], message: str) -> None:
    code, _, said = check(export, "--target-column", "Standard Value", "--split", "random", *options)
    assert code == 2
    assert message in said


def test_companions_can_be_named_or_denied(export: Path) -> None:
    """Of one target or of all; nothing is then found out."""
    target = ("--target-column", "Standard Value", "--split", "random")
    none = ("--relation-column", "none", "--unit-column", "none")
    _, page, _ = check(export, *target, *none)
    assert "was read as" not in page
    assert "| export.csv | 120 | 120 | 0 | 120 |" in page
    named = ("--relation-column", "Standard Value=Standard Relation", "--unit-column", "Standard Units")
    _, page, _ = check(export, *target, *named)
    assert "was read as" not in page
    assert "| export.csv | 120 | 100 | 20 | 100 |" in page


def test_ids_and_the_endpoint_can_be_named(assay: Path) -> None:
    """An id that no one knows by its name is still what a chemist looks for, not a line of a file."""
    assay.write_text(assay.read_text().replace("name,", "Probe,", 1))
    target = (assay, "--target-column", "IC50", "--unit", "nM", "--split", "random")
    _, page, _ = check(*target, "--id-column", "Probe", "--name", "potency of probes")
    assert "| potency of probes | -log10(mol/L) |" in page
    assert "`assay.csv:again`" in page
    assert "`assay.csv:assay.csv:122`" in check(*target)[1]


def test_the_report_can_be_written(assay: Path) -> None:
    """With every case as CSV, and every row that cannot be used, to mend the file by."""
    out = assay.with_name("report")
    code, page, said = check(assay, "--target-column", "size", "--split", "random", "--out", out)
    assert (code, page) == (0, "")
    assert sorted(path.name for path in out.iterdir()) == [
        "data-report.csv",
        "data-report.md",
        "rejections.csv",
    ]
    assert "words,CCN,invalid,read,value" in (out / "rejections.csv").read_text()
    assert f"1 of 122 rows refused (1 invalid/value); see {out / 'rejections.csv'}" in said
    assert "again,CCO,60," in (out / "data-report.csv").read_text()
    assert f"wrote {out / 'data-report.md'}" in said
    assert "exists; name a new directory" in check(assay, "--target-column", "size", "--out", out)[2]


def test_the_encoding_can_be_said_as_the_refusal_advises(assay: Path) -> None:
    """A CSV of a western European Excel has its µ as one byte."""
    assay.write_bytes(assay.read_bytes().replace(b"size", "Größe".encode("cp1252")))
    code, _, said = check(assay, "--target-column", "Größe", "--split", "random")
    assert code == 2
    assert "--encoding cp1252" in said
    arguments = (assay, "--target-column", "Größe", "--split", "random", "--encoding", "cp1252")
    code, page, _ = check(*arguments)
    assert code == 0
    assert "| Größe |" in page


def test_decimal_commas_can_be_said_as_the_refusal_advises(assay: Path) -> None:
    """Three decimals in every cell may as well part thousands."""
    rows = [line.split(",") for line in assay.read_text().splitlines()]
    cells = ["size", *(f"{size},500" for _, _, size, _ in rows[1:-1])]
    assay.write_text("\n".join(f"{row[1]};{cell}" for row, cell in zip(rows[:-1], cells, strict=True)))
    arguments = (assay, "--target-column", "size", "--split", "random")
    code, _, said = check(*arguments)
    assert code != 0
    assert "--decimal comma" in said
    code, page, _ = check(*arguments, "--decimal", "comma")
    assert code == 0
    assert "column 'size' has decimal commas, and was read so" in page


def test_too_few_compounds_are_looked_at_all_the_same(assay: Path) -> None:
    lines = assay.read_text().splitlines()
    assay.write_text("\n".join(lines[:30]) + "\n")
    code, page, said = check(assay, "--target-column", "size")
    assert code == 0
    assert "fewer than 100 compounds" in said
    assert "No test fold: nothing is said of leakage." in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("tdc_admet/herg", "--unit", "nM"),
            "--unit: for a file of your own; 'tdc_admet/herg' is a data set",
        ),
        (("tdc_admet/hreg",), "Did you mean 'tdc_admet/herg'?"),
    ],
)
def test_options_of_a_file_are_refused_for_a_data_set(arguments: tuple[str, ...], message: str) -> None:
    code, _, said = check(*arguments)
    assert code == 2
    assert message in said
