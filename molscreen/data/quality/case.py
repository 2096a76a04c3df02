"""Case: measurements that somebody should look at, with the compounds they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from molscreen.data.measured.assay_table import ABOVE, BELOW, AssayTable

Fault = Literal[
    "replicates disagree", "forms disagree", "activity cliff", "form of a test compound", "far out"
]

SIGNS = {BELOW: "<", ABOVE: ">"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One measurement: where it is from, the compound's key, and the value with its relation, as text."""

    id: str
    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Measurements that are at fault together.

    Attributes
    ----------
    fault : str
    endpoint : str
    entries : tuple of Entry
    severity : float
        How far they are apart, in units of what is still allowed; 1 and more. Sorts the cases of one fault.
    """

    fault: Fault
    endpoint: str
    entries: tuple[Entry, ...]
    severity: float = 1.0


def entry(table: AssayTable, row: int, column: int) -> Entry:
    """The measurement of one row and column of a table."""
    sign = SIGNS.get(int(table.relation[row, column]), "")
    return Entry(table.ids[row], table.keys[row], f"{sign}{float(table.value[row, column]):.6g}")


def worst_first(cases: Iterable[Case]) -> tuple[Case, ...]:
    """The cases by falling severity; of equals, those that came first."""
    return tuple(sorted(cases, key=lambda case: -case.severity))
