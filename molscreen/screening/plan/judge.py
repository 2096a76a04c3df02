"""Judge: rules and descriptors of one compound. Runs in the guard's child, so imports little."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rdkit import Chem

from molscreen.chem.descriptors import describe
from molscreen.filters.filter import Filter
from molscreen.graphs.features import featurize
from molscreen.graphs.pack import to_bytes
from molscreen.screening.plan.tables import FilterRule


class Verdict(NamedTuple):
    """What the rules and descriptors say of one compound."""

    status: str
    code: str
    reason: str
    stage: str = ""
    alerts: tuple[str, ...] = ()
    descriptors: tuple[float, ...] = ()
    inchikey: str = ""  # empty where InChI gives none
    graph: bytes = b""


class Judge:
    """Applies the rules of a plan to one compound after the other.

    `load` makes the filters, there and not here, because their catalogues do not travel.
    """

    def __init__(self, rules: Sequence[FilterRule], descriptors: Sequence[str]) -> None:
        self._rules = tuple(rules)
        self._descriptors = tuple(descriptors)

    def load(self) -> None:
        """Make the filters."""
        self._filters: list[Filter] = [rule.make(rule.rule) for rule in self._rules]

    def __call__(self, key: str) -> Verdict:
        """Judge one compound; one that is refused gets no descriptors."""
        mol = Chem.MolFromSmiles(key)
        alerts = []
        for rule, each in zip(self._rules, self._filters, strict=True):
            reason = each.reason(mol)
            if reason is None:
                continue
            if rule.action == "refuse":
                return Verdict("filtered", rule.rule, reason, "filter")
            alerts.append(reason)
        values = describe([key], self._descriptors)
        return Verdict(
            "ok",
            "",
            "",
            "",
            tuple(alerts),
            tuple(float(values[name][0]) for name in self._descriptors),
            str(Chem.MolToInchiKey(mol)),  # type: ignore[no-untyped-call]
            to_bytes(featurize(key)),
        )
