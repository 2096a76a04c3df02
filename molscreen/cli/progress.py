"""Progress with rate and time left: a bar on a terminal, one plain line per ten seconds elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from molscreen.cli.console import printable

if TYPE_CHECKING:
    import rich.progress

INTERVAL = 10.0  # seconds between plain lines


class Progress:
    """Called with the count so far and, where it is known, the total; writes to stderr only.

    Examples
    --------
    >>> with Progress("screen", stream=sys.stdout, interval=0.0) as progress:
    ...     progress(500, 2000)
    screen: 500 of 2,000 (25 %)
    """

    def __init__(
        self,
        task: str,
        *,
        stream: TextIO | None = None,
        interval: float = INTERVAL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.task = task
        self.stream = stream if stream is not None else sys.stderr
        self.interval = interval
        self.clock = clock
        self._bar: rich.progress.Progress | None = None
        self._first: tuple[float, int] | None = None  # when, and at which count, work was first seen
        self._done = 0
        self._last_line = clock()

    def __call__(self, done: int, total: int | None = None) -> None:
        """`done` so far, of `total`; fewer than before are the first of something else."""
        if done < self._done:
            self._first = None
            if self._bar is not None:
                self._bar.reset(self._bar.task_ids[0])
        self._done = done
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=done, total=total)
            return
        now = self.clock()
        self._first = self._first or (now, done)
        if now - self._last_line >= self.interval:
            self._last_line = now
            print(self._line(now, done, total), file=self.stream, flush=True)

    def _line(self, now: float, done: int, total: int | None) -> str:
        start, before = self._first or (now, done)
        rate = (done - before) / (now - start) if now > start else 0.0
        line = f"{self.task}: {done:,}"
        if total:
            line += f" of {total:,} ({100 * done // total} %)"
        if rate:
            line += f", {_pace(rate)}"
        if rate and total:
            line += f", {_clock_face((total - done) / rate)} left"
        return line

    def __enter__(self) -> Progress:
        if self.stream.isatty():
            self._bar = _bar(self.stream)
            self._bar.add_task(self.task, total=None)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _pace(rate: float) -> str:
    """So many a second, or, of what takes longer, seconds for each."""
    return f"{rate:,.0f}/s" if rate >= 1 else f"{1 / rate:,.1f} s each"


def _clock_face(seconds: float) -> str:
    """``h:mm:ss``."""
    minutes, second = divmod(round(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02d}:{second:02d}"


def _bar(stream: TextIO) -> rich.progress.Progress:
    from rich import progress
    from rich.console import Console

    class Rate(progress.ProgressColumn):
        """Molecules a second, or seconds for each."""

        def render(self, task: progress.Task) -> str:
            return _pace(task.speed) if task.speed else ""

    return progress.Progress(
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        Rate(),
        progress.TimeRemainingColumn(),
        console=Console(file=stream),
        transient=True,
    )


class Ticker:
    """Called with a line of news; a terminal shows the latest of each step, a file gets one per ten seconds.

    A line that begins a new step (its text up to ", " is new) is always written, and on
    a terminal the last line of the step before it stays.

    Examples
    --------
    >>> with Ticker(stream=sys.stdout) as ticker:
    ...     ticker("reading"); ticker("member 1, epoch 1"); ticker("member 1, epoch 2")
    reading
    member 1, epoch 1
    """

    def __init__(
        self,
        *,
        stream: TextIO | None = None,
        interval: float = INTERVAL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stream = stream if stream is not None else sys.stderr
        self.interval = interval
        self.clock = clock
        self._step = ""
        self._last_line = clock()

    def __call__(self, line: str) -> None:
        """Show, write or swallow `line`."""
        line = printable(line)
        step, now = line.partition(", ")[0], self.clock()
        if self.stream.isatty():
            start = "\n" if self._step and step != self._step else "\r\x1b[K"
            self._step = step
            print(f"{start}{line}", end="", file=self.stream, flush=True)
            return
        if step != self._step or now - self._last_line >= self.interval:
            self._step, self._last_line = step, now
            print(line, file=self.stream, flush=True)

    def __enter__(self) -> Ticker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._step and self.stream.isatty():
            print(file=self.stream)
