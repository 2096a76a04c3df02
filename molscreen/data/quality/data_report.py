"""Data report: what is known of measurements, and what is wrong with them, before a model is fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from molscreen.data.measured.assay_table import AssayTable
from molscreen.data.measured.unread_cell import count_unread
from molscreen.data.quality.case import Case
from molscreen.data.quality.chemistry import LIMIT, describe_chemistry
from molscreen.data.quality.cliffs import MOST_PAIRS, Cliffs, PairTally, tally_pairs
from molscreen.data.quality.conflicts import Replicates, compare_replicates
from molscreen.data.quality.coverage import Coverage, measure_coverage
from molscreen.data.quality.leakage import Leakage, measure_leakage
from molscreen.data.quality.records import EndpointRecords, records_of
from molscreen.data.quality.tails import Tails, measure_tails
from molscreen.data.reasons import count_reasons
from molscreen.endpoint import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """The records of one data set; ``rows = records + Σ refused``.

    Attributes
    ----------
    name : str
    rows : int
        As read.
    refused : mapping of str to int
        Rows that cannot be used, by ``status/code``.
    records : int
        Rows that are used.
    compounds : int
        Distinct compounds among them.
    unread : mapping of column to texts
        How often each text occurs that cannot be read; see `count_unread`.
    notes : tuple of str
        How values were read where that was found out.
    """

    name: str
    rows: int
    refused: Mapping[str, int]
    records: int
    compounds: int
    unread: Mapping[str, Mapping[str, int]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointReport:
    """What is known of one endpoint.

    Attributes
    ----------
    endpoint : Endpoint
    dataset : str
    coverage : Coverage
    replicates : Replicates
    tails : Tails, optional
        Of a measured quantity.
    cliffs : Cliffs, optional
        Where alike compounds were looked for.
    leakage : Leakage, optional
        Where there is a test fold.
    """

    endpoint: Endpoint
    dataset: str
    coverage: Coverage
    replicates: Replicates
    tails: Tails | None
    cliffs: Cliffs | None
    leakage: Leakage | None

    @property
    def cases(self) -> tuple[Case, ...]:
        """All measurements that somebody should look at, fault by fault, the worst first."""
        return (
            *self.replicates.conflicts,
            *self.replicates.form_conflicts,
            *(self.tails.far_out if self.tails else ()),
            *(self.cliffs.worst if self.cliffs else ()),
            *(self.leakage.forms if self.leakage else ()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DataReport:
    """What is known of the measurements of one training.

    Attributes
    ----------
    name : str
    datasets : tuple of DataSet
    compounds : int
        Distinct ones, of all data sets.
    endpoints : tuple of EndpointReport
    notes : tuple of str
        What was not looked at, and why.
    questions : mapping of endpoint to str
        What is to be asked of its scale; see `molscreen.data.quality.tails.ask_about_scales`.
    """

    name: str
    datasets: tuple[DataSet, ...]
    compounds: int
    endpoints: tuple[EndpointReport, ...]
    notes: tuple[str, ...] = ()
    questions: Mapping[str, str] = field(default_factory=dict)


def report_data(
    name: str,
    datasets: Sequence[str],
    tables: Sequence[AssayTable],
    merged: AssayTable,
    *,
    questions: Mapping[str, str] | None = None,
) -> DataReport:
    """Look at measurements as they were read, and at the folds they are divided into.

    Parameters
    ----------
    name : str
        Of what the report is about.
    datasets : sequence of str
        Names of the data sets.
    tables : sequence of AssayTable
        The data sets as read: a row is a record.
    merged : AssayTable
        All data sets, a row is a compound; ``split`` is "test" where a measurement is tested. Without any,
        nothing is said of leakage.

    Examples
    --------
    >>> import numpy as np
    >>> from molscreen.data.measured.replicates import merge_replicates
    >>> keys = ("CCO", "CCO", "CCN")
    >>> table = AssayTable(
    ...     keys=keys, endpoints=(Endpoint(name="pKi"),), value=np.float32([[5], [8], [6]]),
    ...     relation=np.zeros((3, 1), np.int8), split=np.zeros((3, 1), "<U5"), time=np.full(3, np.nan),
    ...     ids=("a", "b", "c"),
    ... )
    >>> report = report_data("assay", ["assay.csv"], [table], merge_replicates(table)[0])
    >>> [case.fault for case in report.endpoints[0].cases]
    ['replicates disagree']
    """
    chemistry = describe_chemistry(merged.keys)
    records = records_of(datasets, tables, merged, chemistry)
    scales = [each.scale for each in records]
    pairs = tally_pairs(merged, chemistry, scales) if chemistry.is_compared else None
    return DataReport(
        name=name,
        datasets=tuple(_count_rows(each, table) for each, table in zip(datasets, tables, strict=True)),
        compounds=len(merged),
        endpoints=tuple(_look_at(each, pairs) for each in records),
        notes=_notes(pairs, merged),
        questions=questions or {},
    )


def _count_rows(name: str, table: AssayTable) -> DataSet:
    return DataSet(
        name=name,
        rows=len(table) + len(table.rejections),
        refused=count_reasons(table.rejections),
        records=len(table),
        compounds=len(set(table.keys)),
        unread=count_unread(table.unread),
        notes=table.notes,
    )


def _look_at(records: EndpointRecords, pairs: PairTally | None) -> EndpointReport:
    """All that is known of one endpoint."""
    return EndpointReport(
        endpoint=records.endpoint,
        dataset=records.dataset,
        coverage=measure_coverage(records),
        replicates=compare_replicates(records),
        tails=measure_tails(records) if records.endpoint.kind == "regression" else None,
        cliffs=pairs.cliffs[records.place] if pairs else None,
        leakage=measure_leakage(records, near=pairs.near[:, records.place] if pairs else None),
    )


def _notes(pairs: PairTally | None, merged: AssayTable) -> tuple[str, ...]:
    """What was not looked at, and why."""
    notes = []
    if pairs is None:
        notes.append(
            f"More than {LIMIT:,} compounds: activity cliffs and near-duplicates were not looked for."
        )
    elif not pairs.is_complete:
        notes.append(
            f"More than {MOST_PAIRS:,} pairs of alike compounds: counting stopped there, and there are more"
            " activity cliffs and near-duplicates than are told."
        )
    if not (merged.split == "test").any():
        notes.append("No test fold: nothing is said of leakage.")
    return tuple(notes)
