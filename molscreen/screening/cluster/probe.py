"""Every node of a cluster asked, before the work, whether it can do it."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from molscreen.errors import UsageError
from molscreen.screening.cluster.actor import check_node, settle_in
from molscreen.storage import locate, remove

PROBE_TIMEOUT = 120.0  # seconds for a node to answer


def probe(ray: ModuleType, folder: Path) -> None:
    """Ask every node whether it sees the run folder and has the driver's versions.

    Raises
    ------
    UsageError
        Some do not, or do not answer; all of them are named.
    """
    nonce = folder / f"probe-{secrets.token_hex(8)}"
    try:
        nonce.write_text("probe", encoding="utf-8")
        alive = [node for node in ray.nodes() if node["Alive"]]
        # a list: nodes in containers may share a name, and each has its own answer
        asked = [(node, _ask(ray, node, folder, nonce.name)) for node in alive]
        until = time.monotonic() + PROBE_TIMEOUT  # for all together: they were asked at the same time
        faults = [fault for node, answer in asked if (fault := _fault(ray, node, answer, until))]
    finally:
        remove(nonce)
    if faults:
        raise UsageError("; ".join(dict.fromkeys(faults)))


def _ask(ray: ModuleType, node: dict[str, Any], folder: Path, nonce: str) -> Any:
    pinned = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
    remote = ray.remote(_check).options(
        num_cpus=0,
        max_retries=0,
        scheduling_strategy=pinned,
    )
    return remote.remote(str(folder), nonce, import_path(ray))


def _check(folder: str, nonce: str, path: Sequence[str]) -> str:
    """Runs on the node: what is wrong with it, empty if nothing is."""
    try:
        settle_in(path)
        check_node(locate(folder), nonce)
    except Exception as error:
        return str(error)
    return ""


def _fault(ray: ModuleType, node: dict[str, Any], answer: Any, until: float) -> str:
    """What is wrong with a node; nothing is with one that left while it was asked."""
    name = node["NodeManagerHostname"]
    try:
        return str(ray.get(answer, timeout=max(0.0, until - time.monotonic())))
    except ray.exceptions.GetTimeoutError:
        said = f"gave no answer within {PROBE_TIMEOUT:.0f} s"
    except ray.exceptions.RayError as error:
        said = f"cannot run molscreen: {str(error).strip().splitlines()[-1]}"
    is_there = any(each["NodeID"] == node["NodeID"] and each["Alive"] for each in ray.nodes())
    return f"node {name} {said}" if is_there else ""


def import_path(ray: ModuleType) -> list[str]:
    """Where the driver imports from, for workers of this machine; others have paths of their own.

    An argument and not a `runtime_env`: that Ray hands to a shell, which stumbles over a blank in
    the path of the interpreter.
    """
    hosts = {node["NodeManagerHostname"] for node in ray.nodes() if node["Alive"]}
    if hosts != {socket.gethostname()}:
        return []
    return list(dict.fromkeys(each or os.getcwd() for each in sys.path))  # "" is a prompt's own folder
