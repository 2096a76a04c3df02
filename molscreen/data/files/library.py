"""Library: files of structures as one stream of records, every row with its place and its exact text."""

from __future__ import annotations

import glob
import hashlib
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rdkit import Chem, rdBase

from molscreen.arguments import as_names, require
from molscreen.data.files.container import Container, open_container, spool
from molscreen.data.files.delimited import open_delimited
from molscreen.data.files.record import FOUND_OUT, ReadOptions, Record, StructureFile
from molscreen.data.files.sdf import looks_like_sdf, open_sdf
from molscreen.data.files.table import open_parquet, open_workbook
from molscreen.errors import LibraryError, did_you_mean_file
from molscreen.storage import find, is_file, is_remote, is_url, locate, open_stream

STDIN = "-"
TOLD = 10  # files whose faults are told one by one

_PACKED = {".gz", ".bz2", ".zst", ".zstd"}
_TEXT = {".csv", ".tsv", ".tab", ".txt", ".smi", ".smiles", ".ism", ".can", ".cxsmiles"}
_KINDS = {
    **dict.fromkeys(_TEXT, "text"),
    **dict.fromkeys((".sdf", ".sd", ".mol", ".mdl"), "sdf"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
    **dict.fromkeys((".xlsx", ".xlsm"), "xlsx"),
}


def is_library_name(text: str) -> bool:
    """Whether the text ends like a file of structures, plain or compressed; no SMILES does.

    Examples
    --------
    >>> is_library_name("hits.smi.gz"), is_library_name("CCO.Cl")
    (True, False)
    """
    return Path(text).suffix.lower() in {*_KINDS, *_PACKED}


@dataclass(frozen=True)
class Library:
    """Files of structures, opened and checked.

    Attributes
    ----------
    sources : tuple of str
        Name of each file: its last part, or the path as given where two files share that.
    columns : tuple of str
        The user's other columns over all files, in the order they first occur.
    n_records : int
    described : tuple of str
        How each file is read, and what differs between files, in sentences for the user.
    """

    sources: tuple[str, ...]
    columns: tuple[str, ...]
    n_records: int
    described: tuple[str, ...]
    _files: tuple[StructureFile, ...]
    _containers: tuple[Container, ...]

    def records(self) -> Iterator[Record]:
        """Every record of every file in order, one at a time.

        Raises
        ------
        RunError
            A file is no longer what it was when the library was opened.
        """
        row = 0
        for file in self._files:
            yield from file.records(row, self.columns)
            row += file.n_records

    def digest(self) -> dict[str, str]:
        """SHA-256 of each file as it lies on disk, by source."""
        digests = {}
        for container in self._containers:
            with open_stream(container.path) as file:
                digests[container.name] = hashlib.file_digest(file, "sha256").hexdigest()
        return digests


def open_library(
    paths: str | Path | Sequence[str | Path],
    options: ReadOptions = FOUND_OUT,
    *,
    stdin: BinaryIO | None = None,
) -> Library:
    r"""Open files of structures and read them through once, so that no surprise is left for later.

    Formats are .smi .csv .tsv .txt .sdf .parquet .xlsx, plain or compressed (gzip, bzip2,
    zstandard); a file without such a name, and standard input, are told by their content. Memory
    does not grow with the number of rows.

    Parameters
    ----------
    paths : str, path, or sequence of them
        Files or patterns such as ``parts/*.csv.gz``, here or in a store (``s3://``, ``gs://``); or
        ``-`` for standard input, which is kept in a temporary file while the library is in use.
    options : ReadOptions
    stdin : binary stream, optional
        Read for ``-`` in place of ``sys.stdin.buffer``.

    Raises
    ------
    LibraryError
        A file is missing, empty, damaged, of another kind than its name says, beyond a limit,
        or without a structure column. The message names the file, and the line where there is one.

    Examples
    --------
    >>> import io
    >>> library = open_library(["-"], stdin=io.BytesIO(b"smiles,dose\nCCO,007\n"))
    >>> [(record.line, record.raw, record.fields) for record in library.records()]
    [(2, 'CCO', ('007',))]
    """
    require(options, ReadOptions, what="options")
    found = [place for path in as_names(paths, what="library") for place in _expand(path)]
    if not found:
        raise LibraryError("no library given; name a file, a pattern or - for standard input")
    _refuse_unwritable(found)
    _refuse_repeated(found)
    names = _names(found)
    containers, files = _open_all(zip(found, names, strict=True), options, stdin)
    columns = tuple(dict.fromkeys(name for file in files for name in file.columns))
    return Library(
        sources=names,
        columns=columns,
        n_records=sum(file.n_records for file in files),
        described=(
            *(file.described for file in files),
            *_differences(dict(zip(names, files, strict=True)), columns),
        ),
        _files=files,
        _containers=containers,
    )


def _open_all(
    places: Iterable[tuple[str, str]], options: ReadOptions, stdin: BinaryIO | None
) -> tuple[tuple[Container, ...], tuple[StructureFile, ...]]:
    """Every file, opened and counted; what is wrong with some of them is told of all at once."""
    containers, files, faults = [], [], []
    for place, name in places:
        try:
            container = _open_container(place, name, options, stdin)
            files.append(_open_file(container, options))
        except LibraryError as fault:
            faults.append(fault)
        else:
            containers.append(container)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        more = f"\n  and {len(faults) - TOLD:,} more" if len(faults) > TOLD else ""
        listed = "".join(f"\n  {fault}" for fault in faults[:TOLD])
        raise LibraryError(f"{len(faults):,} of the files cannot be read:{listed}{more}")
    return tuple(containers), tuple(files)


def _refuse_unwritable(places: Sequence[str]) -> None:
    """Refuse a name that is no text, and cannot be written into a result: its bytes are not UTF-8."""
    for place in places:
        try:
            place.encode()
        except UnicodeEncodeError as error:
            raise LibraryError(f"{place!a}: the name of this file is not UTF-8. Rename it") from error


def _refuse_repeated(places: Sequence[str]) -> None:
    """Refuse a file that is named twice, in whatever way."""
    first: dict[str, str] = {}
    for place in places:
        file = place if is_url(place) or place == STDIN else os.path.realpath(place)
        if file in first:
            also = "" if first[file] == place else f", also as {first[file]}"
            raise LibraryError(f"{place}: given twice{also}; each file is read once")
        first[file] = place


def _expand(path: str) -> list[str]:
    """The files that a path or pattern stands for, in the order of their names."""
    if is_url(path):
        return _expand_url(path)
    if path == STDIN or Path(path).exists():
        if path != STDIN and Path(path).is_dir():
            raise LibraryError(f"{path}: a folder; name its files, for example '{path.rstrip('/')}/*.csv'")
        return [path]
    is_pattern = any(mark in path for mark in "*?[")
    matches = sorted(glob.glob(path, recursive=True)) if is_pattern else []
    if files := [match for match in matches if not Path(match).is_dir()]:
        return files
    if _is_smiles(path):
        raise LibraryError(
            f"{path}: no such file. Structures are read from one: write them there, a line each"
        )
    if is_pattern:
        raise LibraryError(f"{path}: no file matches the pattern")
    folder = Path(path).parent
    siblings = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    raise LibraryError(f"{path}: no such file.{did_you_mean_file(Path(path).name, siblings)}")


def _is_smiles(text: str) -> bool:
    """Whether RDKit reads this as a structure."""
    with rdBase.BlockLogs():
        return not is_library_name(text) and Chem.MolFromSmiles(text) is not None


def _expand_url(url: str) -> list[str]:
    """The objects that a URL or a pattern stands for, in the order of their names."""
    if is_file(locate(url)):
        return [url]
    if matches := find(url) if any(mark in url for mark in "*?[") else []:
        return matches
    raise LibraryError(f"{url}: no such object, and no pattern of any; a folder is given as '…/*.csv'")


def _names(places: Sequence[str]) -> tuple[str, ...]:
    short = ["standard input" if place == STDIN else Path(place).name for place in places]
    count = Counter(short)
    return tuple(name if count[name] == 1 else place for name, place in zip(short, places, strict=True))


def _open_container(place: str, name: str, options: ReadOptions, stdin: BinaryIO | None) -> Container:
    """A file where it lies; a stream, which can be read only once, by way of a temporary file."""
    path, kept = locate(place), None
    if place == STDIN:
        kept = spool(stdin or sys.stdin.buffer, options.limits)
    elif not is_remote(path) and not path.is_file():
        with path.open("rb") as stream:
            kept = spool(stream, options.limits)
    where = kept.path if kept else path
    return open_container(where, name, encoding=options.encoding, limits=options.limits, kept=kept)


def _open_file(container: Container, options: ReadOptions) -> StructureFile:
    """The reader that name and content ask for; they must agree."""
    suffixes = [suffix.lower() for suffix in Path(container.name).suffixes]
    suffix = next((suffix for suffix in reversed(suffixes) if suffix not in _PACKED), "")
    kind, content = _KINDS.get(suffix), container.content
    if content == "text" and kind is None:
        kind = "sdf" if looks_like_sdf(container) else "text"
    elif kind is None and content in ("parquet", "xlsx"):
        kind = content
    expected = "text" if kind in ("text", "sdf") else kind
    if kind is None or content != expected:
        is_, named = _kind_name(content), f", although its name ends in {suffix}" if kind else ""
        raise LibraryError(f"{container.name}: this is {is_}{named}. {_READABLE}")
    if kind == "sdf":
        return open_sdf(container, options)
    if kind == "parquet":
        return open_parquet(container, options)
    return open_workbook(container, options) if kind == "xlsx" else open_delimited(container, suffix, options)


_READABLE = "Libraries are .smi .csv .tsv .txt .sdf .parquet .xlsx, plain or .gz .bz2 .zst"


def _kind_name(content: str) -> str:
    named = {"xlsx": "an Excel workbook (.xlsx)", "parquet": "a Parquet file", "text": "text"}
    return named.get(content, content)


def _differences(files: Mapping[str, StructureFile], columns: Sequence[str]) -> list[str]:
    """A sentence for each file that lacks columns that others have."""
    missing = {name: [c for c in columns if c not in file.columns] for name, file in files.items()}
    return [
        f"{name}: has no column {', '.join(repr(c) for c in lacking)}; left empty"
        for name, lacking in missing.items()
        if lacking
    ]
