"""Writing: the many SMILES of one molecule, and which of them a network learns."""

from __future__ import annotations

from typing import Literal

import numpy as np
from rdkit import Chem

Style = Literal["canonical", "rooted", "random", "kekule", "kekule-rooted", "kekule-random"]
FIXED: tuple[Style, ...] = ("canonical", "kekule")  # write a molecule always alike


def write(mol: Chem.Mol, style: Style, rng: np.random.Generator) -> str:
    """One SMILES of a molecule.

    "canonical" is RDKit's own; "rooted" begins at an atom drawn at random and goes on as RDKit would, so that
    a molecule of a atoms has up to a of them; "random" takes every turn at random. Those that begin with
    "kekule" have single and double bonds in aromatic rings, so that no ring can be written that has none.

    References
    ----------
    Arús-Pous et al., J. Cheminform. 11, 71 (2019), doi:10.1186/s13321-019-0393-0: networks that learn from
    several SMILES of a molecule know more molecules.

    Examples
    --------
    >>> mol = Chem.MolFromSmiles("CCO")
    >>> sorted({write(mol, "rooted", np.random.default_rng(seed)) for seed in range(20)})
    ['C(C)O', 'CCO', 'OCC']
    >>> write(Chem.MolFromSmiles("c1cc[nH]c1"), "kekule", np.random.default_rng(0))
    'C1=CNC=C1'
    """
    is_kekule, order = style.startswith("kekule"), style.removeprefix("kekule-")
    if order == "rooted":
        root = int(rng.integers(mol.GetNumAtoms()))
        return str(Chem.MolToSmiles(mol, rootedAtAtom=root, kekuleSmiles=is_kekule))
    if order == "random":
        mixed = Chem.RenumberAtoms(mol, rng.permutation(mol.GetNumAtoms()).tolist())
        return str(Chem.MolToSmiles(mixed, canonical=False, kekuleSmiles=is_kekule))
    return str(Chem.MolToSmiles(mol, kekuleSmiles=is_kekule))
