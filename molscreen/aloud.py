"""Aloud: how far long work is, for whoever sits before Python; a script stays silent."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

INTERVAL = 5.0  # seconds between lines with a count

Tell = Callable[[str], None]
"""Takes one sentence, or one line of news, at a time."""


def is_watched() -> bool:
    """Whether Python is used by hand: in a notebook, in IPython, or at its own prompt."""
    return hasattr(sys, "ps1")


def unheard(sentence: str) -> None:
    """Nobody is told."""


class Aloud:
    """Sentences as they come and counts every few seconds, one line each, to stderr."""

    def __init__(self, *, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._clock = clock
        self._last_line = clock()
        self._step = ""

    def say(self, sentence: str) -> None:
        """Print it; what cannot be printed is a "?"."""
        text = "".join(c if c.isprintable() else "?" for c in sentence)
        print(text, file=self._stream, flush=True)
        self._last_line = self._clock()

    def count(self, done: int, total: int | None = None) -> None:
        """Print the count, if nothing was said for a while."""
        if self._clock() - self._last_line >= INTERVAL:
            self.say(f"  {done:,}" if total is None else f"  {done:,} of {total:,}")

    def news(self, line: str) -> None:
        """Print a line whose step (its text up to ", ") is new; of others one now and then."""
        step = line.partition(", ")[0]
        if step != self._step or self._clock() - self._last_line >= INTERVAL:
            self._step = step
            self.say(line)
