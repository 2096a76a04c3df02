"""DrugReference: where a prediction lies among those of the approved drugs.

A probability of 0.6, or a clearance of 40, says little to one who does not know the endpoint; that it
is higher than for 90 % of the drugs says more. The percentile speaks of predictions alone: both the
compound's and the drugs' are those of the full view, and some of the drugs may be training compounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molscreen.endpoint import Endpoint

STEPS = 100  # between the quantiles that are kept: percentiles are exact there, interpolated between
RESOLUTION = 1  # decimals of a percentile that is told


@dataclass(frozen=True, slots=True, eq=False)
class DrugReference:
    """How the predictions of n drugs are distributed, for each of t endpoints.

    Attributes
    ----------
    quantiles : (101, t) float32
        Row i: what i per cent of the drugs' predictions do not exceed, in the endpoint's unit; rows 0
        and 100 are the least and the largest. NaN for an endpoint on which no drug has a number.
    n : int
        How many drugs there are.

    Examples
    --------
    >>> drugs = DrugReference.fit(np.arange(201.0)[:, None])
    >>> drugs.percentile(np.array([[-1.0], [50.0], [50.5], [np.nan]])).ravel().tolist()
    [0.0, 25.0, 25.25, nan]
    """

    quantiles: NDArray[np.float32]
    n: int

    def __post_init__(self) -> None:
        if self.quantiles.ndim != 2 or len(self.quantiles) != STEPS + 1:
            raise ValueError(
                f"quantiles of drugs have shape {self.quantiles.shape}, expected ({STEPS + 1}, t)"
            )

    @classmethod
    def fit(cls, mean: NDArray[np.floating]) -> DrugReference:
        """From the means (n, t) that the full view predicts for the drugs; NaN is left out.

        Raises
        ------
        ValueError
            There is no drug.
        """
        if not len(mean):
            raise ValueError("a distribution among drugs needs drugs, got none")
        quantiles = np.full((STEPS + 1, mean.shape[1]), np.nan, np.float32)
        for j, column in enumerate(mean.T):
            known = column[~np.isnan(column)]
            if len(known):
                quantiles[:, j] = np.quantile(known, np.linspace(0, 1, STEPS + 1))
        return cls(quantiles, len(mean))

    def percentile(self, mean: NDArray[np.floating]) -> NDArray[np.float32]:
        """Share (n, t) of drugs with a lower prediction, in per cent, for means (n, t).

        From 0, below all drugs, to 100, above all; linear between two quantiles. A value that several
        quantiles share lies in their middle, so that a mirrored scale gives mirrored percentiles.
        Whether higher is better is for the endpoint to say. NaN for NaN.
        """
        found = np.full(mean.shape, np.nan, np.float32)
        for j, quantiles in enumerate(self.quantiles.T.astype(np.float64)):
            known = ~np.isnan(mean[:, j])
            if not np.isnan(quantiles).any():
                found[known, j] = _rank(mean[known, j].astype(np.float32).astype(np.float64), quantiles)
        return found

    def within(self, endpoints: Sequence[Endpoint]) -> DrugReference:
        """The same drugs by predictions that are kept within the limits of the t endpoints.

        Those of a bundle that was made before predictions were so are not.
        """
        limits = np.array([endpoint.limits for endpoint in endpoints], np.float32).T  # (2, t)
        return DrugReference(np.clip(self.quantiles, *limits), self.n)

    def to_tensors(self) -> dict[str, NDArray[Any]]:
        """Named arrays for a safetensors file; `from_tensors` is the inverse."""
        return {"drugs.quantiles": self.quantiles, "drugs.n": np.array([self.n])}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> DrugReference | None:
        """The distribution that a bundle stored; None where it stored none."""
        if "drugs.quantiles" not in tensors:
            return None
        return cls(np.asarray(tensors["drugs.quantiles"], np.float32), int(tensors["drugs.n"][0]))


def named_percentiles(
    drugs: DrugReference, endpoints: Sequence[Endpoint], values: Mapping[str, NDArray[np.floating]]
) -> list[dict[str, float]]:
    """For each of n compounds, its percentile by endpoint, to 0.1; without those that are NaN.

    Parameters
    ----------
    drugs : DrugReference
    endpoints : sequence of t Endpoint
        Those of `drugs`, in order.
    values : mapping of str to (n,) float
        Means by name of the endpoint, others besides.
    """
    names = [endpoint.name for endpoint in endpoints]
    mean = np.column_stack([values[name] for name in names])  # (n, t)
    percentile = drugs.within(endpoints).percentile(mean)
    return [
        {name: round(each, RESOLUTION) for name, each in zip(names, row, strict=True) if each == each}
        for row in percentile.tolist()
    ]


def _rank(value: NDArray[np.float64], quantiles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where values (n,) stand among ordered quantiles, counted from 0."""
    before = np.searchsorted(quantiles, value, side="left")  # (n,) quantiles that are less
    until = np.searchsorted(quantiles, value, side="right")
    low, high = np.maximum(before - 1, 0), np.minimum(before, STEPS)
    gap = quantiles[high] - quantiles[low]
    step = np.divide(value - quantiles[low], gap, out=np.zeros_like(value), where=gap > 0)
    between = np.clip(low + step, 0, STEPS)
    return np.where(until > before, (before + until - 1) / 2, between)
