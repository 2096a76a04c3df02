"""Labels: atoms of a stated isotope, such as deuterium. A key keeps them, models do not see them."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.compound import read_key

if TYPE_CHECKING:
    from rdkit import Chem

_LABEL = re.compile(r"\[\d+")  # in a SMILES: [2H], [13C]


def labels(mol: Chem.Mol) -> list[str]:
    """Each kind of labelled atom once, in the order of the text.

    Examples
    --------
    >>> from rdkit import Chem
    >>> labels(Chem.MolFromSmiles("[2H]C([2H])([2H])[13CH2]O"))
    ['13C', '2H']
    """
    return sorted({f"{atom.GetIsotope()}{atom.GetSymbol()}" for atom in mol.GetAtoms() if atom.GetIsotope()})


def is_labelled(key: str) -> bool:
    """Whether any atom of a key is of a stated isotope.

    Examples
    --------
    >>> is_labelled("[2H]C([2H])([2H])O"), is_labelled("C[C@H](N)C(=O)O")
    (True, False)
    """
    return _LABEL.search(key) is not None


def read_elements(key: str) -> Chem.Mol:
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
    >>> read_elements("[2H]C([2H])([2H])O").GetNumAtoms()
    2
    """
    return read_key(_LABEL.sub("[", key))


def without_labels(mol: Chem.Mol) -> Chem.Mol:
    """What `read_elements` makes of the key of a molecule; the molecule itself where no atom has a label.

    Parameters
    ----------
    mol : Mol
        Sanitised.

    Examples
    --------
    >>> from rdkit import Chem
    >>> Chem.MolToSmiles(without_labels(Chem.MolFromSmiles("[2H]C([2H])([2H])[13CH2]O")))
    'CCO'
    """
    from rdkit import Chem

    return read_elements(Chem.MolToSmiles(mol)) if mol.GetAtomsMatchingQuery(_has_isotope()) else mol


def places_in_key(key: str) -> NDArray[np.intp]:
    """Which atoms of a key, as RDKit numbers them, those of `read_elements` are: rising, not always all.

    Examples
    --------
    >>> places_in_key("[2H]C([2H])([2H])O").tolist()
    [1, 4]
    """
    from rdkit import Chem

    mol = read_key(key)
    if is_labelled(key):
        for atom in mol.GetAtoms():
            atom.SetIntProp("place", atom.GetIdx())
            atom.SetIsotope(0)
        return np.array([atom.GetIntProp("place") for atom in Chem.RemoveHs(mol).GetAtoms()], np.intp)
    return np.arange(mol.GetNumAtoms())


@cache
def _has_isotope() -> Chem.QueryAtom:
    from rdkit.Chem.rdqueries import IsotopeGreaterQueryAtom

    return IsotopeGreaterQueryAtom(0)
