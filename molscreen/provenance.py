"""RunRecord: what went into a run and what came out of it, in counts that reconcile."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import json
import math
import platform
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, get_args

from molscreen.cores import usable_cores
from molscreen.errors import ResumeError, RunError

State = Literal["running", "complete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Where every row of a library went; rows that do not add up are refused.

    Attributes
    ----------
    read : int
        Rows of the library.
    scored : int
        Rows with a score that may be ranked.
    unscored : int
        Rows that are a compound, and for which the models gave no usable number.
    rejected : mapping of str to int
        ``status/code`` to rows, for example ``{"invalid/valence": 3}``.
    duplicates : int
        Scored rows whose structure an earlier row already had; not a fourth share of `read`.

    Examples
    --------
    >>> Counts(read=10, scored=8, unscored=0, rejected={"invalid/valence": 1})
    Traceback (most recent call last):
    molscreen.errors.RunError: counts do not reconcile: 10 rows read, but 8 scored + 0 unscored + \
1 rejected = 9
    """

    read: int
    scored: int
    unscored: int
    rejected: Mapping[str, int]
    duplicates: int = 0

    def __post_init__(self) -> None:
        refused = sum(self.rejected.values())
        if self.read != self.scored + self.unscored + refused:
            raise RunError(
                f"counts do not reconcile: {self.read} rows read, but {self.scored} scored"
                f" + {self.unscored} unscored + {refused} rejected = {self.scored + self.unscored + refused}"
            )

    @property
    def in_words(self) -> str:
        """Where the rows went, in one line.

        Examples
        --------
        >>> Counts(read=1200, scored=1199, unscored=0, rejected={"invalid/valence": 1}).in_words
        '1,200 rows read: 1,199 scored, 0 without a score, 1 rejected'
        """
        repeated = f" ({self.duplicates:,} repeat another row)" if self.duplicates else ""
        return (
            f"{self.read:,} rows read: {self.scored:,} scored{repeated}, {self.unscored:,} without a score,"
            f" {sum(self.rejected.values()):,} rejected"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """The ``run.json`` of a run folder.

    Attributes
    ----------
    identity : mapping
        Everything that determines the result: inputs by sha256, how they were read, the plan
        without its executor, bundles by digest, versions. Its `fingerprint` marks every part.
    state : {"running", "complete"}
        "complete" is written last, after the audit.
    library : tuple of str
        The paths as they were given.
    described : tuple of str
        What the reader found, one sentence each.
    started, finished : str
        ISO 8601, UTC; `finished` is empty while the run is not complete.
    counts : Counts, optional
        None while the run is not complete.
    seconds : mapping of str to float
        Wall seconds per phase of the driver, and busy seconds per stage summed over workers.
    machine, execution : mapping
        Where and how it ran; neither changes the result.
    """

    identity: Mapping[str, Any]
    state: State = "running"
    library: tuple[str, ...] = ()
    described: tuple[str, ...] = ()
    started: str = ""
    finished: str = ""
    counts: Counts | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    machine: Mapping[str, Any] = field(default_factory=dict)
    execution: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.state not in get_args(State):
            raise RunError(f"run record: state is '{self.state}', expected running or complete")
        if self.state == "complete" and self.counts is None:
            raise RunError("run record: a complete run without counts is refused")

    def __repr__(self) -> str:
        counts = "" if self.counts is None else f", {self.counts.in_words}"
        return f"RunRecord({self.state}, begun {self.started}{counts})"

    @property
    def fingerprint(self) -> str:
        """sha256 of the canonical JSON of `identity`, 64 hexadecimal digits."""
        return hashlib.sha256(canonical_json(self.identity).encode()).hexdigest()

    def completed(self, counts: Counts, seconds: Mapping[str, float]) -> RunRecord:
        """The record of the same run, finished now."""
        return replace(self, state="complete", counts=counts, seconds=dict(seconds), finished=utc_now())

    def to_json(self) -> str:
        """Indented JSON that `from_json` reads back; the fingerprint is written along."""
        return (
            json.dumps({"fingerprint": self.fingerprint, **asdict(self)}, indent=2, ensure_ascii=False) + "\n"
        )

    @classmethod
    def from_json(cls, text: str) -> RunRecord:
        """The record that `to_json` wrote.

        Raises
        ------
        ResumeError
            The text is not a run record, or its identity was edited after the fingerprint was taken.
        """
        try:
            fields = json.loads(text)
            fingerprint = fields.pop("fingerprint")
            counts = fields.pop("counts")
            record = cls(
                **{**fields, "library": tuple(fields["library"]), "described": tuple(fields["described"])},
                counts=None if counts is None else Counts(**counts),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ResumeError(f"run.json is not a run record of this version: {error}") from error
        if record.fingerprint != fingerprint:
            raise ResumeError(
                "run.json was edited: its identity no longer has the fingerprint written beside it."
                " Start a new run folder."
            )
        return record


@functools.cache
def own_digest() -> str:
    """Of molscreen's own sources and tables, 16 hexadecimal digits: a version that nobody forgets to raise.

    Read once, in some 30 ms; the code of this process is that of its start.
    """
    return source_digest("molscreen", suffixes=(".py", ".tsv"))[:16]


def source_digest(module: str, *, suffixes: tuple[str, ...] = (".py",)) -> str:
    """sha256 of the Python sources of a module, or of the whole package that it belongs to.

    What they import from elsewhere, and what they read, is not in it, but for files of other `suffixes`.

    Raises
    ------
    ModuleNotFoundError
        There is no such module.

    Examples
    --------
    >>> source_digest("json.decoder") == source_digest("json")
    True
    """
    top = module.partition(".")[0]
    spec = importlib.util.find_spec(top)
    if spec is None:
        raise ModuleNotFoundError(f"no module '{top}'")
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    files = [
        (path.relative_to(folder), path)
        for folder in folders
        for suffix in suffixes
        for path in folder.rglob(f"*{suffix}")
    ]
    if not folders and spec.origin is not None and Path(spec.origin).is_file():
        files = [(Path(top), Path(spec.origin))]
    state = hashlib.sha256(top.encode())
    for name, path in sorted(files):
        state.update(name.as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return state.hexdigest()


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The leaves in which two identities differ, one ``name: before → now`` each.

    Examples
    --------
    >>> differences({"plan": {"top": 100, "seed": 0}}, {"plan": {"top": 50, "seed": 0}})
    ['plan.top: 100 → 50']
    """
    old, new = dict(_leaves(before)), dict(_leaves(now))
    names = [*old, *(name for name in new if name not in old)]
    return [
        f"{name}: {old.get(name, 'absent')} → {new.get(name, 'absent')}"
        for name in names
        if old.get(name, "absent") != new.get(name, "absent")
    ]


def canonical_json(value: Any) -> str:
    """One text per value: keys sorted, no blanks, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def json_ready(value: Any) -> Any:
    """The same as JSON has it: dataclasses are objects, numpy scalars numbers, NaN and infinities null.

    Examples
    --------
    >>> json_ready({"auc": (0.5, float("nan")), "ratio": float("inf")})
    {'auc': [0.5, None], 'ratio': None}
    """
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return {str(key): json_ready(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [json_ready(each) for each in value]
    if hasattr(value, "item"):  # a numpy scalar
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def utc_now() -> str:
    """The time in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def versions(packages: tuple[str, ...] = ("molscreen", "rdkit", "torch")) -> dict[str, str]:
    """Installed versions by name; imports none of the packages."""
    return {name: _version(name) for name in packages}


def machine() -> dict[str, Any]:
    """Host, operating system, Python and the number of usable cores."""
    return {
        "host": socket.gethostname(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": usable_cores(),
    }


def _version(package: str) -> str:
    if package == "molscreen":  # a source checkout need not be installed
        return str(sys.modules["molscreen"].__version__)
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted name and value of everything that is not a non-empty mapping or list."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple) and value:
        for position, inner in enumerate(value):
            yield from _leaves(inner, f"{name}[{position}]")
    else:
        yield name, value
