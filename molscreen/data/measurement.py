"""Measurement: which column of which file holds the values of an endpoint, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass, field

from molscreen.endpoint import Endpoint, check_molar
from molscreen.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Where the values of one endpoint are found: an ``[[endpoint]]`` table.

    Attributes
    ----------
    endpoint : Endpoint
    column : str
        The column of values. ``<`` or ``>`` before a number is kept as its relation.
    relation_column : str
        A column of ``<``, ``=``, ``>``, where the relation is written apart from the number.
    file : str
        Only rows of this file measure the endpoint; empty for all files.
    where : mapping of column to accepted values
        Only rows whose columns have these values measure the endpoint (long tables: one row a target).
    floor, ceiling : float, optional
        The limits of the assay: a value at `floor` means "at most", at `ceiling` "at least".
    molar : str
        Unit of a column of concentrations (nM, uM …) whose endpoint, and limits, are on the p-scale.
    unit_column : str
        A column of such units, where rows differ; `molar` is then that of a row whose cell is empty.
    """

    endpoint: Endpoint
    column: str
    relation_column: str = ""
    file: str = ""
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    floor: float | None = None
    ceiling: float | None = None
    molar: str = ""
    unit_column: str = ""

    def __post_init__(self) -> None:
        if self.molar:
            check_molar(self.molar)
        is_linear = self.endpoint.kind == "regression" and self.endpoint.scale == "linear"
        if self.is_concentration and not is_linear:
            raise ConfigError(f"endpoint '{self.endpoint.name}': only a linear regression has a p-scale")

    @property
    def is_concentration(self) -> bool:
        """Whether the column holds concentrations, which become p-values."""
        return bool(self.molar or self.unit_column)
