"""TOML to frozen dataclasses; an unknown key is refused with the nearest known one."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import dacite
from dacite.types import is_instance

from molscreen.errors import ConfigError, did_you_mean

C = TypeVar("C")


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises
    ------
    ConfigError
        The file is missing or is not TOML; the message names the file and the line.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error


def to_dataclass(cls: type[C], table: Mapping[str, Any], *, where: str) -> C:
    """A frozen dataclass from one table; nested dataclasses and tuples of them included.

    Parameters
    ----------
    cls : type
        A dataclass; its own ``__post_init__`` checks ranges.
    table : mapping
    where : str
        How an error names the place, for example ``screen.toml, [rerank]``.

    Raises
    ------
    ConfigError
        A key is unknown or missing, or a value has the wrong type.
    """
    settings = dacite.Config(strict=True, type_hooks={float: _to_float})
    frozen = _freeze(table)
    _check_all_keys(cls, frozen, where)
    try:
        return dacite.from_dict(cls, frozen, settings)
    except ConfigError as error:  # from a __post_init__, which does not know the place
        raise ConfigError(f"{where}: {error}") from error
    except dacite.MissingValueError as error:
        raise ConfigError(f"{where}: '{error.field_path}' is missing") from error
    except dacite.WrongTypeError as error:
        value = table.get(error.field_path or "", error.value)
        raise ConfigError(
            f"{where}: '{error.field_path}' is {value!r}, expected {_type_name(error.field_type)}"
        ) from error


def check_types(where: str, table: Any) -> None:
    """Raise `ConfigError` unless each field of a dataclass has the type that it is annotated with.

    For one that Python code may make, where TOML would have been checked by `to_dataclass`. A choice of
    words is left to `check_choice`.
    """
    kinds = get_type_hints(type(table))
    for name in (field.name for field in dataclasses.fields(table)):
        value, kind = getattr(table, name), kinds[name]
        if get_origin(kind) is Literal:
            continue
        if not is_instance(_to_float(value) if kind is float else value, kind):
            raise ConfigError(f"{where}: '{name}' is {value!r}, expected {_type_name(kind)}")


def check_keys(table: Mapping[str, Any], known: Collection[str], *, where: str) -> None:
    """Raise `ConfigError` unless all keys of a table are known."""
    for key in table:
        if key not in known:
            raise ConfigError(
                f"{where}: unknown key '{key}'. Known: {', '.join(sorted(known))}.{did_you_mean(key, known)}"
            )


def check_positive(table: Any, *names: str, where: str = "") -> None:
    """Raise `ConfigError` unless these fields of a dataclass are above 0; NaN is not.

    Without `where`, for the outermost table of a file: whoever reads it says which file it is.
    """
    for name in names:
        if not getattr(table, name) > 0:
            raise ConfigError(f"{where} {name} must be positive, got {getattr(table, name)}".lstrip())


def check_not_negative(table: Any, *names: str, where: str = "") -> None:
    """The same for fields that may be 0."""
    for name in names:
        if not getattr(table, name) >= 0:
            raise ConfigError(f"{where} {name} must not be negative, got {getattr(table, name)}".lstrip())


def check_choice(what: str, value: str, known: Sequence[str]) -> None:
    """Raise `ConfigError` unless the value is one of the known."""
    if value not in known:
        raise ConfigError(
            f"{what} is '{value}', expected one of {', '.join(known)}.{did_you_mean(str(value), known)}"
        )


def _freeze(value: Any) -> Any:
    """Lists to tuples, all the way down; a cast would also tear a string into letters."""
    if isinstance(value, Mapping):
        return {key: _freeze(part) for key, part in value.items()}
    return tuple(map(_freeze, value)) if isinstance(value, list) else value


def _to_float(value: Any) -> Any:
    """TOML writes 1 for 1.0; anything else is left for the type check."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _check_all_keys(kind: Any, value: Any, where: str) -> None:
    """Check the keys of a table and of those inside it: dacite does not say which has one too many."""
    inside = get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(value, Mapping):
        hints = get_type_hints(kind)
        kinds = {field.name: hints[field.name] for field in dataclasses.fields(kind)}
        check_keys(value, kinds, where=where)
        for name, part in value.items():
            _check_all_keys(kinds[name], part, f"{where}, [{name}]")
    elif isinstance(value, tuple) and inside:
        for part in value:
            _check_all_keys(inside[0], part, where)
    elif isinstance(value, Mapping) and get_origin(kind) is dict:
        for name, part in value.items():
            _check_all_keys(inside[1], part, f"{where}, [{name}]")
    elif type(None) in inside:
        _check_all_keys(inside[0], value, where)


def _type_name(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return f"one of {', '.join(map(repr, get_args(kind)))}"
    return getattr(kind, "__name__", str(kind))
