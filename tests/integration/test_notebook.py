"""The notebook runs from top to bottom, twice, and ranks as the command line does."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest

NOTEBOOK = Path(__file__).parents[2] / "workflows" / "notebooks" / "shortlist.ipynb"


def test_notebook_is_committed_as_it_was_written():
    """Outputs would be those of somebody's machine; and it is short enough to be read."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell for cell in code if cell.outputs or cell.execution_count] == []
    assert sum(cell.source.count("\n") + 1 for cell in code) <= 30


@pytest.mark.integration
@pytest.mark.filterwarnings("ignore")  # of the notebook machinery
def test_notebook_and_command_line_rank_alike(tmp_path):
    """A chemist and a scientist who disagree about a ranking must not do so because of the door they used."""
    from nbclient import NotebookClient

    for _ in range(2):  # who comes back to it starts again at the top
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        client = NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(tmp_path)}})
        client.execute()
        [shown] = [cell for cell in notebook.cells if cell.source.startswith("run.shortlist")]
        assert shown.outputs[0].data["text/html"].count("data:image/svg+xml") == 5  # structures are drawn
        for start in ("run.explanation", "ms.explain"):
            [why] = [cell for cell in notebook.cells if cell.source.startswith(start)]
            assert "orange atoms raise the value" in why.outputs[0].data["text/html"]
        assert any(
            "image/png" in out.get("data", {}) for cell in notebook.cells for out in cell.get("outputs", ())
        )
        assert "href='runs/notebook/report.html'" in notebook.cells[-1].outputs[0].data["text/html"]

    command = [sys.executable, "-m", "molscreen", "screen", "runs/notebook-library.csv"]
    options = ["--plan", "oral-drug", "--top", "20", "--workers", "1", "--executor", "inline"]
    subprocess.run(
        [*command, *options, "--out", "runs/cli"], cwd=tmp_path, check=True, capture_output=True, timeout=240
    )
    ours, theirs = (
        pd.read_csv(tmp_path / "runs" / run / "shortlist.csv", dtype=str) for run in ("notebook", "cli")
    )
    pd.testing.assert_frame_equal(ours, theirs)
