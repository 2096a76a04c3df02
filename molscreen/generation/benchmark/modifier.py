"""How a value in its own unit becomes a score in [0, 1], and how several scores become one.

The formulas are GuacaMol's: Brown et al., J. Chem. Inf. Model. 59, 1096 (2019),
doi:10.1021/acs.jcim.8b00839.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Modifier = Callable[[float], float]
Average = Callable[[Sequence[float]], float]


@dataclass(frozen=True, slots=True)
class Gaussian:
    """A bell: 1 at `mean`, ``exp(-1/2)`` one `sigma` away on either side.

    Attributes
    ----------
    mean, sigma : float
        In the unit of the value; `sigma` positive.

    Examples
    --------
    >>> round(Gaussian(mean=2, sigma=0.5)(2.5), 3)
    0.607
    """

    mean: float
    sigma: float

    def __post_init__(self) -> None:
        if not self.sigma > 0:
            raise ValueError(f"sigma is {self.sigma}, expected above 0")

    def __call__(self, value: float) -> float:
        """Score of a value."""
        return math.exp(-0.5 * ((value - self.mean) / self.sigma) ** 2)


@dataclass(frozen=True, slots=True)
class MinGaussian(Gaussian):
    """Less is better: 1 up to `mean`, a bell's right half above it.

    Examples
    --------
    >>> MinGaussian(mean=4, sigma=1)(3)
    1.0
    """

    def __call__(self, value: float) -> float:
        """Score of a value."""
        return Gaussian.__call__(self, max(value, self.mean))


@dataclass(frozen=True, slots=True)
class MaxGaussian(Gaussian):
    """More is better: a bell's left half below `mean`, 1 from it on.

    Examples
    --------
    >>> MaxGaussian(mean=90, sigma=10)(95)
    1.0
    """

    def __call__(self, value: float) -> float:
        """Score of a value."""
        return Gaussian.__call__(self, min(value, self.mean))


@dataclass(frozen=True, slots=True)
class Clipped:
    """More is better, up to a point: a straight line from 0 at 0 to 1 at `upper`, 0 and 1 beyond.

    Attributes
    ----------
    upper : float
        In the unit of the value, positive.

    Examples
    --------
    >>> Clipped(upper=0.8)(0.4)
    0.5
    """

    upper: float

    def __post_init__(self) -> None:
        if not self.upper > 0:
            raise ValueError(f"upper is {self.upper}, expected above 0")

    def __call__(self, value: float) -> float:
        """Score of a value."""
        return min(max(value / self.upper, 0.0), 1.0)


def arithmetic_mean(scores: Sequence[float]) -> float:
    """The sum over the number: a good score makes up for a bad one.

    Examples
    --------
    >>> arithmetic_mean([0.0, 0.5, 1.0])
    0.5
    """
    return math.fsum(scores) / len(scores)


def geometric_mean(scores: Sequence[float]) -> float:
    """The n-th root of the product of n scores, none of them negative: a single 0 makes 0.

    It is formed from logarithms, so that small scores keep their order instead of underflowing to 0.

    Examples
    --------
    >>> round(geometric_mean([0.25, 1.0]), 6)
    0.5
    """
    if min(scores) == 0:
        return 0.0
    return math.exp(math.fsum(map(math.log, scores)) / len(scores))
