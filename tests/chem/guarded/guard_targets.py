"""Functions that misbehave on request, importable by the child of a Guard."""

from __future__ import annotations

import ctypes
import os
import signal
import time

from molscreen.chem.guarded.guard import Guard

STARTED: list[int] = []


def start() -> None:
    STARTED.append(os.getpid())


def fail_to_start() -> None:
    raise OSError("no such table")


def obey(command: str) -> str:
    """`command` in upper case, unless it names a misfortune."""
    if command == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if command == "null pointer":
        ctypes.string_at(0)
    if command == "sleep":
        time.sleep(3600)
    if command == "busy":
        spin()
    if command == "memory":
        return str(len(bytearray(8 << 30)))
    if command == "raise":
        raise KeyError("atom 7")
    if command == "exit":
        os._exit(3)
    if command == "started":
        return str([os.getpid()] == STARTED)
    return command.upper()


def spin() -> None:
    """A loop inside C that holds the GIL for years: comparing 10^12 pairs."""
    max(range(10**15))


def crash_once(path: str) -> str:
    """Crashes the first worker that sees `path`, as a kernel short of memory does."""
    if not os.path.exists(path):
        with open(path, "w", encoding="utf-8"):
            pass
        os.kill(os.getpid(), signal.SIGKILL)
    return "survived"


def lambda_of(_: str) -> object:
    return lambda: None


def nap(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def guarded_obey(commands: list[str]) -> list[object]:
    with Guard(obey) as guard:
        return guard.map(commands)


def leave_mark(path: str) -> str:
    with open(path, "w", encoding="utf-8"):
        return path
