"""History: every compound that was scored, in order, and what was known of it when it was chosen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import pyarrow as pa

from molscreen.errors import RunError

Picked = Literal[
    "seed",  # given by the user
    "ucb",  # promising, or unknown, to the surrogate
    "share",  # drawn from its proposer's share
]
SEED = "seed"  # how reasons of refused seeds begin, and how seeds are picked

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
        ("reason", pa.string()),
        ("plain", pa.float64()),
        ("control", pa.float64()),
        ("terms", pa.list_(pa.float64())),
        ("outside", pa.bool_()),
    ]
)
LISTS = ("parents", "terms")  # columns of lists; a `Call` has tuples


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
    reason : str
        Why it has no score, as far as the scorer says; empty where it has one.
    plain, control : float
        What a screen by the same plan says of it, and what the control predictor says, which no choice ever
        looks at; NaN where there is none. See `molscreen.generation.search.judgement.Judgement`.
    terms : tuple of float
        Desirability of each term of the objective; empty where the scorer does not tell.
    outside : bool
        Whether it lies outside the domain of the models, and is not proposed for that: a seed, or a step on
        the way to it, see `molscreen.generation.search.approach.Approach`.
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
    reason: str = ""
    plain: float = math.nan
    control: float = math.nan
    terms: tuple[float, ...] = ()
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a search did about a collapse, or a standstill, of its own.

    Attributes
    ----------
    call : int
        After which call.
    until : int
        Up to which call it holds.
    kind : {"collapse", "standstill"}
        The last calls share few scaffolds; or none of them came among the best.
    scaffolds : tuple of str
        Closed to further compounds, which generators are told are worthless; of a collapse alone.
    """

    call: int
    until: int
    kind: Literal["collapse", "standstill"]
    scaffolds: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.kind == "collapse":
            return (
                f"after call {self.call}: the last calls share few scaffolds; the {len(self.scaffolds)}"
                f" commonest earn nothing more until call {self.until}"
            )
        return (
            f"after call {self.call}: none of the last calls came among the best; equal shares for all"
            f" generators, and the unknown first, until call {self.until}"
        )


class Round(NamedTuple):
    """How many proposals went where in one round.

    Attributes
    ----------
    calls : int
        Scored so far, this round included.
    proposed, valid, admitted, scored : int
        All; those that can be standardised; those that passed all gates; and those that were scored.
    """

    calls: int
    proposed: int
    valid: int
    admitted: int
    scored: int


@dataclass(frozen=True, slots=True)
class History:
    """All that an optimisation did.

    Attributes
    ----------
    calls : tuple of Call
        In the order in which they were scored, no key twice.
    refused : mapping of str to int
        Seeds and proposals that were refused, by reason; seeds' reasons begin with "seed".
    stopped : str
        Why it ended; empty while it has not.
    rounds : tuple of Round
        Those in which generators proposed.
    remedies : tuple of Remedy
    """

    calls: tuple[Call, ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)
    stopped: str = ""
    rounds: tuple[Round, ...] = ()
    remedies: tuple[Remedy, ...] = ()

    @property
    def proposed(self) -> int:
        """All proposals: those scored, those refused, and those passed over."""
        return sum(each.proposed for each in self.rounds)

    @property
    def passed_over(self) -> int:
        """Proposals that passed the gates, but that nobody picked; they may have been proposed again."""
        return sum(each.admitted - each.scored for each in self.rounds)

    def check(self) -> None:
        """Find every proposal in one count.

        Raises
        ------
        RunError
            One is in none, or in two.
        """
        scored = sum(call.picked != SEED for call in self.calls)
        refused = sum(count for reason, count in self.refused.items() if not reason.startswith(SEED))
        if self.proposed != scored + refused + self.passed_over:
            raise RunError(
                f"{self.proposed} proposals, but {scored} scored, {refused} refused and {self.passed_over}"
                " passed over: this is a fault of molscreen's, please report it"
            )

    def best(self, n: int = 10) -> list[Call]:
        """The `n` best calls: by score, ties by what was scored first; none without a score.

        Examples
        --------
        >>> History((Call(1, 1, "CC", 0.2), Call(2, 1, "CO", math.nan), Call(3, 1, "CN", 0.4))).best(2)[0].key
        'CN'
        """
        scored = [call for call in self.calls if not math.isnan(call.score)]
        return sorted(scored, key=lambda call: (-call.score, call.number))[:n]

    def best_new(self) -> list[Call]:
        """All calls that may be proposed, the best first: with a score, no seeds, none outside the domain."""
        best = self.best(len(self.calls))
        return [call for call in best if call.picked != SEED and not call.outside]


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
    columns |= {name: [tuple(each) for each in columns[name]] for name in LISTS}
    return tuple(Call(*row) for row in zip(*columns.values(), strict=True))
