"""Applicability domain of the wide tier: how far an embedding lies from those of the training set.

It costs one matrix product per batch and no fingerprint, so every compound of a library gets it.
The shortlist is judged by its nearest neighbours as well (`neighbours`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molscreen.prediction.certainty.conformal import conformal_quantile

INSIDE = 0.95  # of held-out compounds are in the domain, by definition of its edge


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddingDomain:
    """Mahalanobis distance to the training set, 1 at the edge of the domain.

    Attributes
    ----------
    centre : (d,) float32
        Mean embedding of the training compounds.
    whitening : (d, d) float32
        W with ``W C W^T = I`` for their covariance C, shrunk as in `shrunk_covariance`.
    radius : float
        The distance that 95 % of new compounds like the held-out ones do not exceed.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> domain = EmbeddingDomain.fit(rng.normal(size=(500, 4)), rng.normal(size=(100, 4)))
    >>> bool(domain.distance(np.zeros((1, 4)))[0] < 1 < domain.distance(np.full((1, 4), 9.0))[0])
    True
    """

    centre: NDArray[np.float32]
    whitening: NDArray[np.float32]
    radius: float

    @classmethod
    def fit(cls, training: NDArray[np.floating], held_out: NDArray[np.floating]) -> EmbeddingDomain:
        """From the embeddings (n, d) of the training compounds and (m, d) of held-out ones.

        Embeddings of training compounds huddle together more than those of new ones; the edge
        is therefore set by held-out compounds alone. Fewer than 19 cannot place a 95 % edge:
        then it lies at the farthest of them.

        Raises
        ------
        ValueError
            One of the two is empty.
        """
        if not (len(training) and len(held_out)):
            raise ValueError(
                f"a domain needs training and held-out compounds, got {len(training)} and {len(held_out)}"
            )
        covariance = shrunk_covariance(training)
        whitening = np.linalg.inv(np.linalg.cholesky(covariance))
        unscaled = cls(training.mean(axis=0).astype(np.float32), whitening.astype(np.float32), 1.0)
        distance = unscaled.distance(held_out)
        edge = conformal_quantile(distance, INSIDE)
        radius = float(distance.max()) if edge is None else edge
        return cls(unscaled.centre, unscaled.whitening, max(radius, float(np.finfo(np.float32).tiny)))

    def distance(self, embedding: NDArray[np.floating]) -> NDArray[np.float32]:
        """Distance (n,) of embeddings (n, d); at most 1 inside the domain, NaN for NaN."""
        centred = embedding.astype(np.float32) - self.centre  # (n, d)
        whitened = centred @ self.whitening.T  # (n, d)
        return np.asarray(np.linalg.norm(whitened, axis=1) / self.radius, dtype=np.float32)

    def to_tensors(self) -> dict[str, NDArray[Any]]:
        """Named arrays for a safetensors file; `from_tensors` is the inverse."""
        return {
            "embedding.centre": self.centre,
            "embedding.whitening": self.whitening,
            "embedding.radius": np.array([self.radius]),
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> EmbeddingDomain:
        """The domain that a bundle stored."""
        return cls(
            np.asarray(tensors["embedding.centre"], np.float32),
            np.asarray(tensors["embedding.whitening"], np.float32),
            float(np.asarray(tensors["embedding.radius"], np.float64)[0]),
        )


def shrunk_covariance(sample: NDArray[np.floating]) -> NDArray[np.float64]:
    """Covariance pulled towards a multiple of the identity, so that it has an inverse.

    The oracle approximating shrinkage estimator: ``(1 - rho) S + rho tr(S) / d I``, with
    ``rho = min(1, ((1 - 2/d) tr(S^2) + tr(S)^2) / ((n + 1 - 2/d) (tr(S^2) - tr(S)^2 / d)))``.

    Parameters
    ----------
    sample : (n, d) float

    Returns
    -------
    (d, d) float64
        Positive definite, also for n < d and for coordinates that never change.

    References
    ----------
    Chen et al., IEEE Trans. Signal Process. 58, 5016 (2010), doi:10.1109/TSP.2010.2053029.

    Examples
    --------
    >>> shrunk_covariance(np.array([[1.0, 0.0], [-1.0, 0.0]])).tolist()
    [[0.5, 0.0], [0.0, 0.5]]
    """
    n, d = sample.shape
    centred = sample.astype(np.float64) - sample.mean(axis=0, dtype=np.float64)
    covariance = centred.T @ centred / n  # (d, d)
    trace, trace_of_square = float(np.trace(covariance)), float((covariance**2).sum())
    excess = (n + 1 - 2 / d) * (trace_of_square - trace**2 / d)
    wanted = (1 - 2 / d) * trace_of_square + trace**2
    rho = 1.0 if wanted >= excess else wanted / excess
    target = max(trace / d, float(np.finfo(np.float32).tiny)) * np.eye(d)
    return np.asarray((1 - rho) * covariance + rho * target)
