"""Configuration: the stereocentres and double bonds that a core states, and molecules that have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from rdkit import Chem

from molscreen.generation.fragments.join import SIDES

HYDROGEN, STAR = -1, -2  # in the place of an atom of the core: what has none there
_CLOCKWISE, _COUNTER = Chem.ChiralType.CHI_TETRAHEDRAL_CW, Chem.ChiralType.CHI_TETRAHEDRAL_CCW
_CIS, _TRANS = Chem.BondStereo.STEREOCIS, Chem.BondStereo.STEREOTRANS


@dataclass(frozen=True, slots=True)
class Centre:
    """A stereocentre: looked at from the first atom around it, the others follow each other clockwise or not.

    Attributes
    ----------
    atom : int
        Of the core.
    around : tuple of int
        Atoms of the core, `STAR` for what is attached there, or `HYDROGEN`.
    is_clockwise : bool
    """

    atom: int
    around: tuple[int, ...]
    is_clockwise: bool


@dataclass(frozen=True, slots=True)
class DoubleBond:
    """A double bond: whether the first ones beside its ends are on the same side.

    Attributes
    ----------
    ends : (int, int)
        Atoms of the core.
    beside : (2, 2) int
        What each end is bound to besides, as `Centre.around` has it.
    is_cis : bool
    """

    ends: tuple[int, int]
    beside: tuple[tuple[int, int], tuple[int, int]]
    is_cis: bool


@dataclass(frozen=True, slots=True)
class Configuration:
    """All that a core states.

    What is attached at a star takes its place; where nothing is, the hydrogen does, and the atom may be no
    stereocentre any more.
    """

    centres: tuple[Centre, ...] = ()
    double_bonds: tuple[DoubleBond, ...] = ()

    @classmethod
    def of(cls, core: Chem.Mol, place: Mapping[int, int]) -> Self:
        """That of a core with stars; `place` says which atom of the pattern its atoms become.

        No atom has two stars, or it would be no stereocentre: a star is like another.
        """

        def named(atom: int) -> int:
            hydrogen_or_star = HYDROGEN if atom < 0 or core.GetAtomWithIdx(atom).GetAtomicNum() else STAR
            return place.get(atom, hydrogen_or_star)

        centres = [
            Centre(place[atom.GetIdx()], tuple(map(named, _around(atom))), atom.GetChiralTag() == _CLOCKWISE)
            for atom in core.GetAtoms()
            if atom.GetChiralTag() in (_CLOCKWISE, _COUNTER)
        ]
        double_bonds = [
            DoubleBond(
                (place[bond.GetBeginAtomIdx()], place[bond.GetEndAtomIdx()]),
                (_beside(bond, bond.GetBeginAtom(), named), _beside(bond, bond.GetEndAtom(), named)),
                SIDES.get(bond.GetStereo(), bond.GetStereo()) == _CIS,
            )
            for bond in core.GetBonds()
            if SIDES.get(bond.GetStereo(), bond.GetStereo()) in (_CIS, _TRANS)
        ]
        return cls(tuple(centres), tuple(double_bonds))

    def __bool__(self) -> bool:
        return bool(self.centres or self.double_bonds)

    def given_to(self, mol: Chem.Mol, match: Sequence[int]) -> Chem.Mol:
        """The molecule with this configuration at the atoms that are the core, in the core's order.

        What is no stereocentre there has none in the SMILES of the result: see `written`.
        """
        edit = Chem.RWMol(mol)
        for bond in edit.GetBonds():  # sides relative to named neighbours, as `written` has them
            bond.SetBondDir(Chem.BondDir.NONE)
            bond.SetStereo(SIDES.get(bond.GetStereo(), bond.GetStereo()))
        for centre in self.centres:
            _turn(edit.GetAtomWithIdx(match[centre.atom]), centre, match)
        for double in self.double_bonds:
            _set_sides(edit, double, match)
        edit.ClearComputedProps(False)  # or rings stay as cis or trans as they were
        return edit.GetMol()

    def is_had_by(self, mol: Chem.Mol, match: Sequence[int]) -> bool:
        """Whether giving it to a molecule changes nothing: what could be stated otherwise, or not, is not."""
        return written(self.given_to(mol, match)) == written(mol)


FLAT = Configuration()


def written(mol: Chem.Mol) -> str:
    """Canonical SMILES as a reader of the molecule's SMILES writes them, without what states nothing."""
    copy = Chem.Mol(mol)
    Chem.SetDoubleBondNeighborDirections(copy)  # or the writer forgets the sides
    return str(Chem.MolToSmiles(Chem.MolFromSmiles(Chem.MolToSmiles(copy))))


def _around(atom: Chem.Atom) -> list[int]:
    """Neighbours in the order of the atom's bonds, which a configuration is told by; then its hydrogens."""
    place = atom.GetIdx()
    bound = [bond.GetOtherAtomIdx(place) for bond in atom.GetBonds()]
    return bound + [HYDROGEN] * int(atom.GetTotalNumHs())


def _turn(atom: Chem.Atom, centre: Centre, match: Sequence[int]) -> None:
    """Give an atom the configuration of a centre, or none where it cannot have any."""
    atom.SetChiralTag(Chem.ChiralType.CHI_UNSPECIFIED)
    around = _around(atom)
    kept = [match[each] for each in centre.around if each >= 0]
    others = sorted((each for each in around if each not in kept), reverse=True)  # hydrogens last
    foreign = sorted(each for each in centre.around if each < 0)  # the star first
    if len(others) != len(foreign) or around.count(HYDROGEN) > 1:
        return
    stands_for = dict(zip(foreign, others, strict=True))
    order = [around.index(match[each] if each >= 0 else stands_for[each]) for each in centre.around]
    turns = sum(later < earlier for i, earlier in enumerate(order) for later in order[i + 1 :])
    atom.SetChiralTag(_CLOCKWISE if centre.is_clockwise == (turns % 2 == 0) else _COUNTER)


def _beside(bond: Chem.Bond, end: Chem.Atom, named: Callable[[int], int]) -> tuple[int, int]:
    """The atom beside an end that tells the sides, and the other one."""
    near = [each for each in _around(end) if each != bond.GetOtherAtomIdx(end.GetIdx())]
    first = next(each for each in near if each in tuple(bond.GetStereoAtoms()))
    return named(first), next((named(each) for each in near if each != first), HYDROGEN)


def _set_sides(edit: Chem.RWMol, double: DoubleBond, match: Sequence[int]) -> None:
    """Give a double bond its sides, or none where an end has nothing beside it."""
    ends = [match[end] for end in double.ends]
    bond = edit.GetBondBetweenAtoms(*ends)
    bond.SetStereo(Chem.BondStereo.STEREONONE)
    is_cis, beside = double.is_cis, dict[int, int]()
    for end, (first, other) in zip(ends, double.beside, strict=True):
        kept = {match[each] for each in (first, other) if each >= 0}
        around = {each.GetIdx() for each in edit.GetAtomWithIdx(end).GetNeighbors()} - set(ends)
        told = {match[first]} if first >= 0 else around - kept
        if not told:  # a hydrogen that is not written: it is on the side where the other one is not
            told, is_cis = kept, not is_cis
        if not told:
            return
        beside[end] = min(told)
    bond.SetStereoAtoms(beside[bond.GetBeginAtomIdx()], beside[bond.GetEndAtomIdx()])
    bond.SetStereo(_CIS if is_cis else _TRANS)
