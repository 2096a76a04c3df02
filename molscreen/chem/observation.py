"""What is worth telling about a structure that was accepted."""

from __future__ import annotations

import re

from rdkit import Chem
from rdkit.Chem import FindPotentialStereo, StereoSpecified, StereoType

from molscreen.chem.compound import Note
from molscreen.chem.label import labels

HIGH_CHARGE = 3  # net charges of 3 and more hardly occur among the assayed compounds we train on

_MARKED_CENTRE = re.compile(r"@+")
_MARKED_BOND = re.compile(r"[/\\]")


def lost_stereo(received: str, written: str) -> tuple[Note, ...]:
    """Stereo marks of the text that RDKit took away, because nothing there has two forms."""
    lost = 0
    if "@" in received:
        lost = len(_MARKED_CENTRE.findall(received)) - len(_MARKED_CENTRE.findall(written))
    if lost > 0:
        marks = f"{lost} stereo mark{'s' * (lost > 1)}"
        return (Note("stereo_dropped", f"{marks} '@' on an atom that is no stereocentre"),)
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
    if any(atom.GetNumRadicalElectrons() for atom in atoms):
        notes.append(Note("radical", "unpaired electrons: the models know closed shells only"))
    if abs(charge := sum(atom.GetFormalCharge() for atom in atoms)) >= HIGH_CHARGE:
        notes.append(Note("highly_charged", f"net charge {charge:+d} after neutralisation"))
    return tuple(notes)


def undefined_stereo(mol: Chem.Mol) -> tuple[Note, ...]:
    """How many stereocentres and double bonds have two forms and name neither."""
    found = [e.type for e in FindPotentialStereo(mol) if e.specified == StereoSpecified.Unspecified]
    if not found:
        return ()
    bonds = found.count(StereoType.Bond_Double)
    kinds = ((len(found) - bonds, "stereocentre"), (bonds, "double bond"))
    counted = " and ".join(f"{number} {kind}{'s' * (number > 1)}" for number, kind in kinds if number)
    return (Note("stereo_undefined", f"{counted} undefined: one score stands for all isomers"),)
