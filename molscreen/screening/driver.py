"""Driver: leads one run through its tiers, from the first shard to the audit and the files."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from molscreen.errors import RunError
from molscreen.provenance import RunRecord
from molscreen.screening.events import Journal, ProgressCall
from molscreen.screening.executors.executor import Done, Executor, Tier
from molscreen.screening.executors.opening import open_executor
from molscreen.screening.folder.audit import audit
from molscreen.screening.folder.commit import write_text
from molscreen.screening.folder.duplicates import write_duplicates
from molscreen.screening.folder.layout import DUPLICATES, EVENTS, FOLDERS, LEADERS, RECORD, REJECTIONS, WORDS
from molscreen.screening.folder.lock import BEAT
from molscreen.screening.folder.resume import check_space, make_folders, pending
from molscreen.screening.plan.setup import Setup
from molscreen.screening.results.leaders import Leaders
from molscreen.screening.results.outputs import (
    describe_columns,
    shortlist_table,
    write_columns,
    write_shortlist,
)
from molscreen.screening.results.settle import best_compounds, choose, n_scored, read_reranked, settle
from molscreen.screening.shard import Shard, cut_compounds
from molscreen.screening.shortlist import Entry, Leader
from molscreen.screening.source import shards_of
from molscreen.storage import remove

EXPLAIN_SHARD = 25  # compounds explained together


class Driver:
    """One attempt at a run, its first or a later one.

    Parameters
    ----------
    folder : Path
        With ``run.json`` in it, and locked.
    setup : Setup
    record : RunRecord
    progress : callable
        Told rows done and rows in all, of one tier after the other.
    tell : callable
        Told a sentence when a tier begins.
    check : callable
        Raises when the folder is no longer ours.
    """

    def __init__(
        self,
        folder: Path,
        setup: Setup,
        record: RunRecord,
        *,
        progress: ProgressCall,
        tell: Callable[[str], None],
        check: Callable[[], None],
    ) -> None:
        self._folder = folder
        self._setup = setup
        self._record = record
        self._tell = tell
        self._check = check
        self._checked = -math.inf
        self._n_rows = setup.library.n_records
        self._journal = Journal(folder / EVENTS, progress, self._n_rows, tell=tell)

    def drive(self) -> None:
        """Do what is not done yet. ``run.json`` says "complete" when, and only when, all is."""
        size = self._setup.plan.run.shard_size
        check_space(self._folder, self._n_rows, len(self._setup.endpoints), shard_size=size)
        make_folders(self._folder)
        self._journal.write("start", rows=self._n_rows, fingerprint=self._record.fingerprint)
        with open_executor(self._folder, self._setup.plan.run) as executor:
            self._score_all(executor)
            self._rerank(executor)
            chosen = self._choose()
            self._explain(executor, chosen)
        self._finish(chosen)

    def _score_all(self, executor: Executor) -> None:
        library, size = self._setup.library, self._setup.plan.run.shard_size
        leaders = Leaders(self._folder, self._setup.plan.top)
        self._begin(f"first look: {self._n_rows:,} rows", self._n_rows)
        with self._journal.phase("wide"):
            self._work(executor, "wide", shards_of(library, size), leaders)
        leaders.write()
        with self._journal.phase("audit"):
            audit(self._parts("wide"), self._n_rows)

    def _rerank(self, executor: Executor) -> None:
        plan, scores = self._setup.plan, self._parts("wide")
        with self._journal.phase("rank"):
            best = best_compounds(scores, plan.rerank.size(n_scored(scores), plan.top))
        self._begin(f"second look: {len(best.entries):,} compounds", len(best.entries))
        with self._journal.phase("rerank"):
            self._work(executor, "rerank", _compounds(best.entries, plan.rerank.shard_size))

    def _choose(self) -> list[Entry]:
        """The compounds of the shortlist, best first."""
        with self._journal.phase("choose"):
            return choose(read_reranked(self._parts("rerank")).ranking, self._setup.plan)

    def _explain(self, executor: Executor, chosen: list[Entry]) -> None:
        self._begin(f"explaining the shortlist: {len(chosen):,} compounds", len(chosen))
        with self._journal.phase("explain"):
            self._work(executor, "explain", _compounds(chosen, EXPLAIN_SHARD))

    def _finish(self, chosen: list[Entry]) -> None:
        """Write what the parts add up to; the record comes last."""
        folder, scores = self._folder, self._parts("wide")
        with self._journal.phase("finish"):
            duplicates = folder / DUPLICATES
            write_duplicates(scores, duplicates, n_rows=self._n_rows)
            refused = read_reranked(self._parts("rerank")).refused
            counts = settle(scores, refused, folder / REJECTIONS, n_rows=self._n_rows, duplicates=duplicates)
            table = shortlist_table(folder, chosen, self._setup.plan.run.shard_size)
            described = describe_columns(table, self._setup.endpoints)
            write_shortlist(folder, table, described)
            write_columns(folder, described)
        remove(folder / LEADERS)
        remove(folder / WORDS)
        self._refuse_changed_library()
        self._check()
        self._journal.write("complete", shortlisted=len(chosen), rejected=counts.rejected)
        complete = self._record.completed(counts, self._journal.seconds())
        write_text(folder / RECORD, complete.to_json())

    def _work(
        self,
        executor: Executor,
        tier: Tier,
        shards: Iterable[Shard],
        leaders: Leaders | None = None,
    ) -> None:
        """Work through the shards that have no valid part yet; `leaders` are told of all of them."""
        parts = self._parts(tier)

        def lead(best: Sequence[Leader]) -> None:
            if leaders is not None:
                leaders.add(best)

        def look(path: Path) -> Sequence[Leader]:
            return leaders.of_part(path) if leaders is not None else ()

        def checked(done: Done) -> None:
            self._journal.count(done.rows)
            lead(done.best)
            self._check_now_and_then()

        def kept(shard: Shard, best: Sequence[Leader]) -> None:
            self._journal.count(len(shard))
            lead(best)

        missing = pending(shards, parts, self._record.fingerprint, look=look, found=kept)
        self._journal.follow(tier, executor.work(tier, missing), checked)

    def _check_now_and_then(self) -> None:
        """The lock is asked once a heartbeat: in a store it answers in two requests, for which all wait."""
        if time.monotonic() - self._checked >= BEAT:
            self._check()
            self._checked = time.monotonic()

    def _begin(self, sentence: str, total: int) -> None:
        self._tell(sentence)
        self._journal.begin(total)

    def _parts(self, tier: Tier) -> Path:
        return self._folder / FOLDERS[tier]

    def _refuse_changed_library(self) -> None:
        before, now = self._record.identity["inputs"], self._setup.library.digest()
        changed = [name for name in before if before[name] != now.get(name)]
        if changed:
            raise RunError(
                f"{', '.join(changed)}: changed while it was screened; the run is not valid."
                " Start it again in a new folder"
            )


def _compounds(entries: Iterable[Entry], size: int) -> Iterator[Shard]:
    entries = list(entries)
    return cut_compounds([entry.row for entry in entries], [entry.key for entry in entries], size)
