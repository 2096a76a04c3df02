"""Cuts: which pieces of a molecule can be taken out at one to three bonds, and the surroundings of each.

A bond may be cut where it is single, in no ring, and joins two heavy atoms. A *fragment* is what lies
between one, two or three such bonds: a group at the end of one, a linker between two, a core between three.
A hydrogen is a fragment without atoms. What is left is the *rest*; its atoms that held the fragment are the
*points* of the cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rdkit import Chem

from molscreen.generation.fragments.surroundings import Point, Surroundings, digest, places

LARGEST = 12  # heavy atoms of a fragment
POINTS = 3  # bonds cut at a time, at most
HYDROGEN = "[H][*:1]"  # as a fragment


@dataclass(frozen=True, slots=True)
class Cut:
    """A fragment of a molecule, and where the rest holds it.

    Attributes
    ----------
    atoms : tuple of int
        The fragment's, rising; none for a hydrogen.
    points : tuple of Point
        In the order of their environments. In a fragment's SMILES ``[*:1]`` stands for the first.
    """

    atoms: tuple[int, ...]
    points: tuple[Point, ...]

    def context(self, radius: int) -> int:
        """The environments of all points at a radius from 1 to 3, as one number of 48 bits."""
        seen = [point.environment[radius - 1] for point in self.points]
        return seen[0] if len(seen) == 1 else digest(" ".join(map(str, seen)))


def cuts(mol: Chem.Mol, *, largest: int = LARGEST) -> list[Cut]:
    """All fragments of at most `largest` heavy atoms, and one hydrogen of each atom that has any.

    The environment at radius 1 is the point's outer atom, at radius 2 its neighbours too, and so on, each
    with element, charge, aromaticity, multiple bonds and whether it is in a ring; the fragment is no part of
    it. Configurations are not looked at.

    References
    ----------
    Polishchuk, J. Cheminform. 12, 28 (2020), doi:10.1186/s13321-020-00431-w (fragments that were seen in the
    same context are put in each other's place).

    Examples
    --------
    >>> [cut.atoms for cut in cuts(Chem.MolFromSmiles("CCO"))]
    [(), (), (), (0,), (1, 2), (1,), (0, 1), (2,)]
    """
    graph = Surroundings(mol)
    found = [Cut((), (graph.point(a.GetIdx(), -1),)) for a in mol.GetAtoms() if is_growable(a)]
    ends, sides = graph.sides()
    points = [graph.point(outer, inner) for outer, inner in ends]
    for whole, chosen in _between(sides, graph.components(), largest):
        ordered = sorted(
            (points[each] for each in chosen), key=lambda point: (point.environment, point.outer)
        )
        found.append(Cut(places(whole), tuple(ordered)))
    return found


def fragment_smiles(mol: Chem.Mol, cut: Cut) -> str:
    """A cut's fragment as canonical SMILES without configurations, ``[*:1]`` at its first point.

    Examples
    --------
    >>> anisole = Chem.MolFromSmiles("COc1ccccc1")
    >>> [fragment_smiles(anisole, cut) for cut in cuts(anisole)][-3:]
    ['O([*:1])[*:2]', 'CO[*:1]', 'c1ccc([*:1])cc1']
    """
    if not cut.atoms:
        return HYDROGEN
    edit = Chem.RWMol(mol)
    Chem.RemoveStereochemistry(edit)
    used = list(cut.atoms)
    for number, point in enumerate(cut.points, start=1):
        dummy = Chem.Atom(0)
        dummy.SetAtomMapNum(number)
        edit.ReplaceAtom(point.outer, dummy)
        used.append(point.outer)
    return str(Chem.MolFragmentToSmiles(edit, used))


def readable(fragment: str) -> str:
    """A fragment as SMILES that begins where it is bound, with a star at each point if it has several.

    Examples
    --------
    >>> readable("c1ccc([*:1])cc1"), readable("C([*:2])[*:1]"), readable("[H][*:1]")
    ('c1ccccc1', '*C*', 'H')
    """
    if fragment == HYDROGEN:
        return "H"
    mol = Chem.MolFromSmiles(fragment)
    stars = [atom for atom in mol.GetAtoms() if atom.GetAtomMapNum()]
    first = min(stars, key=Chem.Atom.GetAtomMapNum).GetIdx()
    for star in stars:
        star.SetAtomMapNum(0)
    text = str(Chem.MolToSmiles(mol, rootedAtAtom=first))
    return text.removeprefix("*") if len(stars) == 1 else text


def is_growable(atom: Chem.Atom) -> bool:
    """Whether a hydrogen of this heavy atom may be replaced."""
    return bool(atom.GetTotalNumHs() and atom.GetAtomicNum() > 1)


def _between(sides: list[int], components: list[int], largest: int) -> Iterator[tuple[int, list[int]]]:
    """Fragments as bit masks, and which sides hold them.

    Sides of different bonds that do not overlap are branches, and what they leave is one piece that touches
    all of them.
    """
    for whole in components:
        here = [each for each, side in enumerate(sides) if side & whole]
        total = whole.bit_count()
        size = {each: sides[each].bit_count() for each in here}
        room = total - largest  # atoms that must lie outside, at least
        apart = {
            each: [o for o in here if o > each and o // 2 != each // 2 and not sides[each] & sides[o]]
            for each in here
        }
        for one in here:
            if size[one] >= room:
                yield whole & ~sides[one], [one]
            for other in apart[one]:
                if size[one] + size[other] >= room:
                    yield whole & ~(sides[one] | sides[other]), [one, other]
                for third in apart[other]:
                    if size[one] + size[other] + size[third] >= room and not sides[one] & sides[third]:
                        yield whole & ~(sides[one] | sides[other] | sides[third]), [one, other, third]
