"""ECFP fingerprints and Tanimoto similarity in bulk, on packed bits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.label import read_elements

if TYPE_CHECKING:  # similarities, and bundles, are read without RDKit
    from rdkit.Chem import rdFingerprintGenerator

_STEP = 64  # queries at a time: their bits stay in cache
_BLOCK_BYTES = 1 << 22  # of intermediate results while similarities are computed


def ecfp_bits(keys: Sequence[str], radius: int = 2, n_bits: int = 2048) -> NDArray[np.uint8]:
    """Which circular substructures each compound has: ECFP, folded and packed.

    Radius 2 is ECFP4. Chirality is left out, so isomers are alike. Two compounds have equal
    rows when their circular substructures are equal, or by a collision in the folding.

    Parameters
    ----------
    keys : sequence of n str
        SMILES that RDKit can read, such as compound keys.
    radius : int
        Bonds from the central atom.
    n_bits : int
        A multiple of 8.

    Returns
    -------
    (n, n_bits / 8) uint8
        As `numpy.packbits` writes them; `numpy.unpackbits(row)` gives the bits.

    Raises
    ------
    ValueError
        A key is no SMILES, or `n_bits` is no multiple of 8.

    References
    ----------
    Rogers & Hahn, J. Chem. Inf. Model. 50, 742 (2010), doi:10.1021/ci100050t.

    Examples
    --------
    >>> ecfp_bits(["CCO", "c1ccccc1"]).shape
    (2, 256)
    """
    generator = _generator(radius, n_bits)
    packed = np.empty((len(keys), n_bits // 8), dtype=np.uint8)
    for row, key in enumerate(keys):
        packed[row] = np.packbits(generator.GetFingerprintAsNumPy(read_elements(key)))
    return packed


def ecfp_counts(keys: Sequence[str], radius: int = 2, n_bits: int = 2048) -> NDArray[np.uint16]:
    """How often each compound has each circular substructure: count ECFP, folded.

    Parameters and Raises as for `ecfp_bits`.

    Returns
    -------
    (n, n_bits) uint16

    Examples
    --------
    >>> int(ecfp_counts(["CCO"], radius=0).sum())  # one environment per heavy atom
    3
    """
    generator = _generator(radius, n_bits)
    counts = np.empty((len(keys), n_bits), dtype=np.uint16)
    for row, key in enumerate(keys):
        counts[row] = generator.GetCountFingerprintAsNumPy(read_elements(key))
    return counts


def tanimoto(packed_a: NDArray[np.uint8], packed_b: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Shared bits over all bits set in either, for every pair of rows.

    From 0 to 1. Two fingerprints without any bit have similarity 0: nothing shared is known.

    Parameters
    ----------
    packed_a : (n, d) uint8
    packed_b : (m, d) uint8

    Returns
    -------
    (n, m) float32

    Raises
    ------
    ValueError
        The widths differ.

    Examples
    --------
    >>> tanimoto(ecfp_bits(["CCO", "CCCO"]), ecfp_bits(["OCC"])).tolist()[0]
    [1.0]
    """
    words_a, words_b = _as_words(packed_a, packed_b)
    size_a, size_b = _bit_counts(words_a), _bit_counts(words_b)  # (n,), (m,)
    similarity = np.empty((len(words_a), len(words_b)), dtype=np.float32)
    step = max(1, _BLOCK_BYTES // (8 * max(1, len(words_b))))
    for start in range(0, len(words_a), step):
        block = slice(start, start + step)
        shared = _shared_bits(words_a[block], words_b)  # (step, m)
        union = size_a[block, None] + size_b[None, :] - shared
        similarity[block] = shared / np.maximum(union, 1)
    return similarity


def nearest(
    query: NDArray[np.uint8], reference: NDArray[np.uint8], k: int
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The k most similar reference compounds of each query compound, the most similar first.

    Ties go to the reference that comes first, so the answer does not depend on chunking. A
    query that is itself in `reference` finds itself.

    Parameters
    ----------
    query : (n, d) uint8
    reference : (m, d) uint8
        Packed fingerprints, m at least k.
    k : int

    Returns
    -------
    indices : (n, k) int
    similarity : (n, k) float32
        Tanimoto, falling along each row.

    Raises
    ------
    ValueError
        k is not within 1 … m, or the widths differ.

    Examples
    --------
    >>> packed = ecfp_bits(["CCO", "c1ccccc1", "CCCO"])
    >>> nearest(packed[:1], packed, k=2)[0].tolist()
    [[0, 2]]
    """
    if not 1 <= k <= len(reference):
        raise ValueError(f"k is {k}, expected 1 to {len(reference)}, the number of reference compounds")
    indices = np.empty((len(query), k), dtype=np.intp)
    similarity = np.empty((len(query), k), dtype=np.float32)
    step = max(1, _BLOCK_BYTES // (4 * len(reference)))
    for start in range(0, len(query), step):
        block = slice(start, start + step)
        values = tanimoto(query[block], reference)  # (step, m)
        indices[block] = _first_largest(values, k)
        similarity[block] = np.take_along_axis(values, indices[block], axis=1)
    return indices, similarity


class Lookup:
    """Fingerprints that are asked for their nearest again and again: three times as fast as `nearest`.

    Shared bits are counted as a matrix product over the bits that are on, 45 of 2,048 in a drug.

    Parameters
    ----------
    bit : (c,) int
        Which bits are on, one fingerprint after the other.
    start : (r + 1,) int
        Where those of each of the r fingerprints begin and end.
    n_bits : int
        Of a fingerprint.

    Examples
    --------
    >>> lookup = Lookup(np.array([3, 5, 3]), np.array([0, 2, 3]), 8)
    >>> lookup.nearest(np.array([[0b00010100]], np.uint8), 2)
    (array([[0, 1]]), array([[1. , 0.5]], dtype=float32))
    """

    def __init__(self, bit: NDArray[np.integer], start: NDArray[np.integer], n_bits: int) -> None:
        from scipy.sparse import csr_matrix  # 0.2 s, and not every reader of fingerprints needs it

        self._on = csr_matrix((np.ones(len(bit), np.uint16), bit, start), shape=(len(start) - 1, n_bits))
        self._size = np.diff(start).astype(np.float32)

    def nearest(self, query: NDArray[np.uint8], k: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """As `nearest`, of n packed fingerprints: indices and similarities (n, k)."""
        indices = np.empty((len(query), k), dtype=np.intp)
        similarity = np.empty((len(query), k), dtype=np.float32)
        for start in range(0, len(query), _STEP):
            block = slice(start, start + _STEP)
            values = self._similarity(query[block])  # (step, r)
            indices[block] = _first_largest(values, k)
            similarity[block] = np.take_along_axis(values, indices[block], axis=1)
        return indices, similarity

    def _similarity(self, query: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Tanimoto (n, r); counts are whole numbers, exact in float32."""
        on = np.unpackbits(query, axis=1)  # (n, d)
        shared: NDArray[np.float32] = (self._on @ on.T.astype(np.uint16)).T.astype(np.float32, order="C")
        union = np.add.outer(on.sum(axis=1, dtype=np.float32), self._size)
        union -= shared
        np.maximum(union, 1, out=union)
        shared /= union
        return shared


def _first_largest(values: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    """Columns of the k largest of each row, in falling order, ties by column."""
    cut = -np.partition(-values, k - 1, axis=1)[:, k - 1]  # (n,) the k-th largest
    chosen = np.empty((len(values), k), dtype=np.intp)
    for row, (line, least) in enumerate(zip(values, cut, strict=True)):
        columns = np.flatnonzero(line >= least)
        chosen[row] = columns[np.argsort(-line[columns], kind="stable")[:k]]
    return chosen


def _generator(radius: int, n_bits: int) -> rdFingerprintGenerator.FingerprintGenerator64:
    if n_bits <= 0 or n_bits % 8:
        raise ValueError(f"n_bits is {n_bits}, expected a positive multiple of 8")
    from rdkit.Chem import rdFingerprintGenerator

    return rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=n_bits)


def _as_words(*packed: NDArray[np.uint8]) -> list[NDArray[np.uint64]]:
    """Rows of bytes as rows of 64-bit words, zeros added at the end where needed."""
    widths = {array.shape[1] for array in packed}
    if len(widths) > 1:
        raise ValueError(f"fingerprints of different widths, {sorted(8 * w for w in widths)} bits")
    missing = -widths.pop() % 8
    return [np.ascontiguousarray(np.pad(array, ((0, 0), (0, missing)))).view(np.uint64) for array in packed]


def _bit_counts(words: NDArray[np.uint64]) -> NDArray[np.int32]:
    return np.asarray(np.bitwise_count(words).sum(axis=1, dtype=np.int32))


def _shared_bits(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> NDArray[np.int32]:
    """(n, w) and (m, w) -> (n, m) bits set in both, one word at a time so that all stays in cache."""
    shared = np.zeros((len(a), len(b)), dtype=np.uint16)
    for word_a, word_b in zip(a.T, np.ascontiguousarray(b.T), strict=True):
        shared += np.bitwise_count(word_a[:, None] & word_b[None, :])
    return shared.astype(np.int32)
