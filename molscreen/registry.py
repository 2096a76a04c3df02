"""A family of classes by name: a name is taken once, and an unknown one lists the choices."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Generic, TypeVar

from molscreen.errors import ConfigError, did_you_mean

T = TypeVar("T", bound=type)


class Registry(Generic[T]):
    """Name to class, for one family such as encoders or filters.

    Parameters
    ----------
    family : str
        What an error calls a member.
    homes : mapping of name to module, optional
        Members that are imported when they are first asked for, because their module is slow to
        import; each registers itself there.

    Examples
    --------
    >>> shapes = Registry[type]("shape")
    >>> @shapes.register("circle")
    ... class Circle: ...
    >>> shapes["circle"].__name__
    'Circle'
    >>> shapes["cirle"]
    Traceback (most recent call last):
    molscreen.errors.ConfigError: unknown shape 'cirle'. Known: circle. Did you mean 'circle'?
    """

    def __init__(self, family: str, homes: Mapping[str, str] = MappingProxyType({})) -> None:
        self.family = family
        self._homes = homes
        self._members: dict[str, T] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """Class decorator that adds a member; the same class, reloaded, takes its own place.

        Raises
        ------
        ConfigError
            Another class has that name.
        """

        def add(member: T) -> T:
            taken = self._members.get(name)
            if taken is not None and _full_name(taken) != _full_name(member):
                raise ConfigError(f"{self.family} '{name}' is already taken by {_full_name(taken)}")
            self._members[name] = member
            return member

        return add

    def __getitem__(self, name: str) -> T:
        if name not in self._members and name in self._homes:
            importlib.import_module(self._homes[name])
        if name not in self._members:
            raise ConfigError(
                f"unknown {self.family} '{name}'. Known: {', '.join(self)}.{did_you_mean(name, self)}"
            )
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._members, *self._homes}))

    def __contains__(self, name: object) -> bool:
        return name in self._members or name in self._homes


def _full_name(member: type) -> str:
    return f"{member.__module__}.{member.__qualname__}"


def load_plugins(modules: Sequence[str]) -> None:
    """Import the modules a plan names, so that their members register themselves.

    Raises
    ------
    ConfigError
        A module cannot be imported; the run must not start without it.
    """
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise ConfigError(f"plugin '{module}' cannot be imported: {error}") from error
