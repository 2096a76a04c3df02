"""Keep: which atoms of a molecule must stay as they are, and where something may be attached to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from rdkit import Chem, rdBase

from molscreen.errors import ConfigError
from molscreen.generation.fragments.configuration import FLAT, Configuration
from molscreen.generation.fragments.core import is_core, read_core

MATCHES = 1000  # looked at in one molecule
_Surroundings = tuple[tuple[tuple[str, str], ...], ...]  # of each closed atom: bonds and elements


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

    Made by `from_smarts`, `from_core` or `from_atoms`. Configurations that are stated must match: those of a
    core where an atom or a bond can have any, which at a star with a hydrogen it may not.

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
    configuration : Configuration
        Of a core, whose `pattern` has none; that of a SMARTS is in its pattern.
    at_closed : frozenset, optional
        What may be bound to the closed atoms besides the pattern: see `beside`.
    """

    name: ClassVar[str] = "keep"
    text: str
    pattern: Chem.Mol
    room: tuple[int, ...]
    closed: frozenset[int]
    is_core: bool = False
    configuration: Configuration = FLAT
    at_closed: frozenset[_Surroundings] | None = None

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
            See `molscreen.generation.fragments.core.read_core`.

        Examples
        --------
        >>> keep = Keep.from_core("*c1ccccc1.*N1CCNCC1")  # two cores, and what links them
        >>> len(keep.find(Chem.MolFromSmiles("c1ccccc1CN1CCNCC1")))
        1
        >>> len(keep.find(Chem.MolFromSmiles("c1ccccc1CN1CCN(C)CC1")))  # bound at a closed atom
        0
        """
        core = read_core(smiles)
        closed = frozenset(place for place, free in enumerate(core.room) if not free)
        return cls(smiles, core.pattern, core.room, closed, True, core.configuration)

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
        return cls.from_core(text) if is_core(text) else cls.from_smarts(text)

    @property
    def described(self) -> str:
        """How the text was read, for whoever wrote it."""
        if self.is_core:
            stated = ", in the configuration stated; an atom with a hydrogen at its * may have none"
            said = f"'{self.text}' is a core: something may be attached at its * and nowhere else"
            return said + (stated if self.configuration else "")
        marked = "anywhere"
        if self.closed:
            marked = "at its numbered atoms alone, and the others have what one of the seeds has there"
        any_atom = "; * is any atom" if "*" in self.text else ""
        return f"'{self.text}' is SMARTS: something may be attached {marked}{any_atom}"

    def __repr__(self) -> str:
        return f"Keep({self.text!r})"

    def reason(self, mol: Chem.Mol) -> str | None:
        """Why a molecule is refused, as a `molscreen.filters.filter.Filter` says it; None where it has it."""
        return None if self.find(mol) else f"keep: without '{self.text}'"

    def find(self, mol: Chem.Mol) -> list[Kept]:
        """Every way to keep the substructure in a molecule; none where it is not there."""
        found: dict[tuple[object, frozenset[int]], Kept] = {}
        for kept in self._ways(mol):
            atoms: object = kept.atoms if self.configuration else frozenset(kept.atoms)
            if (atoms, kept.open) not in found and self._has_configuration(mol, kept.atoms):
                found[atoms, kept.open] = kept
        return list(found.values())

    def holds(self, mol: Chem.Mol, atoms: tuple[int, ...]) -> bool:
        """Whether these very atoms, in the pattern's order, are the substructure."""
        asked = Chem.SubstructMatchParameters()
        asked.useChirality = True  # type: ignore[assignment]
        asked.uniquify = False  # type: ignore[assignment]
        asked.setExtraFinalCheck(lambda _, match: tuple(match) == atoms)
        return (
            bool(mol.HasSubstructMatch(self.pattern, asked))
            and self._kept(mol, atoms) is not None
            and self._has_configuration(mol, atoms)
        )

    def beside(self, mols: Iterable[Chem.Mol]) -> Keep:
        """The same, with what one of these molecules has at the closed atoms of a SMARTS, and nothing else.

        That is: bonds to other atoms than the pattern's, and their elements. A core says by itself what its
        closed atoms have, namely nothing.

        Examples
        --------
        >>> picoline, lutidine = (Chem.MolFromSmiles(each) for each in ("Cc1ccccn1", "Cc1cccc(C)n1"))
        >>> keep = Keep.from_smarts("c1c[c:1]ccn1").beside([picoline])
        >>> len(keep.find(picoline)), len(keep.find(lutidine))
        (1, 0)
        """
        if self.is_core or not self.closed:
            return self
        seen = frozenset(self._surroundings(mol, kept.atoms) for mol in mols for kept in self._ways(mol))
        return replace(self, at_closed=seen)

    def configured(self, mol: Chem.Mol, atoms: tuple[int, ...]) -> Chem.Mol:
        """The molecule with the configuration that a core states, where these atoms, in its order, are it."""
        return self.configuration.given_to(mol, atoms) if self.configuration else mol

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

    def _ways(self, mol: Chem.Mol) -> Iterator[Kept]:
        """Every match with room for what is bound to it, whatever its configuration."""
        for match in mol.GetSubstructMatches(
            self.pattern, uniquify=False, useChirality=True, maxMatches=MATCHES
        ):
            kept = self._kept(mol, match)
            if kept is not None:
                yield kept

    def _has_configuration(self, mol: Chem.Mol, atoms: tuple[int, ...]) -> bool:
        return not self.configuration or self.configuration.is_had_by(mol, atoms)

    def _surroundings(self, mol: Chem.Mol, match: tuple[int, ...]) -> _Surroundings:
        """What is bound to each closed atom by bonds that are not the pattern's."""
        found = []
        for number in sorted(self.closed):
            inside = {match[each.GetIdx()] for each in self.pattern.GetAtomWithIdx(number).GetNeighbors()}
            bonds = [
                (str(bond.GetBondType()), bond.GetOtherAtom(mol.GetAtomWithIdx(match[number])))
                for bond in mol.GetAtomWithIdx(match[number]).GetBonds()
            ]
            outside = [(kind, atom.GetSymbol()) for kind, atom in bonds if atom.GetIdx() not in inside]
            found.append(tuple(sorted(outside)))
        return tuple(found)

    def _kept(self, mol: Chem.Mol, match: tuple[int, ...]) -> Kept | None:
        """The match with its open atoms; None where more, or else, is bound to an atom than may be."""
        open_atoms, growable = set(), set()
        for number, (place, asked) in enumerate(zip(match, self.pattern.GetAtoms(), strict=True)):
            bound = mol.GetAtomWithIdx(place).GetDegree() - asked.GetDegree()
            room = self.room[number]
            if 0 <= room < bound:
                return None
            if number not in self.closed:
                open_atoms.add(place)
                growable |= {place} if room < 0 or bound < room else set()
        if self.at_closed is not None and self._surroundings(mol, match) not in self.at_closed:
            return None
        return Kept(tuple(match), frozenset(open_atoms), frozenset(growable))
