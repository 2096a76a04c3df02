"""AssayTable: what was measured on which compounds; missing is NaN, and ``<`` and ``>`` are kept."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.compound import Rejection
from molscreen.data.measured.unread_cell import UnreadCell
from molscreen.endpoint import Endpoint
from molscreen.errors import ConfigError

BELOW, EQUAL, ABOVE = -1, 0, 1
"""Relations: the true value is at most, equal to, or at least the number that is written."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AssayTable:
    """(n, t) measurements of t endpoints on n compounds.

    Attributes
    ----------
    keys : tuple of n str
        `Compound.key` of every row. As read, a row is a record and keys may repeat;
        after `molscreen.data.measured.replicates.merge_replicates` a row is a compound and keys are unique.
    endpoints : tuple of t Endpoint
    value : (n, t) float32
        In the endpoint's unit; a label is 0 or 1; NaN = not measured.
    relation : (n, t) int8
        -1: the true value is at most `value` (``<``); 0: equal; 1: at least (``>``).
        0 where nothing was measured.
    split : (n, t) str
        The official fold of a measurement, "train", "valid" or "test"; empty where there is none.
        Folds belong to measurements: a compound may be in the test set of one endpoint and in the
        training set of another (`held_out` finds these compounds).
    time : (n,) float64
        When the compound was measured, in years; NaN = not known.
    ids : tuple of n str
        Where a row comes from, ``data set:id``; several are joined by ``"; "``.
    subsets : mapping of name to (n, t) bool
        Measurements to be reported apart, such as "cliff".
    rejections : tuple of Rejection
        Records that were read and refused.
    unread : tuple of UnreadCell
        Cells that were read and refused, NaN in their row; those of rows that were refused as well.
    notes : tuple of str
        How values were read where that was found out, in sentences for the user.
    """

    keys: tuple[str, ...]
    endpoints: tuple[Endpoint, ...]
    value: NDArray[np.float32]
    relation: NDArray[np.int8]
    split: NDArray[np.str_]
    time: NDArray[np.float64]
    ids: tuple[str, ...]
    subsets: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    rejections: tuple[Rejection, ...] = ()
    unread: tuple[UnreadCell, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n, t = len(self.keys), len(self.endpoints)
        shapes = {"value": self.value.shape, "relation": self.relation.shape, "split": self.split.shape}
        for name, shape in (shapes | {name: mask.shape for name, mask in self.subsets.items()}).items():
            if shape != (n, t):
                raise ValueError(f"assay table: {name} has shape {shape}, expected (n, t) = {(n, t)}")
        if len(self.ids) != n or self.time.shape != (n,):
            raise ValueError(f"assay table: {len(self.ids)} ids and {len(self.time)} times for {n} keys")
        refuse_repeated_names(self.endpoints)

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def measured(self) -> NDArray[np.bool_]:
        """(n, t): True where there is a value."""
        return ~np.isnan(self.value)

    @property
    def exact(self) -> NDArray[np.bool_]:
        """(n, t): True where there is a value without ``<`` or ``>``."""
        return np.asarray(self.measured & (self.relation == EQUAL))

    @property
    def tested(self) -> NDArray[np.bool_]:
        """(n, t): True where there is a value of the test fold."""
        return np.asarray(self.measured & (self.split == "test"))

    @property
    def held_out(self) -> NDArray[np.bool_]:
        """(n,): True for a compound with an official test measurement of any endpoint."""
        return np.asarray((self.split == "test").any(axis=1))

    def select(self, index: NDArray[np.integer[Any]] | NDArray[np.bool_]) -> AssayTable:
        """The rows of an index array or mask, in its order; what was refused stays behind."""
        rows = np.arange(len(self))[index]
        return dataclasses.replace(
            self,
            keys=tuple(self.keys[i] for i in rows),
            ids=tuple(self.ids[i] for i in rows),
            value=self.value[rows],
            relation=self.relation[rows],
            split=self.split[rows],
            time=self.time[rows],
            subsets={name: mask[rows] for name, mask in self.subsets.items()},
            rejections=(),
            unread=(),
        )

    def restricted_to(self, asked: NDArray[np.bool_]) -> AssayTable:
        """The same rows, with the columns of the endpoints where `asked` (t,)."""
        return dataclasses.replace(
            self,
            endpoints=tuple(each for each, is_asked in zip(self.endpoints, asked, strict=True) if is_asked),
            value=self.value[:, asked],
            relation=self.relation[:, asked],
            split=self.split[:, asked],
            subsets={name: mask[:, asked] for name, mask in self.subsets.items()},
        )

    def masked(self, keep: NDArray[np.bool_]) -> AssayTable:
        """The same rows, with the measurements outside the (n, t) mask forgotten (NaN).

        ``table.masked(table.split != "test")`` is what a model may be trained on.
        """
        return dataclasses.replace(
            self,
            value=np.where(keep, self.value, np.float32(np.nan)),
            relation=np.where(keep, self.relation, np.int8(EQUAL)),
            split=np.where(keep, self.split, ""),
            subsets={name: mask & keep for name, mask in self.subsets.items()},
        )


def refuse_repeated_names(endpoints: Iterable[Endpoint]) -> None:
    """Raise where two endpoints have one name: their columns could not be told apart.

    Raises
    ------
    ConfigError
    """
    for name, count in Counter(endpoint.name for endpoint in endpoints).items():
        if count > 1:
            raise ConfigError(f"assay table: the endpoint name '{name}' is taken {count} times; rename one")
