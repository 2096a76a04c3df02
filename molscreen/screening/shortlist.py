"""Shortlist: the k best of any number of compounds, in one total order; and a diverse choice of them."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from molscreen.chem.features.fingerprint import ecfp_bits, tanimoto
from molscreen.chem.scaffold import murcko_scaffold
from molscreen.number import SCORE_DECIMALS

DECIMALS = SCORE_DECIMALS  # finer differences are noise of batching


class Entry(NamedTuple):
    """One compound in the order of the ranking: a smaller tuple is a better place."""

    minus_score: float  # -round(score, 4)
    key: str
    row: int  # the best-placed row of the compound

    @property
    def score(self) -> float:
        """In [0, 1], at the declared resolution."""
        return -self.minus_score + 0.0  # never -0.0


class Leader(NamedTuple):
    """An entry, and the user's id of its row."""

    minus_score: float
    key: str
    row: int
    id: str | None


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The `size` best compounds seen so far, best first, each once.

    The order is total, ``(-round(score, 4), key, row)``, so ties are settled alike whatever came
    first, and lists of parts merge to the list of the whole. NaN has no place.

    Examples
    --------
    >>> best = Shortlist(2).add([0.2, 0.9, 0.5], ["C", "CC", "CCC"], [0, 1, 2])
    >>> [(entry.key, entry.score) for entry in best.entries]
    [('CC', 0.9), ('CCC', 0.5)]
    >>> [entry.key for entry in best.merge(Shortlist(2).add([0.7], ["CCO"], [3])).entries]
    ['CC', 'CCO']
    """

    size: int
    entries: tuple[Entry, ...] = ()

    def add(self, score: ArrayLike, key: Sequence[str], row: Sequence[int]) -> Shortlist:
        """The list after n more compounds.

        Parameters
        ----------
        score : (n,) float
            Higher is better; a NaN is passed over.
        key : sequence of n str
        row : sequence of n int
        """
        rounded = np.round(np.asarray(score, dtype=np.float64), DECIMALS)
        places = np.flatnonzero(rounded >= self.floor)  # NaN compares false
        return self._with([Entry(-float(rounded[i]), key[i], int(row[i])) for i in places.tolist()])

    def merge(self, other: Shortlist) -> Shortlist:
        """The list of both; associative and commutative for lists of one size."""
        return self._with(other.entries)

    @property
    def floor(self) -> float:
        """A score below this cannot enter any more."""
        is_full = 0 < self.size <= len(self.entries)
        return self.entries[-1].score if is_full else -np.inf

    def _with(self, new: Sequence[Entry]) -> Shortlist:
        if not new:  # of most shards nothing is among the best
            return self
        best: dict[str, Entry] = {entry.key: entry for entry in self.entries}
        for entry in new:
            best[entry.key] = min(entry, best.get(entry.key, entry))
        return replace(self, entries=tuple(heapq.nsmallest(self.size, best.values())))


def pick_diverse(
    keys: Sequence[str], k: int, *, method: str = "scaffold", per_scaffold: int = 2, pool: int = 5
) -> list[int]:
    """Positions of at most k of the ranked compounds, in their ranked order.

    Parameters
    ----------
    keys : sequence of n str
        Best first.
    k : int
    method : {"scaffold", "maxmin", "none"}
        "scaffold" goes down the ranking and takes at most `per_scaffold` compounds of one Murcko
        scaffold; compounds without rings have none and are not limited; if fewer than k are
        left, the best of those passed over fill up. "maxmin" takes the best compound and then,
        from the ``pool * k`` best, always the one farthest (1 - Tanimoto, ECFP4) from all taken;
        of several alike, the best ranked. "none" takes the k best.
    per_scaffold, pool : int

    References
    ----------
    Bemis & Murcko, J. Med. Chem. 39, 2887 (1996), doi:10.1021/jm9602928.
    Ashton et al., Quant. Struct.-Act. Relat. 21, 598 (2002), doi:10.1002/qsar.200290002.

    Examples
    --------
    >>> pick_diverse(["Cc1ccccc1", "CCc1ccccc1", "C1CCNCC1"], 2, per_scaffold=1)
    [0, 2]
    """
    if method == "scaffold":
        return _cap_scaffolds(keys, k, per_scaffold)
    if method == "maxmin":
        return sorted(_max_min(ecfp_bits(keys[: pool * k]), k))
    return list(range(min(k, len(keys))))


def _cap_scaffolds(keys: Sequence[str], k: int, limit: int) -> list[int]:
    """The k best with at most `limit` of a scaffold; filled up with the best of the rest."""
    seen: dict[str, int] = {}
    taken: list[int] = []
    passed: list[int] = []
    for position, key in enumerate(keys):
        if len(taken) == k:
            break
        scaffold = murcko_scaffold(key)
        seen[scaffold] = seen.get(scaffold, 0) + 1
        (passed if scaffold and seen[scaffold] > limit else taken).append(position)
    return sorted(taken + passed[: k - len(taken)])


def _max_min(bits: NDArray[np.uint8], k: int) -> list[int]:
    """Greedy MaxMin from the first compound on: O(n k), ties to the better rank.

    RDKit's ``MaxMinPicker`` makes the same greedy choice and is the oracle of the test; among
    equals it depends on the order of its internal lists, which a ranking must not.
    """
    if not len(bits):
        return []
    taken = [0]
    nearest = tanimoto(bits[:1], bits)[0]  # (n,) similarity to the nearest compound taken
    while len(taken) < min(k, len(bits)):
        nearest[taken[-1]] = np.inf
        taken.append(int(np.argmin(nearest)))
        nearest = np.maximum(nearest, tanimoto(bits[taken[-1] : taken[-1] + 1], bits)[0])
    return taken
