"""Memory: the compounds scored so far, best first, by scaffold and by descent."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from molscreen.chem.scaffold import murcko_scaffold
from molscreen.generation.generator import Scored
from molscreen.generation.search.history import Call, Remedy

WATCHED = 10  # best compounds; that none of them is new is stagnation
RECENT = 200  # calls that are looked at for a collapse
COLLAPSED = 0.1  # different scaffolds in a call, below which the search has collapsed: ten calls to each
CROWD = 0.05  # of the last calls: a scaffold with more of them is closed in a collapse


@dataclass(frozen=True, slots=True)
class Vitality:
    """Whether the search still moves.

    Attributes
    ----------
    scaffolds : float in [0, 1]
        Different scaffolds among the last calls, divided by their number; NaN before the first call. Near 0
        it has collapsed to one series; 1 where no two share a scaffold.
    stagnation : int
        Calls since one was last among the ten best so far.
    """

    scaffolds: float
    stagnation: int


class Memory:
    """What was scored, in order, and the views of it that guide a search.

    Parameters
    ----------
    watch : int
        Calls that are looked at for a collapse, or a standstill, after each round. Where there is one,
        something is done about it for as many calls, and only then it is looked at again: see `Remedy`.
        Compounds of a scaffold that is closed in a collapse are penalised: generators are told that they
        scored 0, so that they do not become parents, as the diversity filter of REINVENT does (Blaschke et
        al., J. Cheminf. 12, 68 (2020), doi:10.1186/s13321-020-00473-0). 0 does nothing. All
        follows from the calls, so that a resumed search does the same.

    Examples
    --------
    >>> memory = Memory()
    >>> memory.add([Call(1, 1, "Cc1ccccc1", 0.2), Call(2, 1, "Clc1ccccc1", 0.9)])
    >>> [call.key for call in memory.best(1)]
    ['Clc1ccccc1']
    """

    def __init__(self, *, watch: int = 0) -> None:
        self.watch = watch
        self.remedies: list[Remedy] = []
        self.calls: list[Call] = []
        self._place: dict[str, int] = {}
        self._scaffold: list[str] = []
        self._penalised: set[str] = set()
        self._n_scored = 0
        self._scores: list[float] = []  # rising, of those that may be proposed or were given
        self._improved = 0  # number of the last call that was among the best

    def __len__(self) -> int:
        return len(self.calls)

    def __contains__(self, key: object) -> bool:
        return key in self._place

    def add(self, calls: Sequence[Call]) -> None:
        """Remember calls, in their order.

        Raises
        ------
        ValueError
            A key was scored before.
        """
        for _, of_a_round in groupby(calls, key=lambda call: call.round):
            for call in of_a_round:
                self._add(call)
            self._remedy()

    def _add(self, call: Call) -> None:
        if call.key in self._place:
            raise ValueError(f"'{call.key}' was scored before, in call {self[call.key].number}")
        scaffold = murcko_scaffold(call.key)
        if self.is_crowded(scaffold):
            self._penalised.add(call.key)
        self._place[call.key] = len(self.calls)
        self.calls.append(call)
        self._scaffold.append(scaffold)
        self._n_scored += not math.isnan(call.score)
        if not (math.isnan(call.score) or call.outside):
            if self.rank(call.score) < WATCHED:
                self._improved = len(self.calls)
            insort(self._scores, call.score)

    def _remedy(self) -> None:
        """Do something about a collapse, or a standstill, unless the last remedy still holds."""
        now = len(self.calls)
        if not self.watch or now < self.watch or self._holding():
            return
        vitality = self.vitality(self.watch)
        if vitality.scaffolds < COLLAPSED:
            members = Counter(self._scaffold[-self.watch :])
            crowd = sorted(each for each, count in members.items() if count > CROWD * self.watch)
            self.remedies.append(Remedy(now, now + self.watch, "collapse", tuple(crowd)))
        elif vitality.stagnation >= self.watch:
            self.remedies.append(Remedy(now, now + self.watch, "standstill"))

    def _holding(self) -> Remedy | None:
        """The remedy that holds for the next call."""
        last = self.remedies[-1] if self.remedies else None
        return last if last and len(self.calls) < last.until else None

    @property
    def is_exploring(self) -> bool:
        """Whether a standstill is being mended."""
        holding = self._holding()
        return holding is not None and holding.kind == "standstill"

    def __getitem__(self, key: str) -> Call:
        return self.calls[self._place[key]]

    def rank(self, score: float) -> int:
        """How many compounds inside the domain are at least as good; all of them for NaN."""
        return len(self._scores) - (0 if math.isnan(score) else bisect_left(self._scores, score))

    @property
    def n_scored(self) -> int:
        """Compounds that have a score."""
        return self._n_scored

    @property
    def best_score(self) -> float:
        """Of the compounds inside the domain; NaN where there is none."""
        return self._scores[-1] if self._scores else math.nan

    def is_crowded(self, scaffold: str) -> bool:
        """Whether a further compound of this scaffold is penalised."""
        holding = self._holding()
        return holding is not None and scaffold in holding.scaffolds

    def to_learn(self, calls: Sequence[Call], worth: Sequence[float] | None = None) -> list[Scored]:
        """What generators are told of calls: what each is worth, else its score; 0 for a penalised one."""
        values = [call.score for call in calls] if worth is None else worth
        return [
            Scored(call.key, 0.0 if call.key in self._penalised else value, call.proposer)
            for call, value in zip(calls, values, strict=True)
        ]

    def fit(self) -> list[Call]:
        """The calls that have a score and are not penalised, in their order."""
        return [c for c in self.calls if c.key not in self._penalised and not math.isnan(c.score)]

    def best(self, n: int) -> list[Call]:
        """The `n` best calls that are not penalised, ties by what was scored first; none without a score."""
        return sorted(self.fit(), key=lambda call: (-call.score, call.number))[:n]

    def vitality(self, recent: int = RECENT) -> Vitality:
        """Of the last `recent` calls."""
        last = self._scaffold[-recent:]
        varied = len(set(last)) / len(last) if last else math.nan
        return Vitality(varied, len(self.calls) - self._improved)
