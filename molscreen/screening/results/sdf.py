"""Shortlisted compounds as an SD file that any reader takes back unchanged."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

from rdkit import Chem
from rdkit.Chem import rdDepictor

CENTRE = Chem.StereoType.Atom_Tetrahedral
V2000_ATOMS = 999  # its counts line has three digits


def sdf_record(key: str, title: str, properties: Mapping[str, str]) -> str:
    """One record: the compound as scored, drawn flat, and its properties.

    The chiral flag says that the wedges are of this enantiomer: of a compound all of whose centres are
    defined. Without it a registration system takes them for relative.

    Parameters
    ----------
    key : str
    title : str
        The name line.
    properties : mapping of str to str
        Written as they are, but for what would break the format: a line break, or a line that
        begins with ``>`` or is ``$$$$``. An empty one is left out. For their names see `sdf_tags`.
    """
    mol = Chem.MolFromSmiles(key)
    centres = [each for each in Chem.FindPotentialStereo(mol) if each.type == CENTRE]
    if centres and all(each.specified == Chem.StereoSpecified.Specified for each in centres):
        mol.SetIntProp("_MolFileChiralFlag", 1)
    rdDepictor.Compute2DCoords(mol)
    mol.SetProp("_Name", _line(title))
    if mol.GetNumAtoms() > V2000_ATOMS or mol.GetNumBonds() > V2000_ATOMS:
        block = Chem.MolToV3KMolBlock(mol)
    else:
        block = Chem.MolToMolBlock(mol)
    lines = [block.rstrip("\n")]
    for tag, value in zip(sdf_tags(properties), properties.values(), strict=True):
        if value.strip():
            lines += [f">  <{tag}>", _line(value), ""]
    return "\n".join([*lines, "$$$$", ""])


def sdf_text(records: Iterable[str]) -> str:
    """All records as one file."""
    return "".join(records)


def _line(text: str) -> str:
    """One line, whatever Unicode calls a line; never taken for a header or the end of the record."""
    line = " ".join(text.splitlines())
    return f" {line}" if line.startswith((">", "$$$$")) else line


def sdf_tags(names: Iterable[str]) -> list[str]:
    """A tag of its own for each name: one line without angle brackets, and never empty.

    Those that become alike by it are numbered. What it gives it leaves as it is.

    Examples
    --------
    >>> sdf_tags(["IC50 <nM>", "IC50 (nM)", ""])
    ['IC50 (nM)', 'IC50 (nM) 2', 'unnamed']
    """
    tags: dict[str, None] = {}
    for name in names:
        tag = _tag(name)
        alike = (f"{tag} {number}" for number in itertools.count(2))
        tags[tag if tag not in tags else next(each for each in alike if each not in tags)] = None
    return list(tags)


def _tag(name: str) -> str:
    return _line(name.replace("<", "(").replace(">", ")")).strip() or "unnamed"
