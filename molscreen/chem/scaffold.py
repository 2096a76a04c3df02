"""Scaffolds: the rings of a molecule and what joins them, or its graph without elements."""

from __future__ import annotations

from rdkit import Chem
from rdkit.Chem import rdMolHash
from rdkit.Chem.Scaffolds import MurckoScaffold

from molscreen.chem.compound import read_key


def murcko_scaffold(key: str) -> str:
    """The Murcko scaffold: ring systems and the chains between them, without stereo.

    Stereo is left out so that isomers, and molecules that differ only in the definition of
    their stereocentres, share a scaffold. A molecule without rings has none: the empty string.

    Parameters
    ----------
    key : str
        SMILES that RDKit can read, such as a compound key.

    Returns
    -------
    str
        Canonical SMILES, or "".

    Raises
    ------
    ValueError
        `key` is no SMILES.

    References
    ----------
    Bemis & Murcko, J. Med. Chem. 39, 2887 (1996), doi:10.1021/jm9602928. As RDKit has it,
    atoms bound to the scaffold by a double bond, such as a carbonyl's oxygen, stay.

    Examples
    --------
    >>> murcko_scaffold("CC(=O)Oc1ccccc1C(=O)O")
    'c1ccccc1'
    """
    mol = read_key(key)
    Chem.RemoveStereochemistry(mol)
    scaffold = MurckoScaffold.GetScaffoldForMol(mol)  # type: ignore[no-untyped-call]
    return str(Chem.MolToSmiles(scaffold, isomericSmiles=False))


def generic_graph(key: str) -> str:
    """The graph of a molecule, side chains included: all atoms alike, all bonds single, no stereo.

    Two molecules with one graph differ in elements, bond orders and stereo alone. Atoms are ``*``, so that
    `molscreen.chem.features.fingerprint.ecfp_bits` can tell how alike two graphs are.

    Parameters
    ----------
    key : str
        SMILES that RDKit can read, such as a compound key.

    Raises
    ------
    ValueError
        `key` is no SMILES.

    Examples
    --------
    >>> generic_graph("Cc1ccccc1") == generic_graph("OC1CCCNC1")
    True
    """
    mol = read_key(key)
    Chem.RemoveStereochemistry(mol)
    return str(rdMolHash.MolHash(mol, rdMolHash.HashFunction.AnonymousGraph))
