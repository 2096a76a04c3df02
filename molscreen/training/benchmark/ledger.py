"""Ledger: every result of a benchmark, written as soon as it is there, and found again by the next call."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from molscreen.errors import ResumeError
from molscreen.training.benchmark.contender import Contender

FILE = "results.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a result is of; two results of one place are the same.

    Attributes
    ----------
    task, method : str
    settings : str
        Of the method: with others, its figures are others.
    seed : int
    fold : str
        Digest of all that trains, and of the compounds that are tested.
    """

    task: str
    method: str
    settings: str
    seed: int
    fold: str

    @classmethod
    def of(cls, contender: Contender, *, task: str, seed: int, fold: str) -> Place:
        """Of a method, as it is set."""
        return cls(task=task, method=contender.name, settings=contender.settings, seed=seed, fold=fold)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One fitted method on one test fold.

    Attributes
    ----------
    place : Place
    variant : str
        The variant it was made for, "official" or "cleaned"; where they train alike it stands for both.
    n_train, n_test : int
        Rows.
    seconds : float
        For fit and prediction, wall clock; of a fit for several tasks, a task's share. What was kept of
        earlier fits took no time.
    figures : mapping of metric to float
        Where nothing else can be computed from `prediction`; NaN where the data admit none.
    prediction : tuple of n tuples of t float
        Of the test rows, in the order of the exam, to seven significant digits; empty where only figures
        are kept.
    """

    place: Place
    variant: str
    n_train: int
    n_test: int
    seconds: float
    figures: Mapping[str, float] = field(default_factory=dict)
    prediction: tuple[tuple[float, ...], ...] = ()


class Ledger:
    """Results by place; with a folder, also on disk, one JSON object a line.

    A line that was cut short by a killed process is passed over.

    Parameters
    ----------
    benchmark : str
    folder : path, optional
        Created if need be. Without it nothing is kept.

    Raises
    ------
    ResumeError
        The folder holds the results of another benchmark.
    """

    def __init__(self, benchmark: str, folder: Path | None = None) -> None:
        self._known: dict[Place, Result] = {}
        self._path: Path | None = None
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / FILE
        if not self._path.exists():
            self._write({"benchmark": benchmark})
            return
        text = self._path.read_text(encoding="utf-8")
        if text and not text.endswith("\n"):  # the last line was cut short: what follows starts a new one
            with self._path.open("a", encoding="utf-8") as file:
                file.write("\n")
        lines = text.splitlines()
        head = _parsed(lines[0]) if lines else None
        if head is None or head.get("benchmark") != benchmark:
            found = (head or {}).get("benchmark", "something else")
            raise ResumeError(
                f"{self._path} holds results of '{found}', not of '{benchmark}':"
                " name another folder with --out"
            )
        for line in lines[1:]:
            entry = _parsed(line)
            if entry is not None:
                result = _result(entry, self._path)
                self._known[result.place] = result

    def __len__(self) -> int:
        return len(self._known)

    def find(self, place: Place) -> Result | None:
        """The result of a place, if it is there."""
        return self._known.get(place)

    def add(self, result: Result) -> Result:
        """Keep a result, on disk before this returns."""
        self._known[result.place] = result
        self._write(dataclasses.asdict(result))
        return result

    def _write(self, entry: Mapping[str, Any]) -> None:
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")


def _parsed(line: str) -> dict[str, Any] | None:
    """The object of a line; None for one that is cut short."""
    try:
        entry = json.loads(line)
    except json.JSONDecodeError:
        return None
    return entry if isinstance(entry, dict) else None


def _result(entry: dict[str, Any], path: Path) -> Result:
    """The result of a line that this module wrote.

    Raises
    ------
    ResumeError
        The line has other fields.
    """
    try:
        rows = tuple(map(tuple, entry.pop("prediction")))
        return Result(place=Place(**entry.pop("place")), prediction=rows, **entry)
    except (KeyError, TypeError) as error:
        raise ResumeError(
            f"{path} was written by another version of molscreen: name another folder with --out"
        ) from error
