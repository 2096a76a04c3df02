"""NewAlerts: the gate against structural alerts that a search would bring in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from rdkit.Chem import Mol

from molscreen.filters.alerts import AlertRule


@dataclass(frozen=True, kw_only=True)
class NewAlerts:
    """No structural alert but those that all seeds have: these belong to the series, or to what is kept.

    A screen flags alerts, since its compounds are there already and half of all drugs have one. A search may
    have any compound, and is drawn to alerts: they are small, reactive and, to a model, potent. From random
    molecules to thrombin, all of the best 100 had one; of the best 100 of purchasable compounds, 28.

    Attributes
    ----------
    rules : tuple of AlertRule
        Asked in this order.
    inherited : tuple of str
        What is allowed, as `AlertRule.alerts` names it.

    Examples
    --------
    >>> from rdkit import Chem
    >>> from molscreen.filters.alerts import Brenk
    >>> nitro, imine = (Chem.MolFromSmiles(smiles) for smiles in ("Cc1ccccc1[N+](=O)[O-]", "CCCC=NCC"))
    >>> gate = NewAlerts.beside([Brenk()], [nitro])
    >>> gate.reason(nitro), gate.reason(imine)
    (None, "structural_alert: 'imine_1' of Brenk")
    """

    name: ClassVar[str] = "structural_alert"
    rules: tuple[AlertRule, ...]
    inherited: tuple[str, ...] = ()

    @classmethod
    def beside(cls, rules: Iterable[AlertRule], seeds: Sequence[Mol]) -> Self:
        """The gate of a search that starts from these seeds; without any, nothing is inherited."""
        asked = tuple(rules)
        inherited: set[str] | None = None
        for mol in seeds:
            found = {alert for rule in asked for alert in rule.alerts(mol)}
            inherited = found if inherited is None else inherited & found
            if not inherited:
                break
        return cls(rules=asked, inherited=tuple(sorted(inherited or ())))

    def reason(self, mol: Mol) -> str | None:
        """Why `mol` is refused, or None where it passes."""
        for rule in self.rules:
            for alert in rule.alerts(mol):
                if alert not in self.inherited:
                    return f"{self.name}: {alert}"
        return None
