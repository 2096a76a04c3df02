"""The stages that tiers share: faults merged, predictions made, scores counted. Batch to batch."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from molscreen.chem.compound import SCORED
from molscreen.chem.guarded.guard import Casualty
from molscreen.graphs.pack import PackedGraphs
from molscreen.objectives.objective import Objective
from molscreen.prediction.columns import Said, Values, ask
from molscreen.prediction.predictor import Predictor
from molscreen.prediction.prepare import Prepared, survived, with_note
from molscreen.screening.shard import FAULT
from molscreen.screening.shortlist import DECIMALS, Leader, Shortlist

LEADING = ("row", "id", "key", "score")  # columns of the wide tier that a leaderboard needs
MANTISSA_BITS = 12  # kept of float32's 23: a relative resolution of 1.2e-4, four significant digits


@dataclass(slots=True)
class Stopwatch:
    """Busy seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Add what the block takes to `stage`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - start
            self.seconds[stage] = self.seconds.get(stage, 0.0) + spent


def merge_faults(batch: pa.RecordBatch, prepared: Sequence[Prepared | Casualty]) -> list[Prepared]:
    """One `Prepared` per row of the batch, in order.

    Parameters
    ----------
    batch : pyarrow.RecordBatch
        n rows of `molscreen.screening.shard.RECORD_SCHEMA`.
    prepared : sequence
        Of the rows without a fault, in order.
    """
    results = iter(prepared)
    merged = []
    names = (*FAULT, "note_code", "note_text")
    rows = zip(*(batch.column(name).to_pylist() for name in names), strict=True)
    for stage, status, code, reason, note_code, note_text in rows:
        if status is not None:
            merged.append(Prepared(status, code, reason, stage))
            continue
        merged.append(with_note(survived(next(results)), note_code, note_text))
    return merged


def without_fault(batch: pa.RecordBatch, column: str) -> list[str]:
    """The texts of `column` in the rows without a fault, in order."""
    return list(batch.column(column).filter(pc.is_null(batch.column("fault_status"))).to_pylist())


def round_mantissa(value: NDArray[np.floating], bits: int = MANTISSA_BITS) -> NDArray[np.float32]:
    """Float32 with `bits` of the mantissa kept, rounded to nearest; what is stored, and scored.

    The bits cut off are below any model's accuracy and would be two thirds of a part's size.
    NaN and infinities stay what they are.

    Examples
    --------
    >>> round_mantissa(np.array([0.123456789, 6.02214, np.nan])).tolist()
    [0.1234588623046875, 6.0224609375, nan]
    """
    plain = np.asarray(value, dtype=np.float32)
    drop = 23 - bits
    raised = plain.view(np.uint32) + np.uint32(1 << (drop - 1))
    rounded = (raised & np.uint32(0xFFFFFFFF << drop & 0xFFFFFFFF)).view(np.float32)
    return np.where(np.isfinite(plain), rounded, plain)


def predict(predictors: Mapping[str, Predictor], keys: Sequence[str], graphs: PackedGraphs) -> Said:
    """What all predictors say of n compounds, at the stored resolution."""
    said = ask(predictors, keys, graphs)
    return said._replace(values={name: round_mantissa(column) for name, column in said.values.items()})


def score(
    objective: Objective, values: Mapping[str, NDArray[np.floating]]
) -> tuple[NDArray[np.float64], Values]:
    """Score (n,), rounded as it is ranked, and the desirability (n,) of each term.

    Both follow from `values` alone, as they are stored: whoever reads a part can compute them again.
    """
    terms = {name: round_mantissa(column) for name, column in objective.explain(values).items()}
    return np.round(objective.score(values), DECIMALS), terms


def count(table: pa.Table) -> dict[str, int]:
    """Rows by ``status`` (scored) or ``status/code`` (not), names in alphabetical order."""
    if "status" not in table.column_names:
        return {"ok": table.num_rows}
    status, code = table["status"], table["reason_code"]
    named = pc.binary_join_element_wise(status, code, "/", null_handling="replace", null_replacement="None")
    outcome = pc.if_else(pc.is_in(status, pa.array(SCORED)), status, named)
    return dict(sorted((each["values"], each["counts"]) for each in pc.value_counts(outcome).to_pylist()))


def best_of(table: pa.Table, size: int) -> list[Leader]:
    """The `size` best rows of a table with the columns row, id, key and score."""
    scored = table.select(list(LEADING)).filter(pc.is_valid(table["score"]))
    rows = scored["row"].to_pylist()
    best = Shortlist(size).add(scored["score"].to_numpy(), scored["key"].to_pylist(), rows)
    place = {row: i for i, row in enumerate(rows)}
    return [Leader(*entry, scored["id"][place[entry.row]].as_py()) for entry in best.entries]
