"""Which compounds are alike: one and the same to the models, or of one skeleton by their InChIKeys."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from rdkit import Chem

_LABEL = re.compile(r"\[\d+")  # of an isotope, in a SMILES: [2H], [13C]


def inchikey_blocks(keys: Sequence[str]) -> list[str]:
    """The first 14 letters of each standard InChIKey: atoms and bonds, without stereo or isotopes.

    Two records with one block are one compound, a pair of stereoisomers or, mostly, a pair of tautomers. A
    structure that InChI cannot name keeps its key, so that it is alike to itself alone.

    Parameters
    ----------
    keys : sequence of n str
        SMILES that RDKit can read, such as compound keys.

    Raises
    ------
    ValueError
        A key is no SMILES.

    References
    ----------
    Heller et al., J. Cheminf. 7, 23 (2015), doi:10.1186/s13321-015-0068-4.

    Examples
    --------
    >>> inchikey_blocks(["C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O"])  # L- and D-alanine
    ['QNAYBMKLOCPYGJ', 'QNAYBMKLOCPYGJ']
    """
    from rdkit import rdBase

    with rdBase.BlockLogs():  # InChI warns of every charge and every metal
        return [_block(key) for key in keys]


def number_skeletons(keys: Sequence[str]) -> NDArray[np.intp]:
    """Which of n compounds share the first block of their InChIKeys: a number for each such group.

    As `inchikey_blocks` would group them, several times as fast: InChI is asked only about compounds
    whose heavy atoms are joined alike, orders of bonds, hydrogens and charges aside, since others cannot
    share a block.

    Parameters
    ----------
    keys : sequence of n str
        SMILES that RDKit can read, without bonds to metals, such as compound keys.

    Returns
    -------
    (n,) int
        From 0, in the order of first appearance.

    Raises
    ------
    ValueError
        A key is no SMILES.

    Examples
    --------
    >>> number_skeletons(["C[C@H](N)C(=O)O", "CCO", "C[C@@H](N)C(=O)O"]).tolist()
    [0, 1, 0]
    """
    alike: dict[str, list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        alike[joined_atoms(key)].append(row)
    name = list(keys)
    for rows in alike.values():
        if len({keys[row] for row in rows}) > 1:
            for row, block in zip(rows, inchikey_blocks([keys[row] for row in rows]), strict=True):
                name[row] = block
    place: dict[str, int] = {}
    return np.array([place.setdefault(each, len(place)) for each in name], np.intp)


def joined_atoms(key: str) -> str:
    """Which heavy atoms are joined, as SMILES; bond orders, charges, isotopes and stereo are left out.

    Raises
    ------
    ValueError
        The key is no SMILES.
    """
    from rdkit import Chem
    from rdkit.Chem import rdMolHash

    mol = read_key(key)
    if "[H" in key or is_labelled(key):
        mol = Chem.RemoveAllHs(mol)  # those that a double bond's form was told by
    Chem.RemoveStereochemistry(mol)
    return str(rdMolHash.MolHash(mol, rdMolHash.HashFunction.ElementGraph))


def read_key(key: str) -> Chem.Mol:
    """The molecule of a key as models are shown it: elements alone, no isotopes.

    All that models learn from is made of it, so that deuterium is a hydrogen of its neighbour and no atom.
    Two that differ in isotopes alone are measured alike, but for the rate at which enzymes break a bond to
    deuterium. The key, and descriptors such as the molecular weight, are those of the labelled compound.

    Raises
    ------
    ValueError
        The key is no SMILES.

    References
    ----------
    Pirali et al., J. Med. Chem. 62, 5276 (2019), doi:10.1021/acs.jmedchem.8b01808 (deuterated drugs).

    Examples
    --------
    >>> read_key("[2H]C([2H])([2H])O").GetNumAtoms()
    2
    """
    from rdkit import Chem

    mol = Chem.MolFromSmiles(_LABEL.sub("[", key))
    if mol is None:
        raise ValueError(f"'{key}' is no SMILES; standardize it first")
    return mol


def without_isotopes(mol: Chem.Mol) -> Chem.Mol:
    """What `read_key` makes of the key of a molecule; the molecule itself where no atom has an isotope.

    Parameters
    ----------
    mol : Mol
        Sanitised.
    """
    from rdkit import Chem

    return read_key(Chem.MolToSmiles(mol)) if mol.GetAtomsMatchingQuery(_has_isotope()) else mol


@cache
def _has_isotope() -> Chem.QueryAtom:
    from rdkit.Chem.rdqueries import IsotopeGreaterQueryAtom

    return IsotopeGreaterQueryAtom(0)


def is_labelled(key: str) -> bool:
    """Whether any atom of a key is of a stated isotope.

    Examples
    --------
    >>> is_labelled("[2H]C([2H])([2H])O"), is_labelled("C[C@H](N)C(=O)O")
    (True, False)
    """
    return _LABEL.search(key) is not None


def places_in_key(key: str) -> NDArray[np.intp]:
    """Which atoms of a key, as RDKit numbers them, the atoms of `read_key` are: rising, not always all.

    Examples
    --------
    >>> places_in_key("[2H]C([2H])([2H])O").tolist()
    [1, 4]
    """
    from rdkit import Chem

    mol = Chem.MolFromSmiles(key)
    if is_labelled(key):
        for atom in mol.GetAtoms():
            atom.SetIntProp("place", atom.GetIdx())
            atom.SetIsotope(0)
        return np.array([atom.GetIntProp("place") for atom in Chem.RemoveHs(mol).GetAtoms()], np.intp)
    return np.arange(mol.GetNumAtoms())


def _block(key: str) -> str:
    from rdkit import Chem

    return str(Chem.MolToInchiKey(read_key(key))).split("-")[0] or key  # type: ignore[no-untyped-call]
