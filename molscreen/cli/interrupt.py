"""How an interrupt ends the command line: Ctrl-C, and SIGTERM, by which schedulers stop a job."""

from __future__ import annotations

import signal

from molscreen.cli.console import say

INTERRUPTED = 130  # 128 + SIGINT
TERMINATED = 143  # 128 + SIGTERM


class Terminated(KeyboardInterrupt):
    """SIGTERM came: what is at work is put in order as after Ctrl-C."""


def hear_termination() -> None:
    """From now on SIGTERM raises `Terminated`; a second one does not disturb what the first began."""
    signal.signal(signal.SIGTERM, _terminate)


def _terminate(*_: object) -> None:
    signal.signal(signal.SIGTERM, lambda *_: None)  # SIG_IGN would pass to new processes
    raise Terminated


def tell_interrupt(error: KeyboardInterrupt) -> int:
    """Say what ended the command; its exit code."""
    is_terminated = isinstance(error, Terminated)
    say(f"molscreen: {'terminated' if is_terminated else 'interrupted'}")
    return TERMINATED if is_terminated else INTERRUPTED
