"""Near pairs: which compounds of many are alike, without comparing each with all others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CHUNK = 1 << 14  # candidate pairs compared at a time: 4 MB of fingerprints on either side
BLOCK = 2048  # rows unpacked at a time
ROUNDING = 1e-9


class NearPairs(NamedTuple):
    """Some pairs of rows.

    Attributes
    ----------
    first, second : (p,) int
        Rows; no row with itself.
    similarity : (p,) float64
        Tanimoto.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    similarity: NDArray[np.float64]


def near_pairs(packed: NDArray[np.uint8], similarity: float) -> Iterator[NearPairs]:
    """Every pair of rows at least so similar, once, some pairs at a time.

    Two rows of which at least a share t of all bits is common have one in common among the
    ``size - ceil(t * size) + 1`` rarest bits of each, so that only rows with such a bit are compared, and
    of these only those whose sizes allow it. A row without any bit is like no other.

    Parameters
    ----------
    packed : (n, d) uint8
        As `molscreen.chem.features.fingerprint.ecfp_bits` gives them.
    similarity : float in (0, 1]
        Tanimoto.

    Raises
    ------
    ValueError
        `similarity` is not above 0 and at most 1.

    References
    ----------
    Bayardo, Ma & Srikant, WWW 2007, 131, doi:10.1145/1242572.1242591 (rarest bits); Swamidass & Baldi,
    J. Chem. Inf. Model. 47, 302 (2007), doi:10.1021/ci600358f (sizes).

    Examples
    --------
    >>> from molscreen.chem.features.fingerprint import ecfp_bits
    >>> packed = ecfp_bits(["CCO", "c1ccccc1", "OCC"])
    >>> [(pairs.first.tolist(), pairs.second.tolist()) for pairs in near_pairs(packed, 0.9)]
    [([0], [2])]
    """
    if not 0 < similarity <= 1:
        raise ValueError(f"similarity is {similarity}, expected above 0 and at most 1")
    words = np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8))).view(np.uint64)
    size = np.bitwise_count(packed).sum(axis=1, dtype=np.intp)  # (n,)
    rare = _rarest_bits(packed, size, similarity)  # (n, r)
    for row, other, bit in _candidates(rare, size, similarity):
        value = pair_similarity(words, row, other)
        near = np.flatnonzero(value >= similarity)
        near = near[_is_first_common(rare[row[near]], rare[other[near]], bit[near])]
        if len(near):
            yield NearPairs(row[near], other[near], value[near])


def pair_similarity(
    words: NDArray[np.uint64], first: NDArray[np.intp], second: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Tanimoto similarity of the rows of each pair (p,), from packed bits as (n, w) words."""
    a, b = words[first], words[second]
    shared = np.bitwise_count(a & b).sum(axis=1, dtype=np.intp)
    either = np.bitwise_count(a | b).sum(axis=1, dtype=np.intp)
    return np.asarray(shared / np.maximum(either, 1))


def expand_runs(length: NDArray[np.intp]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """All (i, k) with ``0 <= k < length[i]``, `CHUNK` at a time.

    Examples
    --------
    >>> [(i.tolist(), k.tolist()) for i, k in expand_runs(np.array([2, 0, 1]))]
    [([0, 0, 2], [0, 1, 0])]
    """
    end = np.cumsum(length)
    for begin in range(0, int(end[-1]) if len(end) else 0, CHUNK):
        place = np.arange(begin, min(begin + CHUNK, int(end[-1])))
        i = np.searchsorted(end, place, "right")
        yield i, place - (end[i] - length[i])


def _rarest_bits(packed: NDArray[np.uint8], size: NDArray[np.intp], similarity: float) -> NDArray[np.int32]:
    """(n, r) the rarest bits of each row, as places in the order of rarity, rising; -1 where it has fewer."""
    count = np.zeros(8 * packed.shape[1], np.intp)
    blocks = [slice(start, start + BLOCK) for start in range(0, len(packed), BLOCK)]
    for block in blocks:
        count += np.unpackbits(packed[block], axis=1).sum(axis=0, dtype=np.intp)
    by_rarity = np.argsort(count, kind="stable")
    wanted = np.where(size > 0, size - np.ceil(similarity * size - ROUNDING).astype(np.intp) + 1, 0)
    rare = np.full((len(packed), max(1, int(wanted.max(initial=0)))), -1, np.int32)
    for block in blocks:
        row, bit = np.nonzero(np.unpackbits(packed[block], axis=1)[:, by_rarity])
        first = np.searchsorted(row, np.arange(len(rare[block])))
        place = np.arange(len(row)) - first[row]
        kept = place < wanted[block][row]
        rare[block][row[kept], place[kept]] = bit[kept]
    return rare


def _candidates(
    rare: NDArray[np.int32], size: NDArray[np.intp], similarity: float
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int32]]]:
    """Pairs of rows with a rare bit in common whose sizes allow the similarity, and that bit."""
    row, place = np.nonzero(rare >= 0)
    bit = rare[row, place]
    order = np.lexsort((size[row], bit))
    row, bit = row[order], bit[order]
    width = int(size.max(initial=0)) + 1
    code = bit.astype(np.intp) * width + size[row]  # rising
    largest = np.minimum((size[row] / similarity + ROUNDING).astype(np.intp), width - 1)
    stop = np.searchsorted(code, code - size[row] + largest, "right")
    for i, k in expand_runs(stop - np.arange(len(row)) - 1):
        yield row[i], row[i + 1 + k], bit[i]


def _is_first_common(
    rare: NDArray[np.int32], other: NDArray[np.int32], bit: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """(p,) whether no rarer bit is rare to both: a pair with several is taken at the first."""
    common = (rare[:, :, None] == other[:, None, :]) & (rare[:, :, None] >= 0)  # (p, r, r)
    return np.asarray(~(common & (rare < bit[:, None])[:, :, None]).any(axis=(1, 2)))
