"""Property rules of the literature (Lipinski, Veber, Ghose …), and limits on any descriptor.

Where a paper used a commercial logP (CLOGP, ALOGP, XLOGP), Crippen's is used here (Wildman & Crippen,
J. Chem. Inf. Comput. Sci. 39, 868 (1999), doi:10.1021/ci990307l). Limits themselves are allowed values.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from rdkit.Chem import Mol, rdMolDescriptors

from molscreen.chem.features.descriptors import DESCRIPTORS
from molscreen.errors import ConfigError, did_you_mean
from molscreen.filters.filter import FILTERS


@dataclass(frozen=True, slots=True)
class Property:
    """A number that a rule limits: a count where `value` gives an int, else a quantity in `unit`."""

    label: str
    value: Callable[[Mol], float]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """A property that must lie from `low` to `high`, both allowed."""

    property: Property
    low: float = -math.inf
    high: float = math.inf

    def violation(self, mol: Mol) -> str | None:
        """Say what was found and the limit, for example ``molecular weight 612.7 Da (at most 500 Da)``."""
        value = self.property.value(mol)
        value = round(value, 6)  # 43.1 + 88.5 Å² is 131.6, not 131.60000000000002
        if self.low <= value <= self.high:
            return None
        bound, limit = ("at least", self.low) if value < self.low else ("at most", self.high)
        unit = self.property.unit and f" {self.property.unit}"
        if isinstance(value, int):
            return f"{value} {self.property.label} ({bound} {limit:g})"
        return f"{self.property.label} {value:.6g}{unit} ({bound} {limit:g}{unit})"


def _carbons(mol: Mol) -> int:
    return sum(atom.GetAtomicNum() == 6 for atom in mol.GetAtoms())


WEIGHT = Property("molecular weight", DESCRIPTORS["MolWt"][1], "Da")
LOGP = Property("logP", DESCRIPTORS["MolLogP"][1])
REFRACTIVITY = Property("molar refractivity", DESCRIPTORS["MolMR"][1], "cm³/mol")
TPSA = Property("polar surface area", DESCRIPTORS["TPSA"][1], "Å²")
DONORS = Property("hydrogen-bond donors", rdMolDescriptors.CalcNumLipinskiHBD)  # N–H and O–H bonds
ACCEPTORS = Property("hydrogen-bond acceptors", rdMolDescriptors.CalcNumLipinskiHBA)  # every N and O
ROTATABLE = Property("rotatable bonds", DESCRIPTORS["NumRotatableBonds"][1])
RINGS = Property("rings", DESCRIPTORS["RingCount"][1])
ATOMS = Property("atoms with hydrogens", rdMolDescriptors.CalcNumAtoms)
HETEROATOMS = Property("heteroatoms", DESCRIPTORS["NumHeteroatoms"][1])
CARBONS = Property("carbon atoms", _carbons)


@dataclass(frozen=True, kw_only=True)
class PropertyRule:
    """A rule made of limits, of which `violations_allowed` may be broken."""

    name: ClassVar[str]
    limits: ClassVar[tuple[Limit, ...]]
    violations_allowed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.violations_allowed < len(self.limits):
            raise ConfigError(
                f"'violations_allowed' is {self.violations_allowed}, expected 0 to {len(self.limits) - 1}"
            )

    def reason(self, mol: Mol) -> str | None:
        """Why `mol` is refused, or None where it passes."""
        violations = [violation for limit in self.limits if (violation := limit.violation(mol))]
        if len(violations) <= self.violations_allowed:
            return None
        allowed = f"; {self.violations_allowed} may be broken" if self.violations_allowed else ""
        return f"{self.name}: {', '.join(violations)}{allowed}"


@FILTERS.register("lipinski")
@dataclass(frozen=True, kw_only=True)
class Lipinski(PropertyRule):
    """The rule of five: weight ≤ 500 Da, logP ≤ 5, donors ≤ 5, acceptors ≤ 10.

    The paper warns of poor absorption where *two* are broken, hence one violation is allowed.

    References
    ----------
    Lipinski et al., Adv. Drug Deliv. Rev. 23, 3 (1997), doi:10.1016/S0169-409X(96)00423-1.
    """

    name = "lipinski"
    limits = (
        Limit(WEIGHT, high=500),
        Limit(LOGP, high=5),
        Limit(DONORS, high=5),
        Limit(ACCEPTORS, high=10),
    )
    violations_allowed: int = 1


@FILTERS.register("veber")
@dataclass(frozen=True, kw_only=True)
class Veber(PropertyRule):
    """Oral bioavailability: rotatable bonds ≤ 10 and polar surface area ≤ 140 Å².

    References
    ----------
    Veber et al., J. Med. Chem. 45, 2615 (2002), doi:10.1021/jm020017n.
    """

    name = "veber"
    limits = (Limit(ROTATABLE, high=10), Limit(TPSA, high=140))


@FILTERS.register("ghose")
@dataclass(frozen=True, kw_only=True)
class Ghose(PropertyRule):
    """The range that 80 % of known drugs fill.

    Weight 160–480 Da, logP -0.4–5.6, molar refractivity 40–130, 20–70 atoms with hydrogens.

    References
    ----------
    Ghose, Viswanadhan & Wendoloski, J. Comb. Chem. 1, 55 (1999), doi:10.1021/cc9800071.
    """

    name = "ghose"
    limits = (
        Limit(WEIGHT, 160, 480),
        Limit(LOGP, -0.4, 5.6),
        Limit(REFRACTIVITY, 40, 130),
        Limit(ATOMS, 20, 70),
    )


@FILTERS.register("egan")
@dataclass(frozen=True, kw_only=True)
class Egan(PropertyRule):
    """Passive absorption: logP ≤ 5.88 and polar surface area ≤ 131.6 Å².

    The box around the 95 % ellipse of the paper, as SwissADME applies it (Daina, Michielin & Zoete,
    Sci. Rep. 7, 42717 (2017), doi:10.1038/srep42717).

    References
    ----------
    Egan, Merz & Baldwin, J. Med. Chem. 43, 3867 (2000), doi:10.1021/jm000292e.
    """

    name = "egan"
    limits = (Limit(LOGP, high=5.88), Limit(TPSA, high=131.6))


@FILTERS.register("muegge")
@dataclass(frozen=True, kw_only=True)
class Muegge(PropertyRule):
    """Simple selection of drug-like matter.

    Weight 200–600 Da, logP -2–5, polar surface area ≤ 150 Å², rings ≤ 7, carbons > 4, heteroatoms > 1,
    rotatable bonds ≤ 15, acceptors ≤ 10, donors ≤ 5.

    References
    ----------
    Muegge, Heald & Brittelli, J. Med. Chem. 44, 1841 (2001), doi:10.1021/jm015507e, as applied by
    SwissADME (Daina, Michielin & Zoete, Sci. Rep. 7, 42717 (2017), doi:10.1038/srep42717).
    """

    name = "muegge"
    limits = (
        Limit(WEIGHT, 200, 600),
        Limit(LOGP, -2, 5),
        Limit(TPSA, high=150),
        Limit(RINGS, high=7),
        Limit(CARBONS, low=5),
        Limit(HETEROATOMS, low=2),
        Limit(ROTATABLE, high=15),
        Limit(ACCEPTORS, high=10),
        Limit(DONORS, high=5),
    )


@FILTERS.register("lead_like")
@dataclass(frozen=True, kw_only=True)
class LeadLike(PropertyRule):
    """Small enough to grow: weight 250–350 Da, logP ≤ 3.5, rotatable bonds ≤ 7.

    References
    ----------
    Teague et al., Angew. Chem. Int. Ed. 38, 3743 (1999),
    doi:10.1002/(SICI)1521-3773(19991216)38:24<3743::AID-ANIE3743>3.0.CO;2-U, as applied by SwissADME
    (Daina, Michielin & Zoete, Sci. Rep. 7, 42717 (2017), doi:10.1038/srep42717).
    """

    name = "lead_like"
    limits = (Limit(WEIGHT, 250, 350), Limit(LOGP, high=3.5), Limit(ROTATABLE, high=7))


@FILTERS.register("range")
@dataclass(frozen=True, kw_only=True)
class Range:
    """One descriptor of `molscreen.chem.features.descriptors` from `low` to `high`, both allowed.

    Examples
    --------
    >>> from rdkit import Chem
    >>> Range(descriptor="QED", low=0.6).reason(Chem.MolFromSmiles("CCO"))
    'range: QED 0.406808 (at least 0.6)'
    """

    name: ClassVar[str] = "range"
    descriptor: str
    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        if self.descriptor not in DESCRIPTORS:
            raise ConfigError(
                f"unknown descriptor '{self.descriptor}'. Known: {', '.join(DESCRIPTORS)}."
                f"{did_you_mean(self.descriptor, DESCRIPTORS)}"
            )
        if self.low == -math.inf and self.high == math.inf:
            raise ConfigError(f"range of '{self.descriptor}' has neither 'low' nor 'high'")
        if not self.low <= self.high:
            raise ConfigError(
                f"range of '{self.descriptor}': low {self.low:g} is not below high {self.high:g}"
            )

    def reason(self, mol: Mol) -> str | None:
        """Why `mol` is refused, or None where it passes."""
        unit, function = DESCRIPTORS[self.descriptor]
        shown = "" if unit == "1" else unit
        described = Property(self.descriptor, lambda mol: float(function(mol)), shown)
        violation = Limit(described, self.low, self.high).violation(mol)
        return violation and f"range: {violation}"
