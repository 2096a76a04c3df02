"""ShardActor: what runs in a process of the cluster, and how a node is found fit for it."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from molscreen.errors import MolscreenError, RunError
from molscreen.provenance import differences
from molscreen.screening.executors.executor import attempt
from molscreen.screening.executors.wire import decode_task, encode_fatal, encode_outcome, encode_ready
from molscreen.screening.executors.worker import ShardWorker
from molscreen.screening.folder.layout import RECORD
from molscreen.screening.folder.record import read_record
from molscreen.screening.plan.setup import software
from molscreen.storage import is_file, locate


class ShardActor:
    """Holds one `ShardWorker`. Bytes go in and come out, as `molscreen.screening.executors.wire` has them.

    Parameters
    ----------
    folder : str
        The run folder.
    path : sequence of str
        Where to import from besides.
    wants_gpu : bool
        Whether it asked for a share of a GPU; where its node has none, the CPU will do.
    """

    def __init__(self, folder: str, *, path: Sequence[str], wants_gpu: bool) -> None:
        settle_in(path)
        self._folder = locate(folder)
        self._wants_gpu = wants_gpu
        self._worker: ShardWorker | None = None

    def arrive(self) -> None:
        """Say that there is a place for it in the cluster."""

    def begin(self) -> bytes:
        """Load the bundles and report ready, and where."""
        import ray

        try:
            check_node(self._folder)
            self._worker = ShardWorker(self._folder, device="auto" if self._wants_gpu else "cpu")
            self._worker.__enter__()
        except (MolscreenError, OSError) as error:
            return encode_fatal(error)
        return encode_ready(ray.get_runtime_context().get_node_id())

    def answer(self, message: bytes) -> bytes:
        """Work through one task."""
        if self._worker is None:
            raise RunError("a task came before the worker was ready")
        try:
            return encode_outcome(attempt(self._worker, *decode_task(message)))
        except (MolscreenError, OSError) as error:
            return encode_fatal(error)


def settle_in(path: Sequence[str]) -> None:
    """Make a process of the cluster like a local worker: what it imports, and how it holds memory."""
    sys.path.extend(each for each in path if each not in sys.path)
    pa.set_memory_pool(pa.system_memory_pool())  # gives back what is no longer needed


def check_node(folder: Path, nonce: str = "") -> None:
    """Make sure that this machine sees the run folder and has the versions of the driver.

    Parameters
    ----------
    folder : Path
    nonce : str, optional
        Name of a file that the driver has just put there: a folder of the same name is not enough.

    Raises
    ------
    RunError
        It does not, and the message says which machine and what.
    """
    here = f"node {socket.gethostname()}"
    record = folder / RECORD
    if not is_file(record) or (nonce and not is_file(folder / nonce)):
        raise RunError(f"{here} does not see {folder}: use a path that all nodes share, or s3:// or gs://")
    identity = read_record(folder).identity
    found = software()
    if changed := differences({name: identity[name] for name in found}, found):
        raise RunError(
            f"{here} has other software than the driver, its numbers would differ: {'; '.join(changed)}."
            " Give all nodes the same image"
        )
