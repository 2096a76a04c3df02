"""Estimate: what a screen would do and cost, from a sample of its rows."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from molscreen.chem.compound import SCORED
from molscreen.provenance import RunRecord
from molscreen.screening.driver import EXPLAIN_SHARD
from molscreen.screening.executors.executor import Done, InlineExecutor, Tier, attempt
from molscreen.screening.executors.schedule import Task
from molscreen.screening.folder import resume
from molscreen.screening.folder.commit import parts, write_text
from molscreen.screening.folder.layout import FOLDERS, RECORD
from molscreen.screening.plan.setup import Setup
from molscreen.screening.plan.tables import worker_count
from molscreen.screening.results.settle import best_compounds, read_reranked
from molscreen.screening.shard import Shard, cut_compounds
from molscreen.screening.shortlist import Entry
from molscreen.screening.source import first_rows, shards_of

if TYPE_CHECKING:
    from molscreen.screening.executors.worker import ShardWorker

SAMPLE = 1000  # rows
SAMPLE_RERANKED = 32  # compounds, a third of a second
SAMPLE_EXPLAINED = 4  # compounds, the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a screen would do.

    Attributes
    ----------
    plan : mapping
        The resolved plan.
    described : tuple of str
        How the library is read, one sentence each.
    rows : int
    sample_rows : int
        The first rows, which were worked through to know what follows.
    sample_counts : mapping of str to int
        ``status`` or ``status/code`` of them; what hard rules refuse later is not in it.
    n_reranked, n_explained : int
        Compounds that get the dear second look, and an explanation.
    workers : int
    seconds : float
        Of the work with `workers`; starting up, and writing the results, is not counted. A library
        that changes after its first rows takes longer or shorter.
    bytes : int
        Of the scores, the largest part of the run folder for all but small libraries.
    """

    plan: Mapping[str, Any]
    described: tuple[str, ...]
    rows: int
    sample_rows: int
    sample_counts: Mapping[str, int]
    n_reranked: int
    n_explained: int
    workers: int
    seconds: float
    bytes: int

    def __str__(self) -> str:
        who = "1 worker" if self.workers == 1 else f"{self.workers} workers"
        alike = f", if the other rows are like the first {self.sample_rows:,}"
        return (
            f"{self.rows:,} rows to score, {self.n_reranked:,} of them to look at again and"
            f" {self.n_explained:,} to explain: about {duration(self.seconds)} with {who}, start-up not"
            f" counted{alike if self.rows > self.sample_rows else ''};"
            f" about {max(self.bytes / 1e6, 0.1):,.1f} MB of scores"
        )


def duration(seconds: float) -> str:
    """A time as one says it: what is worth saying, and no more.

    Examples
    --------
    >>> duration(0.4), duration(59.7), duration(5000)
    ('1 s', '1 min 0 s', '1 h 23 min')
    """
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def estimate(setup: Setup) -> Estimate:
    """Work through the first rows in a temporary folder and extrapolate.

    Raises
    ------
    WorkerError
        A predictor fails on all of the first rows alike.
    """
    plan, n_rows = setup.plan, setup.library.n_records
    with tempfile.TemporaryDirectory(prefix="molscreen-") as name:
        sample = _work_through_sample(setup, Path(name))
    n_scored = n_rows * sum(sample.counts[status] for status in SCORED) // sample.rows
    n_reranked = min(n_scored, plan.rerank.size(n_scored, plan.top))
    n_explained = min(plan.top, n_reranked)
    workers = worker_count(plan.run)
    return Estimate(
        plan=plan.resolve(),
        described=setup.described,
        rows=n_rows,
        sample_rows=sample.rows,
        sample_counts=sample.counts,
        n_reranked=n_reranked,
        n_explained=n_explained,
        workers=workers,
        seconds=_shared(n_rows, plan.run.shard_size, workers) * sample.seconds["wide"]
        + _shared(n_reranked, plan.rerank.shard_size, workers) * sample.seconds["rerank"]
        + _shared(n_explained, EXPLAIN_SHARD, workers) * sample.seconds["explain"],
        bytes=n_rows * sample.bytes // sample.rows,
    )


def _shared(n: int, shard_size: int, workers: int) -> float:
    """Rows that one worker has to do: never less than a shard, however many workers there are.

    Examples
    --------
    >>> _shared(1000, 64, 2), _shared(1000, 64, 100), _shared(10, 64, 2)
    (500.0, 64, 10)
    """
    return max(n / workers, min(n, shard_size))


@dataclass(frozen=True, slots=True)
class _Sample:
    """What the first rows took: seconds per row by tier, and bytes of all of them together."""

    rows: int
    counts: Counter[str]
    seconds: Mapping[Tier, float]
    bytes: int


def _work_through_sample(setup: Setup, folder: Path) -> _Sample:
    """The three tiers, each on a few rows, as in a run."""
    from molscreen.screening.executors.worker import ShardWorker  # the driver of a run needs no worker

    record = RunRecord(identity=setup.identity(), execution=setup.execution())
    write_text(folder / RECORD, record.to_json())
    resume.make_folders(folder)
    library, size = setup.library, setup.plan.run.shard_size
    scores = folder / FOLDERS["wide"]
    with ShardWorker(folder) as worker:
        wide, done = _time(worker, "wide", first_rows(shards_of(library, size), SAMPLE))
        best = best_compounds(scores, SAMPLE_RERANKED).entries
        rerank, _ = _time(worker, "rerank", _one_shard(best))
        best = read_reranked(folder / FOLDERS["rerank"]).ranking.entries
        explain, _ = _time(worker, "explain", _one_shard(best[:SAMPLE_EXPLAINED]))
    return _Sample(
        rows=sum(each.rows for each in done),
        counts=sum((Counter(each.counts) for each in done), Counter[str]()),
        seconds={"wide": wide, "rerank": rerank, "explain": explain},
        bytes=sum(path.stat().st_size for path in parts(scores)),
    )


def _one_shard(entries: Sequence[Entry]) -> Iterator[Shard]:
    return cut_compounds([e.row for e in entries], [e.key for e in entries], max(1, len(entries)))


def _time(worker: ShardWorker, tier: Tier, shards: Iterable[Shard]) -> tuple[float, list[Done]]:
    """Seconds per row when everything is loaded, and what was done."""
    shards = list(shards)
    attempt(worker, tier, Task(shards[0].slice(0, 1), is_trial=True))  # whatever happens only once
    start = time.monotonic()
    news = InlineExecutor(worker).work(tier, shards)  # as in a run: who is to blame costs a row
    done = [each for each in news if isinstance(each, Done)]
    return (time.monotonic() - start) / max(1, sum(each.rows for each in done)), done
