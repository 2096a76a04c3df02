"""Conflicts: records of one compound, or of its stereoisomers and tautomers, that disagree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.data.measured.assay_table import ABOVE, BELOW, AssayTable
from molscreen.data.quality.case import Case, Fault, entry, worst_first
from molscreen.data.quality.judged import JudgedScale
from molscreen.data.quality.records import EndpointRecords


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicates:
    """How well repeated measurements of one endpoint agree.

    Attributes
    ----------
    repeated : int
        Compounds with more than one value.
    copies : int
        Of these, compounds whose values are all equal: mostly one measurement, written twice.
    spreads : int
        Compounds with more than one exact value, whose spread (largest minus least) follows.
    median, p95 : float
        Of the spreads, on the judged scale; NaN without any.
    deviation : float
        Pooled standard deviation of the values of compounds whose values are not all equal: the noise that a
        model cannot be expected to undercut. Equal values are mostly one measurement written twice, and say
        nothing of noise (Kramer et al. 2012 leave them out as well); where they are measurements that agree,
        as values with few digits do by chance, it is somewhat too large. NaN without any.
    limit : float
        A spread above it is a conflict.
    conflicts : tuple of Case
        One compound, records that disagree; limits (``<``, ``>``) disagree where they exclude each other.
    dropped : int
        Compounds left without a value, since as many labels, or limits, speak for as against it.
    forms : int
        Compounds measured in more than one form: stereoisomers or tautomers, apart from each other.
    form_conflicts : tuple of Case
        Forms that disagree. Stereoisomers may; a model blind to stereo cannot tell them apart.

    References
    ----------
    Kramer et al., J. Med. Chem. 55, 5165 (2012), doi:10.1021/jm300131x.
    """

    repeated: int
    copies: int
    spreads: int
    median: float
    p95: float
    deviation: float
    limit: float
    conflicts: tuple[Case, ...]
    dropped: int
    forms: int
    form_conflicts: tuple[Case, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """m measurements, sorted by the compound they belong to, in groups of two and more."""

    row: NDArray[np.intp]  # (m,) of the table
    start: NDArray[np.intp]  # (g,) of each group
    size: NDArray[np.intp]  # (g,)


def compare_replicates(records: EndpointRecords) -> Replicates:
    """How well repeated measurements of one endpoint agree."""
    table, column, compound, scale = records.table, records.column, records.compound, records.scale
    merged, place = records.merged, records.place
    measured, exact = np.flatnonzero(records.measured), np.flatnonzero(records.exact)
    same = _group(measured, compound[measured])
    spread, deviation = _spread(_group(exact, compound[exact]), scale.apply(records.value))
    kept = np.flatnonzero(merged.measured[:, place])
    forms = _group(kept, records.chemistry.skeleton[kept])
    known = np.unique(compound[measured])
    return Replicates(
        repeated=len(same.size),
        copies=_count_copies(table, column, same),
        spreads=len(spread),
        median=float(np.median(spread)) if len(spread) else float("nan"),
        p95=float(np.quantile(spread, 0.95)) if len(spread) else float("nan"),
        deviation=deviation,
        limit=scale.conflict,
        conflicts=_find_conflicts(table, column, same, scale, "replicates disagree"),
        dropped=int((~merged.measured[known, place]).sum()),
        forms=len(forms.size),
        form_conflicts=_find_conflicts(merged, place, forms, scale, "forms disagree"),
    )


def _group(row: NDArray[np.intp], owner: NDArray[np.intp]) -> _Groups:
    """Rows (m,) by their owners (m,), where an owner has more than one."""
    order = np.argsort(owner, kind="stable")
    _, size = np.unique(owner, return_counts=True)
    several = np.repeat(size > 1, size)
    size = size[size > 1]
    return _Groups(row[order][several], np.cumsum(size) - size, size)


def _bounds(
    table: AssayTable, column: int, rows: NDArray[np.intp], scale: JudgedScale
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least and the largest true value, on the judged scale, that each measurement allows."""
    value, relation = scale.apply(table.value[rows, column]), table.relation[rows, column]
    return np.where(relation == BELOW, -np.inf, value), np.where(relation == ABOVE, np.inf, value)


def _find_conflicts(
    table: AssayTable, column: int, groups: _Groups, scale: JudgedScale, fault: Fault
) -> tuple[Case, ...]:
    """Groups of which two members allow no common value, by more than the limit; the worst first."""
    if not len(groups.size):
        return ()
    low, high = _bounds(table, column, groups.row, scale)
    apart = np.maximum.reduceat(low, groups.start) - np.minimum.reduceat(high, groups.start)  # (g,)
    unit = scale.conflict or 1.0
    cases = []
    for group in np.flatnonzero(apart > scale.conflict):
        members = groups.row[groups.start[group] : groups.start[group] + groups.size[group]]
        entries = tuple(entry(table, int(row), column) for row in members)
        name = table.endpoints[column].name
        cases.append(Case(fault=fault, endpoint=name, entries=entries, severity=float(apart[group] / unit)))
    return worst_first(cases)


def _spread(groups: _Groups, value: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Largest minus least value of each group (g,), and the pooled standard deviation within unequal ones."""
    if not len(groups.size):
        return np.empty(0), float("nan")
    member = value[groups.row]
    spread = np.maximum.reduceat(member, groups.start) - np.minimum.reduceat(member, groups.start)
    mean = np.add.reduceat(member, groups.start) / groups.size
    squares = float(((member - np.repeat(mean, groups.size)) ** 2).sum())
    freedom = int((groups.size - 1)[spread > 0].sum())
    return spread, (squares / freedom) ** 0.5 if freedom else float("nan")


def _count_copies(table: AssayTable, column: int, groups: _Groups) -> int:
    """Groups in which every record has the same value and the same relation."""
    if not len(groups.size):
        return 0
    alike = np.ones(len(groups.size), bool)
    for member in (table.value[groups.row, column], table.relation[groups.row, column]):
        alike &= np.maximum.reduceat(member, groups.start) == np.minimum.reduceat(member, groups.start)
    return int(alike.sum())
