"""The tables of a plan that are their own thing: filters, re-ranking, diversity, execution."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from molscreen.config import check_choice, check_not_negative, check_positive, check_types
from molscreen.cores import usable_cores
from molscreen.errors import ConfigError
from molscreen.filters.filter import Filter, make_filter

Action = Literal["refuse", "flag"]
ExecutorName = Literal["inline", "local", "ray"]
DiversityMethod = Literal["scaffold", "maxmin", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterRule:
    """One ``[[filter]]`` table: a rule that refuses compounds of the re-rank tier, or marks the shortlisted.

    Attributes
    ----------
    rule : str
        A name in `molscreen.filters.filter.FILTERS`.
    action : {"refuse", "flag"}
        Leave the compound out, or keep it and show the alert beside it.
    options : mapping
        The other keys of the table.
    """

    rule: str
    action: Action = "refuse"
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_choice("[[filter]] action", self.action, get_args(Action))

    def make(self, where: str) -> Filter:
        """The filter itself, tried on one molecule."""
        return make_filter(self.rule, where=where, **self.options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerank:
    """The ``[rerank]`` table: how many compounds get the dear second look.

    The best `fraction` of the scored rows, at least `minimum` and at most `maximum` compounds;
    never fewer than the shortlist is long.
    """

    fraction: float = 0.01
    minimum: int = 1000
    maximum: int = 10000  # at about 8 ms each, a minute and a half on one core
    shard_size: int = 256

    def __post_init__(self) -> None:
        check_types("[rerank]", self)
        if not 0 < self.fraction <= 1:
            raise ConfigError(f"[rerank] fraction must be in (0, 1], got {self.fraction}")
        check_positive(self, "minimum", "maximum", "shard_size", where="[rerank]")
        if self.minimum > self.maximum:
            raise ConfigError(f"[rerank] minimum {self.minimum} is above maximum {self.maximum}")

    def size(self, n_scored: int, top: int) -> int:
        """Compounds to re-rank of `n_scored` scored rows, for a shortlist of `top`."""
        wanted = math.ceil(self.fraction * n_scored)
        return max(top, min(self.maximum, max(self.minimum, wanted)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Diversity:
    """The ``[diversity]`` table; see `molscreen.screening.shortlist.pick_diverse`."""

    method: DiversityMethod = "scaffold"
    per_scaffold: int = 3
    pool: int = 5

    def __post_init__(self) -> None:
        check_types("[diversity]", self)
        check_choice("[diversity] method", self.method, get_args(DiversityMethod))
        check_positive(self, "per_scaffold", "pool", where="[diversity]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """The ``[run]`` table: who does the work. Of all this only `shard_size` may show in the result.

    Attributes
    ----------
    executor : {"inline", "local", "ray"}
        In this process, in worker processes of this machine, or in actors of a Ray cluster.
    workers : int
        0 is one for each usable core, here or in the cluster, which may grow.
    address : str
        Of the Ray cluster; without one RAY_ADDRESS, or a cluster of this machine alone.
    gpus : float
        Share of a GPU for each worker on Ray, for example 0.25; several to a GPU overlap.
    shard_size : int
        Rows committed together: a few seconds of work; 0 is as the library is large, see
        `shard_rows`. Batches are cut inside a shard, so that another size changes the last bits of a
        score.
    timeout : float
        Seconds one shard may take before its worker is ended and a row is blamed; 0 is by what other
        shards took: `molscreen.screening.executors.pace.Pace`.
    """

    executor: ExecutorName = "local"
    workers: int = 0
    address: str = ""
    gpus: float = 0.0
    shard_size: int = 0
    timeout: float = 0.0

    def __post_init__(self) -> None:
        check_types("[run]", self)
        check_choice("[run] executor", self.executor, get_args(ExecutorName))
        check_not_negative(self, "workers", "shard_size", "gpus", "timeout", where="[run]")
        if self.executor != "ray":
            for name in ("address", "gpus"):
                if getattr(self, name):
                    raise ConfigError(f"[run] {name} belongs to the executor 'ray', not to '{self.executor}'")


def worker_count(run: Execution) -> int:
    """Worker processes of a run: one for inline, else as asked, else one for each usable core."""
    if run.executor == "inline":
        return 1
    return run.workers or usable_cores()


SHARDS = 16  # at least: what an interrupt loses, or one worker has more to do than another, is one of them
SMALLEST = 256  # rows, half a second of work; below it, writing the parts would cost more than 4 %
LARGEST = 4096  # rows, ten seconds


def shard_rows(run: Execution, n_rows: int) -> int:
    """Rows of a shard: as asked, else by the number of rows in the library alone.

    Not by the number of workers: who does the work must not change a byte.

    Examples
    --------
    >>> [shard_rows(Execution(), n_rows) for n_rows in (100, 5_000, 20_000, 1_000_000)]
    [256, 256, 1024, 4096]
    >>> shard_rows(Execution(shard_size=64), 1_000_000)
    64
    """
    if run.shard_size:
        return run.shard_size
    return min(LARGEST, max(SMALLEST, n_rows // SHARDS // SMALLEST * SMALLEST))


def read_rule(table: Mapping[str, Any], where: str) -> FilterRule:
    """One ``[[filter]]`` table; what is not ours belongs to the rule."""
    if not isinstance(table.get("rule"), str):
        raise ConfigError(f"{where}: 'rule' is missing, expected the name of a filter")
    own = {key: table[key] for key in ("rule", "action") if key in table}
    try:
        return FilterRule(**own, options={key: table[key] for key in table if key not in own})
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error
