"""events.jsonl: what happened in a run, one JSON line each, for people and for the web page.

An object cannot be appended to. In a store the lines lie in ``events/000001.jsonl`` and so on, each
written once.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from molscreen import storage
from molscreen.aloud import unheard
from molscreen.errors import WorkerError
from molscreen.provenance import utc_now
from molscreen.screening.executors.executor import Delay, Done, News, Tier
from molscreen.screening.executors.schedule import Setback
from molscreen.screening.folder.commit import telling_failure, write_text
from molscreen.screening.folder.layout import WORDS

FLUSH = 15.0  # seconds of news from the shards that a killed driver may take along, in a store


class ProgressCall(Protocol):
    """Called with the rows done so far and the rows there are, of one tier after the other."""

    def __call__(self, done: int, total: int | None = None) -> None:
        """Show it."""
        ...


def silent(done: int, total: int | None = None) -> None:
    """No progress is shown."""


class Journal:
    """Appends events, adds up seconds, and passes progress on. No structures are written.

    `tell` is told a sentence when it is waited for something.
    """

    def __init__(
        self, path: Path, progress: ProgressCall, total: int, *, tell: Callable[[str], None] = unheard
    ) -> None:
        self._tell = tell
        self._path = path
        self._progress = progress
        self._total = total
        self._done = 0
        self._chunks = _Chunks(path) if storage.is_remote(path) else None

    def write(self, event: str, **what: Any) -> None:
        """Append one event; a line is written at once or not at all.

        In a store the news from the shards is gathered for some seconds; every other event takes
        them along.
        """
        line = json.dumps({"time": utc_now(), "event": event, **what}, ensure_ascii=False)
        if self._chunks:
            self._chunks.add(line, is_urgent=event not in ("shard", "setback"))
            return
        with telling_failure(self._path, self._path), self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Write down the wall seconds of a phase of the driver."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.write("phase", tier="wall", seconds={name: round(time.monotonic() - start, 3)})

    def begin(self, total: int) -> None:
        """So many rows are to be counted from now on."""
        self._done, self._total = 0, total

    def count(self, rows: int) -> None:
        """Rows that are committed, now or by an earlier attempt."""
        self._done += rows
        self._progress(self._done, self._total)

    def follow(self, tier: Tier, news: Iterable[News], committed: Callable[[Done], None]) -> None:
        """Write down each shard as it is committed, and what went wrong; `committed` is told of each.

        Where that stops the run, the words of the model are written beside the events.
        """
        for each in self._keeping_words(news):
            if isinstance(each, Delay):
                self.write("delay", tier=tier, text=each.text)
                self._tell(each.text)
                continue
            if isinstance(each, Setback):
                failure = {"kind": each.failure.kind, "text": each.failure.in_brief}
                self.write(
                    "setback", tier=tier, shard=each.shard, first=each.first, rows=each.rows, failure=failure
                )
                continue
            self.write(
                "shard", tier=tier, shard=each.shard, rows=each.rows, counts=each.counts,
                seconds={stage: round(seconds, 3) for stage, seconds in each.seconds.items()},
            )  # fmt: skip
            committed(each)

    def _keeping_words(self, news: Iterable[News]) -> Iterator[News]:
        path = self._path.with_name(WORDS)
        try:
            yield from news
        except WorkerError as error:
            if not error.words or error.words in str(error):
                raise
            write_text(path, f"{error.words}\n")
            raise WorkerError(f"{error}. What it said, perhaps with a structure, is in {path}") from error

    def seconds(self) -> dict[str, float]:
        """Seconds by ``tier.stage``, summed over workers and over all attempts at this run."""
        total: Counter[str] = Counter()
        for event in read_events(self._path):
            for stage, seconds in event.get("seconds", {}).items():
                total[f"{event['tier']}.{stage}"] += seconds
        return {name: round(seconds, 3) for name, seconds in sorted(total.items())}


def read_events(path: Path) -> Iterator[dict[str, Any]]:
    """The events in order; a line that a kill cut short is left out.

    Parameters
    ----------
    path : Path
        ``events.jsonl`` of a run folder; where there is none, the objects beside it are read.
    """
    for file in [path] if storage.is_file(path) else _chunks(path):
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                try:
                    yield json.loads(line)
                except ValueError:
                    continue


class _Chunks:
    """Lines as objects in a store, each of them written once; they are numbered over all attempts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._number = 0
        self._lines: list[str] = []
        self._flushed = time.monotonic()

    def add(self, line: str, *, is_urgent: bool) -> None:
        self._lines.append(line)
        if is_urgent or time.monotonic() - self._flushed >= FLUSH:
            self._flush()

    def _flush(self) -> None:
        if not self._number:
            before = _chunks(self._path)
            self._number = int(before[-1].stem) if before else 0
        self._number += 1
        text = "".join(f"{line}\n" for line in self._lines)
        storage.put(_chunk_folder(self._path) / f"{self._number:06d}.jsonl", text.encode())
        self._lines.clear()
        self._flushed = time.monotonic()


def _chunk_folder(path: Path) -> Path:
    return path.with_suffix("")


def _chunks(path: Path) -> list[Path]:
    """The objects with lines, in order; a folder on this machine has none."""
    folder = _chunk_folder(path)
    return [folder / name for name in storage.names(folder) if name.endswith(".jsonl")]
