"""Coverage: how much was measured, on what chemistry, over which range, and of which class."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from molscreen.data.measured.assay_table import ABOVE, BELOW, EQUAL
from molscreen.data.quality.records import EndpointRecords

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What is known of one endpoint.

    Attributes
    ----------
    values, exact, below, above : int
        Measurements as read: all, and those that are exact, a ``<`` and a ``>``.
    compounds : int
        Compounds with a value, once replicates are one.
    positives : int
        Compounds of label 1; 0 for a measured quantity.
    quantiles : tuple of 7 float
        Of all values as written, at `QUANTILES`; NaN without any.
    scaffolds : int
        Distinct Bemis-Murcko scaffolds; compounds without a ring have none.
    largest : float
        Share of the compounds in the largest scaffold, from 0 to 1.
    ringless : float
        Share of the compounds without a ring.
    """

    values: int
    exact: int
    below: int
    above: int
    compounds: int
    positives: int
    quantiles: tuple[float, ...]
    scaffolds: int
    largest: float
    ringless: float


def measure_coverage(records: EndpointRecords) -> Coverage:
    """How much is known of one endpoint."""
    measured = records.measured
    relation = records.table.relation[measured, records.column]
    value = records.value[measured].astype(np.float64)
    label = records.merged.value[:, records.place]
    rows = np.flatnonzero(~np.isnan(label))
    found = Counter(records.chemistry.scaffolds[row] for row in rows.tolist())
    ringless = found.pop("", 0)
    n = max(1, len(rows))
    is_label = records.endpoint.kind == "classification"
    return Coverage(
        values=len(value),
        exact=int((relation == EQUAL).sum()),
        below=int((relation == BELOW).sum()),
        above=int((relation == ABOVE).sum()),
        compounds=len(rows),
        positives=int((label[rows] == 1).sum()) if is_label else 0,
        quantiles=tuple(np.quantile(value, QUANTILES).tolist() if len(value) else [np.nan] * len(QUANTILES)),
        scaffolds=len(found),
        largest=max(found.values(), default=0) / n,
        ringless=ringless / n,
    )
