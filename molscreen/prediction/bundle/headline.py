"""Headline: the figure that an endpoint is judged by first, and whether it is shown to beat a guess's.

Nothing here imports torch: a manifest is enough.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from molscreen.endpoint import Endpoint, Kind, Scale
from molscreen.errors import WeakModelWarning
from molscreen.metrics.bootstrap import LEVEL, Interval

if TYPE_CHECKING:
    from molscreen.prediction.bundle.bundle import Bundle

LOG_RMSE = "rmse of log10"  # for an endpoint on a log10 scale, in decades
KEPT = "bounds kept"  # share of the measurements with < or > whose prediction lies on the allowed side
CONSTANT = "constant"  # a model: the best that can be said without looking at a molecule
BLEND = "test fold, blend"  # whose figures a model card gives first
GUESS = f"test fold, {CONSTANT}"
FROM, TO = ", from", ", to"  # after the name of a metric: the ends of its interval
ERROR_AVOIDED = "share of a guess's error avoided"  # 1 - RMSE / RMSE of the constant; on log10, of logarithms
LITTLE = 0.2  # of a Spearman, of the error avoided, and of 2 AUROC - 1, which is an AUROC of 0.6
HEADLINE: dict[tuple[Kind, Scale], tuple[str, str, int]] = {  # metric, its name, and which sign is better
    ("regression", "linear"): ("rmse", "RMSE", -1),
    ("regression", "log10"): (LOG_RMSE, "RMSE of log10", -1),
    ("classification", "linear"): ("auroc", "AUROC", 1),
}

Verdict = Literal["better", "ranks", "untold", "guessed"]
"""Shown to be better than a guess; only in its ranks; not to be told; no better."""


class Judged(NamedTuple):
    """What a bundle's own test says of an endpoint.

    Attributes
    ----------
    endpoint, measure : str
        Its name, and that of the figure it is judged by first.
    ours, guess : float
        Both figures: of the bundle, and of a constant guess.
    interval : Interval
        Of `ours`; NaN where there are too few compounds, or nobody made it.
    spearman : float
    ranks : Interval
        Of `spearman`.
    n : int
        Test compounds.
    verdict : Verdict
    """

    endpoint: str
    measure: str
    ours: float
    guess: float
    interval: Interval
    spearman: float
    ranks: Interval
    n: int
    verdict: Verdict

    def __str__(self) -> str:
        figures = f"{self.measure} {self.ours:.3g}, guess {self.guess:.3g}"
        if self.verdict == "guessed":
            return (
                f"{self.endpoint} is predicted no better than by a constant guess on the test fold"
                f" ({figures}): do not use it"
            )
        if self.verdict == "untold":
            return (
                f"whether {self.endpoint} is predicted better than by a constant guess cannot be told from"
                f" {self.n:,} test compounds ({self.measure} {self.ours:.3g}{in_words(self.interval)}, guess"
                f" {self.guess:.3g})"
            )
        if self.verdict == "ranks":
            return (
                f"{self.endpoint} is ranked better than by chance on the test fold (Spearman"
                f" {self.spearman:.3g}{in_words(self.ranks)}), but its values are not shown to be better than"
                f" a constant guess ({figures}): rank by it, and do not read its values"
            )
        return f"{self.endpoint} is predicted better than by a constant guess on the test fold ({figures})"


def judge(endpoint: Endpoint, figures: Any, guesses: Any) -> Judged | None:
    """What the figures of a bundle, and of the constant guess, say of an endpoint; None where one is missing.

    With intervals of `molscreen.metrics.bootstrap`, "better" is what they show: their lower end is. Of a
    regression that is the error avoided, or, as a model may rank well and be off by a constant, Spearman's
    rank correlation ("ranks"). "guessed" is what is at most a little better than a guess by their upper ends,
    and "untold" all between, and all that has too few compounds for an interval. Of a card without intervals
    the figures alone decide, between "better" and "guessed".

    Parameters
    ----------
    endpoint : Endpoint
    figures, guesses : mapping of str to float
        By metric, as a model card has them; anything else counts as missing.
    """
    metric, name, sign = HEADLINE[endpoint.kind, endpoint.scale]
    ours, guess = _figure(figures, metric), _figure(guesses, metric)
    if math.isnan(ours + guess):
        return None
    return Judged(
        endpoint.name,
        name,
        ours,
        guess,
        _interval(figures, metric),
        _figure(figures, "spearman"),
        _interval(figures, "spearman"),
        0 if math.isnan(n := _figure(figures, "n")) else int(n),
        _compare(endpoint.kind, figures) if metric + FROM in figures else _plainly(ours, guess, sign),
    )


def judge_endpoints(metrics: Mapping[str, Any], endpoints: Sequence[Endpoint]) -> Iterator[Judged]:
    """What a bundle's own test figures say of each of its endpoints that they allow to judge.

    Parameters
    ----------
    metrics : mapping
        Of a model card, see `molscreen.prediction.bundle.manifest.About`.
    endpoints : sequence of Endpoint
        Those of the bundle.
    """
    for endpoint in endpoints:
        parts = (metrics.get(title) for title in (BLEND, GUESS))
        ours, guess = (part.get(endpoint.name) if isinstance(part, Mapping) else None for part in parts)
        judged = judge(endpoint, ours, guess)
        if judged is not None:
            yield judged


def find_doubtful(metrics: Mapping[str, Any], endpoints: Sequence[Endpoint]) -> Iterator[Judged]:
    """Endpoints that are no better than a guess, or of which the test cannot tell; see `judge_endpoints`."""
    return (each for each in judge_endpoints(metrics, endpoints) if each.verdict in ("guessed", "untold"))


def warn_of_guesses(bundles: Iterable[Bundle]) -> None:
    """A `WeakModelWarning` for each endpoint of `find_doubtful`, at the line that called our caller."""
    for bundle in bundles:
        for doubtful in find_doubtful(bundle.about.metrics, bundle.endpoints):
            warnings.warn(f"bundle '{bundle.name}': {doubtful}", WeakModelWarning, stacklevel=3)


def in_words(interval: Interval) -> str:
    """An interval after its figure; nothing where it is not known.

    Examples
    --------
    >>> in_words(Interval(0.4, 0.82)), in_words(Interval(math.nan, math.nan))
    (' (95 % from 0.4 to 0.82)', '')
    """
    if math.isnan(interval.low):
        return ""
    return f" ({100 * LEVEL:.0f} % from {interval.low:.3g} to {interval.high:.3g})"


def beats(ours: float, guess: float, sign: int) -> bool:
    """Whether a figure is better than a guess's, where `sign` is 1 if more is better, and -1 if less is."""
    return sign * ours > sign * guess


def _plainly(ours: float, guess: float, sign: int) -> Verdict:
    return "better" if beats(ours, guess, sign) else "guessed"


def _compare(kind: Kind, figures: Mapping[str, Any]) -> Verdict:
    """By the intervals of what is 0 for a guess and 1 for perfection."""
    if kind == "classification":
        low, high = _interval(figures, "auroc")
        gains: dict[Verdict, Interval] = {"better": Interval(2 * low - 1, 2 * high - 1)}
    else:
        gains = {"better": _interval(figures, ERROR_AVOIDED), "ranks": _interval(figures, "spearman")}
    for verdict, gain in gains.items():
        if gain.low > 0:
            return verdict
    return "guessed" if all(gain.high < LITTLE for gain in gains.values()) else "untold"


def _interval(figures: Mapping[str, Any], metric: str) -> Interval:
    return Interval(_figure(figures, metric + FROM), _figure(figures, metric + TO))


def _figure(figures: Any, metric: str) -> float:
    """One figure of a manifest; NaN where it is missing, or whatever else may stand there."""
    value = figures.get(metric) if isinstance(figures, Mapping) else None
    return float(value) if isinstance(value, int | float) else math.nan
