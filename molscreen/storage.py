"""Paths on this machine, and in an object store (``s3://``, ``gs://``), with the same methods.

A path in a store is a `UPath` of universal_pathlib, typed as the `Path` whose methods it has. It is made
here and nowhere else, and what an object store does in its own way is a function here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from io import BufferedReader
from pathlib import Path, PurePath
from typing import Any, BinaryIO, cast

from molscreen.errors import MolscreenError, RunError, UsageError

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SQUEEZED = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")  # what pathlib makes of a URL
_CLIENTS = {"s3": ("s3fs", "s3"), "gs": ("gcsfs", "gcs"), "memory": ("fsspec", "")}  # and our extra
_FOREIGN = ("aiobotocore", "aiohttp", "botocore", "gcsfs", "google", "s3fs")  # whose errors are a store's
_BLOCK = 8 << 20  # bytes fetched at once where a file is read from its beginning to its end
_OURS = {"use_listings_cache": False}  # other processes write there too, which fsspec would not see


def is_url(place: str | Path) -> bool:
    """Whether this names something in a store.

    Examples
    --------
    >>> is_url("s3://lab/runs/1"), is_url("runs/1")
    (True, False)
    """
    return bool(_URL.match(str(place)))


def is_remote(path: Path) -> bool:
    """Whether a path that `locate` gave lies in a store."""
    return not isinstance(path, PurePath)


def locate(place: str | Path) -> Path:
    """The path that a text names, here or in a store; nothing is opened.

    Credentials and endpoint are found as fsspec and the store's client find them: in the
    environment and their own configuration files.

    Parameters
    ----------
    place : str or Path
        A local path, ``s3://bucket/key`` or ``gs://bucket/key``; ``memory://`` is for tests.

    Raises
    ------
    UsageError
        The scheme is unknown, its client is not installed, or a URL went through `pathlib.Path`.

    Examples
    --------
    >>> locate("runs/1")
    PosixPath('runs/1')
    """
    found = _URL.match(str(place))
    if not found:
        squeezed = _SQUEEZED.match(str(place))
        if squeezed and squeezed[1] in _CLIENTS:
            raise UsageError(
                f"{place}: a URL that went through pathlib.Path, which makes one slash of two;"
                f" give it as text: '{squeezed[1]}://…'"
            )
        return Path(place)
    if getattr(place, "storage_options", _OURS) != _OURS:
        raise UsageError(f"{place}: options of a UPath do not reach the workers; set them in the environment")
    scheme = found[1]
    if scheme not in _CLIENTS:
        raise UsageError(f"{place}: unknown scheme '{scheme}'; expected a local path, s3://… or gs://…")
    module, extra = _CLIENTS[scheme]
    if find_spec(module) is None:
        raise UsageError(
            f"{place}: {scheme}:// needs the package '{module}'; pip install 'molscreen[{extra}]'"
        )
    from upath import UPath

    return cast(Path, UPath(str(place), use_listings_cache=False))


def locate_absolute(place: str | Path) -> Path:
    """The same, for whoever keeps the path: it stays right where the working directory changes."""
    path = locate(place)
    return path if is_remote(path) else path.absolute()


def locate_here(place: str | Path) -> Path:
    """The local path that a text names.

    Raises
    ------
    UsageError
        It names something in a store.
    """
    if is_url(place):
        raise UsageError(f"{place}: not supported here; name a local path")
    return locate(place)


@contextmanager
def reaching(path: object, error: type[MolscreenError] = UsageError) -> Iterator[None]:
    """What a store, its client or the network refuses in the block becomes `error`, with the reason.

    That something is missing, or there already, is for the caller to judge.
    """
    try:
        yield
    except (MolscreenError, FileNotFoundError, FileExistsError):
        raise
    except Exception as reason:
        if not isinstance(reason, OSError) and type(reason).__module__.split(".")[0] not in _FOREIGN:
            raise
        raise error(f"{path}: {_said(reason)}. Check the name, the credentials and the endpoint") from reason


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A draft beside a local file, which takes its place, whole, where the block ends well.

    The draft is on the disk before it has the name: whoever reads `path` sees the old content, or the new,
    whatever is killed in between, the machine included. One process at a time writes a file like this.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.tmp")
    try:
        yield draft
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def is_file(path: Path) -> bool:
    """Whether a file is there; a store that does not answer, or refuses, does not pass for "no".

    Raises
    ------
    UsageError
        The store cannot be reached or denies access.
    """
    if not is_remote(path):
        return path.is_file()
    try:
        with reaching(path):
            return bool(_fs(path).info(_key(path))["type"] == "file")
    except FileNotFoundError:
        return False


def names(folder: Path) -> list[str]:
    """The names in a folder, sorted; none where there is no such folder.

    Raises
    ------
    RunError
        The store cannot be reached or denies access.
    """
    if not is_remote(folder):
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    try:
        with reaching(folder, RunError):
            found = _fs(folder).ls(_key(folder), detail=False)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(PurePath(name).name for name in found if name.rstrip("/") != _key(folder).rstrip("/"))


def find(pattern: str) -> list[str]:
    """The objects that a pattern in a store, such as ``s3://lab/parts/*.csv.gz``, stands for, sorted.

    Raises
    ------
    UsageError
        The store cannot be reached or denies access.
    """
    path, scheme = locate(pattern), pattern.partition("://")[0]
    with reaching(pattern):
        found = _fs(path).glob(_key(path), detail=True)
    return sorted(f"{scheme}://{key.lstrip('/')}" for key, info in found.items() if info["type"] == "file")


def stamp(path: Path) -> tuple[int, str]:
    """Size in bytes, and a mark that changes with the content: time and inode, or the store's own tag."""
    if not is_remote(path):
        status = path.stat()
        return status.st_size, f"{status.st_mtime_ns}:{status.st_ino}"
    info = _fs(path).info(_key(path))
    mark = (info.get(name) for name in ("ETag", "etag", "generation", "created", "mtime"))
    return int(info["size"]), str(next((each for each in mark if each is not None), ""))


def open_stream(path: Path) -> BufferedReader:
    """A file to be read from its beginning to its end; a store is asked for a few MB at a time."""
    if not is_remote(path):
        return path.open("rb")
    return cast(BufferedReader, _fs(path).open(_key(path), "rb", block_size=_BLOCK))


@contextmanager
def for_arrow(path: Path) -> Iterator[str | BinaryIO]:
    """What pyarrow reads a footer from: the name of a file here, or an object opened for exact ranges.

    Raises
    ------
    FileNotFoundError
        There is none.
    RunError
        The store cannot be reached or denies access.
    """
    if not is_remote(path):
        yield str(path)
        return
    with reaching(path, RunError), _fs(path).open(_key(path), "rb", cache_type="none") as file:
        yield file


def read_object(path: Path) -> bytes:
    """The content by one request, so that it is never half old and half new.

    Raises
    ------
    FileNotFoundError
        There is none.
    RunError
        The store cannot be reached or denies access.
    """
    with reaching(path, RunError):
        return cast(bytes, _fs(path).cat_file(_key(path), start=0))  # without it s3fs asks for the size first


def put(path: Path, content: Path | bytes) -> None:
    """Store an object whole, in place of any old one; a part of it is never visible.

    Parameters
    ----------
    path : Path
        In a store.
    content : Path or bytes
        A local file, or the content itself.

    Raises
    ------
    RunError
        The store cannot be reached, denies access, or has no such bucket.
    """
    try:
        with reaching(path, RunError):
            if isinstance(content, bytes):
                _fs(path).pipe_file(_key(path), content)
            else:
                _fs(path).put_file(str(content), _key(path))
    except FileNotFoundError as error:
        raise RunError(f"{path}: {_said(error)}") from error


def create(path: Path, content: bytes) -> bool:
    """Store an object where none is (``If-None-Match: *``); of many who try, one gets True.

    Raises
    ------
    UsageError
        The store cannot be reached, denies access, or has no such bucket.
    """
    try:
        with reaching(path):
            _fs(path).pipe_file(_key(path), content, mode="create")
    except FileExistsError:
        return False
    except FileNotFoundError as error:
        raise UsageError(f"{path}: {_said(error)}. Make the bucket first, or name another") from error
    return True


def remove(path: Path) -> None:
    """Remove a file or an object, if it is there.

    Raises
    ------
    RunError
        The store cannot be reached or denies access.
    """
    if not is_remote(path):
        path.unlink(missing_ok=True)
        return
    try:
        with reaching(path, RunError):
            _fs(path).rm_file(_key(path))
    except FileNotFoundError:
        return


def _fs(path: Path) -> Any:
    """The store of a path, as fsspec sees it."""
    return cast(Any, path).fs


def _key(path: Path) -> str:
    """The name of a path inside its store."""
    return cast(str, cast(Any, path).path)


def _said(error: Exception) -> str:
    """The words of an error, without its full stop; its kind where it has none."""
    text = str(getattr(error, "strerror", None) or error)
    return text.strip().rstrip(".") or type(error).__name__
