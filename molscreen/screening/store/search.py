"""Similarity search over a store: exact, with bounds from bit counts, a shard in memory at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from molscreen.chem.cleaning.recipe import Recipe
from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Rejection
from molscreen.errors import UsageError
from molscreen.prediction.columns import spread
from molscreen.screening.store.entry import fingerprint
from molscreen.screening.store.layout import FINGERPRINT

if TYPE_CHECKING:
    from molscreen.screening.store.read import Store

TOP = 50  # hits where neither number nor threshold is asked for
_WORDS = FINGERPRINT["bits"] // 64


def find_similar(
    store: Store, smiles: str, *, threshold: float | None = None, top: int | None = None
) -> pa.Table:
    """The rows most similar to a structure, the most similar first, ties by row.

    Tanimoto similarity of ECFP4 folded to 1,024 bits: with shared bits over bits set in either,
    0 to 1. Folded to 2,048 bits it is another number, on average a little lower. Every row is
    compared that could be a hit: one with a bits against b of the query has at most
    min(a, b) / max(a, b), and is passed over where that is not enough.

    Parameters
    ----------
    store : Store
    smiles : str
        Standardised as the store's structures were.
    threshold : float in [0, 1], optional
        Least similarity of a hit.
    top : int, optional
        So many hits at most; without it, and without `threshold`, 50; else all.

    Returns
    -------
    pyarrow.Table
        ``row, id, key, similarity, source, line, input_smiles`` and the user's columns.

    Raises
    ------
    UsageError
        `smiles` is no molecule that the store's recipe lets through, or a number is out of range.
    """
    query = np.frombuffer(fingerprint(read_query(store, smiles)), np.uint64)
    if top is None and threshold is None:
        top = TOP
    if threshold is not None and not 0 <= threshold <= 1:
        raise UsageError(f"threshold is {threshold}, expected 0 to 1")
    if top is not None and top < 1:
        raise UsageError(f"top is {top}, expected at least 1")
    best = Best(top, threshold or 0.0)
    first = 0
    for batch in store.molecules():
        words = np.frombuffer(batch.column("ecfp").buffers()[1], np.uint64)[: batch.num_rows * _WORDS]
        n_bits = np.asarray(batch.column("ecfp_bits"))
        rows, similarity = compare(
            query,
            words.reshape(-1, _WORDS),
            n_bits,
            needed=best.needed,
            must_exceed=best.must_exceed,
        )
        best.add(rows + first, similarity)
        first += batch.num_rows
    found = store.rows(best.rows)
    value = spread(best.similarity, np.arange(len(best.rows)))
    return found.add_column(3, "similarity", value)


def read_query(store: Store, smiles: str) -> str:
    """The key of a query by the store's recipe.

    Raises
    ------
    UsageError
        The recipe refuses it; the reason is said.
    """
    settings = {name: value for name, value in store.manifest.recipe.items() if name != "version"}
    outcome = standardize(smiles, Recipe(**settings))
    if isinstance(outcome, Rejection):
        raise UsageError(f"'{smiles}': {outcome.reason}; expected the SMILES of one molecule")
    return outcome.key


def compare(
    query: NDArray[np.uint64],
    words: NDArray[np.uint64],
    n_bits: NDArray[np.integer],
    *,
    needed: float,
    must_exceed: bool,
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Rows whose similarity to the query is at least `needed`, and what it is.

    Parameters
    ----------
    query : (w,) uint64
    words : (n, w) uint64
        Fingerprints.
    n_bits : (n,) int
        Bits set in each; 0 = no compound, never a hit.
    needed : float
    must_exceed : bool
        Whether `needed` itself is not enough.
    """
    asked = int(np.bitwise_count(query).sum())
    bits = n_bits.astype(np.int64)
    bound = np.minimum(bits, asked) / np.maximum(bits, asked)
    rows = np.flatnonzero((bits > 0) & (bound > needed if must_exceed else bound >= needed))
    shared = np.bitwise_count(words[rows] & query).sum(axis=1, dtype=np.int64)
    similarity = shared / (bits[rows] + asked - shared)
    hits = similarity > needed if must_exceed else similarity >= needed
    return rows[hits], similarity[hits]


class Best:
    """The best hits so far, of rows that come in their order.

    Attributes
    ----------
    rows : (k,) int
    similarity : (k,) float
        Falling, ties by row.
    """

    def __init__(self, top: int | None, threshold: float) -> None:
        self._top = top
        self._threshold = threshold
        self.rows: NDArray[np.intp] = np.zeros(0, np.intp)
        self.similarity: NDArray[np.float64] = np.zeros(0)

    @property
    def must_exceed(self) -> bool:
        """Whether the list is full, so that a later row must be better than its last."""
        return self._top is not None and len(self.rows) == self._top

    @property
    def needed(self) -> float:
        """What a row needs to be a hit."""
        return float(self.similarity[-1]) if self.must_exceed else self._threshold

    def add(self, rows: NDArray[np.intp], similarity: NDArray[np.float64]) -> None:
        """Take in hits among later rows."""
        rows = np.concatenate([self.rows, rows])
        similarity = np.concatenate([self.similarity, similarity])
        order = np.argsort(-similarity, kind="stable")[: self._top]  # earlier rows stand first
        self.rows, self.similarity = rows[order], similarity[order]
