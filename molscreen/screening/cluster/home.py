"""The folder of a Ray that is started here: closed to others, with a token of its own, gone at the end."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOOKS, PAUSE = 50, 0.1  # at what is left, and seconds between two
FILES = "r"  # Ray's own files; as its token file, it is named in few letters


@contextmanager
def private_home() -> Iterator[Path]:
    """A folder that only this user may enter, with a new ``token`` in it.

    Ray opens the folder of its files, its sockets and logs to everybody, wherever that lies: it gets one
    inside, `FILES`. A token of the session's own lets nobody into another cluster of the same user. The
    folder ends with the block, and so do processes that were started with it and still run: one of Ray's
    would make it anew.
    """
    home = Path(tempfile.mkdtemp(prefix="ms-"))  # 0700; short: names of sockets end at 107 bytes
    try:
        descriptor = os.open(token_path(home), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        yield home
    finally:
        _remove(home)


def token_path(home: Path) -> Path:
    """Where the token of a session lies."""
    return home / "token"


def _remove(home: Path) -> None:
    """The folder and its processes; again, while one that was just started makes it anew."""
    for _ in range(LOOKS):
        is_quiet = not _end_processes(home)
        shutil.rmtree(home, ignore_errors=True)
        if is_quiet and not home.exists():
            return
        time.sleep(PAUSE)


def _end_processes(home: Path) -> int:
    """End whoever belongs to this folder, and count them; none where there is no ``/proc``."""
    found = 0
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile, or is somebody else's
            if int(entry.name) != os.getpid() and _belongs(entry, os.fsencode(home)):
                os.kill(int(entry.name), signal.SIGKILL)
                found += 1
    return found


def _belongs(process: Path, home: bytes) -> bool:
    """Whether a process has the folder among its arguments; one with a title of Ray's has none any more."""
    arguments = (process / "cmdline").read_bytes()
    return home in arguments or (arguments.startswith(b"ray") and home in (process / "environ").read_bytes())
