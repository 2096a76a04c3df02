"""TorchCalibration: calibration and domain as torch operations, for networks that run on a GPU.

In numpy the two take about 19 us a molecule for 36 endpoints, longer than a GPU's forward pass. Fitted
they are where they always were (`calibration`, `domain`); here the fitted numbers are only applied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from molscreen.prediction.certainty.calibration import Calibration
from molscreen.prediction.certainty.conformal import TINY, ConformalInterval
from molscreen.prediction.certainty.domain import EmbeddingDomain
from molscreen.prediction.certainty.probability import VennAbers


class Applied(NamedTuple):
    """Mean, std, low and high (n, t) in the endpoints' units, and distance (n,): float32."""

    mean: Tensor
    std: Tensor
    low: Tensor
    high: Tensor
    distance: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class TorchCalibration:
    """A `Calibration` of t endpoints and an `EmbeddingDomain`, as tensors on one device.

    Attributes
    ----------
    is_label, is_log10 : (t,) bool
    least, largest : (t,) float64
        Limits of the endpoints.
    slope, intercept, quantile, base, per_std, per_distance, least_error : (t,) float64
        Where an endpoint has none 1, 0, NaN, and 0 for the others.
    grid : (t, g) float64
        Logits of the Venn-ABERS bounds; infinite beyond the last.
    low, high : (t, g + 1) float64
        Bounds below and above each logit of the grid, as `VennAbers.bounds` picks them.
    centre, whitening, radius
        Of the domain; the first two as float32 tensors.
    """

    is_label: Tensor
    is_log10: Tensor
    least: Tensor
    largest: Tensor
    slope: Tensor
    intercept: Tensor
    quantile: Tensor
    base: Tensor
    per_std: Tensor
    per_distance: Tensor
    least_error: Tensor
    grid: Tensor
    low: Tensor
    high: Tensor
    centre: Tensor
    whitening: Tensor
    radius: float

    @classmethod
    def of(
        cls, calibration: Calibration, domain: EmbeddingDomain, device: torch.device | str
    ) -> TorchCalibration:
        """What a bundle holds, on a device."""
        columns = calibration.columns
        width = max((len(each.grid) for each in columns if isinstance(each, VennAbers)), default=0)

        def vector(values: list[float] | list[bool]) -> Tensor:
            return torch.tensor(values, dtype=torch.float64, device=device)

        def table(rows: list[tuple[float, ...]], size: int, fill: float) -> Tensor:
            padded = np.full((len(rows), size), fill)
            for row, values in zip(padded, rows, strict=True):
                row[: len(values)] = values
            return torch.from_numpy(padded).to(device)

        labels = [each if isinstance(each, VennAbers) else None for each in columns]
        ranges = [each if isinstance(each, ConformalInterval) else None for each in columns]
        return cls(
            is_label=vector([each is not None for each in labels]).bool(),
            is_log10=vector([endpoint.scale == "log10" for endpoint in calibration.endpoints]).bool(),
            least=vector([endpoint.limits[0] for endpoint in calibration.endpoints]),
            largest=vector([endpoint.limits[1] for endpoint in calibration.endpoints]),
            slope=vector([each.slope if each else 1.0 for each in labels]),
            intercept=vector([each.intercept if each else 0.0 for each in labels]),
            quantile=vector(
                [torch.nan if each is None or each.quantile is None else each.quantile for each in ranges]
            ),
            base=vector([each.base if each else 0.0 for each in ranges]),
            per_std=vector([each.per_std if each else 0.0 for each in ranges]),
            per_distance=vector([each.per_distance if each else 0.0 for each in ranges]),
            least_error=vector([max(each.least, TINY) if each else TINY for each in ranges]),
            grid=table([each.grid if each else () for each in labels], width, np.inf),
            low=table([(0.0, *each.low) if each else () for each in labels], width + 1, 0.0),
            high=table([each.high if each else () for each in labels], width + 1, 1.0),
            centre=torch.from_numpy(domain.centre).to(device),
            whitening=torch.from_numpy(domain.whitening).to(device),
            radius=domain.radius,
        )

    def apply(self, mean: Tensor, std: Tensor, embedding: Tensor) -> Applied:
        """What `Calibration.apply` and `EmbeddingDomain.distance` make of the networks' output.

        Parameters
        ----------
        mean, std : (n, t) float
        embedding : (n, d) float
        """
        said = mean.double().where(mean.isfinite(), torch.nan)  # (n, t)
        whitened = (embedding.float() - self.centre) @ self.whitening.T  # (n, d)
        distance = torch.linalg.vector_norm(whitened, dim=1) / self.radius  # (n,)
        labels = self._labels(said, std.double())
        values = self._values(said, std.double(), distance.double()[:, None])
        parts = [torch.where(self.is_label, a, b) for a, b in zip(labels, values, strict=True)]
        mean, std, low, high = (part.where(said.isfinite(), torch.nan) for part in parts)
        mean, low, high = (part.clamp(self.least, self.largest) for part in (mean, low, high))
        return Applied(mean.float(), std.float(), low.float(), high.float(), distance)

    def _labels(self, logit: Tensor, spread: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Probability, its std and its Venn-ABERS bounds, (n, t) each."""
        probability = (self.slope * logit + self.intercept).sigmoid()
        std = probability * (1 - probability) * self.slope * spread
        column = logit.nan_to_num().T.contiguous()  # (t, n)
        below = self.low.gather(1, torch.searchsorted(self.grid, column, side="right")).T
        above = self.high.gather(1, torch.searchsorted(self.grid, column, side="left")).T
        return probability, std, torch.minimum(below, probability), torch.maximum(above, probability)

    def _values(self, mean: Tensor, std: Tensor, distance: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Value, its std and the ends of its interval, (n, t) each, in the endpoints' units."""
        expected = self.base + self.per_std * std + self.per_distance * distance
        half = self.quantile * torch.maximum(expected, self.least_error)
        linear = (mean, std, mean - half, mean + half)
        power = 10.0**mean
        log10 = (power, np.log(10) * power * std, 10.0 ** (mean - half), 10.0 ** (mean + half))
        value, spread, low, high = (
            torch.where(self.is_log10, a, b) for a, b in zip(log10, linear, strict=True)
        )
        return value, spread, low, high
