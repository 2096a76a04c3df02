"""How the atoms that a prediction rests on are shaded, and told of: by one scale for each endpoint."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from molscreen.chem.depict import Shading
from molscreen.endpoint import Endpoint
from molscreen.number import number

EVEN, LIKELY = 0.5, 0.7
"""The odds of a probability that change as from one to the other have the full colour.

As far as a small change must move it: see `counterfactual`. Less is what two models
differ by that learnt from the same data.
"""
LEAST = 0.001  # of a probability and its complement; no calibration set can tell less
UNMOVED = 0.02  # of a probability: less is lost in the two decimals that are read


@dataclass(frozen=True, slots=True)
class AtomMap:
    """What the atoms of a compound bring to one prediction, to be drawn and told.

    A probability near 0 or 1 hardly moves, whatever is hidden, as a sigmoid is flat there: atoms are coloured
    by the change of its log odds, bounded at `LEAST`. In words they are told in probability.

    Attributes
    ----------
    endpoint : Endpoint
    weights : (a,) tuple of float
        See `molscreen.prediction.explained.explain.attribute`; NaN is not coloured.
    value, low, high : float
        The prediction and its bounds; NaN where there is none.

    Examples
    --------
    >>> herg = Endpoint(name="hERG", kind="classification", unit="probability")
    >>> AtomMap.of(herg, [0.0, -0.01, 0.04], 0.96, 0.9, 1.0).in_words()
    'strongest is atom 3, +0.04 (0.92 without it); full colour where the odds change as from 0.50 to 0.70'
    """

    endpoint: Endpoint
    weights: tuple[float, ...]
    value: float
    low: float
    high: float

    @classmethod
    def of(
        cls,
        endpoint: Endpoint,
        weights: Sequence[float | None],
        value: float | None,
        low: float | None,
        high: float | None,
    ) -> Self:
        """Of numbers of which some may be missing."""
        known = tuple(math.nan if weight is None else float(weight) for weight in weights)
        return cls(endpoint, known, *(math.nan if each is None else each for each in (value, low, high)))

    @property
    def is_probability(self) -> bool:
        """Whether atoms are compared by log odds."""
        return self.endpoint.kind == "classification"

    @property
    def shading(self) -> Shading:
        """The colours.

        Where each drawing had a scale of its own, the largest atom would look like a toxicophore whatever it
        brings. Of a quantity the full colour stands for half the width of the compound's 90 % interval: as
        far as a measurement may lie from the prediction anyway. Where it has no interval, the largest weight
        has the full colour.
        """
        if self.is_probability:
            return Shading(self.log_odds, full=_log_odds(LIKELY) - _log_odds(EVEN))
        half = (self.high - self.low) / 2
        return Shading(self.weights, full=half if half > 0 else None)

    @property
    def log_odds(self) -> tuple[float, ...]:
        """(a,) By how much each atom raises the log odds of a probability."""
        whole = _log_odds(self.value)
        return tuple(whole - _log_odds(self.value - weight) for weight in self.weights)

    def in_words(self, unit: str = "") -> str:
        """What the strongest atom brings, and from where on the colour is full; `unit` as it is written.

        Examples
        --------
        >>> AtomMap.of(Endpoint(name="logD"), [0.1, -0.42], 1.0, 0.0, 3.0).in_words("logD")
        'strongest is atom 2, -0.42 logD; full colour from 1.5 logD'
        """
        shading = self.shading
        if shading.strongest is None:
            return "no single atom moves it"
        unit = f" {unit}" if unit else ""
        worth = self.weights[shading.strongest]
        told = f"strongest is atom {shading.strongest + 1}, {'+' * (worth > 0)}{_two_digits(worth)}{unit}"
        if self.is_probability:
            is_moved = max(abs(weight) for weight in self.weights if math.isfinite(weight)) >= UNMOVED
            without = f" ({number(self.value - worth, self.endpoint.unit)} without it)"
            told += f"{without}; full colour where the odds change as from {EVEN:.2f} to {LIKELY:.2f}"
            return told if is_moved else f"no single atom moves it by {UNMOVED:g}; {told}"
        return told if shading.full is None else f"{told}; full colour from {_two_digits(shading.full)}{unit}"


def _log_odds(probability: float) -> float:
    """Of a probability no nearer than `LEAST` to 0 and 1; NaN of NaN."""
    if math.isnan(probability):
        return math.nan
    bounded = min(max(probability, LEAST), 1 - LEAST)
    return math.log(bounded / (1 - bounded))


def _two_digits(value: float) -> str:
    """Enough of an effect that is itself uncertain."""
    return f"{float(f'{value:.2g}'):,g}"
