"""How desirabilities become one score: a loss for each term, added up and turned back into a score.

Because every aggregate is a sum of losses, each term's share of what keeps a compound from 1 is known.
The geometric mean is Derringer and Suich's (J. Qual. Technol. 12, 214 (1980),
doi:10.1080/00224065.1980.11980968), with weights as exponents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One way to combine t terms.

    Attributes
    ----------
    losses : (t, n) desirability, (t,) weight -> (t, n) float
        From 0 where a term is fully met, up to infinity; falling in every desirability.
    score : (n,) total loss -> (n,) float
        From 1 for no loss down to 0.
    weighted : bool
        Whether weights change the score.
    """

    losses: Callable[[Floats, Floats], Floats]
    score: Callable[[Floats], Floats]
    weighted: bool = True


def _log_losses(desirability: Floats, weight: Floats) -> Floats:
    with np.errstate(divide="ignore"):  # a desirability of 0 is an infinite loss
        return np.asarray(-weight[:, None] * np.log(desirability))


def _normalised_log_losses(desirability: Floats, weight: Floats) -> Floats:
    return _log_losses(desirability, weight / weight.sum())


def _linear_losses(desirability: Floats, weight: Floats) -> Floats:
    return np.asarray((weight / weight.sum())[:, None] * (1.0 - desirability))


def _worst_loss(desirability: Floats, _weight: Floats) -> Floats:
    """All the loss to the least desirable term, in equal parts where several tie."""
    worst = desirability == desirability.min(axis=0)
    return np.asarray(worst * (1.0 - desirability) / np.maximum(worst.sum(axis=0), 1))


def _from_log(loss: Floats) -> Floats:
    return np.exp(-loss)


def _from_linear(loss: Floats) -> Floats:
    return np.clip(1.0 - loss, 0.0, 1.0)  # a sum of fractions may miss 1 by a last bit


AGGREGATES: Mapping[str, Aggregate] = MappingProxyType(
    {
        "geometric": Aggregate(_normalised_log_losses, _from_log),  # Π d^(w / Σw); one 0 makes 0
        "arithmetic": Aggregate(_linear_losses, _from_linear),  # Σ w d / Σw; good terms make up for bad ones
        "product": Aggregate(_log_losses, _from_log),  # Π d^w; every further term costs
        "min": Aggregate(_worst_loss, _from_linear, weighted=False),  # as good as the worst term
    }
)


def loss_shares(losses: Floats) -> Floats:
    """Each term's share of the total loss: (t, n) to (t, n), columns sum to 1.

    Where a loss is infinite (a desirability of 0 in a product), the infinite terms share it equally. A
    compound without loss has shares of 0; one with a missing term has NaN.

    Examples
    --------
    >>> loss_shares(np.array([[0.3, 0.0], [0.1, 0.0]])).round(2).tolist()
    [[0.75, 0.0], [0.25, 0.0]]
    """
    infinite = np.isinf(losses).any(axis=0) & ~np.isnan(losses).any(axis=0)
    finite = np.where(infinite, np.isinf(losses), losses)
    total = finite.sum(axis=0)
    return np.asarray(finite / np.where(total == 0, 1.0, total) + 0.0)  # + 0.0: no -0.0
