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
from molscreen.screening.shortlist import DECIMALS

AMONG = 100  # the best new compounds, of which the control is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """How far what was optimised runs ahead of a control that was not.

    All are mean scores of the plan by predictions as they stand, without caution: those of the reward's own
    models, and those of the control; None where there is nothing to say.

    Attributes
    ----------
    is_controlled : bool
        Whether there is a control at all.
    n : int
        The best new compounds by reward, at most `AMONG`, that both have a number for.
    optimised, control : float or None
        Of these.
    gap : float or None
        The difference. Of a model that is right it is small; a large one was gained from the model.
    seeds : float or None
        The difference for the seeds, which nobody optimised: what the two disagree about anyway.
    """

    is_controlled: bool
    n: int
    optimised: float | None
    control: float | None
    gap: float | None
    seeds: float | None

    def __str__(self) -> str:
        if not self.is_controlled:
            return "no control: the models of this plan have but one view; name another by --control"
        before = "" if self.seeds is None else f", of the seeds {self.seeds:+.3f}"
        if self.gap is None:
            return f"nothing to compare: no new compound has a score by the plan and the control{before}"
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
    best_seed : float or None
        The highest reward of a seed inside the domain of the models; None where none has one.
    hopeless : str
        That no new compound scores above 0, and for which wishes; see `explain_zero`.
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
    best_seed: float | None = None
    hopeless: str = ""


def sum_up(
    history: History,
    start: Seeds,
    *,
    is_controlled: bool,
    wishes: Sequence[str] = (),
    judged_by_mean: tuple[str, ...] = (),
) -> Outcome:
    """The outcome of a search that started from some seeds; the wishes are the names of `Call.terms`."""
    gap = measure_gap(history, is_controlled=is_controlled)
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
        best_seed=_best_seed(history),
        hopeless=explain_zero(history, wishes),
    )


def explain_zero(history: History, wishes: Sequence[str]) -> str:
    """That no new compound scores above 0, and for which wishes; empty where one does, or none has a score.

    At the resolution of a score. To blame are the wishes that no new compound meets at all; or, where some
    compound meets each of them, the one that most compounds meet least.
    """
    calls = history.best_new()
    if not calls or round(calls[0].score, DECIMALS) > 0:
        return ""
    terms = np.array([call.terms for call in calls])  # (n, t)
    unmet = [name for name, best in zip(wishes, terms.max(axis=0), strict=True) if round(best, DECIMALS) == 0]
    if unmet:
        wish = f"the wish for {unmet[0]} is" if len(unmet) == 1 else f"the wishes for {', '.join(unmet)} are"
        limits = "Are the plan's limits in the right unit, and within reach?"
        return f"no new compound scores above 0: {wish} met by none of {len(calls):,}. {limits}"
    [(place, count)] = Counter(terms.argmin(axis=1).tolist()).most_common(1)
    return (
        "no new compound scores above 0: each wish is met by some, but all of them by none; the wish for"
        f" {wishes[place]} is met least by most of them ({count:,} of {len(calls):,})"
    )


def measure_gap(history: History, *, is_controlled: bool) -> Gap:
    """What the control says of the best new compounds, and of the seeds."""
    n, optimised, control = _means(history.best_new()[:AMONG])
    n_seeds, of_seeds, by_control = _means([call for call in history.calls if call.picked == SEED])
    return Gap(
        is_controlled=is_controlled,
        n=n,
        optimised=round(optimised, 6) if n else None,
        control=round(control, 6) if n else None,
        gap=round(optimised - control, 6) if n else None,
        seeds=round(of_seeds - by_control, 6) if n_seeds else None,
    )


def _best_seed(history: History) -> float | None:
    """At the resolution of a score."""
    seeds = [call.score for call in history.calls if call.picked == SEED and not call.outside]
    return max((round(score, DECIMALS) for score in seeds if not math.isnan(score)), default=None)


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
