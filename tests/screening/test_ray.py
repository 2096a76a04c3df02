"""On a Ray cluster all is as it is here: the same bytes, the same blame, the same refusals."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import threading
from pathlib import Path

import psutil
import pytest
from small_plan import make_plan, result_files, write_library
from stand_in import LETHAL

from molscreen.errors import RunError, UsageError, WorkerError
from molscreen.provenance import RunRecord
from molscreen.screening.cluster.actor import check_node
from molscreen.screening.folder.layout import RECORD
from molscreen.screening.screen import screen

ray = pytest.importorskip("ray")
pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Ray on this machine with two CPUs and two GPUs that are there in name only."""
    folder = tmp_path_factory.mktemp("r")
    ray.init(
        address="local", num_cpus=2, num_gpus=2, include_dashboard=False, log_to_driver=False,
        logging_level="ERROR", object_store_memory=100 << 20, _temp_dir=str(folder),
    )  # fmt: skip
    yield folder
    ray.shutdown()


def on_ray(library, plan, out, **options):
    return screen(library, plan=plan, out=out, executor="ray", **{"workers": 2, **options})


def test_cluster_of_its_own_gives_the_bytes_of_inline(run, library, plan, tmp_path, monkeypatch):
    """The contract of every executor. Other users are kept out, and what was started is gone at the end."""
    monkeypatch.setenv("HOME", str(tmp_path))
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    seen = set()

    def look(*_: int) -> None:
        token = Path(os.environ["RAY_AUTH_TOKEN_PATH"])
        modes = [oct(stat.S_IMODE(path.stat().st_mode)) for path in (token, token.parent)]
        seen.add((*modes, *sorted(path.name for path in token.parent.iterdir())))

    clustered = on_ray(library, plan, tmp_path / "run", progress=look)
    assert seen == {("0o600", "0o700", "r", "token")}
    assert not (tmp_path / ".ray").exists(), "the token of the user's clusters is another"
    assert result_files(clustered.path) == result_files(run.path)
    assert clustered.record.fingerprint == run.record.fingerprint
    assert not ray.is_initialized()
    after = {child.pid for child in psutil.Process().children(recursive=True) if child.status() != "zombie"}
    assert after <= before


def test_cluster_that_is_not_there_is_a_usage_error(library, plan, tmp_path):
    """At once: Ray by itself tries for five minutes."""
    with pytest.raises(UsageError, match=r"the Ray cluster at '127.0.0.1:1' cannot be joined: .*refused"):
        on_ray(library, plan, tmp_path / "run", address="127.0.0.1:1")


def test_gpu_that_is_not_there_is_a_usage_error(library, plan, tmp_path):
    """At once: nobody can add one to a cluster that was started here, and Ray would wait for it for ever."""
    if shutil.which("nvidia-smi"):
        pytest.skip("needs a machine without a GPU")
    with pytest.raises(
        UsageError, match=r"each worker asks for 0.5 of a GPU, and Ray sees 0 on this machine"
    ):
        on_ray(library, plan, tmp_path / "run", gpus=0.5)


def test_session_of_ones_own_elsewhere_is_not_forgotten(cluster, library, plan, tmp_path):
    with pytest.raises(UsageError, match=r"connected to the Ray cluster at '.*', not to '127.0.0.1:1'"):
        on_ray(library, plan, tmp_path / "run", address="127.0.0.1:1")


def test_logical_gpus_give_the_bytes_of_inline(cluster, run, library, plan, tmp_path):
    """A worker that asks for a GPU where there is none in truth predicts on the CPU."""
    clustered = on_ray(library, plan, tmp_path / "run", gpus=1.0)
    assert result_files(clustered.path) == result_files(run.path)
    assert ray.is_initialized(), "a session of the caller's own is left as it is"


def test_as_many_workers_as_the_cluster_has_room_for(cluster, run, library, plan, tmp_path):
    clustered = on_ray(library, plan, tmp_path / "run", workers=0, gpus=0.5)
    assert result_files(clustered.path) == result_files(run.path)


def test_no_structure_is_in_the_logs(cluster, drugs):
    """What is confidential stays out of what Ray writes on every node. After the runs above."""
    logs = b"".join(
        path.read_bytes() for path in cluster.rglob("*") if path.is_file() and path.stat().st_size
    )
    assert b"ShardActor" in logs, "these are the logs"
    assert not [smiles for smiles in drugs if len(smiles) > 12 and smiles.encode() in logs]


@pytest.mark.parametrize(
    ("bundle", "status"), [("lethal", "crashed"), pytest.param("stuck", "timeout", marks=pytest.mark.slow)]
)
def test_row_that_ends_or_stalls_its_actor_costs_one_row(cluster, drugs, tmp_path, bundle, status):
    path = write_library(tmp_path / "poison.csv", [*drugs[:5], f"CC{LETHAL}CC", *drugs[5:11]])
    timeout = 1800 if bundle == "lethal" else 10  # seconds
    table = {"executor": "ray", "workers": 2, "shard_size": 4, "timeout": timeout}
    found = screen(path, plan=make_plan(f"stand_in:{bundle}", run=table), out=tmp_path / "run")
    lost = found.rejections[found.rejections["stage"] == "predict"]
    assert lost["id"].tolist() == ["00005"]
    assert (lost["status"] + "/" + lost["reason_code"]).tolist() == [f"{status}/{status}"]
    assert found.record.counts.read == 12


def test_broken_model_stops_the_run_and_its_words_are_in_the_folder(cluster, library, tmp_path):
    with pytest.raises(WorkerError, match=r"failed alike: RuntimeError \(predict"):
        on_ray(library, make_plan("stand_in:broken"), tmp_path / "run")
    assert "shapes differ" in (tmp_path / "run" / "failure.txt").read_text()


def test_killed_actors_are_replaced_and_no_molecule_is_blamed(cluster, run, library, plan, tmp_path):
    """SIGKILL, again and again, in the midst of the work."""
    stop = threading.Event()
    killed = []

    def kill() -> None:
        while not stop.wait(0.7):
            if len(killed) < 3 and (actors := actors_of_this_run()):
                actors[0].send_signal(signal.SIGKILL)
                killed.append(actors[0].pid)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        slow = make_plan("stand_in:slow", run={"executor": "ray", "workers": 2, "shard_size": 32})
        clustered = screen(library, plan=slow, out=tmp_path / "run")
    finally:
        stop.set()
        thread.join()
    assert killed
    calm = make_plan("stand_in:slow", run={"executor": "inline", "shard_size": 32})
    assert result_files(clustered.path) == result_files(
        screen(library, plan=calm, out=tmp_path / "calm").path
    )


def actors_of_this_run() -> list[psutil.Process]:
    """Processes of actors that are at work, by the name that Ray gives them."""
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if child.status() != "zombie" and "ShardActor.answer" in " ".join(child.cmdline())
    ]


def test_node_that_does_not_see_the_folder_is_named(tmp_path, run):
    """The commonest failure on a cluster, said before the work."""
    with pytest.raises(RunError, match=r"node .* does not see .*nowhere: use a path that all nodes share"):
        check_node(tmp_path / "nowhere")
    with pytest.raises(RunError, match="does not see"):
        check_node(run.path, "probe-of-another-folder")
    check_node(run.path, RECORD)


def test_node_with_other_software_is_named(tmp_path, run):
    text = (run.path / RECORD).read_text(encoding="utf-8")
    record = RunRecord.from_json(text)
    record.identity["versions"]["rdkit"] = "1999.1"
    (tmp_path / RECORD).write_text(record.to_json(), encoding="utf-8")
    with pytest.raises(RunError, match=r"other software than the driver.*rdkit"):
        check_node(tmp_path)
