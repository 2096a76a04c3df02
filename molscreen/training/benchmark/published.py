"""Published figures of other methods, with their sources: what a benchmark's table stands beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from molscreen.config import read_toml, to_dataclass
from molscreen.errors import ConfigError, did_you_mean

FILE = Path(__file__).with_name("published.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where figures were read: a ``[[source]]`` table; `repository` is empty for a paper's own table."""

    name: str
    repository: str
    path: str
    commit: str
    paper: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedMethod:
    """What one source says of one method: a ``[[method]]`` table.

    Attributes
    ----------
    benchmark, name : str
    source : str
        The name of a `Source`.
    reproduced : bool
        Whether a third party obtained the figures again.
    leaky : bool
        Whether a third party found test compounds in what chose or pre-trained it.
    figures : mapping of task to (mean,) or (mean, sd)
        In the metric of the task, from 0 to 1 where it is a share.
    subsets : mapping of subset to figures
        Of test compounds reported apart, such as "cliff".
    """

    benchmark: str
    name: str
    source: str
    reproduced: bool = False
    leaky: bool = False
    figures: dict[str, tuple[float, ...]] = field(default_factory=dict)
    subsets: dict[str, dict[str, tuple[float, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for table in (self.figures, *self.subsets.values()):
            for task, figure in table.items():
                if not 1 <= len(figure) <= 2 or (len(figure) == 2 and figure[1] < 0):
                    raise ConfigError(
                        f"method '{self.name}', task '{task}': {list(figure)}, expected [mean] or [mean, sd]"
                    )

    def of(self, task: str, subset: str = "") -> tuple[float, ...] | None:
        """(mean,) or (mean, sd) for a task, over all its test compounds or a subset; None if unknown."""
        return (self.subsets.get(subset, {}) if subset else self.figures).get(task)


@dataclass(frozen=True, slots=True)
class Published:
    """The file: its sources by name, and its methods in its order."""

    sources: Mapping[str, Source]
    methods: tuple[PublishedMethod, ...]

    def of(self, benchmark: str) -> tuple[PublishedMethod, ...]:
        """The methods with figures for a benchmark."""
        return tuple(method for method in self.methods if method.benchmark == benchmark)


@cache
def load_published(path: Path = FILE) -> Published:
    """Read and check the file of published figures.

    Raises
    ------
    ConfigError
        A key is unknown or missing, a source is not described, or a method of a benchmark comes twice.
    """
    table = read_toml(path)
    for key in table.keys() - {"source", "method"}:
        raise ConfigError(f"{path}: unknown table '{key}', expected [[source]] and [[method]]")
    sources = {}
    for where, entry in _entries(table, "source", path):
        source = to_dataclass(Source, entry, where=where)
        sources[source.name] = source
    methods: dict[tuple[str, str], PublishedMethod] = {}
    for where, entry in _entries(table, "method", path):
        method = to_dataclass(PublishedMethod, entry, where=where)
        if method.source not in sources:
            raise ConfigError(
                f"{where}: source '{method.source}' is not described.{did_you_mean(method.source, sources)}"
            )
        place = method.benchmark, method.name
        if place in methods:
            raise ConfigError(f"{where}: '{method.name}' comes twice for '{method.benchmark}'")
        methods[place] = method
    return Published(sources, tuple(methods.values()))


def _entries(table: Mapping[str, Any], name: str, path: Path) -> list[tuple[str, dict[str, Any]]]:
    return [(f"{path}, [[{name}]] {i}", entry) for i, entry in enumerate(table.get(name, []), start=1)]
