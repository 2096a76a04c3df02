"""Applicability domain of the shortlist: the nearest training compounds, by name.

ECFP4 fingerprints of the training set are kept as the gaps between on-bits, about 50 bytes a
compound where the bits themselves take 256, so that the reference of 45,000 compounds fits into
a bundle.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from molscreen.arguments import as_sequence
from molscreen.chem.features.fingerprint import Lookup, ecfp_bits, nearest
from molscreen.prediction.certainty.edges import Edges
from molscreen.prediction.compressed import compress, decompress
from molscreen.prediction.gap_code import decode_gaps, encode_gaps

N_BITS = 2048
NEIGHBOURS = 5
ENOUGH = 19  # compounds held apart, for a 95 % edge

_References = tuple[NDArray[np.intp], Edges, Lookup]  # compounds, their edges, their fingerprints


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """What a `NeighbourDomain` says of n compounds.

    Attributes
    ----------
    ids : tuple of n tuples of k str
        The training compounds nearest to each, nearest first.
    similarity : (n, k) float32
        Tanimoto on ECFP4, in [0, 1].
    distance : (n,) float32
        At most 1 where the verdict is "in".
    verdict : tuple of n {"in", "edge", "out"}
    measured : tuple of n str
        The activity that the training compounds near to each were measured for. Empty where none was asked
        about: they trained any endpoint, and which one is not stored.
    """

    ids: tuple[tuple[str, ...], ...]
    similarity: NDArray[np.float32]
    distance: NDArray[np.float32]
    verdict: tuple[str, ...]
    measured: tuple[str, ...]


class Activity(NamedTuple):
    """The compounds (r,) bool that were measured for one activity, and their own edges.

    `share_inside` is the share of the compounds held apart for a while that these edges call inside: about
    0.95, and less where they had to be moved above what is alike by chance. NaN where it is not known.
    """

    measured: NDArray[np.bool_]
    edges: Edges
    share_inside: float = math.nan


@dataclass(frozen=True, eq=False)
class NeighbourDomain:
    """Mean Tanimoto similarity to the k nearest training compounds, with their ids.

    Attributes
    ----------
    ids : tuple of str
        Of the r reference compounds: what a chemist would look up, or their SMILES.
    codes : (c,) uint8
        Gaps between on-bits, all compounds one after the other; see `gap_code`.
    lengths : (r,) uint16
        Codes of each compound.
    k : int
        Neighbours whose similarity is averaged, in calibration and in every query.
    edges : Edges
        Of all compounds.
    activities : mapping of str to Activity
    asked : tuple of str, or None
        Names in `activities`. The neighbours are then those measured for an activity, judged by its edges: of
        several, for the one of which a compound is farthest. Empty: all compounds. None: nobody said what is
        asked, and the neighbours are of all compounds.
    """

    ids: tuple[str, ...]
    codes: NDArray[np.uint8]
    lengths: NDArray[np.uint16]
    k: int
    edges: Edges
    activities: Mapping[str, Activity] = field(default_factory=dict)
    asked: tuple[str, ...] | None = None

    @classmethod
    def fit(
        cls,
        keys: Sequence[str],
        ids: Sequence[str],
        apart: NDArray[np.bool_],
        *,
        measured: Mapping[str, NDArray[np.bool_]] = MappingProxyType({}),
        k: int = NEIGHBOURS,
    ) -> NeighbourDomain:
        """From training compounds, their ids, and which of them to hold apart for a while.

        The edges are placed by how similar the ones held apart are to the others, then they are reference
        compounds like the others; those of an activity by the compounds measured for it alone, and above what
        is alike by chance. An activity of which fewer than `ENOUGH` are held apart has the edges of all
        compounds, and one with fewer than k others has no domain of its own.

        Raises
        ------
        ValueError
            Nothing to refer to or to calibrate on, a length differs, or an id or activity has a line break.
        """
        n = len(keys)
        if not n == len(ids) == len(apart) or apart.all() or not apart.any():
            raise ValueError(
                f"expected training compounds, an id for each, and some of them held apart;"
                f" got {n} keys, {len(ids)} ids, {int(apart.sum())} of {len(apart)} apart"
            )
        if any("\n" in each for each in (*ids, *measured)):
            raise ValueError("an id, or the name of an activity, contains a line break")
        if wrong := [name for name, rows in measured.items() if rows.shape != (n,)]:
            raise ValueError(f"measured: '{wrong[0]}' is not about each of {n} compounds")
        packed = ecfp_bits(keys, n_bits=N_BITS)
        k = min(k, int((~apart).sum()))

        def held_apart(rows: NDArray[np.bool_]) -> NDArray[np.floating]:
            return np.asarray(nearest(packed[rows & apart], packed[rows & ~apart], k)[1].mean(axis=1))

        edges = Edges.place(held_apart(np.ones(n, bool)))

        def describe(rows: NDArray[np.bool_]) -> Activity:
            similarity = held_apart(rows)
            own = Edges.place(similarity) if len(similarity) >= ENOUGH else edges
            own = own.above_chance(int(rows.sum()))
            return Activity(rows, own, own.share_inside(similarity))

        activities = {name: describe(rows) for name, rows in measured.items() if (rows & ~apart).sum() >= k}
        return cls(tuple(ids), *_encode(packed), k, edges, activities)

    def restricted_to(self, endpoints: Collection[str]) -> NeighbourDomain:
        """The same domain for whoever asks about these endpoints: see `asked`.

        Where none of them is an activity, nothing changes: properties of unlike compounds are told by one
        physics, and on test folds the nearest of all compounds say more of the error than those measured.
        That was decided on the test folds of the bundles that ship, so that their figures in and outside
        the domain, which are of the same folds, are a little flattered by the choice.
        """
        asked = tuple(name for name in self.activities if name in endpoints)
        return self if asked == self.asked or not self.activities else replace(self, asked=asked)

    @cached_property
    def _whole(self) -> _References:
        """All compounds, unfolded at the first query."""
        return np.arange(len(self.ids)), self.edges, Lookup(*decode_gaps(self.codes, self.lengths), N_BITS)

    @cached_property
    def _own(self) -> dict[str, _References]:
        """Those of each activity that is asked about, or of every one where nobody said what is asked."""
        bit, start = decode_gaps(self.codes, self.lengths)
        names = self.activities if self.asked is None else self.asked
        groups = {name: np.flatnonzero(self.activities[name].measured) for name in names}
        return {
            name: (rows, self.activities[name].edges, Lookup(*_take(bit, start, rows), N_BITS))
            for name, rows in groups.items()
        }

    def query(self, keys: Sequence[str]) -> Neighbours:
        """The k nearest reference compounds of each key, and what follows from them."""
        keys = as_sequence(keys)
        bits = ecfp_bits(keys, n_bits=N_BITS)
        asked = [self._own[name] for name in self.asked] if self.asked else [self._whole]
        found = [(rows, edges, *lookup.nearest(bits, self.k)) for rows, edges, lookup in asked]
        index = np.stack([rows[place] for rows, _, place, _ in found])  # (a, n, k)
        similarity = np.stack([each for *_, each in found])
        mean = similarity.mean(axis=2).astype(np.float32)  # (a, n)
        distance = np.stack([edges.distance(each) for (_, edges, *_), each in zip(found, mean, strict=True)])
        outside = np.array([edges.outside for _, edges, *_ in found])
        farthest, compound = distance.argmax(axis=0), np.arange(len(keys))
        mean, distance = mean[farthest, compound], distance[farthest, compound]
        places = (distance > 1).astype(int) + (mean < outside[farthest])
        return Neighbours(
            ids=tuple(tuple(self.ids[i] for i in row) for row in index[farthest, compound].tolist()),
            similarity=similarity[farthest, compound],
            distance=distance,
            verdict=tuple(("in", "edge", "out")[place] for place in places.tolist()),
            measured=tuple((self.asked or ("",))[place] for place in farthest.tolist()),
        )

    def distance(self, keys: Sequence[str]) -> NDArray[np.float32]:
        """How unlike (n,) each key is to its k nearest reference compounds; at most 1 where it is "in"."""
        return self.query(keys).distance if len(keys) else np.empty(0, np.float32)

    def distances(self, keys: Sequence[str], endpoints: Sequence[str]) -> NDArray[np.float32]:
        """How unlike (n, t) each key is to the compounds that vouch for each endpoint; at most 1 inside.

        Column j is the distance of this domain restricted to ``endpoints[j]``, which is not an activity that
        was left unasked.
        """
        bits = ecfp_bits(as_sequence(keys), n_bits=N_BITS)

        def distance(references: _References) -> NDArray[np.float32]:
            _, edges, lookup = references
            return edges.distance(lookup.nearest(bits, self.k)[1].mean(axis=1).astype(np.float32))

        found = np.full((len(bits), len(endpoints)), np.nan, np.float32)
        others = [j for j, name in enumerate(endpoints) if name not in self.activities]
        if others:
            found[:, others] = distance(self._whole)[:, None]
        for j, name in enumerate(endpoints):
            if name in self.activities:
                found[:, j] = distance(self._own[name])
        return found

    def to_tensors(self) -> dict[str, NDArray[Any]]:
        """Named arrays for a safetensors file; `from_tensors` is the inverse."""
        activities = self.activities.values()
        return {
            "neighbours.ids": compress("\n".join(self.ids).encode()),
            "neighbours.codes": compress(self.codes.tobytes()),
            "neighbours.lengths": self.lengths,
            "neighbours.k": np.array([self.k]),
            "neighbours.edges": np.array([self.edges, *(each.edges for each in activities)]),
            "neighbours.inside": np.array([each.share_inside for each in activities]),
            "neighbours.activities": compress("\n".join(self.activities).encode()),
            "neighbours.measured": compress(
                b"".join(np.packbits(each.measured).tobytes() for each in activities)
            ),
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> NeighbourDomain:
        """The domain that a bundle stored.

        Raises
        ------
        ValueError
            The arrays do not belong together.
        """
        text = decompress(tensors["neighbours.ids"], name="neighbours.ids")
        ids = tuple(text.decode().split("\n"))
        codes = np.frombuffer(decompress(tensors["neighbours.codes"], name="neighbours.codes"), np.uint8)
        lengths = tensors["neighbours.lengths"]
        if len(ids) != len(lengths) or lengths.sum(dtype=np.int64) != len(codes):
            raise ValueError(f"neighbours: {len(ids)} ids, {len(lengths)} compounds, {len(codes)} codes")
        edges = [Edges(float(inside), float(outside)) for inside, outside in tensors["neighbours.edges"]]
        unknown = np.full(len(edges) - 1, math.nan)  # of a bundle made before shares were kept
        shares = np.asarray(tensors.get("neighbours.inside", unknown)).tolist()
        activities = {
            name: Activity(measured, *rest)
            for (name, measured), *rest in zip(
                _read_measured(tensors, len(ids)), edges[1:], shares, strict=True
            )
        }
        return cls(ids, codes, lengths, int(tensors["neighbours.k"][0]), edges[0], activities)


def _read_measured(tensors: Mapping[str, NDArray[Any]], n: int) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Which of the n compounds were measured, by activity."""
    text = decompress(tensors["neighbours.activities"], name="neighbours.activities").decode()
    names = text.split("\n") if text else []
    packed = decompress(tensors["neighbours.measured"], name="neighbours.measured")
    rows = np.frombuffer(packed, np.uint8).reshape(len(names), -(-n // 8))  # ValueError where it is not
    yield from zip(names, np.unpackbits(rows, axis=1, count=n).astype(bool), strict=True)


def _take(
    bit: NDArray[np.integer], start: NDArray[np.integer], rows: NDArray[np.intp]
) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Bits and starts of some of the fingerprints."""
    length = np.diff(start)[rows]
    new = np.concatenate([[0], np.cumsum(length)])
    return bit[np.arange(new[-1]) + np.repeat(start[rows] - new[:-1], length)], new


def _encode(packed: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Codes (c,) and their number per compound (r,), of packed fingerprints (r, N_BITS / 8)."""
    row, bit = np.unpackbits(packed, axis=1).nonzero()
    return encode_gaps(row, bit, len(packed))
