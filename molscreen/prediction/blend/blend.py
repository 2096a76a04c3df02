"""Blend: what several experts say of an endpoint, weighed by how far each was right before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molscreen.endpoint import Endpoint

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Blend:
    """Non-negative weights of e experts, and an offset, for each of t endpoints.

    The blended opinion is ``offset + sum_e weight_e * opinion_e``, on the fitted scale or as a logit.

    Attributes
    ----------
    experts : tuple of e str
        Their names, in the order of `weight`.
    weight : (e, t) float64
    offset : (t,) float64
    """

    experts: tuple[str, ...]
    weight: Matrix
    offset: Matrix

    def combine(self, opinions: Mapping[str, NDArray[np.floating]]) -> tuple[Matrix, Matrix]:
        """The blended opinion (n, t), and the experts' disagreement (n, t) about it.

        Parameters
        ----------
        opinions : mapping of str to (n, t) float
            Of every expert that has a weight anywhere.

        Returns
        -------
        mean, spread : (n, t) float64
            `spread` is the weighted standard deviation of the opinions, 0 where one expert speaks alone.
            Both NaN where an expert with a weight has no opinion, or no expert has a weight.
        """
        n, t = next(iter(opinions.values())).shape
        heard = [place for place, row in enumerate(self.weight) if row.any()]
        said = np.empty((len(heard), n, t))
        for opinion, place in zip(said, heard, strict=True):
            opinion[:] = opinions[self.experts[place]]
        weight = self.weight[heard][:, None, :]  # (h, 1, t)
        said = np.where(weight > 0, said, 0.0)  # who has no weight may have no opinion
        total = weight.sum(axis=0)  # (1, t)
        share = weight / np.where(total > 0, total, np.nan)
        mean = self.offset + (weight * said).sum(axis=0)
        centre = (share * said).sum(axis=0)
        spread = np.sqrt((share * (said - centre) ** 2).sum(axis=0))
        return np.where(total > 0, mean, np.nan), np.where(total > 0, spread, np.nan)

    def weight_of(self, expert: str) -> Matrix:
        """Its weights (t,); 0 of an expert that is not in the blend."""
        if expert not in self.experts:
            return np.zeros(len(self.offset))
        weight: Matrix = self.weight[self.experts.index(expert)]
        return weight

    def restricted_to(self, asked: NDArray[np.bool_]) -> Blend:
        """The same for those endpoints where `asked` (t,); for the others nobody has a weight."""
        return Blend(self.experts, self.weight * asked, self.offset)

    def to_json(self) -> dict[str, Any]:
        """A JSON-able mapping; `from_json` is its inverse."""
        return {
            "experts": list(self.experts),
            "weight": self.weight.tolist(),
            "offset": self.offset.tolist(),
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any], endpoints: Sequence[Endpoint]) -> Blend:
        """The blend that a bundle stored.

        Raises
        ------
        ValueError
            It is not one of these endpoints, or a weight is negative.
        """
        experts = tuple(map(str, entry["experts"]))
        weight, offset = np.asarray(entry["weight"], np.float64), np.asarray(entry["offset"], np.float64)
        if weight.shape != (len(experts), len(endpoints)) or offset.shape != (len(endpoints),):
            raise ValueError(
                f"blend: weights {weight.shape} and offsets {offset.shape}, expected {len(experts)} experts"
                f" and {len(endpoints)} endpoints"
            )
        if not (np.isfinite(weight).all() and np.isfinite(offset).all() and (weight >= 0).all()):
            raise ValueError("blend: a weight is negative or not a number")
        return cls(experts, weight, offset)
