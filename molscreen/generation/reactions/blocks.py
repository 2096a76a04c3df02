"""Blocks: building blocks, read and checked, and sorted once by the role that each can play."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import Mol

from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Rejection
from molscreen.data.files.library import open_library
from molscreen.errors import ConfigError, did_you_mean
from molscreen.generation.reactions.reaction import Reaction, count_sites
from molscreen.generation.reactions.table import Reactions

SHOWN = 5  # names in one message; the rest are counted


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A building block.

    Attributes
    ----------
    id : str
        The user's, or ours (``B0001``); ``file:line`` where there is none.
    key : str
        A compound key.
    mol : Mol
        Read from the key.
    """

    id: str
    key: str
    mol: Mol


@dataclass(frozen=True, eq=False)
class Blocks:
    """Building blocks in the order of their file, and the rows that are none.

    Attributes
    ----------
    members : tuple of Block
        Ids and keys differ.
    rejections : tuple of Rejection
        One for every other row: ``n_read = len(members) + len(rejections)``.
    """

    members: tuple[Block, ...]
    rejections: tuple[Rejection, ...] = ()
    _position: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_position", {block.id: i for i, block in enumerate(self.members)})

    def __getitem__(self, name: str) -> Block:
        return self.members[self.position(name)]

    def __iter__(self) -> Iterator[Block]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    def __contains__(self, name: object) -> bool:
        return name in self._position

    def position(self, name: str) -> int:
        """Where the block of this id stands in `members`.

        Raises
        ------
        ConfigError
            There is none; the message says how many there are, and the nearest.
        """
        if name not in self._position:
            near = did_you_mean(name, self._position)
            raise ConfigError(f"unknown block '{name}'; {len(self)} blocks are there.{near}")
        return self._position[name]


def make_blocks(rows: Iterable[tuple[str, str]]) -> Blocks:
    """Blocks from ids and SMILES; a row that is no new molecule becomes a `Rejection`.

    Examples
    --------
    >>> blocks = make_blocks([("a", "CCN.Cl"), ("b", "NCC"), ("c", "C(C"), ("a", "CCO")])
    >>> [(block.id, block.key) for block in blocks]
    [('a', 'CCN')]
    >>> [rejection.code for rejection in blocks.rejections]
    ['duplicate', 'syntax', 'duplicate_id']
    """
    return _gather((name, smiles, name, None) for name, smiles in rows)


def read_blocks(paths: Sequence[str]) -> Blocks:
    """Blocks from files of structures with ids: .smi, .csv, .sdf and the others of `open_library`.

    Raises
    ------
    LibraryError
        A file cannot be read.
    ConfigError
        No row of them is a block.
    """
    library = open_library(paths)
    rows = (
        (record.id, record.raw, f"{record.source}:{record.line}", record.fault)
        for record in library.records()
    )
    blocks = _gather(rows)
    if not blocks.members:
        reason = blocks.rejections[0].reason
        raise ConfigError(f"{', '.join(paths)}: none of {library.n_records} rows is a block; first: {reason}")
    return blocks


@functools.cache
def shipped_blocks() -> Blocks:
    """The blocks that come with molscreen: small, ordinary reagents, with ids of ours.

    Examples
    --------
    >>> blocks = shipped_blocks()
    >>> len(blocks) > 300, len(blocks.rejections), blocks["B0001"].key
    (True, 0, 'Brc1ccccc1')
    """
    place = resources.files("molscreen.generation.reactions").joinpath("blocks.smi")
    with resources.as_file(place) as path:
        return read_blocks([str(path)])


def _gather(rows: Iterable[tuple[str, str, str, Rejection | None]]) -> Blocks:
    """Blocks from id, SMILES, place and fault of each row."""
    members: list[Block] = []
    rejections: list[Rejection] = []
    names: set[str] = set()
    by_key: dict[str, str] = {}
    for given, smiles, source, fault in rows:
        name = given or source
        compound = fault or standardize(smiles, source=source, source_id=given)
        if isinstance(compound, Rejection):
            rejections.append(compound)
        elif name in names:
            reason = f"another block has the id '{name}'"
            rejections.append(_refuse(source, smiles, "duplicate_id", reason, given))
        elif compound.key in by_key:
            reason = f"the same compound as block '{by_key[compound.key]}'"
            rejections.append(_refuse(source, smiles, "duplicate", reason, given))
        else:
            names.add(name)
            by_key[compound.key] = name
            members.append(Block(name, compound.key, Chem.MolFromSmiles(compound.key)))
    return Blocks(tuple(members), tuple(rejections))


def _refuse(source: str, raw: str, code: str, reason: str, source_id: str) -> Rejection:
    return Rejection(source, raw, "read", "filtered", code, reason, source_id)


@dataclass(frozen=True, eq=False)
class Shelf:
    """Blocks sorted by what each can be in each of some reactions.

    Attributes
    ----------
    blocks : Blocks
    reactions : Reactions
    usable : tuple of Reaction
        Those for every role of which there is a block, in order.
    """

    blocks: Blocks
    reactions: Reactions
    usable: tuple[Reaction, ...]
    _fitting: dict[tuple[str, int], NDArray[np.intp]] = field(repr=False)

    def fitting(self, reaction: Reaction, slot: int) -> NDArray[np.intp]:
        """Positions of the blocks that can be reactant number `slot`, rising; see `Reaction.misfit`."""
        return self._fitting[reaction.name, slot]

    def check(self, reaction: Reaction) -> None:
        """Say which role of a reaction no block can play.

        Raises
        ------
        ConfigError
        """
        for slot, role in enumerate(reaction.roles):
            if not len(self.fitting(reaction, slot)):
                raise ConfigError(
                    f"reaction '{reaction.name}': none of {len(self.blocks)} blocks can be its '{role}'; "
                    "add one that has this group once, none of the other roles and nothing that spoils it, "
                    "or leave the reaction out"
                )


def sort_blocks(blocks: Blocks, reactions: Reactions) -> Shelf:
    """Find once which block fits which role of which reaction: some 0.5 ms per block for 80 reactions.

    Raises
    ------
    ConfigError
        Not one of the reactions has a block for each of its roles; of a single one, which role it is.

    Examples
    --------
    >>> from molscreen.generation.reactions.table import shipped_reactions
    >>> shelf = sort_blocks(make_blocks([("acid", "CC(=O)O"), ("amine", "CCN")]), shipped_reactions())
    >>> [reaction.name for reaction in shelf.usable]
    ['amide coupling']
    """
    roles, sites = _count_roles(blocks, reactions)
    fitting = {
        (reaction.name, slot): _fitting(blocks, reaction, slot, sites, roles)
        for reaction in reactions
        for slot in range(len(reaction.roles))
    }
    usable = tuple(
        reaction
        for reaction in reactions
        if all(len(fitting[reaction.name, slot]) for slot in range(len(reaction.roles)))
    )
    shelf = Shelf(blocks, reactions, usable, fitting)
    if not usable:
        _complain(shelf)
    return shelf


def _complain(shelf: Shelf) -> NoReturn:
    """Say which role, or which reactions, lack blocks."""
    names = [reaction.name for reaction in shelf.reactions]
    if len(names) == 1:
        shelf.check(shelf.reactions[names[0]])
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    raise ConfigError(
        f"none of the reactions ({', '.join(names[:SHOWN])}{more}) has a block for each of its roles "
        f"among {len(shelf.blocks)} blocks; give more blocks or other reactions"
    )


def _count_roles(blocks: Blocks, reactions: Reactions) -> tuple[list[str], NDArray[np.int8]]:
    """Names of the roles, and (n, r) how many sites of each a block has; 2 for more."""
    patterns = {
        role: pattern
        for reaction in reactions
        for role, pattern in zip(reaction.roles, reaction.patterns, strict=True)
    }
    sites = np.zeros((len(blocks), len(patterns)), np.int8)
    for i, block in enumerate(blocks):
        for j, pattern in enumerate(patterns.values()):
            sites[i, j] = min(count_sites(block.mol, pattern), 2)
    return list(patterns), sites


def _fitting(
    blocks: Blocks, reaction: Reaction, slot: int, sites: NDArray[np.int8], roles: list[str]
) -> NDArray[np.intp]:
    """Positions of those for which `Reaction.misfit` is None; asked of those alone that have the role."""
    others = [roles.index(role) for other, role in enumerate(reaction.roles) if other != slot]
    own = sites[:, roles.index(reaction.roles[slot])] == 1
    places: NDArray[np.intp] = np.flatnonzero(own & (sites[:, others] == 0).all(axis=1))
    fits = [reaction.misfit(blocks.members[place].mol, slot) is None for place in places]
    fitting: NDArray[np.intp] = places[np.array(fits, bool)]
    return fitting
