"""EndpointRecords: the measurements of one endpoint, as they were read and as compounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.data.measured.assay_table import EQUAL, AssayTable
from molscreen.data.quality.chemistry import Chemistry
from molscreen.data.quality.judged import JudgedScale, judged_scale
from molscreen.endpoint import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EndpointRecords:
    """The measurements of one endpoint.

    Attributes
    ----------
    dataset : str
        Name of the data set that measures it.
    table : AssayTable
        r records as read.
    column : int
        Of the endpoint in `table`.
    merged : AssayTable
        n compounds of all data sets, one row each, with the folds that are used.
    place : int
        The endpoint's column in `merged`.
    compound : (r,) int
        Row in `merged` of each record.
    chemistry : Chemistry
        Of the compounds of `merged`.
    """

    dataset: str
    table: AssayTable
    column: int
    merged: AssayTable
    place: int
    compound: NDArray[np.intp]
    chemistry: Chemistry

    @property
    def endpoint(self) -> Endpoint:
        """What was measured."""
        return self.table.endpoints[self.column]

    @property
    def value(self) -> NDArray[np.float32]:
        """(r,) as read; NaN where the record measures something else."""
        return self.table.value[:, self.column]

    @property
    def measured(self) -> NDArray[np.bool_]:
        """(r,): records with a value."""
        return ~np.isnan(self.value)

    @property
    def exact(self) -> NDArray[np.bool_]:
        """(r,): records with a value without ``<`` or ``>``."""
        return np.asarray(self.measured & (self.table.relation[:, self.column] == EQUAL))

    @property
    def scale(self) -> JudgedScale:
        """How values are compared."""
        return judged_scale(self.endpoint, self.value[self.exact])


def records_of(
    datasets: Sequence[str], tables: Sequence[AssayTable], merged: AssayTable, chemistry: Chemistry
) -> list[EndpointRecords]:
    """The records of each endpoint, in the order of the columns of `merged`.

    Parameters
    ----------
    datasets : sequence of str
        Names of the data sets.
    tables : sequence of AssayTable
        The data sets as read: a row is a record.
    merged : AssayTable
        All data sets, a row is a compound.
    chemistry : Chemistry
        Of the compounds of `merged`.
    """
    place = {endpoint.name: column for column, endpoint in enumerate(merged.endpoints)}
    rows = {key: row for row, key in enumerate(merged.keys)}
    found = []
    for name, table in zip(datasets, tables, strict=True):
        compound = np.array([rows[key] for key in table.keys], np.intp)
        found += [
            EndpointRecords(
                dataset=name,
                table=table,
                column=column,
                merged=merged,
                place=place[endpoint.name],
                compound=compound,
                chemistry=chemistry,
            )
            for column, endpoint in enumerate(table.endpoints)
        ]
    return sorted(found, key=lambda each: each.place)
