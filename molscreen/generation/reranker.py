"""Reranker: what the second look of a screen says of compounds that no library holds, by any executor."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from molscreen.errors import RunError
from molscreen.provenance import RunRecord, machine, utc_now
from molscreen.screening.events import Journal, silent
from molscreen.screening.executors.opening import open_executor
from molscreen.screening.folder.commit import part_path, read_table, write_text
from molscreen.screening.folder.layout import EVENTS, FOLDERS, RECORD
from molscreen.screening.folder.lock import RunLock
from molscreen.screening.folder.resume import claim_folder, make_folders, pending
from molscreen.screening.plan.plan import ScreenPlan
from molscreen.screening.plan.setup import describe_execution, plan_identity
from molscreen.screening.plan.views import BundleInfo
from molscreen.screening.shard import cut_compounds

SHARD_SIZE = 10  # compounds: of half as many each costs a fourth more, of twice as many fewer are at work


class Reranker:
    """The second tier of a screen by itself; workers are told what they need by a folder, as in a screen.

    A context manager: it locks the folder; workers are started when the first compounds come, and end with
    it. A compound that ends its worker has a row that says so, as in a screen. What was committed of the
    latest compounds is kept: after a kill, the same compounds cost nothing that was done.

    Parameters
    ----------
    folder : Path
        With ``run.json``, ``events.jsonl``, and the parts of the latest compounds; on a cluster, which every
        node must see.
    plan : ScreenPlan
        Its ``[run]`` table says who does the work.
    bundles : sequence of BundleInfo
        Those of the plan, opened by `open_plan`.
    shard_size : int
        Compounds that one worker looks at together. Whoever does the work, the shards are the same, and so
        are the numbers.
    """

    def __init__(
        self, folder: Path, plan: ScreenPlan, bundles: Sequence[BundleInfo], *, shard_size: int = SHARD_SIZE
    ) -> None:
        self._folder, self._run, self._shard_size = folder, plan.run, shard_size
        self._record = RunRecord(
            identity=plan_identity(plan, bundles),
            started=utc_now(),
            machine=machine(),
            execution=describe_execution(plan, bundles),
        )
        self._journal = Journal(folder / EVENTS, silent, 0)
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        claim_folder(self._folder)
        with contextlib.ExitStack() as opened:
            opened.enter_context(RunLock(self._folder))
            make_folders(self._folder)
            write_text(self._folder / RECORD, self._record.to_json())
            self._executor = opened.enter_context(open_executor(self._folder, self._run))
            self._open = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def table(self, keys: Sequence[str]) -> pa.Table:
        """One row for each of n keys (n > 0), in order; the columns are those of `RerankTier.table`.

        Raises
        ------
        WorkerError
            Workers fail alike.
        RunError
            Somebody else wrote to the folder, such as a worker that outlived its driver on another machine.
        """
        self._journal.write("compounds", n=len(keys), shards=-(-len(keys) // self._shard_size))
        parts = self._folder / FOLDERS["rerank"]
        shards = list(cut_compounds(range(len(keys)), keys, self._shard_size))
        missing = pending(shards, parts, self._record.fingerprint, found=lambda *_: None)
        self._journal.follow("rerank", self._executor.work("rerank", missing), lambda _: None)
        table = pa.concat_tables(read_table(part_path(parts, shard.index)) for shard in shards)
        if table["key"].to_pylist() != list(keys):
            raise RunError(f"{self._folder}: somebody else writes here; end it, and go on with --resume")
        return table
