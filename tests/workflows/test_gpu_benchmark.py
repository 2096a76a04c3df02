"""The GPU benchmark runs without a GPU too: it should not first fail on a machine lent by the minute."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from molscreen.graphs.features import featurize_batch
from molscreen.screening.index import index
from workflows.benchmarks.gpu import main
from workflows.benchmarks.gpu_store import read
from workflows.benchmarks.gpu_table import Report

DRUGS = ("CC(=O)Oc1ccccc1C(=O)O", "CN1CCC[C@H]1c1cccnc1", "no molecule", "CC(C)Cc1ccc(C(C)C(=O)O)cc1")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three drugs, and a row that was refused."""
    folder = tmp_path_factory.mktemp("gpu")
    library = folder / "drugs.smi"
    library.write_text("".join(f"{smiles} drug-{i}\n" for i, smiles in enumerate(DRUGS)))
    return index(library, out=folder / "store", workers=1).path


def test_store_is_read_without_the_rows_that_were_refused(store: Path) -> None:
    """As the wide tier reads it, with nothing but pyarrow."""
    (graphs,) = read(store)
    assert graphs.n_atoms.tolist() == featurize_batch([DRUGS[0], DRUGS[1], DRUGS[3]]).n_atoms.tolist()
    (first,) = read(store, 2)
    assert len(first) == 2


def test_what_is_no_store_is_told_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path), "--device", "cpu"])
    assert f"{tmp_path}: no store; `molscreen index` makes one" in capsys.readouterr().err


def test_report_is_written(store: Path, tmp_path: Path) -> None:
    options = ["--device", "cpu", "--batch-atoms", "30,8192", "--repeat", "2", "--out", str(tmp_path)]
    report = main([str(store), *options])
    assert isinstance(report, Report)
    assert [each.n for each in report.passes] == [6, 6]
    assert all(each.absolute == (0, 0) for each in report.agreement), "the CPU agrees with itself"
    assert json.loads((tmp_path / "gpu.json").read_text())["passes"][0]["precision"] == "fp32"
    assert "| fp32 | 8,192 |" in (tmp_path / "gpu.md").read_text()


def test_benchmark_needs_no_rdkit() -> None:
    """The machine that is lent has neither."""
    absent = ("rdkit", "pandas", "sklearn", "scipy", "datamol", "upath", "torch_geometric", "typer")
    code = f"import sys; sys.modules.update(dict.fromkeys({absent}))\nimport workflows.benchmarks.gpu\n"
    code += "from molscreen.prediction.bundle.bundle_file import load_bundle\n"
    code += "load_bundle('admet-tox').wide_view()"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
