"""Starting, continuing or refusing: what a run folder allows, and which shards it still needs."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from molscreen.errors import ResumeError, RunError, UsageError
from molscreen.provenance import RunRecord, differences
from molscreen.screening.folder.commit import part_path, parts, read_footer, remove_orphans
from molscreen.screening.folder.layout import FOLDERS, RECORD
from molscreen.screening.folder.record import read_record
from molscreen.screening.shard import Shard
from molscreen.storage import create, is_file, is_remote, names, remove

BYTES_PER_VALUE = 1.7  # of a float in a part, after zstd: a million Mcule compounds with 62 endpoints
BYTES_PER_ROW = 120  # of everything else take 380 MB; the user's columns come on top
BYTES_OF_KEYS = 24  # of a row, while duplicates are looked for

AHEAD = 32  # parts in a store that are looked at together; the rows of their shards are held meanwhile


def check_folder(folder: Path, *, resume: bool) -> None:
    """Refuse a folder that is somebody else's, or that was not asked to be continued; changes nothing.

    Raises
    ------
    UsageError
        It holds something that is no run, or a run and `resume` is false; or nobody may write there.
    ResumeError
        There is nothing to resume, or what there is cannot be read.
    """
    record = folder / RECORD
    if is_remote(folder):
        check_writable(folder)  # first: to a store that says no, everything else seems to be missing
    there = names(folder)  # before the record is looked for: another driver may be writing both now
    if resume and not record.is_file():
        raise ResumeError(f"{folder}: no run to resume here (no {RECORD}); leave --resume out to start one")
    if not resume and record.is_file():
        state = read_record(folder).state
        how = "is complete" if state == "complete" else "was begun and not finished"
        raise UsageError(
            f"{folder}: a run that {how} is here. Give --resume (Python: resume=True) to use it, or another"
            " --out"
        )
    if not resume and is_file(folder):
        raise UsageError(f"{folder}: a file; expected a folder, or a name that is free")
    if not resume and not all(_is_false_start(name) for name in there):
        raise UsageError(f"{folder}: not empty, and no run; name an empty folder, or a new one")
    check_writable(folder)


def check_writable(folder: Path) -> None:
    """Refuse a folder that cannot be made or written, as far as that is seen without trying.

    A store is tried: an object is made and removed. It must be able to make one where none is, and
    only there: the lock of a run is such an object.

    Raises
    ------
    UsageError
        A file is in its way, or the permission is missing; the store cannot be reached or used.
    """
    if is_remote(folder):
        probe = folder / f"probe-{secrets.token_hex(4)}"
        create(probe, b"0")
        is_made_twice = create(probe, b"0")
        remove(probe)
        if is_made_twice:
            raise UsageError(
                f"{folder}: this store knows no conditional writes (If-None-Match), which the lock of a run"
                " needs. Use a newer version of it, or name a local --out"
            )
        return
    nearest = next(path for path in (folder, *folder.absolute().parents) if os.path.exists(path))
    if not nearest.is_dir():
        raise UsageError(f"{folder}: '{nearest.name}' is a file, expected a folder. Name another --out")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise UsageError(f"{folder}: cannot be written, no permission in {nearest}. Name another --out")


def claim_folder(folder: Path) -> None:
    """Make the folder, see `make_private`, and make sure that it can be written.

    Raises
    ------
    UsageError
        It cannot.
    """
    if is_remote(folder):
        return  # `check_folder` has tried, and a store has no folders
    try:
        make_private(folder)
        probe = folder / f"probe-{secrets.token_hex(4)}"
        try:
            probe.write_bytes(b"0")
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror}. Name another --out") from error


def make_private(folder: Path) -> None:
    """Make the folder, if it is not there, so that no other user of the machine may enter it.

    What is in it is confidential, and need not be closed itself. Whoever wants it otherwise makes the
    folder before, or changes its mode afterwards: that of a folder which is there stays.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def count_kept(folder: Path) -> int:
    """Rows of the library that are scored and committed, by the footers of the parts."""
    footers = (read_footer(path) for path in parts(folder / FOLDERS["wide"]))
    return sum(int(footer["rows"]) for footer in footers if footer)


def _is_false_start(name: str) -> bool:
    """Whether it is what a driver killed in its first moments leaves behind."""
    return name == "lock" or name.startswith(("probe-", f"{RECORD}.tmp-"))


def check_space(folder: Path, n_rows: int, n_endpoints: int, *, shard_size: int) -> int:
    """Bytes that what is left of a run will need, about; what is committed needs none.

    A store has room; the keys that are dealt out at the end lie in this machine's folder for temporary
    files. Rejections and the report come on top.

    Raises
    ------
    RunError
        The disk has less.
    """
    place, needed = Path(tempfile.gettempdir()), n_rows * BYTES_OF_KEYS
    done = 0
    if not is_remote(folder):
        place = folder
        done = min(n_rows, len(parts(folder / FOLDERS["wide"])) * shard_size)
        needed += int((n_rows - done) * (BYTES_PER_ROW + BYTES_PER_VALUE * 3 * n_endpoints))
    free = shutil.disk_usage(place).free
    if free < needed:
        otherwise = "and go on with --resume" if done else "or name an --out elsewhere"
        raise RunError(
            f"{place}: {'what is left of the run' if done else 'the run'} needs about {needed / 1e6:,.0f} MB,"
            f" {free / 1e6:,.0f} MB are free. Make room{' ' if done else ', '}{otherwise}"
            f" ({os.strerror(errno.ENOSPC).lower()})"
        )
    return needed


def check_same(before: RunRecord, identity: dict[str, Any]) -> None:
    """Refuse to continue a run with anything changed that its result depends on.

    Raises
    ------
    ResumeError
        The message lists every difference.
    """
    changed = differences(before.identity, identity)
    if changed:
        raise ResumeError(
            "the run was begun with something else and cannot be continued: "
            + "; ".join(changed)
            + ". Put it back as it was, or start a new run in another --out"
        )


def make_folders(folder: Path) -> None:
    """The folders of the parts, without what killed processes left behind."""
    if is_remote(folder):
        return
    for name in FOLDERS.values():
        (folder / name).mkdir(exist_ok=True)
    remove_orphans(folder)


def pending(
    shards: Iterable[Shard],
    folder: Path,
    fingerprint: str,
    *,
    found: Callable[[Shard, Any], None],
    look: Callable[[Path], Any] = lambda _: None,
) -> Iterator[Shard]:
    """The shards without a valid part, in order; `found` is told each that has one, and what `look` saw.

    A part is valid if its footer names this run, this shard and the digest of its rows. Of parts in a store
    several are looked at at once: one takes a good part of a second, nearly all of which is waiting.
    """
    there = set(names(folder)) if is_remote(folder) else None  # one question, not one for each shard

    def seen(shard: Shard) -> tuple[bool, Any]:
        path = part_path(folder, shard.index)
        is_valid = (there is None or path.name in there) and is_part_of(path, shard, fingerprint)
        return is_valid, look(path) if is_valid else None

    with ThreadPoolExecutor(AHEAD) as pool:
        answered = ((shard, pool.submit(seen, shard)) for shard in shards)
        for shard, answer in _ahead(answered, 0 if there is None else AHEAD):
            is_valid, what = answer.result()
            if is_valid:
                found(shard, what)
            else:
                yield shard


def is_part_of(path: Path, shard: Shard, fingerprint: str) -> bool:
    """Whether a part is there, whole, and that of this shard in the run of this fingerprint."""
    footer = read_footer(path) or {}
    found = [footer.get(name) for name in ("fingerprint", "shard", "first", "rows", "digest")]
    return found == [fingerprint, shard.index, shard.first, len(shard), shard.digest()]


T = TypeVar("T")


def _ahead(things: Iterable[T], n: int) -> Iterator[T]:
    """The same, each given out when n more have been taken."""
    taken: deque[T] = deque()
    for each in things:
        taken.append(each)
        if len(taken) > n:
            yield taken.popleft()
    yield from taken
