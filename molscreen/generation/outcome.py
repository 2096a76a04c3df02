"""Outcome: what came of a design, as ``design.json`` says it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from molscreen.generation.search.gate import STRANGER
from molscreen.generation.search.history import SEED, Call, History
from molscreen.generation.seeds import Seeds

AMONG = 100  # the best new compounds, of which the control is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """How far what was optimised runs ahead of a control that was not.

    All are mean scores of the plan by predictions as they stand, without caution: those of the reward's own
    models, and those of the control; None where there is nothing to say.

    Attributes
    ----------
    n : int
        The best new compounds by reward, at most `AMONG`, that both have a number for.
    optimised, control : float or None
        Of these.
    gap : float or None
        The difference. Of a model that is right it is small; a large one was gained from the model.
    seeds : float or None
        The difference for the seeds, which nobody optimised: what the two disagree about anyway.
    """

    n: int
    optimised: float | None
    control: float | None
    gap: float | None
    seeds: float | None

    def __str__(self) -> str:
        if self.gap is None:
            return "no control: the models of this plan have but one view; name another by --control"
        before = "" if self.seeds is None else f", of the seeds {self.seeds:+.3f}"
        return (
            f"best {self.n}: {self.optimised:.3f} by the plan, {self.control:.3f} by the control,"
            f" gap {self.gap:+.3f}{before}"
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a design.

    Attributes
    ----------
    calls, unscored, outside : int
        Compounds that were scored, how many of them got no number, and how many lie outside the domain of the
        models, seeds and steps on the way to it, and are not proposed.
    is_far : bool
        Whether anything was not scored, or is not proposed, for lying outside the domain.
    reasons : mapping of str to int
        Why not, the commonest first.
    proposed, passed_over : int
        All proposals, and those that passed the gates and were not picked: with those refused and those
        scored they add up.
    refused : mapping of str to int
        Seeds and proposals that were not scored, by reason, the commonest first.
    stopped : str
        Why it ended.
    bad_seeds : tuple of str
        Rows of the seeds' files that are no compound: place and reason.
    repeated_seeds : int
        Rows of the seeds' files that repeat a compound.
    remedies : tuple of str
        What the search did about a collapse or a standstill.
    gap : Gap
    gap_in_words : str
    rounds : tuple of (int, int, int, int, int)
        See `molscreen.generation.search.history.Round`.
    judged_by_mean : tuple of str
        Endpoints without an interval: no caution was possible.
    """

    calls: int
    unscored: int
    outside: int
    is_far: bool
    reasons: Mapping[str, int]
    proposed: int
    passed_over: int
    refused: Mapping[str, int]
    stopped: str
    bad_seeds: tuple[str, ...]
    repeated_seeds: int
    remedies: tuple[str, ...]
    gap: Gap
    gap_in_words: str
    rounds: tuple[tuple[int, ...], ...]
    judged_by_mean: tuple[str, ...] = ()


def sum_up(history: History, start: Seeds, *, judged_by_mean: tuple[str, ...] = ()) -> Outcome:
    """The outcome of a search that started from some seeds."""
    gap = measure_gap(history)
    outside = sum(call.outside for call in history.calls)
    unscored = Counter(call.reason or "no number" for call in history.calls if math.isnan(call.score))
    return Outcome(
        calls=len(history.calls),
        unscored=unscored.total(),
        outside=outside,
        is_far=outside > 0 or STRANGER in history.refused,
        reasons=_commonest_first(unscored),
        proposed=history.proposed,
        passed_over=history.passed_over,
        refused=_commonest_first(history.refused),
        stopped=history.stopped,
        bad_seeds=tuple(f"{each.source}: {each.reason}" for each in start.rejections),
        repeated_seeds=start.duplicates,
        remedies=tuple(map(str, history.remedies)),
        gap=gap,
        gap_in_words=str(gap),
        rounds=tuple(tuple(each) for each in history.rounds),
        judged_by_mean=judged_by_mean,
    )


def measure_gap(history: History) -> Gap:
    """What the control says of the best new compounds, and of the seeds."""
    n, optimised, control = _means(history.best_new()[:AMONG])
    n_seeds, of_seeds, by_control = _means([call for call in history.calls if call.picked == SEED])
    return Gap(
        n=n,
        optimised=round(optimised, 6) if n else None,
        control=round(control, 6) if n else None,
        gap=round(optimised - control, 6) if n else None,
        seeds=round(of_seeds - by_control, 6) if n_seeds else None,
    )


def _means(calls: Sequence[Call]) -> tuple[int, float, float]:
    """Number, mean plain score and mean score by the control, of the calls that have both."""
    both = np.array([(call.plain, call.control) for call in calls]).reshape(-1, 2)
    both = both[np.isfinite(both).all(axis=1)]
    if not len(both):
        return 0, math.nan, math.nan
    optimised, control = both.mean(axis=0).tolist()
    return len(both), optimised, control


def _commonest_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
