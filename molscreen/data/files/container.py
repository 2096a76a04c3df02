"""A file as bytes or text: decompressed under caps, its kind and encoding told by its first bytes."""

from __future__ import annotations

import codecs
import io
import os
import tempfile
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, TextIO, cast

import pyarrow as pa

from molscreen.data.files.record import Limits
from molscreen.errors import LibraryError, RunError
from molscreen.storage import open_stream, reaching, stamp

COMPRESSIONS: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bz2"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
BYTE_ORDER_MARKS: tuple[tuple[bytes, str], ...] = (  # UTF-32 before UTF-16, which begins alike
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%pdf", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old .xls workbook, or an Office file with a password"),
    (b"{\\rtf", "a rich-text document"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"rar!", "a RAR archive"),
    (b"\x89png", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"sqlite format 3", "an SQLite database"),
    (b"\x7felf", "a program"),
    (b"\x80\x04\x95", "a Python pickle, which molscreen never opens"),
    (b"<!doctype html", "a web page (HTML)"),
    (b"<html", "a web page (HTML)"),
    (b"<head", "a web page (HTML)"),
    (b"<?xml", "an XML document"),
)

_HEAD = 4096
LOOK = 15.0  # seconds of reading between two looks at whether the file is what it was
_CHUNK = 1 << 18
_RATIO_FLOOR = 8 << 20  # bytes; a small file may well be one molecule many times over


@dataclass(frozen=True, slots=True)
class Container:
    """One file, plain or compressed.

    Attributes
    ----------
    path : Path
    name : str
        What messages and records call it.
    compression : str
        "", "gzip", "bz2" or "zstd", by the file's first bytes, whatever its name says.
    encoding : str
        Python's name of it; only meant where the content is text.
    head : bytes
        The first bytes of the content, decompressed.
    limits : Limits
    stamp : tuple of int and str
        Size and the mark of the content when first seen: the file must not change afterwards.
    kept : Spool or None
        Where the file stands for a stream.
    """

    path: Path
    name: str
    compression: str
    encoding: str
    head: bytes
    limits: Limits
    stamp: tuple[int, str]
    kept: Spool | None = None

    @contextmanager
    def open_bytes(self) -> Iterator[BinaryIO]:
        """The content as a stream of bytes, decompressed.

        Raises
        ------
        LibraryError
            The file is damaged or passes a limit.
        RunError
            It is not the file it was.
        """
        self.check_unchanged()
        with open_stream(self.path) as file, io.BufferedReader(_Capped(file, self), _CHUNK) as stream:
            yield cast(BinaryIO, stream)
        self.check_unchanged()

    @contextmanager
    def open_text(self) -> Iterator[TextIO]:
        """The content as text whose line ends are kept as they are.

        Raises
        ------
        LibraryError, RunError
            As for `open_bytes`, and where the content is not text in `encoding`.
        """
        with self.open_bytes() as stream:
            try:
                yield io.TextIOWrapper(stream, encoding=self.encoding, newline="")
            except UnicodeError as error:
                raise LibraryError(self._explain_bad_byte()) from error

    @contextmanager
    def open_seekable(self) -> Iterator[IO[bytes]]:
        """The content as a file that can be jumped in; a compressed one passes through a temporary file."""
        if not self.compression:
            self.check_unchanged()
            with open_stream(self.path) as file:
                yield file
            return
        with tempfile.TemporaryFile() as spool, self.open_bytes() as stream:
            while chunk := stream.read(_CHUNK):
                spool.write(chunk)
            spool.seek(0)
            yield spool

    @property
    def described(self) -> str:
        """Compression and encoding, where there is something to say."""
        encoding = "" if self.encoding in ("utf-8", "utf-8-sig") else f"converted from {self.encoding}"
        return ", ".join(part for part in (self.compression, encoding) if part)

    @property
    def content(self) -> str:
        """What the content is by its first bytes: "text", "parquet", "xlsx"; foreign kinds are sentences."""
        if self.head.startswith(b"PAR1"):
            return "parquet"
        if self.head.startswith(b"PK\x03\x04"):
            office = any(
                part in self.head for part in (b"[Content_Types].xml", b"docProps/", b"_rels/", b"xl/")
            )
            return "xlsx" if office else "a ZIP archive; unpack it and name the file inside"
        plain = self.head.removeprefix(codecs.BOM_UTF8).lstrip().lower()
        for magic, kind in (
            *_FOREIGN,
            *((magic, f"{name} data, compressed twice") for magic, name in COMPRESSIONS),
        ):
            if plain.startswith(magic.lower()):
                return kind
        if self.encoding.startswith("utf-8") and self.head.count(0) * 10 > len(self.head):
            return "binary data, or UTF-16 without a byte-order mark; save it as UTF-8"
        return "text"

    def check_unchanged(self) -> None:
        """Raise `RunError` where the file is not what it was when it was first seen."""
        try:
            is_changed = stamp(self.path) != self.stamp
        except OSError as error:  # unmounted, removed, or on a disk that fails
            raise RunError(
                f"{self.name}: the file cannot be read any more: {error.strerror or error}. Put it back"
            ) from error
        if is_changed:
            raise RunError(f"{self.name}: the file changed while it was in use; start again with the new one")

    def _explain_bad_byte(self) -> str:
        """Where the content stops being text; found by a second, slower look."""
        decoder = codecs.getincrementaldecoder(self.encoding)()
        offset = lines = 0
        with self.open_bytes() as stream:
            while True:
                chunk = stream.read(_CHUNK)
                try:
                    lines += decoder.decode(chunk, final=not chunk).count("\n")
                except UnicodeDecodeError as error:
                    place = offset + len(chunk) - len(error.object) + error.start
                    lines += error.object[: error.start].count(b"\n")
                    byte = f"byte 0x{error.object[error.start]:02x} at offset {place} (line {lines + 1})"
                    encoding = self.encoding.removesuffix("-sig").upper()
                    return (
                        f"{self.name}: {byte} is not {encoding}, which the file was read as. "
                        "Save the file as UTF-8, or say what it is, where the command can be told: "
                        "--encoding cp1252 (Python: encoding='cp1252') for CSV of a western European Excel"
                    )
                offset += len(chunk)
                if not chunk:
                    return f"{self.name}: the content is not {self.encoding.upper()}"


def open_container(
    path: Path, name: str, *, encoding: str | None, limits: Limits, kept: Spool | None = None
) -> Container:
    """A file, its compression and encoding known; nothing but its first bytes is read.

    Raises
    ------
    LibraryError
        The file cannot be opened, is empty, or its first bytes cannot be decompressed.
    """
    with reaching(name, LibraryError):
        try:
            with open_stream(path) as file:
                magic = file.read(8)
            seen = stamp(path)
        except OSError as error:
            raise LibraryError(f"{name}: cannot be read: {error.strerror or error}") from error
    compression = next((kind for start, kind in COMPRESSIONS if magic.startswith(start)), "")
    draft = Container(path, name, compression, encoding or "utf-8", b"", limits, seen, kept)
    with draft.open_bytes() as stream:
        head = stream.read(_HEAD)
    if not head:
        raise LibraryError(f"{name}: the file is empty: no molecules")
    marked = next((kind for mark, kind in BYTE_ORDER_MARKS if head.startswith(mark)), "utf-8")
    return Container(path, name, compression, encoding or marked, head, limits, seen, kept)


@dataclass(frozen=True, eq=False)
class Spool:
    """A stream kept as a temporary file, which is removed when nobody holds the Spool any more."""

    path: Path


def spool(stream: BinaryIO, limits: Limits) -> Spool:
    """A stream that can be read only once, such as standard input, as a file.

    Raises
    ------
    LibraryError
        The stream passes ``limits.decoded_bytes``.
    """
    descriptor, name = tempfile.mkstemp(prefix="molscreen-")
    kept = Spool(Path(name))
    weakref.finalize(kept, os.unlink, name)
    size = 0
    with open(descriptor, "wb") as file:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > limits.decoded_bytes:
                raise LibraryError(f"the stream is longer than the limit of {limits.decoded_bytes} bytes")
            file.write(chunk)
    return kept


class _Capped(io.RawIOBase):
    """Decompressed bytes, counted while they pass: a bomb stops at the cap, not in memory."""

    def __init__(self, file: BinaryIO, container: Container) -> None:
        self._container = container
        limits, size = container.limits, container.stamp[0]
        self._cap = limits.decoded_bytes
        if container.compression:
            self._cap = min(self._cap, max(_RATIO_FLOOR, limits.ratio * size))
            file = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), container.compression)
        self._source = file
        self._text = container.content == "text"
        self._size = self._lines = self._run = 0
        self._looked = time.monotonic()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed's Buffer is 3.12's
        name = self._container.name
        if time.monotonic() - self._looked >= LOOK:  # not when a night's rows are through
            self._container.check_unchanged()
            self._looked = time.monotonic()
        try:
            chunk = self._source.read(len(buffer))
        except (OSError, pa.ArrowException) as error:
            kind = self._container.compression or "file"
            raise LibraryError(f"{name}: the {kind} data is damaged or cut short: {error}") from error
        buffer[: len(chunk)] = chunk
        self._size += len(chunk)
        if self._size > self._cap:
            raise LibraryError(
                f"{name}: more than {self._cap} bytes come out of {self._container.stamp[0]}, refused "
                "as a decompression bomb. If the file is sound, decompress it first or raise Limits.ratio"
            )
        if self._text:
            self._check_line(chunk)
        return len(chunk)

    def _check_line(self, chunk: bytes) -> None:
        """Refuse a line that would not fit in memory before anybody asks for it."""
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        self._run = self._run + len(chunk) if end < 0 else len(chunk) - end - 1
        self._lines += chunk.count(b"\n")
        if self._run > (limit := self._container.limits.line_bytes):
            where = f"{self._container.name}: line {self._lines + 1}"
            raise LibraryError(
                f"{where} is longer than the limit of {limit} bytes; is this a table of molecules?"
            )
