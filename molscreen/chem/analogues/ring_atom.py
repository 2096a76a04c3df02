"""Ring atoms exchanged: aromatic CH and N; CH2, O and NH of saturated rings; and an ester made an amide."""

from __future__ import annotations

from collections.abc import Iterator

from rdkit import Chem

SATURATED = (5, 6, 7)  # ring sizes in which CH2, O and NH stand for each other
MOST_NITROGENS = 3  # of an aromatic ring


def exchange_ring_atoms(mol: Chem.Mol) -> Iterator[tuple[str, Chem.Mol]]:
    """Every change of one atom of a ring for another: what changes and the raw product, not sanitised.

    No bond between two heteroatoms is made, and in saturated rings no carbon between two of them: such
    compounds are often unstable, and seldom what a chemist would make next. Aromatic ones last: pyridine
    gives pyrimidine.
    """
    for atom in mol.GetAtoms():
        if atom.GetFormalCharge():
            continue
        if atom.GetIsAromatic():
            yield from _aza(mol, atom)
        elif atom.IsInRing():
            yield from _saturated(mol, atom)
        elif _is_ester_oxygen(atom):
            yield "ester O → NH", _replace(mol, atom.GetIdx(), 7)


def _aza(mol: Chem.Mol, atom: Chem.Atom) -> Iterator[tuple[str, Chem.Mol]]:
    """CH for N and N for CH, in aromatic rings of five and six."""
    place = atom.GetIdx()
    rings = [ring for ring in mol.GetRingInfo().AtomRings() if place in ring]
    if atom.GetDegree() != 2 or len(rings) != 1 or len(rings[0]) > 6:
        return
    if atom.GetAtomicNum() == 7 and not atom.GetTotalNumHs():
        yield "ring N → CH", _replace(mol, place, 6)
    nitrogens = sum(mol.GetAtomWithIdx(each).GetAtomicNum() == 7 for each in rings[0])
    if atom.GetAtomicNum() == 6 and nitrogens < MOST_NITROGENS and _all_carbon(atom):
        yield "ring CH → N", _replace(mol, place, 7)


def _saturated(mol: Chem.Mol, atom: Chem.Atom) -> Iterator[tuple[str, Chem.Mol]]:
    """CH2, O, NH and NCH3 for each other, as in piperidine, morpholine and piperazine."""
    place, element = atom.GetIdx(), atom.GetAtomicNum()
    rings = [ring for ring in mol.GetRingInfo().AtomRings() if place in ring]
    if len(rings) != 1 or len(rings[0]) not in SATURATED:
        return
    inside = [each for each in atom.GetNeighbors() if each.IsInRing() and each.GetIdx() in rings[0]]
    outside = [each for each in atom.GetNeighbors() if each.GetIdx() not in rings[0]]
    if not all(each.GetHybridization() == Chem.HybridizationType.SP3 for each in (atom, *inside)):
        return
    if not all(_all_carbon(each, without=place) for each in inside) or not _all_carbon(atom):
        return
    if element == 6 and not outside:
        yield "ring CH2 → O", _replace(mol, place, 8)
        yield "ring CH2 → NH", _replace(mol, place, 7)
    elif element == 8:
        yield "ring O → CH2", _replace(mol, place, 6)
        yield "ring O → NH", _replace(mol, place, 7)
    elif element == 7 and not outside:
        yield "ring NH → CH2", _replace(mol, place, 6)
        yield "ring NH → O", _replace(mol, place, 8)
    elif element == 7 and outside[0].GetAtomicNum() == 6 and outside[0].GetDegree() == 1:
        yield "ring NCH3 → CH2", _replace(mol, place, 6, outside[0].GetIdx())
        yield "ring NCH3 → O", _replace(mol, place, 8, outside[0].GetIdx())


def _all_carbon(atom: Chem.Atom, without: int = -1) -> bool:
    return all(each.GetAtomicNum() == 6 for each in atom.GetNeighbors() if each.GetIdx() != without)


def _is_ester_oxygen(atom: Chem.Atom) -> bool:
    """O of C(=O)OC outside rings; a carbonate or carbamate is another matter."""
    if atom.GetAtomicNum() != 8 or atom.GetDegree() != 2 or not _all_carbon(atom):
        return False
    return sum(_is_ester_carbon(each, atom.GetIdx()) for each in atom.GetNeighbors()) == 1


def _is_ester_carbon(atom: Chem.Atom, oxygen: int) -> bool:
    doubly = [b for b in atom.GetBonds() if b.GetBondType() == Chem.BondType.DOUBLE]
    if len(doubly) != 1 or doubly[0].GetOtherAtom(atom).GetAtomicNum() != 8:
        return False
    others = {each.GetIdx() for each in atom.GetNeighbors()} - {
        oxygen,
        doubly[0].GetOtherAtomIdx(atom.GetIdx()),
    }
    return all(atom.GetOwningMol().GetAtomWithIdx(each).GetAtomicNum() == 6 for each in others)


def _replace(mol: Chem.Mol, place: int, element: int, drop: int = -1) -> Chem.Mol:
    """Another element at `place`, and the atom `drop` left out; hydrogens follow from the bonds."""
    product = Chem.RWMol(mol)
    atom = Chem.Atom(element)
    atom.SetIsAromatic(mol.GetAtomWithIdx(place).GetIsAromatic())
    product.ReplaceAtom(place, atom)
    if drop >= 0:
        product.RemoveAtom(drop)
    return product
