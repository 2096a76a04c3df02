"""Cores: SMILES with ``*`` where something may be attached, and nothing elsewhere."""

from __future__ import annotations

from typing import NamedTuple

from rdkit import Chem, rdBase

from molscreen.errors import ConfigError
from molscreen.generation.fragments.configuration import Configuration

_PLACE = "place"  # property of an atom: where it was before hydrogens were taken away


class Core(NamedTuple):
    """One or more cores as a molecule.

    Attributes
    ----------
    pattern : Mol
        With hydrogens at its open positions, and without configurations.
    room : tuple of int
        For each of its atoms, how many others may be bound to it.
    configuration : Configuration
        What it states.
    """

    pattern: Chem.Mol
    room: tuple[int, ...]
    configuration: Configuration


def is_core(text: str) -> bool:
    """Whether it is SMILES with at least one ``*``, and each of them at the end of a single bond."""
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(text) if "*" in text else None
    stars = _stars(mol) if mol is not None else []
    return bool(stars) and all(
        star.GetDegree() == 1 and _held_by(star).GetAtomicNum() != 0 and not _is_multiple(star)
        for star in stars
    )


def read_core(smiles: str) -> Core:
    """Read one or more cores.

    Raises
    ------
    ConfigError
        The text is no SMILES, a core has no open position, a star is bound to what nothing can be attached
        to, or a configuration is stated that says nothing.

    Examples
    --------
    >>> Chem.MolToSmiles(read_core("*c1ccncc1").pattern)
    'c1ccncc1'
    """
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(smiles) if smiles else None
    if mol is None:
        raise ConfigError(f"keep: core '{smiles}' cannot be read as SMILES; expected one such as '*c1ccncc1'")
    for part in Chem.GetMolFrags(mol):
        if not any(star.GetIdx() in part for star in _stars(mol)):
            raise ConfigError(
                f"keep: core '{Chem.MolFragmentToSmiles(mol, part)}' has no open position;"
                " expected '*' where something may be attached, as in '*c1ccncc1'; add one, or give it as"
                " SMARTS to open all atoms"
            )
    if any(
        star.GetDegree() != 1 or _held_by(star).GetAtomicNum() <= 1 or _is_multiple(star)
        for star in _stars(mol)
    ):
        raise ConfigError(
            f"keep: in core '{smiles}' each '*' must be bound to one heavy atom, by a single bond"
        )
    mol = _with_equal_stars(mol)
    _check_configuration(mol, smiles)
    pattern = _capped(mol)
    kept = [atom.GetIntProp(_PLACE) for atom in pattern.GetAtoms()]
    room = tuple(
        sum(each.GetAtomicNum() == 0 for each in mol.GetAtomWithIdx(old).GetNeighbors()) for old in kept
    )
    return Core(pattern, room, Configuration.of(mol, {old: new for new, old in enumerate(kept)}))


def _stars(mol: Chem.Mol) -> list[Chem.Atom]:
    return [atom for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0]


def _held_by(star: Chem.Atom) -> Chem.Atom:
    neighbour: Chem.Atom = star.GetNeighbors()[0]
    return neighbour


def _is_multiple(star: Chem.Atom) -> bool:
    return bool(star.GetBonds()[0].GetBondType() != Chem.BondType.SINGLE)


def _with_equal_stars(mol: Chem.Mol) -> Chem.Mol:
    """The core with stars that have no labels: whatever is attached, it may be at any of them."""
    if not any(star.GetIsotope() or star.GetAtomMapNum() for star in _stars(mol)):
        return mol
    edit = Chem.RWMol(mol)
    for star in _stars(edit):
        star.SetIsotope(0)
        star.SetAtomMapNum(0)
    return Chem.MolFromSmiles(Chem.MolToSmiles(edit))


def _check_configuration(mol: Chem.Mol, smiles: str) -> None:
    """Refuse a core that states a configuration where it has none, as beside two stars.

    Raises
    ------
    ConfigError
        It does; nobody could hold it to what was meant.
    """
    centres = sum(atom.GetChiralTag() != Chem.ChiralType.CHI_UNSPECIFIED for atom in mol.GetAtoms())
    raw = Chem.MolFromSmiles(smiles, sanitize=False)
    stated = sum(atom.GetChiralTag() != Chem.ChiralType.CHI_UNSPECIFIED for atom in raw.GetAtoms())
    sides = any(bond.GetBondDir() != Chem.BondDir.NONE for bond in raw.GetBonds())
    if stated > centres or (sides and not any(_has_sides(bond) for bond in mol.GetBonds())):
        raise ConfigError(
            f"keep: core '{smiles}' states a configuration that says nothing: each '*' is like another,"
            " and an atom or double bond beside two of them, or in a ring without a second centre, has none;"
            " leave it out, or state the others as well"
        )


def _has_sides(bond: Chem.Bond) -> bool:
    return bool(bond.GetStereo() > Chem.BondStereo.STEREOANY)


def _capped(mol: Chem.Mol) -> Chem.Mol:
    """A core with hydrogens for its stars, and without configurations; its other atoms in their order."""
    edit = Chem.RWMol(mol)
    Chem.RemoveStereochemistry(edit)
    for atom in mol.GetAtoms():
        if atom.GetAtomicNum() == 0:
            edit.ReplaceAtom(atom.GetIdx(), Chem.Atom(1))
        edit.GetAtomWithIdx(atom.GetIdx()).SetIntProp(_PLACE, atom.GetIdx())
    Chem.SanitizeMol(edit)
    return Chem.RemoveHs(edit)
