"""Applicability domain of the shortlist: the nearest training compounds, by name.

ECFP4 fingerprints of the training set are kept as the gaps between on-bits, about 50 bytes a
compound where the bits themselves take 256, so that the reference of 45,000 compounds fits into
a bundle.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.fingerprint import Lookup, ecfp_bits, nearest
from molscreen.prediction.compressed import compress, decompress
from molscreen.prediction.conformal import conformal_quantile
from molscreen.prediction.domain import INSIDE
from molscreen.prediction.gap_code import decode_gaps, encode_gaps

N_BITS = 2048
NEIGHBOURS = 5
BEYOND = 0.99  # of held-out compounds are "in" or at the "edge"
TINY = 1e-6  # the least width of a domain
BEYOND_ONE = np.nextafter(np.float32(1), np.float32(2))


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """What a `NeighbourDomain` says of n compounds.

    Attributes
    ----------
    ids : tuple of n tuples of k str
        The training compounds nearest to each, nearest first.
    similarity : (n, k) float32
        Tanimoto on ECFP4, in [0, 1].
    mean_similarity : (n,) float32
    verdict : tuple of n {"in", "edge", "out"}
    """

    ids: tuple[tuple[str, ...], ...]
    similarity: NDArray[np.float32]
    mean_similarity: NDArray[np.float32]
    verdict: tuple[str, ...]


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
    inside, outside : float
        Mean similarity that 95 % and 99 % of held-out compounds reach: "in" above the first,
        "out" below the second, "edge" between.
    measured : mapping of str to (r,) bool
        Of each activity, which compounds have a measurement.
    asked : tuple of str
        Names in `measured`. The neighbours are then those measured for an activity: of several, for the one
        of which a compound is least like what was measured. Empty: all compounds.
    """

    ids: tuple[str, ...]
    codes: NDArray[np.uint8]
    lengths: NDArray[np.uint16]
    k: int
    inside: float
    outside: float
    measured: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    asked: tuple[str, ...] = ()

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

        The edges are placed by how similar the ones held apart are to the others; then they are reference
        compounds like the others. Fewer than 19 (or 99) of them cannot place a 95 % (or 99 %) edge: then
        it lies at the least similar of them.

        Raises
        ------
        ValueError
            Nothing to refer to or to calibrate on, a length differs, or an id has a line break.
        """
        if not len(ids) == len(keys) == len(apart) or apart.all() or not apart.any():
            raise ValueError(
                f"expected training compounds, an id for each, and some of them held apart;"
                f" got {len(keys)} keys, {len(ids)} ids, {int(apart.sum())} of {len(apart)} apart"
            )
        if any("\n" in each for each in ids):
            raise ValueError("an id contains a line break")
        packed = ecfp_bits(keys, n_bits=N_BITS)
        k = min(k, int((~apart).sum()))
        distance = 1 - nearest(packed[apart], packed[~apart], k)[1].mean(axis=1)
        edges = (conformal_quantile(distance, level) for level in (INSIDE, BEYOND))
        inside, outside = (1 - (float(distance.max()) if edge is None else edge) for edge in edges)
        return cls(tuple(ids), *_encode(packed), k, inside, outside, dict(measured))

    def restricted_to(self, endpoints: Collection[str]) -> NeighbourDomain:
        """The same domain for whoever asks about these endpoints: see `asked`.

        Where none of them is an activity, nothing changes: properties of unlike compounds are told by one
        physics, and on test folds the nearest of all compounds say more of the error than those measured.
        """
        return replace(self, asked=tuple(name for name in self.measured if name in endpoints))

    @cached_property
    def _lookups(self) -> list[tuple[NDArray[np.intp], Lookup]]:
        """Reference compounds and fingerprints, for each activity asked; unfolded at the first query."""
        bit, start = decode_gaps(self.codes, self.lengths)
        if not self.asked:
            return [(np.arange(len(self.ids)), Lookup(bit, start, N_BITS))]
        groups = [np.flatnonzero(self.measured[name]) for name in self.asked]
        return [(rows, Lookup(*_take(bit, start, rows), N_BITS)) for rows in groups]

    def query(self, keys: Sequence[str]) -> Neighbours:
        """The k nearest reference compounds of each key, and what follows from them."""
        index, similarity = self._nearest(ecfp_bits(keys, n_bits=N_BITS))  # (n, k)
        mean = similarity.mean(axis=1).astype(np.float32)
        places = (mean < self.inside).astype(int) + (mean < self.outside)
        return Neighbours(
            ids=tuple(tuple(self.ids[i] for i in row) for row in index.tolist()),
            similarity=similarity,
            mean_similarity=mean,
            verdict=tuple(("in", "edge", "out")[place] for place in places.tolist()),
        )

    def _nearest(self, bits: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Places and similarities (n, k) of the nearest, for the activity of which they are least alike."""
        k = min(self.k, *(len(rows) for rows, _ in self._lookups))
        found = [(rows, *lookup.nearest(bits, k)) for rows, lookup in self._lookups]
        index = np.stack([rows[place] for rows, place, _ in found])  # (a, n, k)
        similarity = np.stack([each for _, _, each in found])
        least, compound = similarity.mean(axis=2).argmin(axis=0), np.arange(len(bits))
        return index[least, compound], similarity[least, compound]

    def distance(self, keys: Sequence[str]) -> NDArray[np.float32]:
        """How unlike (n,) each key is to its k nearest reference compounds; at most 1 where it is "in"."""
        if not keys:
            return np.empty(0, np.float32)
        mean = self.query(keys).mean_similarity
        ratio = (1 - mean) / np.float32(max(1 - self.inside, TINY))
        far = np.where(mean < self.inside, np.maximum(ratio, BEYOND_ONE), np.minimum(ratio, 1))
        return np.asarray(far, np.float32)

    def to_tensors(self) -> dict[str, NDArray[Any]]:
        """Named arrays for a safetensors file; `from_tensors` is the inverse."""
        return {
            "neighbours.ids": compress("\n".join(self.ids).encode()),
            "neighbours.codes": compress(self.codes.tobytes()),
            "neighbours.lengths": self.lengths,
            "neighbours.k": np.array([self.k]),
            "neighbours.edges": np.array([self.inside, self.outside]),
            "neighbours.activities": compress("\n".join(self.measured).encode()),
            "neighbours.measured": compress(
                b"".join(np.packbits(each).tobytes() for each in self.measured.values())
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
        inside, outside = (float(edge) for edge in tensors["neighbours.edges"])
        measured = _read_measured(tensors, len(ids))
        return cls(ids, codes, lengths, int(tensors["neighbours.k"][0]), inside, outside, measured)


def _read_measured(tensors: Mapping[str, NDArray[Any]], n: int) -> dict[str, NDArray[np.bool_]]:
    """Which of the n compounds were measured, by activity."""
    text = decompress(tensors["neighbours.activities"], name="neighbours.activities").decode()
    activities = text.split("\n") if text else []
    packed = decompress(tensors["neighbours.measured"], name="neighbours.measured")
    rows = np.frombuffer(packed, np.uint8).reshape(len(activities), -(-n // 8))  # ValueError where it is not
    bits = np.unpackbits(rows, axis=1, count=n).astype(bool)
    if not bits.any(axis=1).all():
        raise ValueError("neighbours: an activity without a measured compound")
    return dict(zip(activities, bits, strict=True))


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
