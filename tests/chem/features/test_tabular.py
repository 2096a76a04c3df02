"""Features for trees: counts and descriptors side by side, and always a number."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem

from molscreen.chem.features.panel import PANEL, panel
from molscreen.chem.features.tabular import AVALON, ECFP, ERG, WIDTH, tabular

ETHANOL, ASPIRIN, SODIUM = "CCO", "CC(=O)Oc1ccccc1C(=O)O", "[Na+]"


def parts(row: np.ndarray) -> list[np.ndarray]:
    """ECFP4, Avalon, ErG and descriptors of one compound."""
    return np.split(row, np.cumsum([ECFP, AVALON, ERG]))


def test_every_compound_has_a_row_of_numbers() -> None:
    """Only a descriptor may be missing, where RDKit has none."""
    features = tabular([ETHANOL, ASPIRIN, SODIUM])
    assert features.shape == (3, WIDTH)
    assert features.dtype == np.float32
    assert np.isfinite(features[:2]).all()
    missing = np.isnan(panel([SODIUM])[0])
    assert missing.any()
    assert (np.isnan(parts(features[2])[3]) == missing).all()
    assert np.isfinite(features[:, : -len(missing)]).all()


def test_columns_are_in_the_order_that_is_promised() -> None:
    """Ethanol has 3 atoms, so 3 environments of radius 0 and 3 of radius 1; it is too small for ErG."""
    ecfp, avalon, erg, descriptors = parts(tabular([ETHANOL])[0])
    assert ecfp.sum() == 6
    assert avalon.sum() > 0
    assert erg.sum() == 0
    np.testing.assert_array_equal(descriptors, panel([ETHANOL])[0])
    assert len(descriptors) == len(PANEL)
    assert parts(tabular([ASPIRIN])[0])[2].sum() > 0


def test_substructures_are_counted() -> None:
    """Octane has 6 CH2 groups: bits could not tell it from decane."""
    octane, decane = (parts(row) for row in tabular(["C" * 8, "C" * 10]))
    assert octane[0].max() == 6
    for one, other in zip(octane[:2], decane[:2], strict=True):
        np.testing.assert_array_equal(one > 0, other > 0)
    assert (octane[0] != decane[0]).any()


def test_order_of_atoms_does_not_matter() -> None:
    mol = Chem.MolFromSmiles(ASPIRIN)
    shuffled = [Chem.MolToSmiles(mol, rootedAtAtom=atom, canonical=False) for atom in (3, 7, 12)]
    features = tabular([ASPIRIN, *shuffled])
    counts = features[:, : -len(PANEL)]
    assert (counts == counts[0]).all()
    np.testing.assert_allclose(features[1:], features[[0] * 3], rtol=1e-4, atol=1e-4)


def test_no_smiles_is_refused() -> None:
    with pytest.raises(ValueError, match="'about five' is no SMILES; standardize it first"):
        tabular([ETHANOL, "about five"])


def test_no_compound_has_no_row() -> None:
    assert tabular([]).shape == (0, WIDTH)
