"""Term: one wish of an objective, and the table of a plan that states it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from molscreen.chem.features.descriptors import DESCRIPTORS
from molscreen.config import check_choice, check_keys, to_dataclass
from molscreen.endpoint import Endpoint, did_you_mean_endpoint
from molscreen.errors import ConfigError, did_you_mean, some_of
from molscreen.objectives.aggregate import Floats
from molscreen.objectives.desirability import CURVES, Curve, make_curve
from molscreen.prediction.columns import value_columns

Bound = Literal["mean", "low", "high", "pessimistic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One wish: the desirability of one endpoint or descriptor.

    Attributes
    ----------
    endpoint : str
        An endpoint that the bundles predict, or a descriptor such as ``QED``.
    curve : Curve
    weight : float
        Above 0, relative to the other terms.
    bound : {"mean", "low", "high", "pessimistic"}
        Which value of a prediction the curve judges: its mean, one of its bounds (`Prediction`), or the less
        desirable end, which is the low one for a curve that rises and the high one for a curve that falls.
    against_direction : bool
        Confirms a curve that calls better what the endpoint's own direction calls worse.
    """

    endpoint: str
    curve: Curve
    weight: float = 1.0
    bound: Bound = "mean"
    against_direction: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.weight) and self.weight > 0):
            raise ConfigError(f"'weight' is {self.weight:g}, expected above 0")
        check_choice("'bound'", self.bound, get_args(Bound))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns this term reads: ``hERG``, ``hERG_low`` or ``hERG_high``, or the last two."""
        mean, low, high = value_columns(self.endpoint)
        read = {"mean": (mean,), "low": (low,), "high": (high,), "pessimistic": (low, high)}
        return read[self.bound]

    def desirability(self, values: Mapping[str, ArrayLike]) -> Floats:
        """(n,) in [0, 1]; NaN where a value is missing.

        Raises
        ------
        ConfigError
            `values` lacks a column.
        """
        for column in self.columns:
            if column not in values:
                raise ConfigError(
                    f"objective term '{self.endpoint}' (bound '{self.bound}') needs column '{column}'."
                    f" Given: {some_of(values)}.{did_you_mean(column, values)}"
                )
        return np.asarray(np.min([self.curve(values[column]) for column in self.columns], axis=0))


def read_term(table: Mapping[str, Any], endpoints: Sequence[Endpoint], where: str) -> Term:
    """Read one ``[[objective.term]]`` table: the keys of `Term` and the limits of its curve.

    Parameters
    ----------
    table : mapping
        ``endpoint``, ``curve`` (a name in `CURVES`), the curve's own keys, and optionally ``weight``,
        ``bound`` and ``against_direction``.
    endpoints : sequence of Endpoint
        What the bundles predict; descriptors are known besides.
    where : str
        How an error names the place, for example ``screen.toml, [[objective.term]] 2``.

    Raises
    ------
    ConfigError
        A key, endpoint or curve is unknown, a value is out of range, or the curve works against the
        endpoint's direction unconfirmed.
    """
    try:
        return _read(table, endpoints)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error


def _read(table: Mapping[str, Any], endpoints: Sequence[Endpoint]) -> Term:
    for key in ("endpoint", "curve"):
        if not isinstance(table.get(key), str):
            raise ConfigError(f"'{key}' is missing, expected a name")
    own = [field.name for field in dataclasses.fields(Term)]
    limits = [field.name for field in dataclasses.fields(CURVES[table["curve"]])]  # type: ignore[arg-type]
    where = f"term '{table['endpoint']}'"
    check_keys(table, own + limits, where=where)
    curve = make_curve(table["curve"], {key: table[key] for key in table if key in limits})
    wishes = {key: table[key] for key in table if key in own} | {"curve": curve}
    term = to_dataclass(Term, wishes, where=where)
    _check_endpoint(term, endpoints)
    return term


def _check_endpoint(term: Term, endpoints: Sequence[Endpoint]) -> None:
    """Check that the endpoint is known, has the bound asked for, and is better where the curve says so."""
    predicted = {endpoint.name: endpoint for endpoint in endpoints}
    if term.endpoint in predicted:
        better = predicted[term.endpoint].direction
        if {better, term.curve.direction} == {"higher", "lower"} and not term.against_direction:
            raise ConfigError(
                f"the curve wants '{term.endpoint}' {term.curve.direction}, but this endpoint is better"
                f" {better}. Turn the curve round, or confirm it with against_direction = true"
            )
    elif term.endpoint not in DESCRIPTORS:
        meant = did_you_mean_endpoint(term.endpoint, endpoints, DESCRIPTORS)
        raise ConfigError(
            f"unknown endpoint '{term.endpoint}'.{meant}"
            f" The bundles predict: {', '.join(predicted) or 'nothing'}."
            f" Descriptors: {', '.join(DESCRIPTORS)}"
        )
    elif term.bound != "mean":
        raise ConfigError(f"'{term.endpoint}' is a descriptor and has no interval; leave 'bound' out")
