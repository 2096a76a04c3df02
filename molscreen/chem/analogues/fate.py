"""Fates: groups that a compound does not keep, or is not given, each with what becomes of it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

from rdkit import Chem


class Group(NamedTuple):
    """A group that does not last, or that nobody would add.

    Attributes
    ----------
    name : str
        For example ``carbamic acid``.
    query : Mol
        Finds it.
    fate : str
        What becomes of it, for example ``loses carbon dioxide``.
    """

    name: str
    query: Chem.Mol
    fate: str


@cache
def unstable() -> tuple[Group, ...]:
    """Groups that do not last in water or on the shelf: `unstable.tsv`."""
    return _read("unstable.tsv")


@cache
def unwanted() -> tuple[Group, ...]:
    """Groups that a compound may have, but that are not added to one: `unwanted.tsv`."""
    return _read("unwanted.tsv")


def gains_one(mol: Chem.Mol, parent: Chem.Mol) -> bool:
    """Whether a compound has more unstable or unwanted groups of one kind than the one that it is made from.

    Examples
    --------
    >>> pyridine, hydroxypyridines = "c1ccncc1", ("Oc1ccccn1", "Oc1cccnc1")  # the first one is 2-pyridone
    >>> [gains_one(Chem.MolFromSmiles(each), Chem.MolFromSmiles(pyridine)) for each in hydroxypyridines]
    [True, False]
    """
    return any(
        len(found) > len(parent.GetSubstructMatches(group.query))
        for group in (*unstable(), *unwanted())
        if (found := mol.GetSubstructMatches(group.query))
    )


def _read(table: str) -> tuple[Group, ...]:
    """The rows of a table of this room."""
    text = (files("molscreen.chem.analogues") / table).read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return tuple(Group(name, Chem.MolFromSmarts(smarts), fate) for name, smarts, fate in rows)
