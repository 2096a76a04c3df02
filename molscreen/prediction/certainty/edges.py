"""Edges: where the domain of the nearest training compounds ends, and what is alike by chance."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molscreen.prediction.certainty.conformal import conformal_quantile
from molscreen.prediction.certainty.domain import INSIDE

BEYOND = 0.99  # of held-out compounds are "in" or at the "edge"
TINY = 1e-6  # the least width of a domain
BEYOND_ONE = np.nextafter(np.float32(1), np.float32(2))


def similarity_by_chance(n: int) -> float:
    """Mean similarity to the 5 nearest of n compounds that 1 in 20 unrelated molecules reaches.

    Of 1,000 molecules of ZINC250k and n of ChEMBL (chembl_druglike_78k), both drawn at random, the 95th
    percentile is 0.257, 0.302, 0.321, 0.381 and 0.407 for 100, 500, 1,000, 5,000 and 10,000: a straight line
    in log n. On the eight targets of MoleculeACE that it concerns, test compounds below it have 2.1 times the
    squared error of those above.

    Examples
    --------
    >>> [round(similarity_by_chance(n), 3) for n in (100, 1000, 10000)]
    [0.257, 0.332, 0.407]
    """
    return 0.107 + 0.075 * math.log10(n)


class Edges(NamedTuple):
    """Mean similarity that 95 % and 99 % of held-out compounds reach.

    "in" is above the first, "out" below the second, "edge" between.
    """

    inside: float
    outside: float

    @classmethod
    def place(cls, similarity: NDArray[np.floating]) -> Edges:
        """From the mean similarities (m,) of compounds held out.

        Fewer than 19 (or 99) of them cannot place a 95 % (or 99 %) edge: then it lies at the least similar.
        """
        found = [conformal_quantile(1 - similarity, level) for level in (INSIDE, BEYOND)]
        return cls(*(float(similarity.min()) if edge is None else 1 - edge for edge in found))

    def above_chance(self, n: int) -> Edges:
        """The same, with the inside no nearer to chance than `similarity_by_chance` to n compounds.

        Of a target whose known ligands are all unlike each other, 95 % of those held out may be little more
        like the others than anything is: of 400 random molecules of ZINC 22 % would be inside the domain of
        JAK2, and of the eight targets of `potency` that it concerns 3 to 58 %, where now 1 to 2 % are.
        """
        return self._replace(inside=max(self.inside, similarity_by_chance(n)))

    def share_inside(self, similarity: NDArray[np.floating]) -> float:
        """Which share of compounds of these mean similarities (m,) is inside."""
        return float((similarity >= self.inside).mean())

    def distance(self, similarity: NDArray[np.float32]) -> NDArray[np.float32]:
        """How far compounds of these mean similarities (n,) are, at most 1 inside."""
        ratio = (1 - similarity) / np.float32(max(1 - self.inside, TINY))
        far = np.where(similarity < self.inside, np.maximum(ratio, BEYOND_ONE), np.minimum(ratio, 1))
        return np.asarray(far, np.float32)
