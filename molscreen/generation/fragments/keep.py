"""Keep: which atoms of a molecule must stay as they are, and where something may be attached to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rdkit import Chem, rdBase

from molscreen.errors import ConfigError

MATCHES = 1000  # looked at in one molecule


@dataclass(frozen=True, slots=True)
class Kept:
    """The kept atoms of one molecule.

    Attributes
    ----------
    atoms : tuple of int
        In the order of the pattern's atoms.
    open : frozenset of int
        Those of them whose bonds to other atoms may be cut and joined anew.
    growable : frozenset of int
        Those of them whose hydrogens may be replaced.
    """

    atoms: tuple[int, ...] = ()
    open: frozenset[int] = frozenset()
    growable: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Keep:
    """A substructure that every product must have, at the very atoms that the parent had it.

    Made by `from_smarts`, `from_core` or `from_atoms`. Configurations that are stated must match, but for
    those of a core's open atoms, which no step alters.

    Attributes
    ----------
    text : str
        As it was given.
    pattern : Mol
        What is looked for. Several parts, separated by dots in the text, are all kept.
    room : tuple of int
        For each of its atoms, how many other atoms may be bound to it; -1 for any number.
    closed : frozenset of int
        Atoms of the pattern where nothing is attached or taken away. What a molecule has there stays.
    is_core : bool
        Whether `pattern` is itself a molecule, with hydrogens at its open positions.
    """

    name: ClassVar[str] = "keep"
    text: str
    pattern: Chem.Mol
    room: tuple[int, ...]
    closed: frozenset[int]
    is_core: bool = False

    @classmethod
    def from_smarts(cls, smarts: str) -> Keep:
        """Keep what a SMARTS finds; where atoms have map numbers, they alone are open, otherwise all are.

        Raises
        ------
        ConfigError
            The text is no SMARTS.

        Examples
        --------
        >>> keep = Keep.from_smarts("[c:1]1ccncc1")
        >>> [kept.atoms for kept in keep.find(Chem.MolFromSmiles("Cc1ccncc1"))]
        [(1, 2, 3, 4, 5, 6)]
        """
        with rdBase.BlockLogs():
            pattern = Chem.MolFromSmarts(smarts) if smarts else None
        if pattern is None:
            raise ConfigError(
                f"keep: '{smarts}' cannot be read as SMARTS; expected a pattern such as 'c1ccncc1',"
                " or '[c:1]1ccncc1', where map numbers mark the open atoms; correct it"
            )
        mapped = {atom.GetIdx() for atom in pattern.GetAtoms() if atom.GetAtomMapNum()}
        n_atoms = pattern.GetNumAtoms()
        closed = frozenset(range(n_atoms)) - mapped if mapped else frozenset()
        return cls(smarts, pattern, (-1,) * n_atoms, closed)

    @classmethod
    def from_core(cls, smiles: str) -> Keep:
        """Keep one or more cores: SMILES with ``*`` where something may be attached, and nothing elsewhere.

        Raises
        ------
        ConfigError
            The text is no SMILES, or a core has no open position.

        Examples
        --------
        >>> keep = Keep.from_core("*c1ccccc1.*N1CCNCC1")  # two cores, and what links them
        >>> len(keep.find(Chem.MolFromSmiles("c1ccccc1CN1CCNCC1")))
        1
        >>> len(keep.find(Chem.MolFromSmiles("c1ccccc1CN1CCN(C)CC1")))  # bound at a closed atom
        0
        """
        with rdBase.BlockLogs():
            mol = Chem.MolFromSmiles(smiles) if smiles else None
        if mol is None:
            raise ConfigError(
                f"keep: core '{smiles}' cannot be read as SMILES; expected one such as '*c1ccncc1'"
            )
        stars = [atom for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0]
        for part in Chem.GetMolFrags(mol):
            if not any(star.GetIdx() in part for star in stars):
                raise ConfigError(
                    f"keep: core '{Chem.MolFragmentToSmiles(mol, part)}' has no open position;"
                    " expected '*' where something may be attached, as in '*c1ccncc1'; add one, or give it as"
                    " SMARTS to open all atoms"
                )
        if any(
            star.GetDegree() != 1 or _beside(star).GetAtomicNum() == 0 or _is_multiple(star) for star in stars
        ):
            raise ConfigError(
                f"keep: in core '{smiles}' each '*' must be bound to one atom, by a single bond"
            )
        heavy = [atom for atom in mol.GetAtoms() if atom.GetAtomicNum() != 0]
        room = tuple(sum(each.GetAtomicNum() == 0 for each in atom.GetNeighbors()) for atom in heavy)
        closed = frozenset(place for place, free in enumerate(room) if not free)
        return cls(smiles, _capped(mol), room, closed, is_core=True)

    @classmethod
    def from_atoms(cls, smiles: str, atoms: Sequence[int], open_atoms: Iterable[int] | None = None) -> Keep:
        """Keep some atoms of a molecule, by their places in its SMILES; all are open, or only `open_atoms`.

        Raises
        ------
        ConfigError
            The text is no SMILES, there are no atoms, or one of them is not in the molecule.

        Examples
        --------
        >>> Keep.from_atoms("CCc1ccncc1", range(2, 8), open_atoms=[2]).text
        '[#6:1]1:[#6]:[#6]:[#7]:[#6]:[#6]:1'
        """
        with rdBase.BlockLogs():
            mol = Chem.MolFromSmiles(smiles)
        if mol is None:
            raise ConfigError(f"keep: '{smiles}' cannot be read as SMILES")
        marked = set(open_atoms or ())
        if not atoms or not marked <= set(atoms) or not 0 <= min(atoms) <= max(atoms) < mol.GetNumAtoms():
            raise ConfigError(
                f"keep: atoms {sorted(atoms)}, open {sorted(marked)}: expected some of 0 to"
                f" {mol.GetNumAtoms() - 1} of '{smiles}', the open ones among them"
            )
        for atom in mol.GetAtoms():
            atom.SetAtomMapNum(int(atom.GetIdx() in marked))
        return cls.from_smarts(Chem.MolFragmentToSmarts(mol, list(atoms)))

    @classmethod
    def read(cls, text: str) -> Keep:
        """Read a core, or a SMARTS; see `from_core`, `from_smarts`, and `described` for which it is.

        A core is SMILES in which every ``*`` ends a single bond: there something may be attached. A ``*``
        that stands anywhere else, and any ``*`` of what is no SMILES, is that of SMARTS: whichever atom.

        Raises
        ------
        ConfigError
            The text is neither.

        Examples
        --------
        >>> [Keep.read(text).is_core for text in ("*c1ccncc1", "c1cc*cc1", "C(=O)[N;!$(N*)]")]
        [True, False, False]
        """
        return cls.from_core(text) if _is_core(text) else cls.from_smarts(text)

    @property
    def described(self) -> str:
        """How the text was read, for whoever wrote it."""
        if self.is_core:
            return f"'{self.text}' is a core: something may be attached at its * and nowhere else"
        marked = "at its numbered atoms alone" if self.closed else "anywhere"
        any_atom = "; * is any atom" if "*" in self.text else ""
        return f"'{self.text}' is SMARTS: something may be attached {marked}{any_atom}"

    def __repr__(self) -> str:
        return f"Keep({self.text!r})"

    def reason(self, mol: Chem.Mol) -> str | None:
        """Why a molecule is refused, as a `molscreen.filters.filter.Filter` says it; None where it has it."""
        return None if self.find(mol) else f"keep: without '{self.text}'"

    def find(self, mol: Chem.Mol) -> list[Kept]:
        """Every way to keep the substructure in a molecule; none where it is not there."""
        found: dict[tuple[frozenset[int], frozenset[int]], Kept] = {}
        for match in mol.GetSubstructMatches(
            self.pattern, uniquify=False, useChirality=True, maxMatches=MATCHES
        ):
            kept = self._kept(mol, match)
            if kept is not None:
                found.setdefault((frozenset(match), kept.open), kept)
        return list(found.values())

    def holds(self, mol: Chem.Mol, atoms: tuple[int, ...]) -> bool:
        """Whether these very atoms, in the pattern's order, are the substructure."""
        asked = Chem.SubstructMatchParameters()
        asked.useChirality = True  # type: ignore[assignment]
        asked.uniquify = False  # type: ignore[assignment]
        asked.setExtraFinalCheck(lambda _, match: tuple(match) == atoms)
        return bool(mol.HasSubstructMatch(self.pattern, asked)) and self._kept(mol, atoms) is not None

    def require(self, smiles: Sequence[str]) -> None:
        """Refuse seeds of which none has the substructure.

        Raises
        ------
        ConfigError
            None has it.
        """
        for text in smiles:
            mol = Chem.MolFromSmiles(text)
            if mol is not None and self.find(mol):
                return
        raise ConfigError(
            f"keep: none of {len(smiles)} seeds has '{self.text}' (the first is '{next(iter(smiles), '')}');"
            " expected one at least; add a seed that has it, or correct the pattern"
        )

    def _kept(self, mol: Chem.Mol, match: tuple[int, ...]) -> Kept | None:
        """The match with its open atoms; None where more is bound to an atom than it has room for."""
        open_atoms, growable = set(), set()
        for number, (place, asked) in enumerate(zip(match, self.pattern.GetAtoms(), strict=True)):
            bound = mol.GetAtomWithIdx(place).GetDegree() - asked.GetDegree()
            room = self.room[number]
            if 0 <= room < bound:
                return None
            if number not in self.closed:
                open_atoms.add(place)
                growable |= {place} if room < 0 or bound < room else set()
        return Kept(tuple(match), frozenset(open_atoms), frozenset(growable))


def _is_core(text: str) -> bool:
    """Whether it is SMILES with at least one ``*``, and each of them at the end of a single bond."""
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(text) if "*" in text else None
    stars = [atom for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0] if mol is not None else []
    return bool(stars) and all(
        star.GetDegree() == 1 and _beside(star).GetAtomicNum() != 0 and not _is_multiple(star)
        for star in stars
    )


def _beside(star: Chem.Atom) -> Chem.Atom:
    beside: Chem.Atom = star.GetNeighbors()[0]
    return beside


def _is_multiple(star: Chem.Atom) -> bool:
    return bool(star.GetBonds()[0].GetBondType() != Chem.BondType.SINGLE)


def _capped(mol: Chem.Mol) -> Chem.Mol:
    """A core with hydrogens for its stars, its other atoms in their order."""
    edit = Chem.RWMol(mol)
    for atom in mol.GetAtoms():
        if atom.GetAtomicNum() == 0:
            edit.GetAtomWithIdx(_beside(atom).GetIdx()).SetChiralTag(Chem.ChiralType.CHI_UNSPECIFIED)
            edit.ReplaceAtom(atom.GetIdx(), Chem.Atom(1))
    Chem.SanitizeMol(edit)
    return Chem.RemoveHs(edit)
