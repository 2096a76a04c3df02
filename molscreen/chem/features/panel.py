"""Panel: some two hundred RDKit descriptors of a compound at once, for models rather than for people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase
from rdkit.Chem import Descriptors

from molscreen.chem.label import read_elements

# Nine names that cost as much as all the others together, or overflow (Ipc).
LEFT_OUT = frozenset(
    {
        "qed",
        "BertzCT",
        "SPS",
        "Ipc",
        "AvgIpc",
        "MaxAbsEStateIndex",
        "MaxEStateIndex",
        "MinAbsEStateIndex",
        "MinEStateIndex",
    }
)
_FUNCTIONS = {name: function for name, function in Descriptors.descList if name not in LEFT_OUT}
PANEL: tuple[str, ...] = tuple(_FUNCTIONS)
"""Names of the descriptors, RDKit's own, in the order of the columns of `panel`."""

_LARGEST = 1e6  # beyond: no descriptor of a drug-like molecule, but one that ran away


def panel(keys: Sequence[str]) -> NDArray[np.float32]:
    """All descriptors of `PANEL` for n compounds: about 3.5 ms each.

    Parameters
    ----------
    keys : sequence of n str
        SMILES that RDKit can read, such as compound keys.

    Returns
    -------
    (n, d) float32
        NaN where RDKit gives no number, or one above 1e6.

    Raises
    ------
    ValueError
        A key is no SMILES.

    Examples
    --------
    >>> ethanol = dict(zip(PANEL, panel(["CCO"])[0].tolist()))
    >>> ethanol["HeavyAtomCount"], ethanol["NumHDonors"]
    (3.0, 1.0)
    """
    values = np.full((len(keys), len(PANEL)), np.nan)
    with rdBase.BlockLogs():
        for row, key in enumerate(keys):
            mol = read_elements(key)
            values[row] = [_number(function, mol) for function in _FUNCTIONS.values()]
    values[~(np.abs(values) <= _LARGEST)] = np.nan
    return values.astype(np.float32)


def _number(function: object, mol: Chem.Mol) -> float:
    try:
        return float(function(mol))  # type: ignore[operator]
    except (ValueError, RuntimeError, ZeroDivisionError):  # BCUT2D of a molecule without a bond, for one
        return np.nan
