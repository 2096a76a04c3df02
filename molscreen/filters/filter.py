"""Filter, the contract of a hard rule, and the family of all filters."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from rdkit import Chem
from rdkit.Chem import Mol

from molscreen.config import to_dataclass
from molscreen.errors import ConfigError
from molscreen.registry import Registry


class Filter(Protocol):
    """A hard rule of a plan: a frozen dataclass whose fields are its options.

    Members are pure and deterministic: the same molecule gets the same answer, in any order and
    process, and is not changed. Slow tables are built once per filter, never per molecule.
    """

    name: ClassVar[str]

    def reason(self, mol: Mol) -> str | None:
        """Why `mol` is refused, or None where it passes.

        The sentence names the rule, what was found and the limit, for example
        ``veber: polar surface area 151.2 Å² (at most 140 Å²)``.
        """
        ...


def remark(rule: Filter, mol: Mol) -> str | None:
    """What a rule says of `mol` where a plan only flags what it finds; None where it finds nothing.

    That is the rule's own ``remark(mol)``, for its reason may speak of a prohibition that is none here; or
    its reason, where it has no other words.

    Examples
    --------
    >>> from rdkit import Chem
    >>> remark(make_filter("brenk"), Chem.MolFromSmiles("CCCS"))
    "brenk: 'thiol_2'"
    """
    said: str | None = getattr(rule, "remark", rule.reason)(mol)
    return said


FILTERS: Registry[type[Filter]] = Registry("filter")


def make_filter(rule: str, *, where: str = "", **options: Any) -> Filter:
    """Make the filter that one ``[[filter]]`` table of a plan asks for, ready to use.

    One trial molecule goes through it, so that slow tables are built now and an option that cannot
    work stops the run before the library is read.

    Parameters
    ----------
    rule : str
        A name in `FILTERS`.
    where : str
        How an error names the place, for example ``screen.toml, [[filter]] 2``.
    **options
        The other keys of the table.

    Raises
    ------
    ConfigError
        The rule or an option is unknown, or an option has a value that cannot be used.

    Examples
    --------
    >>> from rdkit import Chem
    >>> veber = make_filter("veber")
    >>> veber.reason(Chem.MolFromSmiles("CC(=O)Oc1ccccc1C(=O)O")) is None
    True
    >>> veber.reason(Chem.MolFromSmiles("CCCCCCCCCCCCCCCC(=O)O"))
    'veber: 14 rotatable bonds (at most 10)'
    """
    try:
        made = to_dataclass(FILTERS[rule], options, where=f"filter '{rule}'")
        made.reason(Chem.MolFromSmiles("c1ccccc1"))
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}" if where else str(error)) from error
    return made
