"""RunLock: one driver at a time works on a run folder of this machine, or of a shared disk."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import socket
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from molscreen.errors import RunLockedError
from molscreen.provenance import utc_now
from molscreen.screening.folder.commit import telling_failure

BEAT = 5.0  # seconds between heartbeats
PATIENCE = 20.0  # seconds a foreign lock may stand still before it counts as abandoned


class RunLock:
    """Hold ``<folder>/lock`` while the ``with`` block runs.

    On one machine the kernel decides (``flock``): the lock of a dead process is free at once,
    and no process id can be mistaken for another. A lock that names another machine is judged
    by its heartbeat, a counter: if it does not move for `patience` seconds, its driver is gone.
    No two clocks are compared.

    Raises
    ------
    RunLockedError
        Another driver holds the folder; the message says which, and since when.
    """

    def __init__(self, folder: Path, *, beat: float = BEAT, patience: float = PATIENCE) -> None:
        self.path = folder / "lock"
        self.beat = beat
        self.patience = patience
        self._descriptor = -1
        self._stop = threading.Event()
        self._heart = threading.Thread(target=self._keep_beating, name="run lock heartbeat", daemon=True)
        self._holder: dict[str, Any] = {}

    def __enter__(self) -> RunLock:
        self._descriptor = self._open_locked()
        try:
            self._wait_for_other_machine()
            self._holder = new_holder()
            with telling_failure(self.path, self.path):
                self._write()
        except BaseException:
            os.close(self._descriptor)  # and with it the kernel's lock
            raise
        self._heart.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._heart.join()
        if self.is_ours():
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def is_ours(self) -> bool:
        """False once another driver took over, which it does when this one stood still.

        Also where it has finished since, and took its lock away. A lock caught half-written is ours: on
        one disk the kernel keeps all others out.
        """
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return False
        nonce = self._holder["nonce"]
        return bool(parse_holder(text).get("nonce", nonce) == nonce)

    def check(self) -> None:
        """Raise `RunLockedError` if another driver took over."""
        if not self.is_ours():
            if not self.path.exists():
                raise RunLockedError(
                    f"{self.path}: gone: another driver took over and finished, or somebody removed it."
                    " If the run is not complete, go on with --resume"
                )
            raise RunLockedError(refusal(self.path.parent, _read(self.path)))

    def _open_locked(self) -> int:
        """A descriptor that holds the kernel's lock on the file that `path` names now."""
        while True:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                os.close(descriptor)
                raise RunLockedError(refusal(self.path.parent, _read(self.path))) from error
            if self.path.exists() and os.fstat(descriptor).st_ino == self.path.stat().st_ino:
                return descriptor
            os.close(descriptor)  # the holder before us removed the file in between

    def _wait_for_other_machine(self) -> None:
        """Raise if the file names a driver elsewhere whose heart still beats."""
        holder = _read(self.path)
        if not holder or holder.get("host") == socket.gethostname():
            return
        until = time.monotonic() + self.patience
        while time.monotonic() < until:
            time.sleep(self.beat / 2)
            if _read(self.path).get("beat") != holder.get("beat"):
                raise RunLockedError(refusal(self.path.parent, holder))

    def _keep_beating(self) -> None:
        while not self._stop.wait(self.beat):
            if not self.is_ours():
                return
            self._holder["beat"] += 1
            with contextlib.suppress(OSError):  # a disk that fails once: the next beat is seen as well
                self._write()

    def _write(self) -> None:
        """Over the old content, in place: the kernel's lock belongs to this very file."""
        text = json.dumps(self._holder).encode()
        os.pwrite(self._descriptor, text, 0)
        os.ftruncate(self._descriptor, len(text))


def new_holder() -> dict[str, Any]:
    """What a driver says of itself in its lock."""
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "since": utc_now(),
        "nonce": secrets.token_hex(8),
        "beat": 0,
    }


def parse_holder(text: str | bytes) -> dict[str, Any]:
    """The holder, or nothing where the file was caught half-written."""
    try:
        holder = json.loads(text)
    except ValueError:
        return {}
    return holder if isinstance(holder, dict) else {}


def refusal(folder: Path, holder: dict[str, Any]) -> str:
    """What a second driver is told."""
    return (
        f"{folder}: locked by {holder.get('host', 'an unknown host')}"
        f"/{holder.get('pid', 'unknown pid')} since {holder.get('since', 'just now')}."
        " Wait for that driver, stop it, or choose another --out"
    )


def _read(path: Path) -> dict[str, Any]:
    """The holder, or nothing where the file is missing."""
    try:
        return parse_holder(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
