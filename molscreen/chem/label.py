"""Labels: atoms of a stated isotope, such as deuterium."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rdkit import Chem


def labels(mol: Chem.Mol) -> list[str]:
    """Each kind of labelled atom once, in the order of the text.

    Examples
    --------
    >>> from rdkit import Chem
    >>> labels(Chem.MolFromSmiles("[2H]C([2H])([2H])[13CH2]O"))
    ['13C', '2H']
    """
    return sorted({f"{atom.GetIsotope()}{atom.GetSymbol()}" for atom in mol.GetAtoms() if atom.GetIsotope()})


def without_labels(mol: Chem.Mol) -> Chem.Mol:
    """The same elements, of no stated isotope; deuterium, an atom of its own, is a hydrogen like others.

    Examples
    --------
    >>> from rdkit import Chem
    >>> Chem.MolToSmiles(without_labels(Chem.MolFromSmiles("[2H]C([2H])([2H])[13CH2]O")))
    'CCO'
    """
    from rdkit import Chem

    plain = Chem.Mol(mol)
    for atom in plain.GetAtoms():
        atom.SetIsotope(0)
    return Chem.RemoveAllHs(plain)
