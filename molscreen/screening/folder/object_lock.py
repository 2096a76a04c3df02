"""ObjectLock: one driver at a time works on a run folder in an object store."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from molscreen import storage
from molscreen.errors import MolscreenError, RunLockedError
from molscreen.screening.folder.lock import BEAT, PATIENCE, RunLock, new_holder, parse_holder, refusal


class ObjectLock:
    """Hold the highest number of the objects ``<folder>/lock/<number>.json`` while the ``with`` block runs.

    A store has no kernel that knows who is alive, so every lock is judged by its heartbeat, as
    `RunLock` judges one of another machine: a counter that does not move for `patience` seconds
    belongs to a driver that is gone. Whoever finds number n abandoned makes n + 1; a store makes an
    object that must be new for one of many only. Nobody writes the lock of another, so that no two can
    take over at once. The highest number stays when its driver ends, marked as released: one that slept
    and wakes up, were it in the middle of a beat, finds a higher number than its own for ever.

    Raises
    ------
    RunLockedError
        Another driver holds the folder; the message says which, and since when.
    """

    def __init__(self, folder: Path, *, beat: float | None = None, patience: float | None = None) -> None:
        self.folder = folder
        self.beat = BEAT if beat is None else beat
        self.patience = PATIENCE if patience is None else patience
        self._number = 0
        self._stop = threading.Event()
        self._heart = threading.Thread(target=self._keep_beating, name="run lock heartbeat", daemon=True)
        self._holder: dict[str, Any] = {}

    def __enter__(self) -> ObjectLock:
        self._number = self._wait_for_number()
        self._holder = new_holder()
        if not storage.create(self._path(self._number), self._text()) or not self.is_ours():
            raise RunLockedError(refusal(self.folder, self._read(self._newest())))
        self._heart.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._heart.join()
        with contextlib.suppress(MolscreenError):  # what stays behind is abandoned, as after a kill
            if self.is_ours():
                self._holder["released"] = True
                storage.put(self._path(self._number), self._text())
                for number in self._numbers():
                    if number < self._number:
                        storage.remove(self._path(number))

    def is_ours(self) -> bool:
        """False once another driver took over, which it does when this one stood still."""
        return self._newest() == self._number and (
            self._read(self._number).get("nonce") == self._holder["nonce"]
        )

    def check(self) -> None:
        """Raise `RunLockedError` if another driver took over."""
        if not self.is_ours():
            raise RunLockedError(refusal(self.folder, self._read(self._newest())))

    def _wait_for_number(self) -> int:
        """The number to take: the first, or the next after that of a driver that has ended or is gone."""
        newest = self._newest()
        holder, until = self._read(newest), time.monotonic() + self.patience
        while newest and not holder.get("released") and time.monotonic() < until:
            time.sleep(self.beat / 2)
            now = self._newest()
            seen = self._read(now)
            if now > newest or not (seen.get("released") or seen.get("beat") == holder.get("beat")):
                raise RunLockedError(refusal(self.folder, seen or holder))
            newest, holder = now, seen
        return newest + 1

    def _keep_beating(self) -> None:
        while not self._stop.wait(self.beat):
            with contextlib.suppress(MolscreenError):  # the next beat mends what one beat could not do
                if not self.is_ours():
                    return
                self._holder["beat"] += 1
                storage.put(self._path(self._number), self._text())

    def _path(self, number: int) -> Path:
        return self.folder / "lock" / f"{number:06d}.json"

    def _text(self) -> bytes:
        return json.dumps(self._holder).encode()

    def _numbers(self) -> list[int]:
        """Of all locks that there are, the highest last."""
        stems = (name.removesuffix(".json") for name in storage.names(self.folder / "lock"))
        return sorted(int(stem) for stem in stems if stem.isdigit())

    def _newest(self) -> int:
        """0 where there is no lock."""
        return max(self._numbers(), default=0)

    def _read(self, number: int) -> dict[str, Any]:
        try:
            return parse_holder(storage.read_object(self._path(number)))
        except FileNotFoundError:
            return {}


def choose_lock(folder: Path) -> RunLock | ObjectLock:
    """The lock that the place of a run folder asks for."""
    return ObjectLock(folder) if storage.is_remote(folder) else RunLock(folder)
