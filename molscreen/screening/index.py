"""index: from a library to a store, shard by shard, with every core, as far as it was not done before."""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from molscreen.aloud import Aloud, is_watched
from molscreen.chem.cleaning.recipe import DEFAULT, Recipe
from molscreen.chem.guarded.guard import Casualty
from molscreen.chem.guarded.guards import Guards
from molscreen.data.files.library import Library, open_library
from molscreen.data.files.record import FOUND_OUT, ReadOptions
from molscreen.errors import ResumeError, RunError, UsageError
from molscreen.provenance import canonical_json, differences
from molscreen.screening.events import ProgressCall, silent
from molscreen.screening.folder.commit import remove_orphans, write_text
from molscreen.screening.folder.lock import RunLock
from molscreen.screening.folder.resume import check_writable, claim_folder
from molscreen.screening.plan.tables import Execution, shard_rows
from molscreen.screening.shard import Shard, cut
from molscreen.screening.source import source_names
from molscreen.screening.store.entry import Entry, enter
from molscreen.screening.store.layout import (
    MANIFEST,
    ORDERS,
    SHARDS,
    Addition,
    Manifest,
    StoredShard,
    check_recipe,
    check_versions,
    is_store,
    read_manifest,
    recipe_table,
)
from molscreen.screening.store.read import Store, open_store
from molscreen.screening.store.shards import Contents, find_shard, lay_out, write_shard
from molscreen.screening.tiers.ready import make_ready
from molscreen.screening.tiers.stages import count, without_fault
from molscreen.storage import locate_here


def index(
    library: str | Path | Sequence[str | Path],
    *,
    out: str | Path,
    workers: int = 0,
    shard_size: int = 0,
    append: bool = False,
    resume: bool = False,
    recipe: Recipe = DEFAULT,
    options: ReadOptions = FOUND_OUT,
    progress: ProgressCall | None = None,
) -> Store:
    """Prepare a library once, for many screens and searches.

    Every row is standardised, featurised and fingerprinted, or refused with a reason, in watched
    processes. What is written is kept through Ctrl-C and kill -9; the same call with
    ``resume=True`` goes on, and ends with the bytes of an unbroken one.

    Parameters
    ----------
    library : str, path, or sequence of them
        Files, globs, or ``-``.
    out : path
        The folder of the store, on disks of this machine: new or empty, unless it is appended to or gone
        on with.
    workers : int
        Processes; 0 is one for each usable core.
    shard_size : int
        Rows of a file; 0 is by the number of rows. No result depends on it.
    append : bool
        Add to the store in `out`; its rows keep their numbers. It stays usable meanwhile.
    resume : bool
        Go on with what was begun in `out`. Of a finished one, just open it.
    recipe : Recipe
        How structures are standardised; a plan that screens the store must ask for the same.
    options : ReadOptions
    progress : callable, optional
        Called with rows done and rows in all. Without it, a notebook and Python's prompt show them on
        stderr, and a script is silent.

    Raises
    ------
    UsageError
        The library or `out` is not usable; nothing was started.
    RunError
        The library changed meanwhile; or, as a RunLockedError, another process writes to `out`.
    """
    folder = locate_here(out)
    progress = progress or (Aloud().count if is_watched() else silent)
    _check_folder(folder, append=append, resume=resume)
    paths = source_names(library)
    if stores := [path for path in paths if is_store(path)]:
        raise UsageError(f"{stores[0]}: a store already; name the files of a library")
    source = open_library(paths, options)
    size = shard_rows(Execution(shard_size=shard_size), source.n_records)
    claim_folder(folder)
    with RunLock(folder) as lock:
        _check_folder(folder, append=append, resume=resume)  # again: somebody may have come and gone
        before = read_manifest(folder) if (folder / MANIFEST).is_file() else None
        addition = _addition(folder, before, source, options, size, resume=resume)
        if before is not None:
            check_recipe(folder, before, recipe, where="this call")
            check_versions(folder, before)
        if before is None or addition not in before.additions:
            work = _Indexing(folder, before or Manifest(recipe=recipe_table(recipe)), addition, recipe)
            work.do(source, workers=workers, progress=progress)
            lock.check()
            work.finish(source)
        (folder / ORDERS).unlink(missing_ok=True)
    return open_store(folder)


class _Indexing:
    """One addition to a store on its way."""

    def __init__(self, folder: Path, before: Manifest, addition: Addition, recipe: Recipe) -> None:
        self._folder = folder
        self._before = before
        self._addition = addition
        self._recipe = recipe
        self._fingerprint = addition.fingerprint(recipe_table(recipe))
        self._stored: dict[int, StoredShard] = {}
        self._counts: Counter[str] = Counter()
        self._done = 0

    def do(self, source: Library, *, workers: int, progress: ProgressCall) -> None:
        """Write every shard that is not there yet."""
        self._give_orders()
        (self._folder / SHARDS).mkdir(exist_ok=True)
        remove_orphans(self._folder)
        with Guards(functools.partial(enter, recipe=self._recipe), workers=workers) as guards:
            tasks = ((shard, without_fault(shard.batch, "raw")) for shard in self._missing(source, progress))
            for shard, entries in guards.map(tasks):
                ready = make_ready(shard.batch, [_prepared(each) for each in entries])
                contents = lay_out(shard.batch, ready, _fingerprints(shard.batch, entries))
                stored = write_shard(self._folder, self._place(shard), contents, self._label(shard))
                self._keep(shard, stored, contents, progress)

    def finish(self, source: Library) -> None:
        """Make it part of the store, if its files are still those that were begun with."""
        if source.digest() != dict(self._addition.inputs):
            raise RunError("the library changed while it was indexed; start again in a new folder")
        if self._done != self._addition.rows:
            raise RunError(f"{self._addition.rows:,} rows were counted, {self._done:,} read; start again")
        stored = tuple(self._stored[index] for index in sorted(self._stored))
        manifest = self._before.plus(self._addition, stored, self._counts)
        write_text(self._folder / MANIFEST, manifest.to_json())

    def _give_orders(self) -> None:
        """Write down what is begun; refuse to go on with something else."""
        path, orders = self._folder / ORDERS, {**asdict(self._addition), "recipe": recipe_table(self._recipe)}
        if path.is_file():
            begun, now = json.loads(path.read_text(encoding="utf-8")), json.loads(canonical_json(orders))
            if changed := differences(begun, now):
                raise ResumeError(
                    f"{self._folder}: begun with something else and cannot be gone on with:"
                    f" {'; '.join(changed)}. Put it back as it was, or start in another --out"
                )
        write_text(path, json.dumps(orders, indent=1, ensure_ascii=False) + "\n")

    def _missing(self, source: Library, progress: ProgressCall) -> Iterator[Shard]:
        for shard in cut(source.records(), source.columns, self._addition.shard_size):
            found = find_shard(self._folder, self._place(shard), self._label(shard))
            if found is None:
                yield shard
            else:
                self._keep(shard, found[0], found[1], progress)

    def _keep(self, shard: Shard, stored: StoredShard, contents: Contents, progress: ProgressCall) -> None:
        self._stored[shard.index] = stored
        self._counts.update(count(pa.Table.from_batches([contents.texts])))
        self._done += stored.rows
        progress(self._done, self._addition.rows)

    def _place(self, shard: Shard) -> int:
        return self._addition.first_shard + shard.index

    def _label(self, shard: Shard) -> dict[str, Any]:
        return {
            "fingerprint": self._fingerprint,
            "shard": shard.index,
            "rows": len(shard),
            "digest": shard.digest(),
        }


def _prepared(entry: Entry | Casualty) -> Any:
    return entry if isinstance(entry, Casualty) else entry.prepared


def _fingerprints(batch: pa.RecordBatch, entries: Sequence[Entry | Casualty]) -> list[bytes | None]:
    """Of every row of the batch; None where there is no compound."""
    found: list[bytes | None] = [None] * batch.num_rows
    readable = np.flatnonzero(np.asarray(pc.is_null(batch.column("fault_status"))))
    for row, entry in zip(readable.tolist(), entries, strict=True):
        if not isinstance(entry, Casualty) and entry.ecfp:
            found[row] = entry.ecfp
    return found


def _check_folder(folder: Path, *, append: bool, resume: bool) -> None:
    """Refuse a folder that is somebody else's, or that was not asked to be gone on with.

    Raises
    ------
    UsageError
        It holds something else, or a store and neither `append` nor `resume` is asked for.
    """
    begun, whole = (folder / ORDERS).is_file(), (folder / MANIFEST).is_file()
    if resume and not (begun or whole):
        raise ResumeError(f"{folder}: nothing to go on with here; leave --resume out to start")
    if append and not (whole or (begun and resume)):
        raise UsageError(f"{folder}: no store to append to; leave --append out to make one")
    if begun and not resume:
        raise UsageError(
            f"{folder}: indexing was begun here and not finished. Give --resume (Python: resume=True) to go"
            " on with it"
        )
    if whole and not (append or resume):
        raise UsageError(
            f"{folder}: a store is here. Give --append (Python: append=True) to add to it, or another --out"
        )
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: a file; expected a folder, or a name that is free")
    if not (begun or whole) and folder.is_dir() and any(path.name != "lock" for path in folder.iterdir()):
        raise UsageError(f"{folder}: not empty, and no store; name an empty folder, or a new one")
    check_writable(folder)


def _addition(
    folder: Path,
    before: Manifest | None,
    source: Library,
    options: ReadOptions,
    size: int,
    *,
    resume: bool,
) -> Addition:
    """What this call adds; if it is in the store already, that.

    Raises
    ------
    UsageError
        One of the files is in the store already, or has a name that is.
    """
    inputs = source.digest()
    earlier = () if before is None else before.additions
    read = json.loads(canonical_json(asdict(options)))
    for each in earlier:
        if resume and (dict(each.inputs), dict(each.read)) == (inputs, read):
            return each  # finished, or killed between the manifest and the end
        if same := [name for name in inputs if name in each.inputs]:
            raise UsageError(
                f"{same[0]}: a file of this name is in {folder} already; each is indexed once."
                " Give the new one another name"
            )
    return Addition(
        inputs=inputs,
        read=read,
        columns=source.columns,
        described=source.described,
        first_row=0 if before is None else before.rows,
        first_shard=0 if before is None else len(before.shards),
        rows=source.n_records,
        shard_size=size,
    )
