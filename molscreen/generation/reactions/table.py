"""Reactions: the named reactions of a table such as `reactions.toml`."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from rdkit import Chem
from rdkit.Chem import Mol

from molscreen.config import read_toml, to_dataclass
from molscreen.errors import ConfigError, did_you_mean
from molscreen.generation.reactions.reaction import Kind, Reaction, make_reaction, read_pattern

PER_REACTANT = 10
"""A role's atom n is number n of the first reactant, n + 10 of the second, n + 20 of the third."""


@dataclass(frozen=True, slots=True, eq=False)
class Reactions:
    """Named reactions, in the order of their file.

    Attributes
    ----------
    members : tuple of Reaction
        Names differ, and a role means the same in all of them.
    leftovers : mapping of name to Mol
        Groups that a finished product must not carry: they are there to react further, or protect another.
    """

    members: tuple[Reaction, ...]
    leftovers: Mapping[str, Mol]

    def __post_init__(self) -> None:
        names = [reaction.name for reaction in self.members]
        for i, name in enumerate(names):
            if name in names[:i]:
                raise ConfigError(f"reaction '{name}' is there twice; give one of them another name")
        self.patterns()

    def __getitem__(self, name: str) -> Reaction:
        for reaction in self.members:
            if reaction.name == name:
                return reaction
        names = [reaction.name for reaction in self.members]
        raise ConfigError(f"unknown reaction '{name}'. Known: {', '.join(names)}.{did_you_mean(name, names)}")

    def __iter__(self) -> Iterator[Reaction]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    def patterns(self) -> dict[str, Mol]:
        """The query of every role and spoiler that occurs.

        Raises
        ------
        ConfigError
            Two reactions mean something else by the same name.
        """
        found: dict[str, Mol] = {}
        for reaction in self.members:
            roles = zip(reaction.roles, reaction.patterns, strict=True)
            for role, pattern in (*roles, *reaction.spoilers.items()):
                known = found.setdefault(role, pattern)
                if known is not pattern and Chem.MolToSmarts(known) != Chem.MolToSmarts(pattern):
                    raise ConfigError(
                        f"reaction '{reaction.name}': '{role}' has another SMARTS in an earlier reaction; "
                        "give it a name of its own"
                    )
        return found

    def leftover(self, mol: Mol) -> str | None:
        """The first group of `leftovers` that a molecule carries."""
        return next((name for name, group in self.leftovers.items() if mol.HasSubstructMatch(group)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One ``[[reaction]]``."""

    name: str
    kind: Kind
    roles: tuple[str, ...]
    product: str
    source: str = ""
    example: tuple[str, ...] = ()
    spoiled_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """A file of reactions."""

    role: dict[str, str]
    reaction: tuple[_Row, ...]
    leftover: dict[str, str] = field(default_factory=dict)


def read_reactions(path: Path) -> Reactions:
    """The reactions of a TOML file that is written as `reactions.toml` is.

    Raises
    ------
    ConfigError
        The file is missing or no TOML, a key is unknown, a SMARTS cannot be read, a role is not
        defined, or a product has a number that no role has.
    """
    table = to_dataclass(_Table, read_toml(path), where=path.name)
    leftovers = {
        name: read_pattern(smarts, f"{path.name}, [leftover] '{name}'")
        for name, smarts in table.leftover.items()
    }
    try:
        return Reactions(tuple(_assemble(row, table.role) for row in table.reaction), leftovers)
    except ConfigError as error:
        raise ConfigError(f"{path.name}: {error}") from error


@functools.cache
def shipped_reactions() -> Reactions:
    """The reactions that come with molscreen.

    Examples
    --------
    >>> reactions = shipped_reactions()
    >>> len(reactions) > 80, reactions["Suzuki coupling"].roles
    (True, ('aryl halide', 'boronic acid'))
    """
    place = resources.files("molscreen.generation.reactions").joinpath("reactions.toml")
    with resources.as_file(place) as path:
        return read_reactions(path)


def _assemble(row: _Row, roles: Mapping[str, str]) -> Reaction:
    """The reaction SMARTS of a row: its roles, numbered apart, and its product."""
    for role in (*row.roles, *row.spoiled_by):
        if role not in roles:
            raise ConfigError(
                f"reaction '{row.name}': role '{role}' is not in [role].{did_you_mean(role, roles)}"
            )
        read_pattern(roles[role], f"[role] '{role}'")
    reactants = [_renumber(roles[role], PER_REACTANT * slot) for slot, role in enumerate(row.roles)]
    spare = set(_NUMBER.findall(row.product)) - set(_NUMBER.findall(".".join(reactants)))
    if spare:
        raise ConfigError(
            f"reaction '{row.name}': no reactant has an atom :{min(spare)}]; the atoms of the second "
            f"reactant are numbered from {PER_REACTANT + 1}, those of the third from {2 * PER_REACTANT + 1}"
        )
    return make_reaction(
        row.name,
        f"{'.'.join(reactants)}>>{row.product}",
        row.roles,
        kind=row.kind,
        source=row.source,
        example=row.example,
        spoilers={role: roles[role] for role in row.spoiled_by},
    )


_NUMBER = re.compile(r":(\d+)\]")


def _renumber(smarts: str, by: int) -> str:
    return _NUMBER.sub(lambda match: f":{int(match[1]) + by}]", smarts)
