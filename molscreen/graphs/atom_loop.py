"""The features of one atom, of one bond, and of a molecule read atom by atom: slow, for any molecule."""

from __future__ import annotations

import numpy as np
from rdkit import Chem

from molscreen.chem.label import read_elements
from molscreen.graphs.molgraph import MolGraph
from molscreen.graphs.vocabulary import ATOM_FIELDS, ATOM_LABELS, BOND_FIELDS, BOND_LABELS

_ELEMENT = {symbol: i for i, symbol in enumerate(ATOM_LABELS["element"])}
_CHIRALITY = {label: i for i, label in enumerate(ATOM_LABELS["chirality"])}
_ORDER = {label.upper(): i for i, label in enumerate(BOND_LABELS["order"])}
_STEREO = {Chem.BondStereo.STEREOE: "E", Chem.BondStereo.STEREOZ: "Z"}
_LAST = {name: size - 1 for name, size in ATOM_FIELDS}
_NO_CHARGE = ATOM_LABELS["charge"].index("0")


def flat_ids(atom: Chem.Atom) -> tuple[int, int, int, int, int]:
    """Ids of element, degree, charge, hydrogens and ring, as if nothing were aromatic."""
    return (
        _ELEMENT.get(atom.GetSymbol(), _LAST["element"]),
        min(atom.GetTotalDegree(), _LAST["degree"]),
        min(max(atom.GetFormalCharge() + _NO_CHARGE, 0), _LAST["charge"]),
        min(atom.GetTotalNumHs(includeNeighbors=True), _LAST["hydrogens"]),
        int(atom.IsInRing()),
    )


def chirality_id(atom: Chem.Atom) -> int:
    """Id of the CIP label; RDKit must have assigned stereochemistry before."""
    return _CHIRALITY.get(atom.GetProp("_CIPCode"), 0) if atom.HasProp("_CIPCode") else 0


def stereo_label(bond: Chem.Bond) -> str:
    """Label of the double bond's form; RDKit must have assigned stereochemistry before."""
    return _STEREO.get(bond.GetStereo(), "none")


def read_atom_by_atom(key: str) -> MolGraph:
    """The graph of any SMILES that RDKit can read.

    Raises
    ------
    ValueError
        RDKit cannot read `key`, or it holds no atom.

    Examples
    --------
    >>> read_atom_by_atom("[NH3]->[Pt](Cl)Cl").edge_attr[:, 0].tolist()  # a dative bond is "other"
    [4, 0, 0, 4, 0, 0]
    """
    try:
        mol = read_elements(key)
    except ValueError:
        raise not_a_key(key) from None
    if not mol.GetNumAtoms():
        raise not_a_key(key)
    atoms = [_atom_ids(atom) for atom in mol.GetAtoms()]
    bonds = np.array(sorted(map(_ends_and_ids, mol.GetBonds())), np.int32)
    bonds = bonds.reshape(-1, 2 + len(BOND_FIELDS))  # (b, 2 + d_bond)
    forwards, ids = bonds[:, :2].T, bonds[:, 2:].astype(np.uint8)
    return MolGraph(
        np.array(atoms, np.uint8),
        np.concatenate([forwards, forwards[::-1]], axis=1),
        np.concatenate([ids, ids]),
    )


def not_a_key(key: str) -> ValueError:
    """What to raise for text that cannot have come from the standardiser."""
    return ValueError(
        f"'{key}' is no molecule to rdkit; expected the key of a Compound, as `standardize` writes it"
    )


def _atom_ids(atom: Chem.Atom) -> tuple[int, ...]:
    *ids, ring = flat_ids(atom)
    aromatic = ATOM_LABELS["ring"].index("aromatic")
    return (*ids, aromatic if atom.GetIsAromatic() else ring, chirality_id(atom))


def _ends_and_ids(bond: Chem.Bond) -> tuple[int, int, int, int]:
    low, high = sorted((bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()))
    order = _ORDER.get(bond.GetBondType().name, _ORDER["OTHER"])
    return low, high, order, BOND_LABELS["stereo"].index(stereo_label(bond))
