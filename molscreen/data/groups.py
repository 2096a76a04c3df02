"""Groups of alike compounds, which a split must not tear apart: scaffolds and clusters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.features.fingerprint import ecfp_bits, tanimoto
from molscreen.chem.scaffold import murcko_scaffold

Index = NDArray[np.intp]

CLUSTER_BITS = 1024  # width of the ECFP4 that DeepChem clusters, so that both ways find the same clusters
BLOCK = 1024  # compounds compared with all others at a time
EPSILON = 1e-6  # similarities are float32: one that equals the limit but for rounding is a neighbour


def scaffold_groups(keys: Sequence[str]) -> list[Index]:
    """Rows that share a Bemis–Murcko scaffold, in order of first appearance.

    Compounds without a ring have the empty scaffold in common and form one group.

    Examples
    --------
    >>> [group.tolist() for group in scaffold_groups(["Cc1ccccc1", "CCO", "Oc1ccccc1"])]
    [[0, 2], [1]]
    """
    rows: dict[str, list[int]] = {}
    for row, key in enumerate(keys):
        rows.setdefault(murcko_scaffold(key), []).append(row)
    return [np.array(group, np.intp) for group in rows.values()]


def butina_clusters(keys: Sequence[str], *, similarity: float) -> list[Index]:
    """Clusters by Butina's method, in the order in which they are found, each with its centroid first.

    The compound with most neighbours takes them all as its cluster; then the next one that is
    still free, and so on. Of two with as many neighbours the later row comes first, as in
    RDKit. Only pairs of neighbours are kept, so memory grows with their number and not with n².

    Parameters
    ----------
    keys : sequence of n str
    similarity : float in (0, 1]
        Tanimoto similarity (ECFP4) from which two compounds are neighbours.

    References
    ----------
    Butina, J. Chem. Inf. Comput. Sci. 39, 747 (1999), doi:10.1021/ci9803381.

    Examples
    --------
    >>> [c.tolist() for c in butina_clusters(["CCCCCO", "CCCCCCO", "c1ccncc1"], similarity=0.5)]
    [[1, 0], [2]]
    """
    packed = ecfp_bits(keys, n_bits=CLUSTER_BITS)
    neighbours: list[NDArray[np.int32]] = []
    for start in range(0, len(packed), BLOCK):
        close = tanimoto(packed[start : start + BLOCK], packed) >= similarity - EPSILON  # (BLOCK, n)
        close[np.arange(len(close)), np.arange(start, start + len(close))] = False
        neighbours += [np.flatnonzero(row).astype(np.int32) for row in close]
    counts = np.array([len(each) for each in neighbours])
    free = np.ones(len(packed), bool)
    clusters: list[Index] = []
    for centroid in np.lexsort((np.arange(len(counts)), counts))[::-1]:
        if free[centroid]:
            around = neighbours[centroid]
            cluster = np.concatenate([[centroid], around[free[around]]]).astype(np.intp)
            free[cluster] = False
            clusters.append(cluster)
    return clusters


def shuffle_balanced(
    groups: Sequence[Index], shares: Sequence[float], n: int, rng: np.random.Generator
) -> list[Index]:
    """Groups in random order, those too large for a small fold first, so that they train.

    Too large is more than half of the smallest fold asked for (Chemprop's rule).

    References
    ----------
    Yang et al., J. Chem. Inf. Model. 59, 3370 (2019), doi:10.1021/acs.jcim.9b00237.
    """
    limit = min(share for share in shares if share > 0) * n / 2
    shuffled = [groups[i] for i in rng.permutation(len(groups))]
    return [g for g in shuffled if len(g) > limit] + [g for g in shuffled if len(g) <= limit]


def fill_folds(groups: Sequence[Index], shares: Sequence[float], n: int) -> list[Index]:
    """Whole groups into three folds: the first while it fits, else the second, else the third.

    The rule of DeepChem's group splitters; a fold may stay smaller than asked for.

    Parameters
    ----------
    groups : sequence of Index
        Of n rows in all.
    shares : sequence of 3 float
        Of the folds; they add up to 1.

    Examples
    --------
    >>> groups = [np.array([0, 1, 2]), np.array([3]), np.array([4])]
    >>> [fold.tolist() for fold in fill_folds(groups, (0.6, 0.2, 0.2), 5)]
    [[0, 1, 2], [3], [4]]
    """
    first, second = shares[0] * n, (shares[0] + shares[1]) * n
    folds: tuple[list[Index], list[Index], list[Index]] = ([], [], [])
    filled = [0, 0]
    for group in groups:
        if filled[0] + len(group) <= first:
            filled[0] += len(group)
            folds[0].append(group)
        elif filled[0] + filled[1] + len(group) <= second:
            filled[1] += len(group)
            folds[1].append(group)
        else:
            folds[2].append(group)
    return [np.concatenate(fold) if fold else np.empty(0, np.intp) for fold in folds]
