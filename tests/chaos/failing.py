"""The n-th write, fsync or rename under a folder fails, as a disk's would: SQLite's way of testing."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest

Call = Literal["write", "fsync", "rename", "fsync of folder"]
CALLS: tuple[Call, ...] = ("write", "fsync", "rename", "fsync of folder")


class Disk:
    """Counts the calls of one kind to files under `folder`, and lets the n-th fail, once.

    A write that fails has written half of what it was given: that is what a full disk does.

    Attributes
    ----------
    struck : str or None
        The path whose call failed; None if there was no n-th call.
    """

    def __init__(self, folder: Path, call: Call, nth: int, code: int) -> None:
        self._folder = str(folder)
        self._call = call
        self._left = nth
        self._code = code
        self._names: dict[int, str] = {}  # of open descriptors
        self.struck: str | None = None

    def is_to_fail(self, call: Call, path: str) -> bool:
        """Count one call."""
        if call != self._call or not path.startswith(self._folder):
            return False
        self._left -= 1
        if self._left == 0:
            self.struck = path
        return self._left == 0

    def error(self, *paths: str) -> OSError:
        """What Python makes of the kernel's answer; a write or fsync does not know the name of its file."""
        return OSError(self._code, os.strerror(self._code), *paths)

    def fsync(self, descriptor: int, real: Callable[[int], None] = os.fsync) -> None:
        """In place of `os.fsync`."""
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        if self.is_to_fail("fsync of folder" if os.path.isdir(path) else "fsync", path):
            raise self.error()
        real(descriptor)

    def replace(self, source: Path, target: Path, real: Callable[..., None] = os.replace) -> None:
        """In place of `os.replace`."""
        if self.is_to_fail("rename", str(target)):
            raise self.error(str(source))
        real(source, target)

    def pwrite(self, descriptor: int, data: bytes, offset: int, real: Callable[..., int] = os.pwrite) -> int:
        """In place of `os.pwrite`."""
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        if self.is_to_fail("write", path):
            real(descriptor, data[: len(data) // 2], offset)
            raise self.error()
        return real(descriptor, data, offset)

    def open(
        self, file: Any, mode: str = "r", *options: Any, real: Callable[..., Any] = io.open, **named: Any
    ) -> Any:
        """In place of `io.open`, by which `pathlib` opens files."""
        opened = real(file, mode, *options, **named)
        is_watched = str(file).startswith(self._folder) and mode.strip("bt") in ("w", "a", "x")
        return _Watched(opened, str(file), self) if is_watched else opened


class _Watched:
    """An open file whose writes are counted."""

    def __init__(self, file: Any, path: str, disk: Disk) -> None:
        self._file, self._path, self._disk = file, path, disk

    def write(self, data: Any) -> int:
        if self._disk.is_to_fail("write", self._path):
            self._file.write(data[: len(data) // 2])
            raise self._disk.error()
        written: int = self._file.write(data)
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


@contextmanager
def failing(folder: Path, call: Call, nth: int, code: int) -> Iterator[Disk]:
    """While the block runs, the n-th call fails; `Disk.struck` says afterwards whether there was one."""
    disk = Disk(folder, call, nth, code)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", disk.fsync)
        patch.setattr("os.replace", disk.replace)
        patch.setattr("os.pwrite", disk.pwrite)
        patch.setattr("io.open", disk.open)
        yield disk
