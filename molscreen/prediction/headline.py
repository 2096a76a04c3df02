"""Headline: the figure that an endpoint is judged by first, and where a bundle does not beat a guess by it.

Nothing here imports torch: a manifest is enough.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from molscreen.endpoint import Endpoint, Kind, Scale
from molscreen.errors import WeakModelWarning

if TYPE_CHECKING:
    from molscreen.prediction.bundle import Bundle

LOG_RMSE = "rmse of log10"  # for an endpoint on a log10 scale, in decades
KEPT = "bounds kept"  # share of the measurements with < or > whose prediction lies on the allowed side
CONSTANT = "constant"  # a model: the best that can be said without looking at a molecule
BLEND = "test fold, blend"  # whose figures a model card gives first
GUESS = f"test fold, {CONSTANT}"
HEADLINE: dict[tuple[Kind, Scale], tuple[str, str, int]] = {  # metric, its name, and which sign is better
    ("regression", "linear"): ("rmse", "RMSE", -1),
    ("regression", "log10"): (LOG_RMSE, "RMSE of log10", -1),
    ("classification", "linear"): ("auroc", "AUROC", 1),
}


class Guessed(NamedTuple):
    """An endpoint for which a bundle did no better in its test than a constant guess, and both figures."""

    endpoint: str
    measure: str
    ours: float
    guess: float

    def __str__(self) -> str:
        return (
            f"{self.endpoint} is predicted no better than by a constant guess on the test fold"
            f" ({self.measure} {self.ours:.3g}, guess {self.guess:.3g}): do not use it"
        )


def find_guessed(metrics: Mapping[str, Any], endpoints: Sequence[Endpoint]) -> Iterator[Guessed]:
    """The endpoints that a bundle predicts no better than a constant guess, by its own test figures.

    An endpoint without one of the two figures cannot be judged, and is not among them.

    Parameters
    ----------
    metrics : mapping
        Of a model card, see `molscreen.prediction.manifest.About`.
    endpoints : sequence of Endpoint
        Those of the bundle.
    """
    for endpoint in endpoints:
        metric, name, sign = HEADLINE[endpoint.kind, endpoint.scale]
        ours, guess = (_figure(metrics.get(title), endpoint.name, metric) for title in (BLEND, GUESS))
        if not math.isnan(ours + guess) and not beats(ours, guess, sign):
            yield Guessed(endpoint.name, name, ours, guess)


def warn_of_guesses(bundles: Iterable[Bundle]) -> None:
    """A `WeakModelWarning` for each endpoint of `find_guessed`, at the line that called our caller."""
    for bundle in bundles:
        for guessed in find_guessed(bundle.about.metrics, bundle.endpoints):
            warnings.warn(f"bundle '{bundle.name}': {guessed}", WeakModelWarning, stacklevel=3)


def beats(ours: float, guess: float, sign: int) -> bool:
    """Whether a figure is better than a guess's, where `sign` is 1 if more is better, and -1 if less is."""
    return sign * ours > sign * guess


def _figure(figures: Any, endpoint: str, metric: str) -> float:
    """One figure of a manifest; NaN where it is missing, or whatever else may stand there."""
    values = figures.get(endpoint) if isinstance(figures, Mapping) else None
    value = values.get(metric) if isinstance(values, Mapping) else None
    return float(value) if isinstance(value, int | float) else math.nan
