"""History: every compound that was scored, in order, and what was known of it when it was chosen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import pyarrow as pa

Picked = Literal[
    "seed",  # given by the user
    "ucb",  # promising, or unknown, to the surrogate
    "share",  # drawn from its proposer's share
]
PICKED: tuple[str, ...] = get_args(Picked)

SCHEMA = pa.schema(
    [
        ("number", pa.int32()),
        ("round", pa.int32()),
        ("key", pa.string()),
        ("score", pa.float64()),
        ("proposer", pa.string()),
        ("parents", pa.list_(pa.string())),
        ("step", pa.string()),
        ("picked", pa.string()),
        ("mean", pa.float64()),
        ("std", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Call:
    """One compound that was scored.

    Attributes
    ----------
    number : int
        Calls so far, this one included: from 1.
    round : int
        Compounds of one round were scored together; from 1.
    key : str
        A compound key.
    score : float
        In [0, 1], higher is better; NaN where it could not be scored.
    proposer : str
        Who proposed it; empty for a seed.
    parents : tuple of str
        Keys of the compounds that it was made of.
    step : str
        What was done to them, in a chemist's words.
    picked : Picked
    mean, std : float
        What the surrogate thought of it before, in units of the score; NaN where it was not asked.
    """

    number: int
    round: int
    key: str
    score: float
    proposer: str = ""
    parents: tuple[str, ...] = ()
    step: str = ""
    picked: Picked = "seed"
    mean: float = math.nan
    std: float = math.nan


@dataclass(frozen=True, slots=True)
class History:
    """All that an optimisation did.

    Attributes
    ----------
    calls : tuple of Call
        In the order in which they were scored, no key twice.
    refused : mapping of str to int
        Proposals that the gates refused, by reason.
    stopped : str
        Why it ended; empty while it has not.
    """

    calls: tuple[Call, ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)
    stopped: str = ""

    def best(self, n: int = 10) -> list[Call]:
        """The `n` best calls: by score, ties by what was scored first; none without a score.

        Examples
        --------
        >>> History((Call(1, 1, "CC", 0.2), Call(2, 1, "CO", math.nan), Call(3, 1, "CN", 0.4))).best(2)[0].key
        'CN'
        """
        scored = [call for call in self.calls if not math.isnan(call.score)]
        return sorted(scored, key=lambda call: (-call.score, call.number))[:n]


def to_arrow(calls: Sequence[Call]) -> pa.Table:
    """One row for each call, in their order; `SCHEMA` names the columns.

    Examples
    --------
    >>> to_arrow([Call(1, 1, "CCO", 0.5)])["key"].to_pylist()
    ['CCO']
    """
    columns = [[getattr(call, name) for call in calls] for name in SCHEMA.names]
    return pa.table(
        [pa.array(column, kind) for column, kind in zip(columns, SCHEMA.types, strict=True)], schema=SCHEMA
    )


def from_arrow(table: pa.Table) -> tuple[Call, ...]:
    """The calls that `to_arrow` wrote.

    Raises
    ------
    ValueError
        The columns are others.
    """
    if not table.schema.equals(SCHEMA):
        raise ValueError(f"columns {', '.join(table.schema.names)}; a history has {', '.join(SCHEMA.names)}")
    columns = {name: table[name].to_pylist() for name in SCHEMA.names}
    columns["parents"] = [tuple(parents) for parents in columns["parents"]]
    return tuple(Call(*row) for row in zip(*columns.values(), strict=True))
