"""Which compounds share a skeleton: the first block of the InChIKey."""

from __future__ import annotations

from collections.abc import Sequence


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


def _block(key: str) -> str:
    from rdkit import Chem

    mol = Chem.MolFromSmiles(key)
    if mol is None:
        raise ValueError(f"'{key}' is no SMILES; standardize it first")
    return str(Chem.MolToInchiKey(mol)).split("-")[0] or key  # type: ignore[no-untyped-call]
