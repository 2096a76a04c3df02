"""Replicates: all records of one compound become one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.data.measured.assay_table import ABOVE, BELOW, EQUAL, AssayTable
from molscreen.endpoint import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeReport:
    """What `merge_replicates` found; ``rows = compounds + duplicates``, and the records that were refused.

    Attributes
    ----------
    rows : int
        Records that were read, the refused ones included.
    compounds : int
    duplicates : int
        Records that joined an earlier record of the same compound.
    """

    rows: int
    compounds: int
    duplicates: int


def merge_replicates(table: AssayTable) -> tuple[AssayTable, MergeReport]:
    """One row per compound: the median of its values, the majority of its labels.

    A value on the log10 scale is averaged there. Labels without a majority become NaN. Exact
    values outrank limits; where only limits (``<``, ``>``) are known, the
    median of the more frequent kind stays, and as many of each are no information: NaN.
    Whatever is in an official test set is never trained on: where a compound has test and
    training measurements of one endpoint, the test ones alone stay.

    Returns
    -------
    AssayTable
        Compounds in the order of their first record; of several times, the earliest.
    MergeReport
    """
    place: dict[str, int] = {}
    row = np.array([place.setdefault(key, len(place)) for key in table.keys], dtype=np.intp)  # (n,)
    merged = _empty(table, tuple(place), row)
    np.fmin.at(merged.time, row, table.time)
    for column, endpoint in enumerate(table.endpoints):
        measured = np.flatnonzero(~np.isnan(table.value[:, column]))
        for group in _groups(row[measured]):
            members = measured[group]
            tested = table.split[members, column] == "test"
            if tested.any() and not tested.all():
                members = members[tested]
            value, relation = agree(table.value[members, column], table.relation[members, column], endpoint)
            if np.isnan(value):
                continue
            at = row[members[0]], column
            merged.value[at], merged.relation[at] = value, relation
            merged.split[at] = table.split[members[0], column]
            for name, mask in table.subsets.items():
                merged.subsets[name][at] = mask[members, column].any()
    report = MergeReport(
        rows=len(table) + len(table.rejections),
        compounds=len(merged),
        duplicates=len(table) - len(merged),
    )
    return merged, report


def agree(value: NDArray[np.float32], relation: NDArray[np.int8], endpoint: Endpoint) -> tuple[float, int]:
    """The value and relation that replicates of one compound stand for; NaN if they disagree.

    Parameters
    ----------
    value : (m,) float32
        At least one; no NaN.
    relation : (m,) int8

    Examples
    --------
    >>> agree(np.float32([5, 6, 9]), np.int8([0, 0, 0]), Endpoint(name="pKi"))
    (6.0, 0)
    >>> agree(np.float32([0, 1]), np.int8([0, 0]), Endpoint(name="hERG", kind="classification"))
    (nan, 0)
    """
    if endpoint.kind == "classification":
        positives = float(value.mean())
        return (float("nan") if positives == 0.5 else float(positives > 0.5)), EQUAL
    counts = {kind: int((relation == kind).sum()) for kind in (EQUAL, BELOW, ABOVE)}
    if not counts[EQUAL] and counts[BELOW] == counts[ABOVE]:
        return float("nan"), EQUAL
    kept = EQUAL if counts[EQUAL] else max((BELOW, ABOVE), key=counts.__getitem__)
    chosen = value[relation == kept].astype(np.float64)
    if endpoint.scale == "log10":
        return float(10.0 ** np.median(np.log10(chosen))), kept
    return float(np.median(chosen)), kept


def join_ids(row: NDArray[np.intp], ids: Sequence[str], n: int) -> tuple[str, ...]:
    """The ids of all records of each of n compounds, each once, in order."""
    found: list[dict[str, None]] = [{} for _ in range(n)]
    for place, identifier in zip(row.tolist(), ids, strict=True):
        found[place][identifier] = None
    return tuple("; ".join(each) for each in found)


def _empty(table: AssayTable, keys: tuple[str, ...], row: NDArray[np.intp]) -> AssayTable:
    """A table of the same endpoints for `keys`, with nothing measured yet."""
    shape = len(keys), len(table.endpoints)
    return AssayTable(
        keys=keys,
        endpoints=table.endpoints,
        value=np.full(shape, np.nan, np.float32),
        relation=np.full(shape, EQUAL, np.int8),
        split=np.zeros(shape, table.split.dtype),
        time=np.full(len(keys), np.nan),
        ids=join_ids(row, table.ids, len(keys)),
        subsets={name: np.zeros(shape, bool) for name in table.subsets},
        rejections=table.rejections,
        unread=table.unread,
        notes=table.notes,
    )


def _groups(row: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Positions that share a row number, one array for each row number."""
    if not len(row):
        return []
    order = np.argsort(row, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(row[order])) + 1)
