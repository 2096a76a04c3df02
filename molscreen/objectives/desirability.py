"""Desirability curves: from a value in its own unit to a wish, 0 = useless and 1 = all one could want.

Two shapes. ``linear`` is Derringer and Suich's: a straight line between the limits, exactly 0 and 1 beyond
them. ``smooth`` is a logistic through 0.05 and 0.95 at the same limits: it never quite reaches 0 or 1, so
compounds beyond a limit keep their order and one bad term does not hide all others; it is the default.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, get_args, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from molscreen.config import check_choice, to_dataclass
from molscreen.endpoint import Direction
from molscreen.errors import ConfigError
from molscreen.registry import Registry

Floats = NDArray[np.float64]
Shape = Literal["linear", "smooth"]

SMOOTH_LOW = 0.05
"""A smooth curve's value at the limit where the linear one reaches 0; 1 minus it where that reaches 1."""


@runtime_checkable
class Curve(Protocol):
    """A desirability curve: a frozen dataclass whose fields are its options.

    Members never rise again after they have fallen, so that the least desirable value of an interval
    is at one of its ends; `Term` relies on it for pessimistic bounds.

    Attributes
    ----------
    direction : {"higher", "lower", "none"}
        Which way the curve calls better; "none" where it wants a middle.
    """

    direction: ClassVar[Direction]

    def __call__(self, value: ArrayLike) -> Floats:
        """Desirability in [0, 1] of (n,) values; NaN and infinite values give NaN."""
        ...


CURVES: Registry[type[Curve]] = Registry("curve")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slope:
    """What `Rise` and `Fall` share: two limits, in order, and a shape."""

    low: float
    high: float
    shape: Shape = "smooth"

    def __post_init__(self) -> None:
        _check(self.shape, low=self.low, high=self.high)


@CURVES.register("rise")
@dataclass(frozen=True, slots=True, kw_only=True)
class Rise(_Slope):
    """More is better: 0 up to `low`, 1 from `high` on (0.05 and 0.95 where smooth).

    References
    ----------
    Derringer & Suich, J. Qual. Technol. 12, 214 (1980), doi:10.1080/00224065.1980.11980968.

    Examples
    --------
    >>> Rise(low=5, high=7, shape="linear")([4.0, 6.0, 8.0, float("nan")]).tolist()
    [0.0, 0.5, 1.0, nan]
    """

    direction: ClassVar[Direction] = "higher"

    def __call__(self, value: ArrayLike) -> Floats:
        """Desirability in [0, 1] of (n,) values, never falling; NaN and infinite values give NaN."""
        return _ramp(value, self.low, self.high, self.shape)


@CURVES.register("fall")
@dataclass(frozen=True, slots=True, kw_only=True)
class Fall(_Slope):
    """Less is better: 1 up to `low`, 0 from `high` on (0.95 and 0.05 where smooth).

    Examples
    --------
    >>> Fall(low=0.3, high=0.7)([0.3, 0.5, 0.7]).round(2).tolist()
    [0.95, 0.5, 0.05]
    """

    direction: ClassVar[Direction] = "lower"

    def __call__(self, value: ArrayLike) -> Floats:
        """Desirability in [0, 1] of (n,) values, never rising; NaN and infinite values give NaN."""
        return _ramp(value, self.high, self.low, self.shape)


@CURVES.register("window")
@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A middle is best: 1 from `low_ok` to `high_ok`, 0 up to `low` and from `high` on.

    Where smooth, 0.95 and 0.05 at those limits. The lesser of a `Rise` over ``low, low_ok`` and a `Fall`
    over ``high_ok, high``, of either shape.

    Examples
    --------
    >>> Window(low=0, low_ok=1, high_ok=3, high=5, shape="linear")([0.5, 2.0, 4.0, 6.0]).tolist()
    [0.5, 1.0, 0.5, 0.0]
    """

    direction: ClassVar[Direction] = "none"
    low: float
    low_ok: float
    high_ok: float
    high: float
    shape: Shape = "smooth"

    def __post_init__(self) -> None:
        _check(self.shape, low=self.low, low_ok=self.low_ok)
        _check(self.shape, high_ok=self.high_ok, high=self.high)
        if not self.low_ok <= self.high_ok:
            raise ConfigError(f"'low_ok' {self.low_ok:g} must not be above 'high_ok' {self.high_ok:g}")

    def __call__(self, value: ArrayLike) -> Floats:
        """Desirability in [0, 1] of (n,) values; NaN and infinite values give NaN."""
        rise = _ramp(value, self.low, self.low_ok, self.shape)
        return np.minimum(rise, _ramp(value, self.high, self.high_ok, self.shape))


def make_curve(name: str, options: Mapping[str, Any]) -> Curve:
    """Make the curve `name` from its table of limits.

    Raises
    ------
    ConfigError
        The curve or an option is unknown, a limit is missing, or the limits are out of order.

    Examples
    --------
    >>> make_curve("rise", {"low": 5, "high": 7})
    Rise(low=5.0, high=7.0, shape='smooth')
    """
    return to_dataclass(CURVES[name], options, where=f"curve '{name}'")


def _ramp(value: ArrayLike, bad: float, good: float, shape: Shape) -> Floats:
    """From 0 at `bad` to 1 at `good`, whichever is larger; 0.05 to 0.95 where smooth."""
    value = np.asarray(value, dtype=np.float64)
    with np.errstate(over="ignore"):  # far beyond a limit is only beyond it
        way = (np.where(np.isfinite(value), value, np.nan) - bad) / (good - bad)  # 0 at bad, 1 at good
    if shape == "linear":
        return np.clip(way, 0.0, 1.0)
    steepness = 2 * math.log(1 / SMOOTH_LOW - 1)
    return np.asarray(0.5 + 0.5 * np.tanh(steepness * (way - 0.5) / 2))  # the logistic, without overflow


def _check(shape: str, **limits: float) -> None:
    (lower, low), (upper, high) = limits.items()
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ConfigError(f"'{lower}' {low:g} must be below '{upper}' {high:g}")
    check_choice("'shape'", shape, get_args(Shape))
