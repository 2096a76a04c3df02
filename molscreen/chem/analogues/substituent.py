"""Substituents: groups at the end of one bond, recognised in a molecule and put in each other's place."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from rdkit import Chem

HALOGENS = frozenset((9, 17, 35, 53))


@dataclass(frozen=True, slots=True, eq=False)
class Substituent:
    """A group of `substituents.tsv`.

    Attributes
    ----------
    name : str
        As a chemist writes it, for example ``CONH2``.
    mol : Mol
        Its atoms after atom 0, which stands for the rest of the molecule; atom 1 is bound to it.
    query : Mol
        Finds the group, and nothing that it is only a part of.
    for_group, for_hydrogen : frozenset of str
        Sites where it takes the place of another group, or of a hydrogen; see `sites`.
    """

    name: str
    mol: Chem.Mol
    query: Chem.Mol
    for_group: frozenset[str]
    for_hydrogen: frozenset[str]


def exchange_substituents(mol: Chem.Mol) -> Iterator[tuple[str, Chem.Mol]]:
    """Every change of one group, or one hydrogen, for another: what changes and the raw product.

    Larger groups come first, so that a product has the name of the whole change: ``OCH3 → OH`` and
    not ``CH3 → H``. Products are not sanitised; a stereocentre keeps its configuration.
    """
    groups = substituents()
    for old in groups:
        for anchor, first, *others in mol.GetSubstructMatches(old.query):
            where = sites(mol.GetAtomWithIdx(anchor), without=first)
            for new in groups:
                if new is not old and where & new.for_group:
                    yield _name(where, old.name, new.name), _exchange(mol, first, others, new)
            if where:
                yield _name(where, old.name, "H"), _remove(mol, first, others)
    for atom in mol.GetAtoms():
        where = sites(atom) if atom.GetTotalNumHs() else frozenset()
        for new in groups:
            if where & new.for_hydrogen:
                yield _name(where, "H", new.name), _add(mol, atom.GetIdx(), new)


@functools.cache
def substituents() -> tuple[Substituent, ...]:
    """The groups of `substituents.tsv`, those with most atoms first."""
    table = (
        resources.files("molscreen.chem.analogues").joinpath("substituents.tsv").read_text(encoding="utf-8")
    )
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    groups = [_read(*row) for row in rows]
    return tuple(sorted(groups, key=lambda group: -group.mol.GetNumAtoms()))


def _read(smiles: str, name: str, for_group: str, for_hydrogen: str) -> Substituent:
    mol = Chem.MolFromSmiles(smiles)
    exact = Chem.AdjustQueryParameters.NoAdjustments()
    exact.makeDummiesQueries = exact.adjustDegree = True  # type: ignore[assignment]
    exact.adjustDegreeFlags = Chem.AdjustQueryWhichFlags.ADJUST_IGNOREDUMMIES
    query = Chem.AdjustQueryProperties(mol, exact)
    wanted = (frozenset(text.split(",")) - {"-"} for text in (for_group, for_hydrogen))
    return Substituent(name, mol, query, *wanted)


def sites(atom: Chem.Atom, without: int = -1) -> frozenset[str]:
    """What kind of place for a group an atom is; empty where no group is exchanged.

    Parameters
    ----------
    atom : Atom
    without : int
        Index of the neighbour that is to be replaced.

    Examples
    --------
    >>> [sorted(sites(atom)) for atom in Chem.MolFromSmiles("CCNC(=O)c1ccccn1").GetAtoms()][:4]
    [['alkyl'], ['alpha'], ['amide'], []]
    """
    others = [each for each in atom.GetNeighbors() if each.GetIdx() != without]
    if atom.GetFormalCharge() or atom.GetNumRadicalElectrons() or not others:
        return frozenset()
    if atom.GetAtomicNum() == 6:
        return _carbon_sites(atom, others)
    if atom.GetAtomicNum() == 7:
        return _nitrogen_sites(atom, others)
    return frozenset()


def _carbon_sites(atom: Chem.Atom, others: list[Chem.Atom]) -> frozenset[str]:
    if atom.GetIsAromatic():
        rings = atom.GetOwningMol().GetRingInfo().AtomRings()
        mine = {place for ring in rings if atom.GetIdx() in ring and len(ring) == 6 for place in ring}
        atoms = (atom.GetOwningMol().GetAtomWithIdx(place) for place in mine)
        has_nitrogen = any(each.GetAtomicNum() == 7 and each.GetIsAromatic() for each in atoms)
        return frozenset(("aryl", "azine") if has_nitrogen else ("aryl",))
    elements = {each.GetAtomicNum() for each in others}
    if atom.GetHybridization() != Chem.HybridizationType.SP3 or elements & HALOGENS:
        return frozenset()
    return frozenset(("alkyl",) if elements <= {6} else ("alpha",))


def _nitrogen_sites(atom: Chem.Atom, others: list[Chem.Atom]) -> frozenset[str]:
    if atom.GetTotalDegree() != 3 or any(each.GetAtomicNum() not in (6, 16) for each in others):
        return frozenset()  # no imines; no N-N and N-O bonds, whose chemistry is their own
    if atom.GetIsAromatic() or any(_withdraws(each) for each in others):
        return frozenset(("amide",))
    return frozenset(("amine",))


def _withdraws(atom: Chem.Atom) -> bool:
    """Whether a nitrogen beside this atom is no base: carbonyl, sulfonyl, amidine, aromatic ring."""
    return atom.GetIsAromatic() or any(
        bond.GetBondType() == Chem.BondType.DOUBLE and bond.GetOtherAtom(atom).GetAtomicNum() in (7, 8, 16)
        for bond in atom.GetBonds()
    )


def _name(where: frozenset[str], old: str, new: str) -> str:
    """``Cl → CN``, and ``N–CH3 → N–H`` at a nitrogen."""
    bound = "N–" if where & {"amine", "amide"} else ""
    return f"{bound}{old} → {bound}{new}"


def _exchange(mol: Chem.Mol, first: int, others: list[int], new: Substituent) -> Chem.Mol:
    product = Chem.RWMol(mol)
    product.ReplaceAtom(first, new.mol.GetAtomWithIdx(1))  # keeps the bond's place: no stereocentre turns
    _grow(product, first, new)
    _delete(product, others)
    return product


def _add(mol: Chem.Mol, anchor: int, new: Substituent) -> Chem.Mol:
    product = Chem.RWMol(mol)
    atom = product.GetAtomWithIdx(anchor)
    atom.SetNumExplicitHs(max(0, atom.GetNumExplicitHs() - 1))
    first = product.AddAtom(new.mol.GetAtomWithIdx(1))
    product.AddBond(anchor, first, Chem.BondType.SINGLE)
    _grow(product, first, new)
    return product


def _remove(mol: Chem.Mol, first: int, others: list[int]) -> Chem.Mol:
    product = Chem.RWMol(mol)
    product.ReplaceAtom(first, Chem.Atom(1))
    _delete(product, others)
    return product


def _grow(product: Chem.RWMol, first: int, new: Substituent) -> None:
    """Add all atoms of a group but the first, which is there."""
    place = {1: first}
    for atom in list(new.mol.GetAtoms())[2:]:
        place[atom.GetIdx()] = product.AddAtom(atom)
    for bond in new.mol.GetBonds():
        ends = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        if 0 not in ends:
            product.AddBond(place[ends[0]], place[ends[1]], bond.GetBondType())


def _delete(product: Chem.RWMol, atoms: list[int]) -> None:
    for place in sorted(atoms, reverse=True):
        product.RemoveAtom(place)
