"""Calibration: what held-out compounds teach about the numbers a network gives.

Regression endpoints get a 90 % interval (`conformal`), classification endpoints a probability with
bounds (`probability`). The student of the wide view is calibrated on compounds that it was not fitted on. A
blend is calibrated on what its experts say out of fold: each compound is judged by experts that did not know
it, though not by the very ones that ship, and the weights of the blend come from the same opinions. All of it
travels in the bundle as JSON.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from molscreen.config import to_dataclass
from molscreen.endpoint import Endpoint
from molscreen.prediction.certainty.conformal import ConformalInterval
from molscreen.prediction.certainty.probability import VennAbers

Matrix = NDArray[np.float64]


class Calibrated(NamedTuple):
    """Mean, std and 90 % bounds in the endpoints' units, each (n,) or (n, t)."""

    mean: Matrix
    std: Matrix
    low: Matrix
    high: Matrix


@dataclass(frozen=True, slots=True)
class Calibration:
    """One `ConformalInterval` or `VennAbers` for each of t endpoints.

    Examples
    --------
    >>> solubility = Endpoint(name="solubility", unit="log10(mol/L)")
    >>> measured = np.arange(9.0)[:, None]
    >>> calibration = Calibration.fit(
    ...     [solubility], target=measured, mean=measured + 0.5, std=np.ones((9, 1)), distance=np.ones((9, 1))
    ... )
    >>> result = calibration.apply(np.array([[-2.0]]), np.array([[1.0]]), np.array([[1.0]]))
    >>> result.low.item(), result.high.item()
    (-2.5, -1.5)
    """

    endpoints: tuple[Endpoint, ...]
    columns: tuple[ConformalInterval | VennAbers, ...]

    @classmethod
    def fit(
        cls,
        endpoints: Sequence[Endpoint],
        *,
        target: NDArray[np.floating],
        mean: NDArray[np.floating],
        std: NDArray[np.floating],
        distance: NDArray[np.floating],
        relation: NDArray[np.integer] | None = None,
    ) -> Calibration:
        """From what was said of m compounds by those who did not know them.

        Parameters
        ----------
        endpoints : sequence of t Endpoint
        target : (m, t) float
            Measured, on the fitted scale (`to_fitted_scale`), or labels 0 and 1; NaN = unmeasured.
        mean, std : (m, t) float
            What they say: on the fitted scale, or logits.
        distance : (m, t) or (m, 1) float
            How far the compounds are from what they knew, of each endpoint or at all.
        relation : (m, t) int, optional
            -1: the true value is at most `target`; 0: equal, as all are without it; 1: at least.
        """
        columns: list[ConformalInterval | VennAbers] = []
        given = (target, mean, std, np.broadcast_to(distance, mean.shape))
        for j, endpoint in enumerate(endpoints):
            known, said, spread, far = (np.asarray(part[:, j], np.float64) for part in given)
            if endpoint.kind == "classification":
                columns.append(VennAbers.fit(known, said))
            else:
                side = None if relation is None else relation[:, j]
                columns.append(ConformalInterval.fit(known, said, spread, far, side))
        return cls(tuple(endpoints), tuple(columns))

    def apply(
        self, mean: NDArray[np.floating], std: NDArray[np.floating], distance: NDArray[np.floating]
    ) -> Calibrated:
        """Numbers in the endpoints' units.

        Parameters
        ----------
        mean, std : (n, t) float
            What the networks say: on the fitted scale, or logits. A mean that is not finite
            makes all four results NaN there.
        distance : (n, t) or (n, 1) float
            As for `fit`.

        Returns
        -------
        Calibrated
            Four (n, t) arrays. On a log10 scale the mean is the median of what is expected, and
            the interval is not symmetric around it. Mean and bounds are kept within the endpoint's
            limits. An interval so cut holds every measurement that it held before, for none lies
            beyond the limits; one that lay beyond altogether becomes the limit itself. So as many
            hold as conformal prediction promises, or more.
        """
        result = Calibrated(*(np.full(mean.shape, np.nan) for _ in range(4)))
        given = (mean, std, np.broadcast_to(distance, mean.shape))
        for j, (endpoint, column) in enumerate(zip(self.endpoints, self.columns, strict=True)):
            usable = np.isfinite(mean[:, j])
            said, spread, far = (np.asarray(part[usable, j], np.float64) for part in given)
            told = _within(endpoint, _column(endpoint, column, said, spread, far))
            for whole, part in zip(result, told, strict=True):
                whole[usable, j] = part
        return result

    def to_json(self) -> list[dict[str, Any]]:
        """A JSON-able list, one entry per endpoint; `from_json` is its inverse."""
        return [asdict(column) for column in self.columns]

    @classmethod
    def from_json(cls, endpoints: Sequence[Endpoint], entries: Sequence[Mapping[str, Any]]) -> Calibration:
        """The calibration that a bundle stored."""
        columns: list[ConformalInterval | VennAbers] = []
        for endpoint, entry in zip(endpoints, entries, strict=True):
            where = f"calibration of '{endpoint.name}'"
            if endpoint.kind == "classification":
                columns.append(to_dataclass(VennAbers, entry, where=where))
            else:
                columns.append(to_dataclass(ConformalInterval, entry, where=where))
        return cls(tuple(endpoints), tuple(columns))


def _column(
    endpoint: Endpoint, column: ConformalInterval | VennAbers, said: Matrix, spread: Matrix, far: Matrix
) -> Calibrated:
    """One endpoint: from logits or the fitted scale to its unit; std to first order."""
    if isinstance(column, VennAbers):
        mean = column.probability(said)
        return Calibrated(mean, mean * (1 - mean) * column.slope * spread, *column.bounds(said))
    low, high = column.bounds(said, spread, far)
    if endpoint.scale == "linear":
        return Calibrated(said, spread, low, high)
    with np.errstate(over="ignore"):
        return Calibrated(*_from_log10(said, spread), 10.0**low, 10.0**high)


def _within(endpoint: Endpoint, said: Calibrated) -> Calibrated:
    """The same, kept within the limits of the endpoint."""
    mean, low, high = (np.clip(part, *endpoint.limits) for part in (said.mean, said.low, said.high))
    return Calibrated(mean, said.std, low, high)


def _from_log10(mean: Matrix, std: Matrix) -> tuple[Matrix, Matrix]:
    return 10.0**mean, math.log(10) * 10.0**mean * std


def to_fitted_scale(value: NDArray[np.floating], endpoints: Sequence[Endpoint]) -> NDArray[np.float64]:
    """Values (n, t) in the endpoints' units, on the scale networks are fitted on; NaN stays NaN.

    Raises
    ------
    ValueError
        An endpoint on a log10 scale has a value that is not positive.

    Examples
    --------
    >>> halflife = Endpoint(name="half-life", unit="h", scale="log10")
    >>> to_fitted_scale(np.array([[100.0]]), [halflife]).item()
    2.0
    """
    fitted = np.array(value, dtype=np.float64)
    for j, endpoint in enumerate(endpoints):
        if endpoint.scale != "log10":
            continue
        if (fitted[:, j] <= 0).any():
            raise ValueError(
                f"endpoint '{endpoint.name}' is on a log10 scale, but a value is"
                f" {np.nanmin(fitted[:, j]):g} {endpoint.unit}; expected positive values"
            )
        fitted[:, j] = np.log10(fitted[:, j])
    return fitted


def from_fitted_scale(
    mean: NDArray[np.floating], std: NDArray[np.floating], endpoints: Sequence[Endpoint]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means and stds (n, t) in the endpoints' units; the std to first order. Undoes `to_fitted_scale`.

    Examples
    --------
    >>> halflife = Endpoint(name="half-life", unit="h", scale="log10")
    >>> from_fitted_scale(np.array([[2.0]]), np.array([[0.0]]), [halflife])[0].item()
    100.0
    """
    in_unit, spread = np.array(mean, np.float64), np.array(std, np.float64)
    for j, endpoint in enumerate(endpoints):
        if endpoint.scale == "log10":
            in_unit[:, j], spread[:, j] = _from_log10(in_unit[:, j], spread[:, j])
    return in_unit, spread


def mean_in_unit(mean: NDArray[np.floating], endpoints: Sequence[Endpoint]) -> NDArray[np.float64]:
    """Means (n, t) alone, from the fitted scale to the endpoints' units."""
    return from_fitted_scale(mean, np.zeros_like(mean), endpoints)[0]
