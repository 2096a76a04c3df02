"""Judge and Remarker: what the rules of a plan say of one compound. They run in guards, so import little."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rdkit import Chem

from molscreen.chem.features.descriptors import describe
from molscreen.chem.guarded.guard import Casualty
from molscreen.filters.filter import Filter, remark
from molscreen.graphs.features import featurize_packed
from molscreen.screening.plan.tables import Action, FilterRule


class Verdict(NamedTuple):
    """What the rules that refuse, and the descriptors, say of one compound."""

    status: str
    code: str
    reason: str
    stage: str = ""
    descriptors: tuple[float, ...] = ()
    graph: bytes = b""


def survived(result: Verdict | Casualty) -> Verdict:
    """What a guard returned; a compound that ended or stalled its child is refused."""
    if isinstance(result, Casualty):
        return Verdict(result.status, result.status, result.reason, "filter")
    return result


class Judge:
    """Applies the rules of a plan that refuse to one compound after the other.

    `load` makes the filters, there and not here, because their catalogues do not travel.
    """

    def __init__(self, rules: Sequence[FilterRule], descriptors: Sequence[str]) -> None:
        self._rules = _those_that("refuse", rules)
        self._descriptors = tuple(descriptors)

    def load(self) -> None:
        """Make the filters."""
        self._filters = _filters(self._rules)

    def __call__(self, key: str) -> Verdict:
        """Judge one compound; one that is refused gets no descriptors."""
        mol = Chem.MolFromSmiles(key)
        for rule, each in zip(self._rules, self._filters, strict=True):
            if reason := each.reason(mol):
                return Verdict("filtered", rule.rule, reason, "filter")
        return Verdict("ok", "", "", "", describe(mol, self._descriptors), featurize_packed(key))


class Remarks(NamedTuple):
    """What is shown beside a shortlisted compound."""

    alerts: tuple[str, ...] = ()
    inchikey: str = ""  # empty where InChI gives none


class Remarker:
    """Applies the rules of a plan that only flag; as `Judge`, for the few compounds that are shown."""

    def __init__(self, rules: Sequence[FilterRule]) -> None:
        self._rules = _those_that("flag", rules)

    def load(self) -> None:
        """Make the filters."""
        self._filters = _filters(self._rules)

    def __call__(self, key: str) -> Remarks:
        """What there is to say of one compound."""
        mol = Chem.MolFromSmiles(key)
        alerts = tuple(said for each in self._filters if (said := remark(each, mol)))
        return Remarks(alerts, str(Chem.MolToInchiKey(mol)))  # type: ignore[no-untyped-call]


def _those_that(action: Action, rules: Sequence[FilterRule]) -> tuple[FilterRule, ...]:
    return tuple(rule for rule in rules if rule.action == action)


def _filters(rules: Sequence[FilterRule]) -> list[Filter]:
    return [rule.make(rule.rule) for rule in rules]
