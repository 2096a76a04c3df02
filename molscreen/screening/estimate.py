"""Estimate: what a screen would do and cost, from a sample of its rows."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from molscreen.provenance import RunRecord
from molscreen.screening import resume
from molscreen.screening.commit import part_path, write_text
from molscreen.screening.folder import FOLDERS, RECORD
from molscreen.screening.plan_tables import worker_count
from molscreen.screening.setup import Setup
from molscreen.screening.shard import cut

SAMPLE = 1000  # rows


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
    sample_counts : mapping of str to int
        ``status`` or ``status/code`` of the first `SAMPLE` rows.
    workers : int
    seconds : float
        Of the wide and the re-rank tier with `workers`; loading and writing results not counted.
        A library that changes after its first rows takes longer or shorter.
    bytes : int
        Of the run folder.
    """

    plan: Mapping[str, Any]
    described: tuple[str, ...]
    rows: int
    sample_counts: Mapping[str, int]
    workers: int
    seconds: float
    bytes: int

    def __str__(self) -> str:
        minutes, seconds = divmod(round(self.seconds), 60)
        return (
            f"{self.rows:,} rows, about {minutes} min {seconds:02d} s with {self.workers} workers,"
            f" about {self.bytes / 1e6:,.1f} MB on disk"
        )


def estimate(setup: Setup) -> Estimate:
    """Work through the first rows in a temporary folder and extrapolate."""
    from molscreen.screening.worker import ShardWorker  # the driver of a run needs no worker

    n_rows, plan = setup.library.n_records, setup.plan
    workers = worker_count(plan.run)
    with tempfile.TemporaryDirectory(prefix="molscreen-") as name:
        folder = Path(name)
        record = RunRecord(identity=setup.identity(), execution=setup.execution())
        write_text(folder / RECORD, record.to_json())
        resume.make_folders(folder)
        sample = next(cut(itertools.islice(setup.library.records(), SAMPLE), setup.library.columns, SAMPLE))
        with ShardWorker(folder) as worker:
            worker.work("wide", sample.slice(0, 1), is_trial=True)  # whatever happens only once
            start = time.monotonic()
            done = worker.work("wide", sample)
            wide = (time.monotonic() - start) / len(sample)
        size = part_path(folder / FOLDERS["wide"], 0).stat().st_size / len(sample)
    n_reranked = plan.rerank.size(n_rows, plan.top)
    return Estimate(
        plan=plan.resolve(),
        described=setup.library.described,
        rows=n_rows,
        sample_counts=done.counts,
        workers=workers,
        seconds=(n_rows * wide + min(n_reranked, n_rows) * RERANK_SECONDS) / workers,
        bytes=int(n_rows * size),
    )


RERANK_SECONDS = 0.01  # per compound and core, about: alerts 7 ms, two ensembles of three networks 1 ms
