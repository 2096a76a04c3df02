"""What is worth telling about a structure that was accepted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rdkit import Chem
from rdkit.Chem import FindPotentialStereo, StereoInfo, StereoSpecified, StereoType

from molscreen.chem.compound import Note
from molscreen.chem.label import labels

HIGH_CHARGE = 3  # net charges of 3 and more hardly occur among the assayed compounds we train on

_MARKED_CENTRE = re.compile(r"@+")
_NITROGEN, _PYRAMID = 7, 3  # atomic number; bonds of an atom whose fourth place is a lone pair
_PNICTOGENS = (15, 33)  # P, As
_CHALCOGENS = (8, 16, 34)  # O, S, Se
_NO_CENTRE = "on an atom that is no stereocentre"
_MARKED_BOND = re.compile(r"[/\\]")


def lost_stereo(received: str, written: str) -> tuple[Note, ...]:
    """Stereo marks of the text that RDKit took away, because nothing there has two forms."""
    lost = 0
    if "@" in received:
        lost = len(_MARKED_CENTRE.findall(received)) - len(_MARKED_CENTRE.findall(written))
    if lost > 0:
        marks = f"{lost} stereo mark{'s' * (lost > 1)}"
        where = "that RDKit does not keep, as of an allene" if "=C=" in written else _NO_CENTRE
        return (Note("stereo_dropped", f"{marks} '@' {where}"),)
    if _MARKED_BOND.search(received) and not _MARKED_BOND.search(written):
        return (Note("stereo_dropped", "direction marks '/' at a bond that has no E and Z form"),)
    return ()


def rewritten_groups(received: str, written: str) -> tuple[Note, ...]:
    """Hypervalent groups, such as ``N(=O)=O``, that RDKit writes with separated charges."""
    if written.count("+") <= received.count("+"):
        return ()
    return (Note("normalized", f"hypervalent groups written with charges: '{written}'"),)


def rewritten_molecule(written: str, key: str) -> tuple[Note, ...]:
    """A single molecule whose charges, groups or tautomer changed."""
    if "." in written or written == key:
        return ()
    return (Note("normalized", f"charges or groups rewritten: '{written}' is scored as '{key}'"),)


def unusual_atoms(mol: Chem.Mol) -> tuple[Note, ...]:
    """Isotopes, radicals and high charges: outside what the models have been shown."""
    notes = []
    atoms = list(mol.GetAtoms())
    if found := labels(mol):
        text = f"labelled atoms ({', '.join(found)}): the models see the element only"
        notes.append(Note("isotope", text))
    if electrons := max(atom.GetNumRadicalElectrons() for atom in atoms):
        what = "unpaired electrons" if electrons == 1 else "a carbene, or its like, or unpaired electrons"
        notes.append(Note("radical", f"{what}: the models know closed shells only"))
    if abs(charge := sum(atom.GetFormalCharge() for atom in atoms)) >= HIGH_CHARGE:
        notes.append(Note("highly_charged", f"net charge {charge:+d} after neutralisation"))
    return tuple(notes)


def stereo_forms(mol: Chem.Mol) -> tuple[Note, ...]:
    """Stereo that is left open, and stereo that is defined and that the models do not see.

    Parameters
    ----------
    mol : Mol
        With its stereochemistry assigned, as it is after reading.
    """
    found = list(FindPotentialStereo(mol))
    return _undefined_stereo(mol, found) + _unseen_stereo(mol, found)


def _undefined_stereo(mol: Chem.Mol, found: Sequence[StereoInfo]) -> tuple[Note, ...]:
    """How many stereocentres and double bonds have two forms and name neither."""
    open_ones = [e for e in found if e.specified == StereoSpecified.Unspecified]
    undefined = [e for e in open_ones if _has_two_forms(mol, e)]
    if undefined and len(undefined) < len(open_ones):
        undefined = _without_lone_relative(mol, undefined, found)
    if not undefined:
        return ()
    bonds = sum(e.type == StereoType.Bond_Double for e in undefined)
    kinds = ((len(undefined) - bonds, "stereocentre"), (bonds, "double bond"))
    counted = " and ".join(f"{number} {kind}{'s' * (number > 1)}" for number, kind in kinds if number)
    return (Note("stereo_undefined", f"{counted} undefined: one score stands for all isomers"),)


def _without_lone_relative(
    mol: Chem.Mol, undefined: list[StereoInfo], found: Iterable[StereoInfo]
) -> list[StereoInfo]:
    """Cis and trans need two centres: C4 of a quinuclidine has only the nitrogen, which is none."""
    rank = list(Chem.CanonicalRankAtoms(mol, breakTies=False, includeChirality=False))

    def is_relative(element: StereoInfo) -> bool:
        """Whether two branches of the centre are alike, if the stereo of others is left out."""
        if element.type == StereoType.Bond_Double:
            return False
        branches = [rank[each.GetIdx()] for each in mol.GetAtomWithIdx(element.centeredOn).GetNeighbors()]
        return len(set(branches)) < len(branches)

    marked = [e for e in found if e.specified == StereoSpecified.Specified]
    if sum(map(is_relative, [*undefined, *marked])) > 1:
        return undefined
    return [e for e in undefined if not is_relative(e)]


def _unseen_stereo(mol: Chem.Mol, found: Iterable[StereoInfo]) -> tuple[Note, ...]:
    """Marks that no R or S follows from: the features of every model know R, S, E and Z alone."""
    marked = (e for e in found if e.specified == StereoSpecified.Specified)
    centres = [e.centeredOn for e in marked if e.type == StereoType.Atom_Tetrahedral]
    unseen = sum(not mol.GetAtomWithIdx(centre).HasProp("_CIPCode") for centre in centres)
    if not unseen:
        return ()
    counted = f"{unseen} atom{'s' * (unseen > 1)}"
    text = f"cis or trans at {counted} of a ring, without R or S, is kept and is not seen by the models"
    return (Note("stereo_unseen", text),)


def _has_two_forms(mol: Chem.Mol, element: StereoInfo) -> bool:
    """Whether two isomers could be told apart: not where they exchange, nor where a ring allows one only."""
    if element.type == StereoType.Bond_Double:
        bond = mol.GetBondWithIdx(element.centeredOn)
        return not any(_is_linear(end) or _is_imine(end) for end in (bond.GetBeginAtom(), bond.GetEndAtom()))
    if element.type != StereoType.Atom_Tetrahedral:  # SF5, PF5
        return False
    atom = mol.GetAtomWithIdx(element.centeredOn)
    if atom.GetTotalDegree() == _PYRAMID and not atom.GetFormalCharge():
        inverts = atom.GetAtomicNum() == _NITROGEN
        bridgehead = all(bond.IsInRing() for bond in atom.GetBonds())  # its ring holds it
        return not inverts and not (bridgehead and atom.GetAtomicNum() in _PNICTOGENS)
    return not _shares_hydrogen(atom)


def _is_linear(atom: Chem.Atom) -> bool:
    """Of an allene, a carbodiimide, an azide."""
    double = [bond for bond in atom.GetBonds() if bond.GetBondType() == Chem.BondType.DOUBLE]
    return len(double) > 1


def _is_imine(atom: Chem.Atom) -> bool:
    """``C=NH`` and its cation: the hydrogen leaves and comes back on the other side."""
    exchanges = atom.GetTotalNumHs() > 0 or atom.GetFormalCharge() != 0
    return bool(exchanges) and atom.GetAtomicNum() == _NITROGEN


def _shares_hydrogen(atom: Chem.Atom) -> bool:
    """Two terminal atoms of one element, one of them an acid or its anion, as at P of a phosphate."""
    ends = [n for n in atom.GetNeighbors() if n.GetDegree() == 1 and n.GetAtomicNum() in _CHALCOGENS]
    acids = [end.GetAtomicNum() for end in ends if end.GetTotalNumHs() or end.GetFormalCharge() < 0]
    return any(sum(end.GetAtomicNum() == number for end in ends) > 1 for number in acids)
