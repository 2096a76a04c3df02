"""Trees: boosted decision trees as plain arrays, all of one depth, one ensemble for each endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molscreen.prediction.compressed import compress, decompress
from molscreen.prediction.experts.described import Described

DEPTH = 5
NODES, LEAVES = 2**DEPTH - 1, 2**DEPTH
BLOCK = 512  # compounds whose way through the trees is followed together


@dataclass(frozen=True, slots=True, eq=False)
class TreeExpert:
    """An `Expert`: for each of t endpoints m complete binary trees, whose answers add up.

    A compound stands at node 0 of a tree, and goes from node i to 2 i + 1 where its feature is at most
    the threshold, else to 2 i + 2; after `DEPTH` steps it has reached a leaf. A branch that ends early is
    filled up with thresholds of infinity.

    Attributes
    ----------
    feature : (t, m, NODES) uint16
        Columns of `molscreen.chem.features.tabular.tabular`.
    threshold : (t, m, NODES) float32
    leaf : (t, m, LEAVES) float32
        On the fitted scale, or logits.
    known : (t,) bool
        Whether an endpoint has trees; those of another say nothing.
    width : int
        Features that the trees were fitted on.
    """

    feature: NDArray[np.uint16]
    threshold: NDArray[np.float32]
    leaf: NDArray[np.float32]
    known: NDArray[np.bool_]
    width: int

    def __post_init__(self) -> None:
        t, m = self.feature.shape[:2]
        shapes = (self.feature.shape, self.threshold.shape, self.leaf.shape, self.known.shape)
        if shapes != ((t, m, NODES), (t, m, NODES), (t, m, LEAVES), (t,)):
            raise ValueError(f"trees: arrays of shapes {shapes} do not belong together")
        if self.feature.size and self.feature.max() >= self.width:
            raise ValueError(f"trees: feature {self.feature.max()} of {self.width}: damaged")

    def opine(self, compounds: Described) -> NDArray[np.float64]:
        """An opinion (n, t); see `Expert`."""
        return self.from_features(compounds.features)

    def from_features(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """The opinion (n, t) on compounds with these features (n, width).

        NaN on a compound that could not be described: of which every feature is NaN.

        Raises
        ------
        ValueError
            They are not the features that the trees were fitted on: another RDKit has other descriptors.
        """
        if features.shape[1] != self.width:
            raise ValueError(f"trees: fitted on {self.width} features, but there are {features.shape[1]}")
        opinion = np.full((len(features), len(self.known)), np.nan)
        for j in np.flatnonzero(self.known).tolist():
            for start in range(0, len(features), BLOCK):
                block = slice(start, start + BLOCK)
                opinion[block, j] = self._walk(features[block], int(j))
        opinion[np.isnan(features).all(axis=1)] = np.nan
        return opinion

    def _walk(self, features: NDArray[np.float32], j: int) -> NDArray[np.float64]:
        """The sum (n,) of the leaves that n compounds reach."""
        n, m = len(features), self.feature.shape[1]
        feature, threshold = self.feature[j].ravel(), self.threshold[j].ravel()
        first = np.arange(m) * NODES  # (m,) of each tree
        row = np.arange(n)[:, None]
        features = np.nan_to_num(features)
        node = np.zeros((n, m), np.intp)
        for _ in range(DEPTH):
            place = first + node
            node = 2 * node + 1 + (features[row, feature[place]] > threshold[place])
        reached = self.leaf[j].ravel()[np.arange(m) * LEAVES + node - NODES]  # (n, m)
        return np.asarray(reached.sum(axis=1, dtype=np.float64))

    def restricted_to(self, asked: NDArray[np.bool_]) -> TreeExpert:
        """For fewer endpoints, whose trees alone are walked."""
        return replace(self, known=self.known & asked)

    def to_tensors(self) -> dict[str, NDArray[Any]]:
        """Named arrays for a safetensors file; `from_tensors` is the inverse."""
        return {
            "trees.feature": compress(self.feature.tobytes()),
            "trees.threshold": compress(self.threshold.tobytes()),
            "trees.leaf": compress(self.leaf.tobytes()),
            "trees.known": self.known,
            "trees.number": np.array([self.feature.shape[1]]),
            "trees.width": np.array([self.width]),
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> TreeExpert:
        """The trees that a bundle stored.

        Raises
        ------
        ValueError
            The arrays do not belong together.
        """
        known, m = tensors["trees.known"], int(tensors["trees.number"][0])

        def unfolded(part: str, kind: type, size: int) -> NDArray[Any]:
            content = decompress(tensors[f"trees.{part}"], name=f"trees.{part}")
            return np.frombuffer(content, kind).reshape(len(known), m, size)

        return cls(
            unfolded("feature", np.uint16, NODES),
            unfolded("threshold", np.float32, NODES),
            unfolded("leaf", np.float32, LEAVES),
            known,
            width=int(tensors["trees.width"][0]),
        )
