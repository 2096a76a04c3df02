"""The folder of a Ray that is started here: closed to others, with a token of its own, gone at the end."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
        _end_processes(home)
        shutil.rmtree(home, ignore_errors=True)


def token_path(home: Path) -> Path:
    """Where the token of a session lies."""
    return home / "token"


def _end_processes(home: Path) -> None:
    """End whoever has this folder among its arguments; where there is no ``/proc``, nobody is found."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile, or is somebody else's
            if os.fsencode(home) in (entry / "cmdline").read_bytes() and int(entry.name) != os.getpid():
                os.kill(int(entry.name), signal.SIGKILL)
