"""Objective: weighted wishes over endpoints and descriptors, as one score where higher is better."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from molscreen.config import check_choice, check_keys, to_dataclass
from molscreen.endpoint import Endpoint
from molscreen.errors import ConfigError
from molscreen.objectives.aggregate import AGGREGATES, Floats, loss_shares
from molscreen.objectives.term import Term, read_term


@dataclass(frozen=True, slots=True)
class Objective:
    """Several terms and the way they become one score.

    Attributes
    ----------
    terms : tuple of Term
        At least one; each endpoint once.
    aggregate : {"geometric", "arithmetic", "product", "min"}
        See `molscreen.objectives.aggregate.AGGREGATES`. "min" knows no weights.

    Examples
    --------
    >>> from molscreen.objectives.desirability import Fall, Rise
    >>> potent = Term(endpoint="pIC50", curve=Rise(low=5, high=8, shape="linear"))
    >>> safe = Term(endpoint="hERG", curve=Fall(low=0.2, high=0.6, shape="linear"))
    >>> objective = Objective((potent, safe))
    >>> objective.score({"pIC50": [8.0, 6.5, 9.0], "hERG": [0.2, 0.4, float("nan")]}).round(6).tolist()
    [1.0, 0.5, nan]
    """

    terms: tuple[Term, ...]
    aggregate: str = "geometric"

    def __post_init__(self) -> None:
        if not self.terms:
            raise ConfigError("an objective needs at least one term")
        names = [term.endpoint for term in self.terms]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"endpoint '{name}' has {names.count(name)} terms, expected one")
        check_choice("'aggregate'", self.aggregate, tuple(AGGREGATES))
        weights = {term.weight for term in self.terms}
        if len(weights) > 1 and not AGGREGATES[self.aggregate].weighted:
            raise ConfigError(f"aggregate '{self.aggregate}' has no weights; leave them out")

    @classmethod
    def from_table(cls, table: Mapping[str, Any], endpoints: Sequence[Endpoint], where: str) -> Objective:
        """Read a plan's ``[objective]`` table and its ``[[objective.term]]`` tables.

        Parameters
        ----------
        table : mapping
            ``aggregate`` (optional) and ``term``, a list of tables with ``endpoint``, ``curve``, the
            curve's limits and, optionally, ``weight``, ``bound`` and ``against_direction``.
        endpoints : sequence of Endpoint
            What the bundles predict; descriptors are known besides.
        where : str
            How an error names the place, for example ``screen.toml``.

        Raises
        ------
        ConfigError
            A key, endpoint, curve or aggregate is unknown, a value is out of range, or a curve works
            against the endpoint's direction unconfirmed.
        """
        check_keys(table, ("aggregate", "term"), where=f"{where}, [objective]")
        tables = table.get("term", ())
        if isinstance(tables, Mapping):
            raise ConfigError(f"{where}: [objective.term] is one table, expected [[objective.term]]")
        if not (isinstance(tables, (list, tuple)) and all(isinstance(each, Mapping) for each in tables)):
            raise ConfigError(
                f"{where}, [objective]: 'term' is {tables!r}, expected [[objective.term]] tables"
            )
        terms = tuple(
            read_term(term, endpoints, f"{where}, [[objective.term]] {place}")
            for place, term in enumerate(tables, start=1)
        )
        options = {key: table[key] for key in table if key != "term"}
        return to_dataclass(cls, options | {"terms": terms}, where=f"{where}, [objective]")

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that `score` and `explain` read."""
        return tuple(column for term in self.terms for column in term.columns)

    def restricted_to(self, endpoints: Collection[str]) -> Objective:
        """Keep only the terms of the endpoints that are named.

        For a first tier that has no descriptors yet; its scores are not comparable with the whole's.

        Raises
        ------
        ConfigError
            No term is left.
        """
        return dataclasses.replace(
            self, terms=tuple(term for term in self.terms if term.endpoint in endpoints)
        )

    def explain(self, values: Mapping[str, ArrayLike]) -> dict[str, Floats]:
        """Desirability of each term, (n,) by endpoint, in the order of the terms."""
        return {term.endpoint: term.desirability(values) for term in self.terms}

    def loss_shares(self, values: Mapping[str, ArrayLike]) -> dict[str, Floats]:
        """Each term's share of what keeps a compound from 1, (n,) by endpoint; the shares add to 1.

        All 0 for a perfect compound; NaN for one with a missing term.
        """
        return dict(zip(self.explain(values), loss_shares(self._losses(values)), strict=True))

    def score(self, values: Mapping[str, ArrayLike]) -> Floats:
        """One number for each compound, (n,) in [0, 1], higher is better.

        A missing value makes the score NaN, whatever the other terms say: missing is never good.

        Parameters
        ----------
        values : mapping of str to (n,) float
            The columns named in `columns`.

        Raises
        ------
        ConfigError
            A column is missing.
        ValueError
            Columns differ in length.
        """
        losses = self._losses(values)
        score = AGGREGATES[self.aggregate].score(losses.sum(axis=0))
        return np.where(np.isnan(losses).any(axis=0), np.nan, score)

    def _losses(self, values: Mapping[str, ArrayLike]) -> Floats:
        """(t, n)."""
        terms = self.explain(values)
        if len({len(term) for term in terms.values()}) > 1:
            lengths = {name: len(term) for name, term in terms.items()}
            raise ValueError(f"columns differ in length, expected n each: {lengths}")
        desirability = np.stack(list(terms.values()))
        weight = np.array([term.weight for term in self.terms])
        return AGGREGATES[self.aggregate].losses(desirability, weight)
