"""How the atoms that a prediction rests on are shaded: by one scale for each endpoint."""

from __future__ import annotations

import math
from collections.abc import Sequence

from molscreen.chem.depict import Shading
from molscreen.endpoint import Endpoint

FULL_PROBABILITY = 0.2
"""Of a probability, what an atom brings that has the full colour: as far as a small change must move it.

See `molscreen.prediction.counterfactual`: less is what two models differ by that learnt from the same data.
"""


def shade(
    endpoint: Endpoint, weights: Sequence[float | None], low: float | None, high: float | None
) -> Shading:
    """What the atoms bring to one prediction, as it is drawn.

    Where each drawing had a scale of its own, the largest atom would look like a toxicophore whatever it
    brings. Of a quantity the full colour stands for half the width of the compound's 90 % interval: as far as
    a measurement may lie from the prediction anyway.

    Parameters
    ----------
    endpoint : Endpoint
    weights : sequence of a float or None
        See `molscreen.prediction.explain.attribute`.
    low, high : float or None
        The prediction's bounds. Where a quantity has none, the largest weight has the full colour.

    Examples
    --------
    >>> solubility = Endpoint(name="Solubility", unit="log10 mol/L")
    >>> shade(solubility, [0.1, -0.4], -5.0, -2.0).full
    1.5
    """
    known = tuple(math.nan if weight is None else float(weight) for weight in weights)
    if endpoint.kind == "classification":
        return Shading(known, full=FULL_PROBABILITY)
    half = math.nan if low is None or high is None else (high - low) / 2
    return Shading(known, full=half if half > 0 else None)


def tell_strongest(shading: Shading, unit: str) -> str:
    """What the strongest atom brings, and from where on the colour is full, in words.

    Examples
    --------
    >>> tell_strongest(Shading((0.1, -0.42), full=1.5), "logD")
    'strongest is atom 2, -0.42 logD; full colour from 1.5 logD'
    """
    if shading.strongest is None:
        return "no atom moves it"
    unit = f" {unit}" if unit else ""
    worth = shading.weights[shading.strongest]
    told = f"strongest is atom {shading.strongest + 1}, {'+' if worth > 0 else ''}{_two_digits(worth)}{unit}"
    return told if shading.full is None else f"{told}; full colour from {_two_digits(shading.full)}{unit}"


def _two_digits(value: float) -> str:
    """Enough of an effect that is itself uncertain."""
    return f"{float(f'{value:.2g}'):,g}"
