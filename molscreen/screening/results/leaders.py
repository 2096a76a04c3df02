"""Leaders: the best compounds so far, for whoever looks into a run folder while the run goes on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from molscreen.data.csv_text import csv_text
from molscreen.screening.folder.commit import read_table, write_text
from molscreen.screening.folder.layout import LEADERS
from molscreen.screening.shortlist import DECIMALS, Leader, Shortlist
from molscreen.screening.tiers.stages import LEADING, best_of

EVERY = 15.0  # seconds between two writings of the file


class Leaders:
    """The `size` best compounds of the shards committed so far, in ``leaders.csv``.

    Lists of shards merge to the list of the whole, whatever the order: at the end of the wide tier
    this is the head of the ranking that the parts give.

    Parameters
    ----------
    folder : Path
        The run folder.
    size : int
    """

    def __init__(self, folder: Path, size: int) -> None:
        self._path = folder / LEADERS
        self._best = Shortlist(size)
        self._ids: dict[int, str | None] = {}
        self._written = -EVERY

    def add(self, best: Sequence[Leader]) -> None:
        """Take in the best of one shard; the file is written anew if that is some time ago."""
        self._best = self._best.add(
            [-leader.minus_score for leader in best],
            [leader.key for leader in best],
            [leader.row for leader in best],
        )
        known = self._ids | {leader.row: leader.id for leader in best}
        self._ids = {entry.row: known[entry.row] for entry in self._best.entries}
        if time.monotonic() - self._written >= EVERY:
            self.write()

    def of_part(self, path: Path) -> list[Leader]:
        """The best of a part that an earlier attempt committed; nothing is taken in yet."""
        return best_of(read_table(path, LEADING), self._best.size)

    def write(self) -> None:
        """``leaders.csv``: rank, row, id, score and key."""
        rows = (
            (rank, entry.row, self._ids[entry.row] or "", f"{entry.score:.{DECIMALS}f}", entry.key)
            for rank, entry in enumerate(self._best.entries, start=1)
        )
        write_text(self._path, csv_text(("rank", "row", "id", "score", "key"), rows))
        self._written = time.monotonic()
