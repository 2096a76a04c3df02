"""A Ray cluster of several nodes on this machine, in a process of its own that is told what to do.

Run as a program: one JSON line with its settings comes in, then words on single lines. Each is answered
by one JSON line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SMALL = {"object_store_memory": 80 << 20, "include_dashboard": False}


class Keeper:
    """The cluster as a test has it: a head without CPUs, and nodes of one CPU that come and go.

    All its files lie in `folder`, the token too; it listens on loopback. Ends with the block.
    """

    def __init__(self, folder: Path) -> None:
        self.environment = {
            **os.environ,
            "HOME": str(folder),  # where Ray saves the token of a cluster
            "RAY_TMPDIR": str(folder),
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # loopback only
            "RAY_USAGE_STATS_ENABLED": "0",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "PYTHONWARNINGS": "ignore",
        }
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment, text=True,
            start_new_session=True,
        )  # fmt: skip
        self.address: str = self._hear()["address"]

    def __enter__(self) -> Keeper:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=60)  # the end of its input is the end of the cluster

    def add(self) -> int:
        """A node joins; process id of its raylet."""
        return int(self._ask("add")["raylet"])

    def remove(self, raylet: int) -> None:
        """That node leaves without a word: all its processes are killed."""
        self._ask(f"remove {raylet}")

    def _ask(self, words: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(words + "\n")
        self._process.stdin.flush()
        return self._hear()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):  # Ray talks too
                answer: dict[str, Any] = json.loads(line)
                return answer
        raise AssertionError("the cluster is gone")


def main(folder: str) -> None:
    """Keep the cluster until the input ends."""
    from ray.cluster_utils import Cluster

    (Path(folder) / "ray").mkdir()  # for the file in which Ray notes the address
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "temp_dir": folder, **SMALL})
    print(json.dumps({"address": cluster.address}), flush=True)
    nodes: dict[int, Any] = {}
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "add":
            node = cluster.add_node(num_cpus=1, **SMALL)
            (raylet,) = (each.process.pid for each in node.all_processes["raylet"])
            nodes[raylet] = node
            print(json.dumps({"raylet": raylet}), flush=True)
        else:
            cluster.remove_node(nodes.pop(int(rest[0])), allow_graceful=False)
            print("{}", flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main(sys.argv[1])
