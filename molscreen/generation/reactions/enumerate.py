"""Enumerations: a reaction over all fitting blocks, or a core with lists of substituents, row by row."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rdkit import Chem, rdBase
from rdkit.Chem import Mol

from molscreen.chem.compound import Rejection
from molscreen.errors import ConfigError
from molscreen.generation.reactions.blocks import Blocks, sort_blocks
from molscreen.generation.reactions.reaction import Reaction
from molscreen.generation.reactions.route import Route, Step
from molscreen.generation.reactions.table import Reactions


class Enumerated(NamedTuple):
    """One product of an enumeration.

    Attributes
    ----------
    smiles : str
        Canonical for RDKit; not yet standardised. Another combination may give the same.
    id : str
        Tells the parts, without blanks: ``amide-coupling:B0012+B0104``, ``R1=Me+R2=OMe``.
    route : str
        How it is made: a route that `run_route` runs again, or the core and its groups.
    """

    smiles: str
    id: str
    route: str


@dataclass(frozen=True, eq=False)
class Enumeration:
    """All combinations of some parts, in an order that the parts alone decide: the last part changes fastest.

    Nothing is kept in memory but the parts, and any stretch can be asked for, so that many machines may
    share one enumeration.

    Attributes
    ----------
    sizes : tuple of int
        How many choices there are for each part.
    """

    sizes: tuple[int, ...]
    _combine: Callable[[tuple[int, ...]], Enumerated | Rejection] = field(repr=False)

    @property
    def n(self) -> int:
        """How many rows there are, exactly, before one of them is made."""
        return math.prod(self.sizes)

    def rows(self, start: int = 0, stop: int | None = None) -> Iterator[Enumerated | Rejection]:
        """One row for each combination: a product, or the reason why there is none.

        Parameters
        ----------
        start, stop : int
            The stretch of combinations, counted from 0; to the end unless `stop` is given.
        """
        for number in range(start, self.n if stop is None else min(stop, self.n)):
            yield self._combine(self._choices(number))

    def _choices(self, number: int) -> tuple[int, ...]:
        choices = []
        for size in reversed(self.sizes):
            number, choice = divmod(number, size)
            choices.append(choice)
        return tuple(reversed(choices))


def enumerate_reaction(reaction: Reaction, blocks: Blocks) -> Enumeration:
    """Every combination of blocks that fit the roles of a reaction; see `Reaction.misfit`.

    Raises
    ------
    ConfigError
        No block can play one of the roles.

    Examples
    --------
    >>> from molscreen.generation.reactions.blocks import make_blocks
    >>> from molscreen.generation.reactions.table import shipped_reactions
    >>> blocks = make_blocks([("acid", "CC(=O)O"), ("amine", "CCN"), ("base", "C1COCCN1")])
    >>> library = enumerate_reaction(shipped_reactions()["amide coupling"], blocks)
    >>> library.n, [row.smiles for row in library.rows()]
    (2, ['CCNC(C)=O', 'CC(=O)N1CCOCC1'])
    >>> next(library.rows()).id
    'amide-coupling:acid+amine'
    """
    shelf = sort_blocks(blocks, Reactions((reaction,), {}))
    fitting = [shelf.fitting(reaction, slot) for slot in range(len(reaction.roles))]

    def combine(choices: tuple[int, ...]) -> Enumerated | Rejection:
        parts = [blocks.members[some[i]] for some, i in zip(fitting, choices, strict=True)]
        name = _joined(f"{reaction.name}:", [part.id for part in parts])
        route = str(Route((Step(reaction.name, tuple(part.id for part in parts)),)))
        found = reaction.products([part.mol for part in parts])
        if len(found) == 1:
            return Enumerated(found[0], name, route)
        reason = f"gives {len(found)} different products" if found else "gives no product"
        raw = ".".join(part.key for part in parts)
        code = "ambiguous" if found else "no_product"
        return Rejection(route, raw, "read", "invalid", code, f"{reaction.name} {reason}", name)

    return Enumeration(tuple(map(len, fitting)), combine)


def enumerate_substituents(core: str, substituents: Mapping[int, Sequence[tuple[str, str]]]) -> Enumeration:
    """Every combination of substituents on a core.

    Parameters
    ----------
    core : str
        SMILES with ``[*:1]``, ``[*:2]`` and so on where groups go, each number once, on single bonds.
    substituents : mapping of number to sequence of (id, SMILES)
        For each number of the core its groups, each with one ``*`` where it is bound; ``*[H]`` is hydrogen.
        Ids and groups of one number differ.

    Raises
    ------
    ConfigError
        The core or a group cannot be read, is of several molecules, has not the attachment points that it
        should have, or a group or its id is there twice.

    Examples
    --------
    >>> groups = {1: [("H", "*[H]"), ("Me", "*C")], 2: [("F", "*F"), ("CN", "*C#N")]}
    >>> library = enumerate_substituents("c1cc([*:2])ccc1O[*:1]", groups)
    >>> library.n, [(row.smiles, row.id) for row in library.rows(1, 3)]
    (4, [('N#Cc1ccc(O)cc1', 'R1=H+R2=CN'), ('COc1ccc(F)cc1', 'R1=Me+R2=F')])
    """
    where = f"core '{core}'"
    frame = _read(core, where)
    labels = _labels(frame, where)
    if labels != sorted(substituents):
        raise ConfigError(
            f"{where}: has places {_places(labels)}, and substituents are given for "
            f"{_places(sorted(substituents))}; give a list for each place and no other"
        )
    for label in labels:
        if not substituents[label]:
            raise ConfigError(f"{where}: the list of substituents for [*:{label}] is empty")
    groups = [_read_groups(substituents[label], label) for label in labels]
    names = [[name for name, _ in substituents[label]] for label in labels]

    def combine(choices: tuple[int, ...]) -> Enumerated | Rejection:
        chosen = [f"R{label}={some[i]}" for label, some, i in zip(labels, names, choices, strict=True)]
        name, route = _joined("", chosen), f"{core} with {', '.join(chosen)}"
        smiles = _zip(frame, [some[i] for some, i in zip(groups, choices, strict=True)])
        if smiles is None:
            reason = "the groups give no molecule on this core"
            return Rejection(route, core, "read", "invalid", "no_product", reason, name)
        return Enumerated(smiles, name, route)

    return Enumeration(tuple(map(len, groups)), combine)


def _joined(first: str, parts: Sequence[str]) -> str:
    return "-".join(f"{first}{'+'.join(parts)}".split())


def _places(labels: Sequence[int]) -> str:
    return ", ".join(f"[*:{label}]" for label in labels) or "none"


def _read(smiles: str, where: str) -> Mol:
    """A molecule with its dummy atoms, hydrogens on them kept, and no other atom numbered."""
    params = Chem.SmilesParserParams()
    params.removeHs = False  # type: ignore[assignment]  # the stubs are wrong
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(smiles, params)
    if mol is None:
        raise ConfigError(f"{where}: '{smiles}' is no SMILES that RDKit can read")
    if (n := len(Chem.GetMolFrags(mol))) > 1:
        raise ConfigError(
            f"{where}: '{smiles}' is {n} molecules; leave out what is not bound, such as a salt"
        )
    for atom in mol.GetAtoms():
        if atom.GetAtomicNum():
            atom.SetAtomMapNum(0)
    return mol


def _dummies(mol: Mol, where: str) -> list[Chem.Atom]:
    dummies = [atom for atom in mol.GetAtoms() if not atom.GetAtomicNum()]
    for atom in dummies:
        bonds = [bond.GetBondType() for bond in atom.GetBonds()]
        if bonds != [Chem.BondType.SINGLE]:
            raise ConfigError(f"{where}: a '*' has to have one bond, a single one")
    return dummies


def _labels(core: Mol, where: str) -> list[int]:
    """The numbers of a core's attachment points, rising."""
    labels = sorted(atom.GetAtomMapNum() for atom in _dummies(core, where))
    if not labels:
        raise ConfigError(f"{where}: has no attachment point; write [*:1], [*:2], … where groups go")
    if not labels[0]:
        raise ConfigError(f"{where}: has a '*' without a number; write [*:1], [*:2], …")
    if len(set(labels)) < len(labels):
        raise ConfigError(f"{where}: has places {_places(labels)}; each number may be there once")
    return labels


def _read_groups(rows: Sequence[tuple[str, str]], label: int) -> list[Mol]:
    """The groups for one place, which differ, as do the ids that products get from theirs."""
    groups: list[Mol] = []
    ids: set[str] = set()
    by_smiles: dict[str, str] = {}
    for name, text in rows:
        group = _read_group(name, text, label)
        where, smiles = f"substituent '{name}' for [*:{label}]", Chem.MolToSmiles(group)
        if (told := _joined("", [name])) in ids:
            raise ConfigError(f"{where}: another one has this id; give each its own")
        if smiles in by_smiles:
            raise ConfigError(
                f"{where}: '{text}' is the same as '{by_smiles[smiles]}'; leave one of them out"
            )
        ids.add(told)
        by_smiles[smiles] = name
        groups.append(group)
    return groups


def _read_group(name: str, smiles: str, label: int) -> Mol:
    where = f"substituent '{name}' for [*:{label}]"
    group = _read(smiles, where)
    dummies = _dummies(group, where)
    if len(dummies) != 1:
        raise ConfigError(f"{where}: '{smiles}' has to have exactly one '*', where it is bound to the core")
    if (number := dummies[0].GetAtomMapNum()) not in (0, label):
        raise ConfigError(
            f"{where}: '{smiles}' is for [*:{number}]; write [*:{label}], or '*' without a number, or give "
            f"it in the list for [*:{number}]"
        )
    dummies[0].SetAtomMapNum(label)
    dummies[0].SetIsotope(0)
    return group


def _zip(core: Mol, groups: Sequence[Mol]) -> str | None:
    """The core with its groups, as SMILES; stereocentres keep their configuration."""
    mol = core
    with rdBase.BlockLogs():
        for group in groups:
            mol = Chem.molzip(mol, group)
        if Chem.SanitizeMol(mol, catchErrors=True) != Chem.SanitizeFlags.SANITIZE_NONE:
            return None
        settled = Chem.MolFromSmiles(Chem.MolToSmiles(mol))
    return None if settled is None else str(Chem.MolToSmiles(settled))
