"""Predictor: compounds in, numbers one may act on out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from molscreen.endpoint import Endpoint
from molscreen.graphs.pack import PackedGraphs


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What a predictor says of n compounds on t endpoints.

    Attributes
    ----------
    endpoints : tuple of Endpoint
        Column j of every array is ``endpoints[j]``.
    mean : (n, t) float32
        Regression: in the endpoint's unit. Classification: calibrated probability of label 1.
        NaN where the predictor has no opinion. Never beyond the endpoint's limits, as are `low` and `high`.
    std : (n, t) float32
        Spread of the members and the noise they expect, in the unit of `mean`. An ordering of
        trust, not a calibrated error: `low` and `high` are.
    low, high : (n, t) float32
        Regression: a split-conformal 90 % interval, so 90 % of new measurements fall inside for
        compounds like the calibration set. Classification: Venn-ABERS bounds of the probability,
        with no level of their own.
    distance : (n,) float32
        How far from the training compounds, 1 at the edge of the domain.
    in_domain : (n,) bool
        ``distance <= 1``.
    own_domain : (n, t) bool, optional
        Whether a compound is in the domain of each endpoint, where endpoints have domains of their own:
        `in_domain` is then whether it is in any of them.
    """

    endpoints: tuple[Endpoint, ...]
    mean: NDArray[np.float32]
    std: NDArray[np.float32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    distance: NDArray[np.float32]
    in_domain: NDArray[np.bool_]
    own_domain: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        n, t = self.mean.shape
        if t != len(self.endpoints):
            raise ValueError(f"mean has {t} columns, expected {len(self.endpoints)} endpoints")
        for name in ("std", "low", "high"):
            if getattr(self, name).shape != (n, t):
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, expected {(n, t)}")
        if self.own_domain is not None and self.own_domain.shape != (n, t):
            raise ValueError(f"own_domain has shape {self.own_domain.shape}, expected {(n, t)}")
        for name in ("distance", "in_domain"):
            if getattr(self, name).shape != (n,):
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, expected {(n,)}")

    def __len__(self) -> int:
        return int(self.mean.shape[0])

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Whether each compound is in the domain of each endpoint, (n, t) bool."""
        if self.own_domain is not None:
            return self.own_domain
        return np.broadcast_to(self.in_domain[:, None], self.mean.shape)

    def __repr__(self) -> str:
        inside = int(self.in_domain.sum())
        return f"Prediction({len(self)} compounds, {len(self.endpoints)} endpoints, {inside} in domain)"


@runtime_checkable
class Predictor(Protocol):
    """Anything that predicts endpoints for standardised compounds."""

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """What the columns of a prediction are."""
        ...

    def predict(self, keys: Sequence[str], graphs: PackedGraphs | None = None) -> Prediction:
        """Predict n compounds, row i for ``keys[i]``.

        Parameters
        ----------
        keys : sequence of str
            Compound keys (canonical SMILES that `standardize` wrote).
        graphs : PackedGraphs, optional
            The same compounds, packed; made from `keys` where absent. A predictor on
            fingerprints ignores them.
        """
        ...
