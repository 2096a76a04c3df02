"""Structures of measurements are standardised in a watched process."""

from __future__ import annotations

from molscreen.chem.compound import Compound, Rejection
from molscreen.chem.recipe import Recipe
from molscreen.data.measurements import standardize_all


def test_structures_come_back_in_order_with_their_refusals():
    """Sodium diclofenac is its acid; pentavalent carbon is no molecule; repeats cost nothing."""
    diclofenac = "OC(=O)Cc1ccccc1Nc1c(Cl)cccc1Cl"
    texts = [diclofenac, "CC(C)(C)(C)C", "[Na+].[O-]C(=O)Cc1ccccc1Nc1c(Cl)cccc1Cl", diclofenac]
    acid, refused, salt, again = standardize_all(texts, Recipe())
    assert isinstance(acid, Compound)
    assert isinstance(salt, Compound)
    assert acid.key == salt.key
    assert again == acid
    assert isinstance(refused, Rejection)
    assert refused.raw == "CC(C)(C)(C)C"
