"""Chemistry: what the structures of many compounds have in common, computed once for all endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.features.fingerprint import ecfp_bits
from molscreen.chem.features.near_pairs import NearPairs, expand_runs, near_pairs, pair_similarity
from molscreen.chem.identity import number_skeletons
from molscreen.chem.scaffold import generic_graph, murcko_scaffold

SIMILAR = 0.9  # Tanimoto, ECFP4: van Tilborg et al. (2022), doi:10.1021/acs.jcim.2c01073
LIMIT = 50_000  # compounds up to which alike ones are looked for
SMALL = (
    15  # heavy atoms: graphs of fewer are alike too often to say anything, as those of toluene and aniline
)


@dataclass(frozen=True, slots=True, eq=False)
class Chemistry:
    """What the structures of n compounds have in common.

    Attributes
    ----------
    skeleton : (n,) int
        Equal for stereoisomers and most tautomers: the first block of the InChIKey, as a number.
    scaffolds : tuple of n str
        Bemis-Murcko; empty for a compound without a ring.
    bits : (n, 256) uint8
        ECFP4, packed; none, (0, 256), above `LIMIT` compounds.
    graph : (n,) int
        Row in `graph_bits` of the compound's graph, which has no elements, bond orders and stereo; -1 for a
        graph of fewer than `SMALL` atoms.
    graph_bits : (g, 256) uint8
        ECFP4 of these graphs, packed.
    """

    skeleton: NDArray[np.intp]
    scaffolds: tuple[str, ...]
    bits: NDArray[np.uint8]
    graph: NDArray[np.intp]
    graph_bits: NDArray[np.uint8]

    @property
    def is_compared(self) -> bool:
        """Whether alike compounds can be looked for."""
        return len(self.bits) == len(self.scaffolds)


def describe_chemistry(keys: Sequence[str]) -> Chemistry:
    """What the structures of n compounds have in common; about 0.8 ms a compound.

    Parameters
    ----------
    keys : sequence of n str
    """
    compared = keys if len(keys) <= LIMIT else []
    place: dict[str, int] = {}
    graphs = [generic_graph(key) for key in compared]
    graph = [place.setdefault(g, len(place)) if g.count("*") >= SMALL else -1 for g in graphs]
    return Chemistry(
        skeleton=number_skeletons(keys),
        scaffolds=tuple(murcko_scaffold(key) for key in keys),
        bits=ecfp_bits(compared),
        graph=np.array(graph, np.intp),
        graph_bits=ecfp_bits(list(place)),
    )


def alike_structures(chemistry: Chemistry) -> Iterator[NearPairs]:
    """Pairs of compounds with an ECFP4 Tanimoto similarity of at least `SIMILAR`."""
    return near_pairs(chemistry.bits, SIMILAR)


def alike_graphs(chemistry: Chemistry) -> Iterator[NearPairs]:
    """Further pairs, whose graphs are that similar: but for elements and bond orders almost the same.

    The second of three similarities of van Tilborg et al.; the third, of SMILES texts, is left out.
    """
    words = chemistry.bits.view(np.uint64)
    large = np.flatnonzero(chemistry.graph >= 0)
    member = large[np.argsort(chemistry.graph[large], kind="stable")]
    count = np.bincount(chemistry.graph[large], minlength=len(chemistry.graph_bits))
    start = np.cumsum(count) - count
    every = np.arange(len(count))
    for first, second in [
        (every, every),
        *(pairs[:2] for pairs in near_pairs(chemistry.graph_bits, SIMILAR)),
    ]:
        for i, k in expand_runs(count[first] * count[second]):
            a, b = first[i], second[i]
            row, other = member[start[a] + k // count[b]], member[start[b] + k % count[b]]
            similarity = pair_similarity(words, row, other)
            new = (similarity < SIMILAR) & ((a != b) | (row < other))
            yield NearPairs(row[new], other[new], similarity[new])
