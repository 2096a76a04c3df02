"""Files that appear whole or not at all: temporary name, fsync, rename; in a store, one complete PUT."""

from __future__ import annotations

import errno
import json
import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from molscreen import storage
from molscreen.errors import RunError

FOOTER = b"molscreen"  # the key of our JSON in a part's footer
PART = "part-*.parquet"
FULL = (errno.ENOSPC, errno.EDQUOT)


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a temporary file, then give it its name, or store it under its key.

    A store is not asked to rename, which it would do by copying. Whoever reads `path` sees the old
    content, or the new, never a part of it, whatever is killed in between. Writing the same content
    twice is harmless.

    Raises
    ------
    RunError
        The disk is full or fails, or the store refuses; no half file is left.
    """
    how = _store_whole if storage.is_remote(path) else _rename_whole
    how(path, write)


def _rename_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    temporary = path.with_name(f"{path.name}.tmp-{_host()}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with telling_failure(path, temporary):
            with temporary.open("wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
            _fsync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _store_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """By way of a temporary file on this machine, whose disk may be full too."""
    with tempfile.TemporaryDirectory(prefix="molscreen-") as folder:
        draft = Path(folder) / path.name
        with telling_failure(path, draft), draft.open("wb") as file:
            write(file)
        storage.put(path, draft)


@contextmanager
def telling_failure(path: Path, draft: Path) -> Iterator[None]:
    """Name the file where the operating system does not: a write that fails has forgotten where it was.

    `draft` is what is being written, for `path` or as it.
    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            written = draft.stat().st_size if draft.exists() else 0
            what = f"no space left on the disk, after {written:,} bytes of this file. Free some"
        elif error.filename is None:
            what = f"cannot be written: {error.strerror}. See to the disk"
        else:
            raise
        raise RunError(
            f"{path}: {what} and try again; a run goes on with --resume, what was committed is kept"
        ) from error


def write_text(path: Path, text: str) -> None:
    """`write_whole` of UTF-8 text; line ends stay as they are."""
    write_whole(path, lambda file: file.write(text.encode()))


def write_part(path: Path, table: pa.Table, footer: Mapping[str, Any]) -> None:
    """One Parquet part with `footer` (JSON) in its metadata; the same table gives the same bytes.

    Floats are split into byte streams, which zstd packs better than interleaved ones; text is
    dictionary-encoded.
    """
    floats = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    others = [field.name for field in table.schema if not pa.types.is_floating(field.type)]
    schema = table.schema.with_metadata({FOOTER: json.dumps(footer, sort_keys=True).encode()})
    write_whole(
        path,
        lambda file: pq.write_table(
            table.cast(schema),
            file,
            compression="zstd",
            use_dictionary=others,
            use_byte_stream_split=floats,
        ),
    )


def read_footer(path: Path) -> dict[str, Any] | None:
    """The footer of a part; None where the file is missing, damaged or somebody else's."""
    try:
        with storage.for_arrow(path) as source:
            metadata = pq.read_metadata(source)
        footer = json.loads((metadata.metadata or {})[FOOTER])
    except (FileNotFoundError, pa.ArrowInvalid, KeyError, ValueError):
        return None
    except OSError as error:
        if error.errno is None:  # Arrow's, of damage; the operating system's have a number
            return None
        raise
    return footer if isinstance(footer, dict) and footer.get("rows") == metadata.num_rows else None


def read_table(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """A Parquet file, or some columns of it, in the order asked for.

    Out of a store it comes by one request: a part has a few MB, and the way there and back takes
    longer than the columns that nobody asked for. Not by ``pq.read_table``, which sees a data set in every
    file: that takes longer than a part does, and imports pandas; nor by several threads, whose hand-over
    takes a third of the time of a part.

    Raises
    ------
    RunError
        It is damaged.
    """
    source = pa.BufferReader(storage.read_object(path)) if storage.is_remote(path) else path
    with _telling_damage(path), pq.ParquetFile(source) as file:
        if columns is None:
            return file.read(use_threads=False)
        return file.read(list(columns), use_threads=False).select(list(columns))


def read_row_groups(path: Path) -> Iterator[pa.Table]:
    """A Parquet file piece by piece, as it was written."""
    with _telling_damage(path), storage.for_arrow(path) as source, pq.ParquetFile(source) as file:
        for group in range(file.num_row_groups):
            yield file.read_row_group(group, use_threads=False)


def read_schema(path: Path) -> pa.Schema:
    """Names and types of the columns of a Parquet file."""
    with _telling_damage(path), storage.for_arrow(path) as source:
        return pq.read_schema(source)


def read_metadata(path: Path) -> pq.FileMetaData:
    """Number of rows, and the footer, of a Parquet file."""
    with _telling_damage(path), storage.for_arrow(path) as source:
        return pq.read_metadata(source)


@contextmanager
def _telling_damage(path: Path) -> Iterator[None]:
    """Name the file that cannot be read, which Arrow does not, and say what to do."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (pa.ArrowException, UnicodeDecodeError, KeyError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise RunError(
            f"{path}: damaged: {str(error).strip()}. Restore it from a copy;"
            " or, in a run that is not complete, remove it and go on with --resume"
        ) from error


@contextmanager
def nearby(paths: Sequence[Path], columns: Sequence[str]) -> Iterator[list[Path]]:
    """The same files, for whoever reads them many times; of those in a store, copies of these columns."""
    if not any(storage.is_remote(path) for path in paths):
        yield list(paths)
        return
    with tempfile.TemporaryDirectory(prefix="molscreen-") as folder:
        copies = [Path(folder) / path.name for path in paths]
        for path, copy in zip(paths, copies, strict=True):
            pq.write_table(read_table(path, columns), copy, compression="zstd")
        yield copies


def part_path(folder: Path, shard: int) -> Path:
    """Where the part of one shard lies."""
    return folder / f"part-{shard:06d}.parquet"


def parts(folder: Path) -> list[Path]:
    """The committed parts, in order of their shards; temporary files are none."""
    found = (folder / name for name in storage.names(folder) if fnmatch(name, PART))
    return sorted(found, key=lambda path: (len(path.name), path.name))  # longer from the millionth on


def remove_orphans(folder: Path) -> list[Path]:
    """Remove temporary files whose owner was on this machine and is gone.

    A file of a living process, or of another machine, may still be renamed and stays. In a store
    there are none.
    """
    if storage.is_remote(folder):
        return []
    orphans = [path for path in folder.rglob("*.tmp-*-*-*") if _is_orphan(path)]
    for path in orphans:
        path.unlink(missing_ok=True)
    return orphans


def _is_orphan(path: Path) -> bool:
    host, pid, _ = path.name.rpartition(".tmp-")[2].rsplit("-", 2)
    return host == _host() and pid.isdigit() and not is_alive(int(pid))


def is_alive(pid: int) -> bool:
    """Whether a process of this machine has this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _host() -> str:
    return quote(socket.gethostname(), safe="")


def _fsync_folder(folder: Path) -> None:
    """Make a rename survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
