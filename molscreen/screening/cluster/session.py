"""Session: a Ray cluster joined, or one started on this machine and ended again."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from molscreen.errors import UsageError
from molscreen.screening.cluster.home import FILES, private_home, token_path

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
    machine alone is started: on the loopback interface, without a dashboard, behind a token of its
    own, and with its files in a folder that nobody else may enter and that goes with it.

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
        Ray is not installed, the cluster cannot be reached or does not let us in, none can be started
        here, or the one that was has no GPU and workers ask for one.
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
        with private_home() as home, _own_token(ray, home):
            try:
                _start(ray, home, workers=workers, gpus=gpus)
                yield ray
            finally:
                ray.shutdown()


def _settings(*, is_local: bool) -> dict[str, str]:
    """What Ray reads from the environment; what the user has set there is not touched.

    Token authentication is the default of the oldest Ray that we take, 2.60, and needs nothing here.
    """
    settings = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
    if is_local:
        settings["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # on every system: listen on loopback only
    return {name: value for name, value in settings.items() if name not in os.environ}


@contextmanager
def _environment(settings: Mapping[str, str | None]) -> Iterator[None]:
    """Environment variables for the time of the block; None is a variable that is not there."""
    before = {name: os.environ.get(name) for name in settings}
    _set(settings)
    try:
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextmanager
def _own_token(ray: ModuleType, home: Path) -> Iterator[None]:
    """The token in `home`, and not the one that opens the user's clusters; Ray remembers what it has read."""
    remembered = ray._raylet.AuthenticationTokenLoader.instance()
    with _environment({"RAY_AUTH_TOKEN": None, "RAY_AUTH_TOKEN_PATH": str(token_path(home))}):
        remembered.reset_cache()
        try:
            yield
        finally:
            remembered.reset_cache()


@contextmanager
def _own_end() -> Iterator[None]:
    """Leave SIGTERM to whoever handles it here: Ray takes it, and would end this process without a word."""
    ours = signal.getsignal(signal.SIGTERM)
    if not callable(ours) or threading.current_thread() is not threading.main_thread():
        yield
        return
    try:
        yield
    except SystemExit:  # Ray's answer to it while it starts
        ours(signal.SIGTERM, None)
        raise
    finally:
        signal.signal(signal.SIGTERM, ours)


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
        with _own_end():
            ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except (ray.exceptions.RayError, OSError, RuntimeError, ValueError) as error:
        first = str(error).strip().partition("\n")[0]
        raise UsageError(f"the Ray cluster at '{address}' cannot be joined: {first}. {LET_IN}") from error


def _start(ray: ModuleType, home: Path, *, workers: int, gpus: float) -> None:
    try:
        with _own_end():
            ray.init(
                address="local",
                num_cpus=workers,
                num_gpus=None if gpus else 0,
                include_dashboard=False,
                log_to_driver=False,
                logging_level="ERROR",
                object_store_memory=OBJECT_STORE,
                _temp_dir=str(home / FILES),
            )
    except Exception as error:  # Ray's own have no type of theirs
        first = str(error).strip().partition("\n")[0]
        raise UsageError(
            f"Ray could not be started on this machine: {first.rstrip('.')}. Try again, when less is going on"
            " here; or leave the executor 'ray' out, for 'local' needs none"
        ) from error
    if gpus > (found := ray.cluster_resources().get("GPU", 0)):  # it will never be more: nobody waits for it
        raise UsageError(
            f"each worker asks for {gpus:g} of a GPU, and Ray sees {found:g} on this machine."
            " Leave gpus out, or name a cluster that has some by its address"
        )
