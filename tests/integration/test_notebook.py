"""The notebook runs from top to bottom, and ranks as the command line does."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest

NOTEBOOK = Path(__file__).parents[2] / "workflows" / "notebooks" / "shortlist.ipynb"


@pytest.mark.integration
@pytest.mark.filterwarnings("ignore")  # of the notebook machinery
def test_notebook_and_command_line_rank_alike(tmp_path):
    """A chemist and a scientist who disagree about a ranking must not do so because of the door they used."""
    from nbclient import NotebookClient

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert sum(cell.source.count("\n") + 1 for cell in notebook.cells if cell.cell_type == "code") <= 12
    client = NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    assert "data:image/svg+xml" in notebook.cells[2].outputs[0].data["text/html"]  # structures are drawn

    command = [sys.executable, "-m", "molscreen", "screen", "runs/notebook-library.csv"]
    options = ["--plan", "oral-drug", "--top", "20", "--workers", "1", "--executor", "inline"]
    subprocess.run(
        [*command, *options, "--out", "runs/cli"], cwd=tmp_path, check=True, capture_output=True, timeout=240
    )
    ours, theirs = (
        pd.read_csv(tmp_path / "runs" / run / "shortlist.csv", dtype=str) for run in ("notebook", "cli")
    )
    pd.testing.assert_frame_equal(ours, theirs)
