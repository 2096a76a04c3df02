"""Arguments that may be one thing or several: a text is one thing, and not its letters."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

from molscreen.errors import UsageError

LONGEST = 255  # bytes of a file's name, on usual file systems


def as_sequence(given: Any) -> tuple[Any, ...]:
    """What was given, as a tuple.

    Examples
    --------
    >>> as_sequence("hERG"), as_sequence(["hERG", "AMES"]), as_sequence(())
    (('hERG',), ('hERG', 'AMES'), ())
    """
    is_one = isinstance(given, str | bytes) or not isinstance(given, Iterable)
    return (given,) if is_one else tuple(given)


def require(given: object, kind: type, *, what: str) -> None:
    """Raise `UsageError` unless this is of the kind, for example where a dict was given for settings."""
    if not isinstance(given, kind):
        raise UsageError(f"{what} is a {type(given).__name__}, expected {kind.__name__}(…)")


def require_name(given: object, *, what: str) -> None:
    """Raise `UsageError` unless this can be a name, or a path, here or in a store."""
    if not isinstance(given, str | os.PathLike) and "://" not in str(given):
        raise UsageError(f"{what}: got a {type(given).__name__}, expected a name or a path")


def as_names(given: Any, *, what: str) -> tuple[str, ...]:
    """Names or paths as text, of one or of several.

    Parameters
    ----------
    given : str, path, or sequence of them
    what : str
        How an error names the argument.

    Raises
    ------
    UsageError
        It is a table or a column of one, or something in it is no name.

    Examples
    --------
    >>> as_names("vendor.csv", what="library"), as_names(["a.smi", "b.smi"], what="library")
    (('vendor.csv',), ('a.smi', 'b.smi'))
    """
    if any(hasattr(given, name) for name in ("columns", "dtype", "keys")):  # a table, a column, a mapping
        raise UsageError(
            f"{what}: got a {type(given).__name__}, expected names of files. Write it to one, so that a"
            " result can be traced to it, and gone on with: frame.to_csv('library.csv', index=False)"
        )
    names = as_sequence(given)
    for each in names:
        require_name(each, what=what)
        if any(len(os.fsencode(part)) > LONGEST for part in PurePath(str(each)).parts):
            raise UsageError(
                f"{what}: '{str(each)[:40]}…' is too long for the name of a file; structures are read from"
                " one, a line each"
            )
    return tuple(map(str, names))
