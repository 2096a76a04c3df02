"""Which compounds are alike: one and the same to the models, or of one skeleton by their InChIKeys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.compound import read_key
from molscreen.chem.label import is_labelled, read_elements


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

    mol = read_elements(key)
    if "[H" in key or is_labelled(key):
        mol = Chem.RemoveAllHs(mol)  # those that a double bond's form was told by
    Chem.RemoveStereochemistry(mol)
    return str(rdMolHash.MolHash(mol, rdMolHash.HashFunction.ElementGraph))


def _block(key: str) -> str:
    from rdkit import Chem

    return str(Chem.MolToInchiKey(read_key(key))).split("-")[0] or key  # type: ignore[no-untyped-call]
