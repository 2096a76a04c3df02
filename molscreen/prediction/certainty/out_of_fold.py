"""How far training compounds are from those of the other folds: as far as new ones are from all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.features.fingerprint import ecfp_bits, nearest
from molscreen.prediction.certainty.neighbours import N_BITS, NeighbourDomain


def distances_out_of_fold(
    domain: NeighbourDomain, keys: Sequence[str], fold: NDArray[np.integer], endpoints: Sequence[str]
) -> NDArray[np.float32]:
    """What `NeighbourDomain.distances` says of each training compound, had its fold not been known.

    Parameters
    ----------
    domain : NeighbourDomain
        Of these compounds.
    keys : sequence of n str
    fold : (n,) int
    endpoints : sequence of t str
        Those whose intervals go by it.

    Returns
    -------
    (n, t) float32
        NaN of a compound that was not measured for an activity, or where the other folds have none.
    """
    packed = ecfp_bits(keys, n_bits=N_BITS)
    found = np.full((len(keys), len(endpoints)), np.nan, np.float32)
    of_all: NDArray[np.float32] | None = None
    for j, name in enumerate(endpoints):
        if activity := domain.activities.get(name):
            similarity = _similarity(packed, fold, activity.measured, domain.k)
            found[:, j] = activity.edges.distance(similarity)
        else:
            if of_all is None:
                of_all = domain.edges.distance(_similarity(packed, fold, np.ones(len(keys), bool), domain.k))
            found[:, j] = of_all
    return found


def _similarity(
    packed: NDArray[np.uint8], fold: NDArray[np.integer], rows: NDArray[np.bool_], k: int
) -> NDArray[np.float32]:
    """Mean similarity (n,) to the k nearest of the other folds, among some rows; NaN of all other rows."""
    found = np.full(len(packed), np.nan, np.float32)
    for each in np.unique(fold[rows]):
        own, others = rows & (fold == each), rows & (fold != each)
        if others.any():
            found[own] = nearest(packed[own], packed[others], min(k, int(others.sum())))[1].mean(axis=1)
    return found
