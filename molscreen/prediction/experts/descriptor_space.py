"""Descriptor space: a few dozen coordinates in which compounds with like descriptors lie close together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

COORDINATES = 48  # principal components that are kept
FARTHEST = 4.0  # standard deviations: a descriptor farther from its mean is drawn in to there
SHARPNESS = 0.3  # similarity at the median distance is exp(-0.3) = 0.74
STEPS = 32  # to the median distance: coordinates are whole steps, which fit into a byte
_SAMPLE = 1000  # compounds whose distances place the median


@dataclass(frozen=True, slots=True, eq=False)
class DescriptorSpace:
    """Principal components of standardised descriptors, and a similarity from distances among them.

    Attributes
    ----------
    centre, spread : (d,) float32
        Of each descriptor; a spread of 0 leaves the descriptor out.
    axes : (d, c) float32
    unit : float
        Median squared distance between two compounds.

    References
    ----------
    Rasmussen & Williams, Gaussian Processes for Machine Learning, MIT Press 2006, section 4.2 (the squared
    exponential kernel).
    """

    centre: NDArray[np.float32]
    spread: NDArray[np.float32]
    axes: NDArray[np.float32]
    unit: float

    @classmethod
    def fit(cls, values: NDArray[np.floating], *, seed: int = 0) -> DescriptorSpace:
        """From the descriptors (n, d) of n compounds; NaN counts as a descriptor's mean.

        Examples
        --------
        >>> space = DescriptorSpace.fit(np.random.default_rng(0).normal(size=(50, 5)))
        >>> space.axes.shape
        (5, 5)
        """
        from scipy.spatial.distance import pdist

        with np.errstate(invalid="ignore"):
            centre = np.nan_to_num(np.nanmean(values, axis=0)).astype(np.float32)
            spread = np.nan_to_num(np.nanstd(values, axis=0)).astype(np.float32)
        unturned = cls(centre, spread, np.eye(len(centre), dtype=np.float32), 1.0)
        standardised = unturned._turned(values)
        _, axes = np.linalg.eigh(standardised.T @ standardised)
        axes = axes[:, ::-1][:, :COORDINATES]
        axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1, 1)
        turned = cls(centre, spread, np.ascontiguousarray(axes, np.float32), 1.0)
        rows = np.random.default_rng(seed).permutation(len(values))[:_SAMPLE]
        coordinates = turned._turned(values[rows])
        distance = pdist(coordinates, "sqeuclidean").astype(np.float32)
        unit = float(np.median(distance)) if len(distance) else 1.0
        return cls(centre, spread, turned.axes, unit or 1.0)

    def place(self, values: NDArray[np.floating]) -> NDArray[np.int8]:
        """Coordinates (n, c) of compounds with descriptors (n, d), in steps of 1/32 of the median distance.

        Rounding moves a compound by about 0.06 median distances in all; nothing lies farther than four from
        the centre along any axis.
        """
        steps = self._turned(values) * (STEPS / np.sqrt(self.unit))
        return np.asarray(steps.round().clip(-127, 127), np.int8)

    def _turned(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Coordinates (n, c), in standard deviations of descriptors."""
        known = self.spread > 0
        scale = np.where(known, self.spread, 1)
        standardised = np.where(known, (np.nan_to_num(values, nan=0.0) - self.centre) / scale, 0.0)
        standardised = np.where(np.isnan(values), 0.0, standardised).clip(-FARTHEST, FARTHEST)
        return np.asarray(standardised @ self.axes.astype(np.float64))

    @staticmethod
    def similarity(a: NDArray[np.int8], b: NDArray[np.int8]) -> NDArray[np.float32]:
        """From 0 to 1, (n, m), of compounds at coordinates (n, c) and (m, c).

        Coordinates are whole numbers of at most 127, and of at most 128 axes squares add up to less than
        2^24: their distances are exact in float32, in whatever order they are added up.
        """
        left, right = a.astype(np.float32), b.astype(np.float32)
        lengths = [np.einsum("nc,nc->n", each, each) for each in (left, right)]
        distance = np.add.outer(*lengths)
        distance -= 2 * (left @ right.T)
        distance *= np.float32(-SHARPNESS / STEPS**2)
        return np.asarray(np.exp(distance, out=distance))

    def to_tensors(self, prefix: str) -> dict[str, NDArray[Any]]:
        """Named arrays for a safetensors file; `from_tensors` is the inverse."""
        return {
            f"{prefix}.centre": self.centre,
            f"{prefix}.spread": self.spread,
            f"{prefix}.axes": self.axes,
            f"{prefix}.unit": np.array([self.unit]),
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]], prefix: str) -> DescriptorSpace:
        """The space that a bundle stored.

        Raises
        ------
        ValueError
            The arrays do not belong together.
        """
        centre, spread, axes = (tensors[f"{prefix}.{name}"] for name in ("centre", "spread", "axes"))
        unit = float(tensors[f"{prefix}.unit"][0])
        if not centre.shape == spread.shape == axes.shape[:1] or axes.ndim != 2 or not unit > 0:
            raise ValueError(f"{prefix}: {centre.shape}, {spread.shape}, {axes.shape} and unit {unit}")
        return cls(centre, spread, axes, unit)
