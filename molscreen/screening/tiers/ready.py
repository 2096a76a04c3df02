"""What is known of the rows of a shard before they are scored: just made, or from a store or another run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from molscreen.chem.guarded.guard import Casualty
from molscreen.graphs.pack import PackedGraphs
from molscreen.prediction.columns import (
    IN_DOMAIN,
    Values,
    Verdicts,
    spread,
    value_columns,
    verdict_columns,
)
from molscreen.prediction.predictor import Predictor
from molscreen.prediction.prepare import Prepared
from molscreen.screening.outcome import outcome_columns
from molscreen.screening.shard import OUTCOME, READY, READY_SCHEMA, graphs_of
from molscreen.screening.tiers.stages import merge_faults


class Distinct(NamedTuple):
    """The different compounds of a shard, each once.

    Attributes
    ----------
    keys : list of m str
        In the order in which they first occur.
    graphs : PackedGraphs
        Of them.
    places : (n,) int
        Of each row among `keys`; -1 for a row that was refused.
    """

    keys: list[str]
    graphs: PackedGraphs
    places: NDArray[np.intp]


class Looked(NamedTuple):
    """What is known of the n rows of a shard before they are scored.

    Attributes
    ----------
    ready : pyarrow.RecordBatch
        `READY_SCHEMA` of the rows.
    places : (n,) int
        Of each row among m compounds; -1 for a row that was refused.
    values : mapping of str to (m,) float32
    in_domain : mapping of str to (m,) bool
        By bundle.
    """

    ready: pa.RecordBatch
    places: NDArray[np.intp]
    values: Values
    in_domain: Verdicts


def is_ready(batch: pa.RecordBatch) -> bool:
    """Whether the batch comes from a store, prepared."""
    return READY + "key" in batch.schema.names


def make_ready(batch: pa.RecordBatch, prepared: Sequence[Prepared | Casualty]) -> pa.RecordBatch:
    """`READY_SCHEMA` of the n rows of a batch.

    Parameters
    ----------
    batch : pyarrow.RecordBatch
        n rows of `molscreen.screening.shard.RECORD_SCHEMA`.
    prepared : sequence
        Of the rows without a fault, in order.
    """
    merged = merge_faults(batch, prepared)
    columns = {
        "key": pa.array([each.key for each in merged], pa.string()),
        **outcome_columns(merged),
        "graph": pa.array([None if each.key is None else each.graph for each in merged], pa.binary()),
    }
    return pa.record_batch(columns, schema=READY_SCHEMA)


def take_ready(batch: pa.RecordBatch) -> pa.RecordBatch:
    """`READY_SCHEMA` of the n rows of a batch from a store; rows marked since then are refused."""
    columns = {name: batch.column(READY + name) for name in READY_SCHEMA.names}
    marked = pc.is_valid(batch.column("fault_status"))
    if pc.any(marked).as_py():
        for name, field in OUTCOME.items():
            columns[name] = pc.if_else(marked, batch.column(f"fault_{field}"), columns[name])
        for name in ("key", "graph"):
            columns[name] = pc.if_else(marked, pa.scalar(None, columns[name].type), columns[name])
    return pa.record_batch(columns, schema=READY_SCHEMA)


def refuse(
    ready: pa.RecordBatch, places: NDArray[np.intp], refused: Mapping[int, Prepared]
) -> pa.RecordBatch:
    """The rows, those of some compounds with another outcome; keys and graphs stay.

    Parameters
    ----------
    ready : pyarrow.RecordBatch
        n rows of `READY_SCHEMA`.
    places : (n,) int
        As in `Distinct`.
    refused : mapping of int to Prepared
        What is said of compounds, by their place.
    """
    if not refused:
        return ready
    which = np.full(int(places.max()) + 2, -1, np.intp)  # the last is that of rows without a place
    which[list(refused)] = np.arange(len(refused))
    which[-1] = -1
    taken = spread(np.arange(len(refused)), which[places])
    columns = {name: ready.column(name) for name in READY_SCHEMA.names}
    for name, said in outcome_columns(list(refused.values())).items():
        columns[name] = pc.coalesce(said.take(taken), columns[name])
    return pa.record_batch(columns, schema=READY_SCHEMA)


def distinct(ready: pa.RecordBatch) -> Distinct:
    """The different compounds of n rows of `READY_SCHEMA`."""
    encoded = ready.column("key").dictionary_encode()
    places = np.asarray(pc.fill_null(encoded.indices, -1)).astype(np.intp)  # (n,)
    rows = np.flatnonzero(places >= 0)
    _, first = np.unique(places[rows], return_index=True)
    return Distinct(encoded.dictionary.to_pylist(), graphs_of(ready.column("graph"), rows[first]), places)


def read_looked(known: pa.Table, predictors: Mapping[str, Predictor]) -> Looked:
    """The same again from a part of the wide tier, made with the same predictors; each row is its own place.

    A null was no number when the part was made, and is NaN again.
    """
    has_values = np.asarray(pc.is_valid(known[IN_DOMAIN]))
    of_compounds = known.filter(pa.array(has_values))
    places = np.where(has_values, np.cumsum(has_values) - 1, -1).astype(np.intp)
    endpoints = [endpoint for each in predictors.values() for endpoint in each.endpoints]
    columns = [name for endpoint in endpoints for name in value_columns(endpoint.name)]
    values = {name: np.asarray(of_compounds[name].fill_null(np.nan)) for name in columns}
    verdicts = verdict_columns(predictors)
    in_domain = {name: np.asarray(of_compounds[column]) for name, column in verdicts.items()}
    kept = {name: known[name].combine_chunks() for name in READY_SCHEMA.names if name != "graph"}
    ready = pa.record_batch(kept | {"graph": pa.nulls(len(known), pa.binary())}, schema=READY_SCHEMA)
    return Looked(ready, places, values, in_domain)
