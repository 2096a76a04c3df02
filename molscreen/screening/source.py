"""Source: what a screen reads, the files of a library or a store, as shards of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from molscreen.arguments import as_names
from molscreen.data.files.library import Library, open_library
from molscreen.data.files.record import FOUND_OUT, ReadOptions
from molscreen.errors import LibraryError
from molscreen.screening.shard import Shard, cut
from molscreen.screening.store.layout import is_store
from molscreen.screening.store.read import Store, open_store

Source: TypeAlias = Library | Store
"""Both have `n_records`, `columns`, `described`, `digest` and `records`."""


def open_source(paths: Sequence[str], options: ReadOptions = FOUND_OUT) -> Source:
    """The store that the one path names, or the library of all the paths.

    Raises
    ------
    LibraryError
        As for `open_library` and `open_store`; or a store is named among others, or is to be read
        with options, which were settled when it was made.
    """
    stores = [path for path in paths if is_store(path)]
    if not stores:
        return open_library(paths, options)
    if len(paths) > 1:
        raise LibraryError(
            f"{stores[0]}: a store, and named with others; a store is used alone."
            " To have more libraries in it: molscreen index MORE --append --out STORE"
        )
    if options != FOUND_OUT:
        raise LibraryError(
            f"{stores[0]}: a store is read as it is; columns and encoding were settled when it was made."
            " Leave them out"
        )
    return open_store(stores[0])


def source_names(given: Any, *, what: str = "library") -> tuple[str, ...]:
    """The names of what is to be read, of one or of several; an open store has that of its folder.

    Raises
    ------
    UsageError
        It is something else, such as a data frame.
    """
    several = given if isinstance(given, list | tuple) else [given]
    if any(isinstance(each, Store) for each in several):
        given = [each.path if isinstance(each, Store) else each for each in several]
    return as_names(given, what=what)


def shards_of(source: Source, size: int) -> Iterator[Shard]:
    """The rows, `size` a shard and the last one shorter: of a store and its library the same ones."""
    if isinstance(source, Store):
        return source.shards(size)
    return cut(source.records(), source.columns, size)


def first_rows(shards: Iterator[Shard], n: int) -> Iterator[Shard]:
    """The first `n` rows; no shard is read that has none of them."""
    left = n
    while left > 0 and (shard := next(shards, None)) is not None:
        yield shard if len(shard) <= left else shard.slice(0, left)
        left -= len(shard)
