"""Joining: another fragment in the place of one that is cut out; the rest keeps its configurations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rdkit import Chem

from molscreen.generation.fragments.cut import Cut
from molscreen.generation.fragments.surroundings import Point


class Joined(NamedTuple):
    """A molecule with another fragment.

    Attributes
    ----------
    smiles : str
        Canonical.
    mol : Mol
        As read from `smiles`.
    place : mapping of int to int
        Where each atom of the rest is in `mol`.
    """

    smiles: str
    mol: Chem.Mol
    place: Mapping[int, int]


def join(mol: Chem.Mol, cut: Cut, fragment: Chem.Mol) -> Joined | None:
    """Put `fragment` in the place of the one that `cut` takes out; None where this gives no molecule.

    Its atom ``[*:1]`` stands for the first point of the cut, and so on. Stereocentres and double bonds of the
    rest keep their configuration; one that has lost its reason is dropped.

    Examples
    --------
    >>> from molscreen.generation.fragments.cut import cuts
    >>> alanine = Chem.MolFromSmiles("C[C@H](N)C(=O)O")
    >>> methyl = next(cut for cut in cuts(alanine) if cut.atoms == (0,))
    >>> join(alanine, methyl, Chem.MolFromSmiles("[*:1]CO")).smiles  # serine, L as before
    'N[C@@H](CO)C(=O)O'
    """
    edit = Chem.RWMol(Chem.CombineMols(mol, fragment))
    for (
        bond
    ) in edit.GetBonds():  # sides relative to named neighbours outlast an edit; E, Z and slashes do not
        bond.SetBondDir(Chem.BondDir.NONE)
        bond.SetStereo(SIDES.get(bond.GetStereo(), bond.GetStereo()))
    n_atoms, stars = mol.GetNumAtoms(), []
    for number, point in enumerate(cut.points, start=1):
        star = n_atoms + next(a.GetIdx() for a in fragment.GetAtoms() if a.GetAtomMapNum() == number)
        stars.append(star)
        _attach(edit, point, star)
    gone = {*cut.atoms, *stars}
    edit.BeginBatchEdit()
    for place in gone:
        edit.RemoveAtom(place)
    edit.CommitBatchEdit()
    rest = [place for place in range(n_atoms) if place not in gone]
    return _read_back(edit, dict(zip(rest, range(len(rest)), strict=True)))


def _attach(edit: Chem.RWMol, point: Point, star: int) -> None:
    """Bind the rest's atom to the neighbour of the fragment's star."""
    anchor = edit.GetAtomWithIdx(star).GetNeighbors()[0].GetIdx()
    double = [_stereo(edit, bond, point, anchor) for bond in edit.GetAtomWithIdx(point.outer).GetBonds()]
    if point.inner < 0:  # a bond in the place of a hydrogen that is not written does not turn a centre
        atom = edit.GetAtomWithIdx(point.outer)
        atom.SetNumExplicitHs(max(0, atom.GetNumExplicitHs() - 1))
    else:
        _loosen(edit, point.outer, point.inner)
    _loosen(edit, anchor, star)
    edit.AddBond(point.outer, anchor, Chem.BondType.SINGLE)
    for bond in filter(None, double):
        edit.GetBondBetweenAtoms(bond.begin, bond.end).SetStereoAtoms(*bond.beside)
        edit.GetBondBetweenAtoms(bond.begin, bond.end).SetStereo(bond.kind)


def _loosen(edit: Chem.RWMol, place: int, other: int) -> None:
    """Cut a bond of an atom that is about to get its next one.

    A configuration is told by the order of an atom's bonds, and a new bond comes last: moving the place from
    there past an odd number of others turns it.
    """
    atom = edit.GetAtomWithIdx(place)
    order = [bond.GetOtherAtomIdx(place) for bond in atom.GetBonds()]
    if (len(order) - 1 - order.index(other)) % 2:
        atom.InvertChirality()
    edit.RemoveBond(place, other)


class _Double(NamedTuple):
    """A double bond's configuration after a step: its atoms, those beside them, and their sides."""

    begin: int
    end: int
    beside: tuple[int, int]
    kind: Chem.BondStereo


SIDES = {
    Chem.BondStereo.STEREOZ: Chem.BondStereo.STEREOCIS,
    Chem.BondStereo.STEREOE: Chem.BondStereo.STEREOTRANS,
}


_OPPOSITE = {
    Chem.BondStereo.STEREOCIS: Chem.BondStereo.STEREOTRANS,
    Chem.BondStereo.STEREOTRANS: Chem.BondStereo.STEREOCIS,
}


def _stereo(edit: Chem.RWMol, bond: Chem.Bond, point: Point, anchor: int) -> _Double | None:
    """The configuration of a double bond beside which the anchor takes a place; None where it tells none.

    A hydrogen tells none: the other neighbour does, from the other side, if there is one.
    """
    beside = tuple(bond.GetStereoAtoms())
    if bond.GetStereo() not in _OPPOSITE or point.inner not in beside:
        return None
    new, kind = anchor, bond.GetStereo()
    if edit.GetAtomWithIdx(anchor).GetAtomicNum() == 1:
        near = {each.GetIdx() for each in edit.GetAtomWithIdx(point.outer).GetNeighbors()}
        others = near - {bond.GetOtherAtomIdx(point.outer), point.inner}
        if not others:
            return None
        new, kind = others.pop(), _OPPOSITE[kind]
    first, second = (new if each == point.inner else each for each in beside)
    return _Double(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), (first, second), kind)


def _read_back(edit: Chem.RWMol, place: Mapping[int, int]) -> Joined | None:
    """What a reader of its SMILES sees, and where each atom went on the way."""
    try:
        Chem.SanitizeMol(edit)
        product = Chem.RemoveHs(edit)  # those of a fragment that is a hydrogen
    except Chem.MolSanitizeException:
        return None
    Chem.SetDoubleBondNeighborDirections(product)  # or the writer forgets the sides
    written = Chem.MolToSmiles(product)
    order = [int(each) for each in product.GetProp("_smilesAtomOutputOrder").strip("[],").split(",")]
    mol = Chem.MolFromSmiles(written)
    if mol is None or mol.GetNumAtoms() != len(order):
        return None
    at = {old: new for new, old in enumerate(order)}
    return Joined(Chem.MolToSmiles(mol), mol, {before: at[after] for before, after in place.items()})
