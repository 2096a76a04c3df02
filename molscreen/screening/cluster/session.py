"""Session: a Ray cluster joined, or one started on this machine and ended again."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType

from molscreen.errors import UsageError

OBJECT_STORE = 256 << 20  # bytes; a shard in flight takes half a megabyte
CONNECT_TIMEOUT = 20.0  # seconds
LET_IN = (
    "A cluster that asks for a token gets the one in RAY_AUTH_TOKEN, RAY_AUTH_TOKEN_PATH or ~/.ray/auth_token"
)


@contextmanager
def ray_session(address: str, *, workers: int, gpus: float) -> Iterator[ModuleType]:
    """The ray module, connected; what was started here ends with the block.

    A session that the caller already has (a notebook, a test) is used and left as it is. Else
    `address`, or RAY_ADDRESS, which ``ray job submit`` sets, is joined. Else a cluster of this
    machine alone is started: on the loopback interface, behind a token, without a dashboard, and
    with its files in a folder of its own, which goes with it.

    Parameters
    ----------
    address : str
        ``host:port`` or ``ray://host:port``; empty for RAY_ADDRESS or a cluster of one's own.
    workers : int
        CPUs of a cluster started here.
    gpus : float
        Share of a GPU that each worker asks for; 0 starts a cluster that sees none.

    Raises
    ------
    UsageError
        Ray is not installed, the cluster cannot be reached or does not let us in, or the one that
        was started here has no GPU and workers ask for one.
    """
    joined = address or os.environ.get("RAY_ADDRESS", "")
    with _environment(_settings(is_local=not joined)):
        ray = _import_ray()
        if ray.is_initialized():
            _refuse_other_cluster(ray, address)
            yield ray
            return
        if joined:
            _join(ray, joined)
            try:
                yield ray
            finally:
                ray.shutdown()
            return
        folder = tempfile.mkdtemp(prefix="ms-")  # short: names of sockets end at 107 bytes
        try:
            _start(ray, folder, workers=workers, gpus=gpus)
            yield ray
        finally:
            ray.shutdown()
            shutil.rmtree(folder, ignore_errors=True)


def _settings(*, is_local: bool) -> dict[str, str]:
    """What Ray reads from the environment; what the user has set there is not touched.

    Token authentication is the default of the oldest Ray that we take, 2.60, and needs nothing here.
    """
    settings = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
    if is_local:
        settings["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # on every system: listen on loopback only
    return {name: value for name, value in settings.items() if name not in os.environ}


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    """Environment variables for the time of the block."""
    os.environ.update(settings)
    try:
        yield
    finally:
        for name in settings:
            os.environ.pop(name, None)


def _import_ray() -> ModuleType:
    try:
        import ray
    except ImportError as error:
        raise UsageError(
            "the executor 'ray' needs Ray, which is not installed: pip install 'molscreen[ray]'"
        ) from error
    return ray


def _refuse_other_cluster(ray: ModuleType, address: str) -> None:
    here = ray.get_runtime_context().gcs_address
    if address and address not in (here, "auto"):
        raise UsageError(
            f"this process is connected to the Ray cluster at '{here}', not to '{address}'."
            " Leave the address out, or call ray.shutdown() before"
        )


def _join(ray: ModuleType, address: str) -> None:
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        if port.isdigit():  # else Ray itself would go on trying for five minutes
            socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_TIMEOUT).close()
        ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except (ray.exceptions.RayError, OSError, RuntimeError, ValueError) as error:
        first = str(error).strip().partition("\n")[0]
        raise UsageError(f"the Ray cluster at '{address}' cannot be joined: {first}. {LET_IN}") from error


def _start(ray: ModuleType, folder: str, *, workers: int, gpus: float) -> None:
    ray.init(
        address="local",
        num_cpus=workers,
        num_gpus=None if gpus else 0,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
        object_store_memory=OBJECT_STORE,
        _temp_dir=folder,
    )
    if gpus > (found := ray.cluster_resources().get("GPU", 0)):  # it will never be more: nobody waits for it
        raise UsageError(
            f"each worker asks for {gpus:g} of a GPU, and Ray sees {found:g} on this machine."
            " Leave gpus out, or name a cluster that has some by its address"
        )
