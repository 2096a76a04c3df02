"""What became of a row, between columns and the values that say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from molscreen.prediction.prepare import Prepared
from molscreen.screening.plan.judge import Verdict
from molscreen.screening.shard import OUTCOME


def outcome_columns(outcomes: Sequence[Prepared | Verdict]) -> dict[str, pa.Array]:
    """The columns of `OUTCOME`."""
    return {
        name: pa.array([getattr(each, field) for each in outcomes], pa.string())
        for name, field in OUTCOME.items()
    }


def read_verdict(row: Mapping[str, Any]) -> Verdict:
    """What the columns of `OUTCOME` say in one row."""
    return Verdict(**{field: row[name] for name, field in OUTCOME.items()})
