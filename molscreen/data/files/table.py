"""Parquet files and Excel workbooks: typed cells become the text that their owner sees."""

from __future__ import annotations

import datetime
import itertools
import stat
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, Any, cast
from xml.etree.ElementTree import ParseError

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from molscreen.chem.cleaning.refusal import Fault
from molscreen.data.files.columns import find_layout
from molscreen.data.files.container import Container
from molscreen.data.files.header import Row
from molscreen.data.files.record import CELL_LIMIT, ReadOptions, too_long
from molscreen.data.files.rows import Misread, RowFile
from molscreen.errors import LibraryError

_BATCH = 8192  # rows of a Parquet file in memory at a time
_BATCH_BYTES = 16 << 20  # of them
_WHOLE = 2.0**53  # up to here a float holds every whole number
_SAMPLE = 1000  # rows that tell what the columns are
_PART_RATIO = 1000  # unpacked to packed size of one part of a workbook; tables reach 50
_PART_FLOOR = 8 << 20  # bytes


def open_parquet(container: Container, options: ReadOptions) -> RowFile:
    """A Parquet file, read through once: numbers and dates as text, missing values as empty text.

    Raises
    ------
    LibraryError
        It is damaged, holds no rows, or has columns without a text form; the columns are listed.
    """
    with _open_parquet(container) as file:
        names = file.schema_arrow.names
        _check_types(file.schema_arrow, container.name)
    rows = _parquet_rows(container)
    sample = list(itertools.islice(rows, _SAMPLE))
    layout = find_layout(sample, options, where=container.name, names=names)
    if not sample:
        raise LibraryError(f"{container.name}: no molecules, the table has no rows")
    n_records = len(sample) + sum(1 for _ in rows)
    parts = [container.compression, "Parquet", layout.described, f"{n_records:,} records"]
    described = f"{container.name}: {', '.join(filter(None, parts))}"
    return RowFile(container.name, layout, n_records, described, partial(_limited_rows, container))


def open_workbook(container: Container, options: ReadOptions) -> RowFile:
    """The first sheet of an .xlsx, read through once: values only, formulas are not computed.

    Raises
    ------
    LibraryError
        It is damaged, unpacks to more than the limit, or holds no rows.
    """
    sample = [row for _, row in itertools.islice(_sheet_rows(container), _SAMPLE)]
    if not sample:
        raise LibraryError(f"{container.name}: no molecules, the first sheet is empty")
    width = max(map(len, sample))
    layout = find_layout([_padded(row, width) for row in sample], options, where=container.name)
    if not (n_records := sum(1 for _ in _sheet_records(container, width, layout.header))):
        raise LibraryError(f"{container.name}: no molecules, only a header")
    with _open_book(container) as book:
        sheet = f"sheet '{book.worksheets[0].title}'" + (
            f", the first of {len(book.worksheets)}" if len(book.worksheets) > 1 else ""
        )
    parts = [container.compression, "Excel", sheet, layout.described, f"{n_records:,} records"]
    described = f"{container.name}: {', '.join(filter(None, parts))}"
    rows = partial(_sheet_records, container, width, layout.header)
    return RowFile(container.name, layout, n_records, described, rows)


@contextmanager
def _open_parquet(container: Container) -> Iterator[pq.ParquetFile]:
    """A Parquet file; of a long text that repeats, a batch has one copy."""
    with container.open_seekable() as file:
        try:
            opened = pq.ParquetFile(file)
            _check_size(opened.metadata, container)
            yield pq.ParquetFile(file, read_dictionary=_long_texts(file, opened))
        except (pa.ArrowException, OSError) as error:
            raise LibraryError(f"{container.name}: not a sound Parquet file: {error}") from error


def _check_size(metadata: pq.FileMetaData, container: Container) -> None:
    """Refuse what would unpack to much more than any table does."""
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    unpacked = sum(group.total_byte_size for group in groups)
    packed = sum(group.column(i).total_compressed_size for group in groups for i in range(group.num_columns))
    if unpacked > max(_PART_FLOOR, container.limits.ratio * packed):
        raise LibraryError(
            f"{container.name}: unpacks from {packed} bytes to {unpacked}, which is refused as a"
            " decompression bomb. If the file is sound, raise Limits.ratio"
        )


def _long_texts(file: IO[bytes], opened: pq.ParquetFile) -> list[str]:
    """The columns with a text so long that a batch of its repeats would not fit.

    Told by the dictionaries, which lie before the rows: one row is read. Dictionaries of all columns
    would make texts that differ, such as structures, ten times as slow to read.
    """
    limit = _BATCH_BYTES // _batch_size(opened.metadata)
    texts = [field.name for field in opened.schema_arrow if _is_text(field.type)]
    tried = pq.ParquetFile(file, read_dictionary=texts)
    long: set[str] = set()
    for group in range(tried.num_row_groups):
        row = next(tried.iter_batches(batch_size=1, row_groups=[group], columns=texts), None)
        for field, column in zip(row.schema, row.columns, strict=True) if row else ():
            if pa.types.is_dictionary(field.type) and _longest(column.dictionary) > limit:
                long.add(field.name)
    return sorted(long)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _longest(texts: pa.Array) -> int:
    return int(pc.max(pc.binary_length(texts)).as_py() or 0) if _is_text(texts.type) else 0


def _check_types(schema: pa.Schema, where: str) -> None:
    """Refuse columns that have no text form."""
    types = pa.types
    for field in schema:
        if types.is_nested(field.type) or isinstance(field.type, pa.ExtensionType):
            listed = ", ".join(f"'{each.name}' {each.type}" for each in schema)
            raise LibraryError(
                f"{where}: column '{field.name}' holds {field.type}, which has no text form; remove or "
                f"convert it. Columns: {listed}"
            )


def _parquet_rows(container: Container) -> Iterator[Row]:
    with _open_parquet(container) as file:
        for batch in file.iter_batches(batch_size=_batch_size(file.metadata)):
            yield from map(list, zip(*map(_cells, batch.columns), strict=True))


def _cells(column: pa.Array) -> list[str]:
    """A column as `_text` would write it, but true and not TRUE; missing values, and NaN, are empty."""
    if pa.types.is_dictionary(column.type):
        used = column.indices.unique()
        values = _cells(column.dictionary.take(used))
        return [values[place] for place in pc.index_in(column.indices, used).to_pylist()]
    text = column.cast(pa.string())
    if pa.types.is_floating(column.type):  # pandas makes floats of whole numbers where one is missing
        number = column.cast(pa.float64())
        is_whole = pc.and_(
            pc.equal(pc.round(number), number), pc.less(pc.abs(number), _whole_below(column.type))
        )
        whole = pc.if_else(is_whole, number, None).cast(pa.int64()).cast(pa.string())
        text = pc.if_else(pc.is_nan(number), None, pc.coalesce(whole, text))
    return cast(list[str], pc.fill_null(text, "").to_pylist())


def _batch_size(metadata: pq.FileMetaData) -> int:
    """Rows in memory at a time: fewer where they are wide."""
    groups = (metadata.row_group(i) for i in range(metadata.num_row_groups))
    width = max((group.total_byte_size / max(group.num_rows, 1) for group in groups), default=0.0)
    return max(1, min(_BATCH, int(_BATCH_BYTES / max(width, 1.0))))


def _whole_below(kind: pa.DataType) -> float:
    """Up to here a float of this width holds every whole number."""
    return {16: 2.0**11, 32: 2.0**24}.get(kind.bit_width, _WHOLE)


def _limited_rows(container: Container) -> Iterator[tuple[int, Row | Misread]]:
    for line, row in enumerate(_parquet_rows(container), 1):
        longest = max(row, key=len)
        yield line, row if len(longest) <= CELL_LIMIT else Misread(longest, too_long(len(longest)))


@contextmanager
def _open_book(container: Container) -> Iterator[Any]:
    import openpyxl  # takes longer than a thousand rows of another library

    with container.open_seekable() as file:
        try:
            _check_archive(file, container)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # openpyxl warns of styles and validations it drops
                book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            if not book.worksheets:
                raise LibraryError(f"{container.name}: the workbook has no sheet of cells")
            yield book
            book.close()
        except (zipfile.BadZipFile, zlib.error, ParseError, KeyError, ValueError, EOFError, OSError) as error:
            raise LibraryError(f"{container.name}: not a sound Excel workbook: {error}") from error


def _check_archive(file: IO[bytes], container: Container) -> None:
    """Refuse a ZIP that would unpack to too much, or whose names point elsewhere; nothing is extracted."""
    limit = container.limits.workbook_bytes
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
    for part in parts:
        if ".." in part.filename.split("/") or part.filename.startswith("/") or _is_link(part):
            raise LibraryError(f"{container.name}: part '{part.filename}' points outside the workbook")
        if part.file_size > max(_PART_FLOOR, _PART_RATIO * part.compress_size):
            raise LibraryError(
                f"{container.name}: part '{part.filename}' unpacks from {part.compress_size} bytes to "
                f"{part.file_size}, which is refused as a decompression bomb"
            )
    if (size := sum(part.file_size for part in parts)) > limit:
        raise LibraryError(
            f"{container.name}: unpacks to {size} bytes, the limit is {limit}; save the sheet as CSV instead"
        )


def _is_link(part: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(part.external_attr >> 16)


def _sheet_rows(container: Container) -> Iterator[tuple[int, Row]]:
    """The rows that are not empty, with their row numbers in the sheet, without empty cells at the end."""
    with _open_book(container) as book:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some writers state them wrongly, and cells beyond would be lost
        for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
            row = [_text(value) for value in values]
            while row and not row[-1]:
                row.pop()
            if row:
                yield line, row


def _sheet_records(container: Container, width: int, header: bool) -> Iterator[tuple[int, Row | Misread]]:
    for line, row in itertools.islice(_sheet_rows(container), int(header), None):
        if len(row) > width:
            fault = Fault("invalid", "field_count", f"{len(row)} fields, expected {width}")
            yield line, Misread("\t".join(row), fault)
        else:
            yield line, _padded(row, width)


def _padded(row: Row, width: int) -> Row:
    return row + [""] * (width - len(row))


def _text(value: object) -> str:
    """A cell as Excel shows it unformatted: 3 and not 3.0, TRUE, 2024-05-01."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return str(value.date() if value.time() == datetime.time() else value)
    return str(value)
