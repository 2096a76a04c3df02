"""Scaffolds group molecules that differ in their substituents."""

from __future__ import annotations

import pytest

from molscreen.chem.scaffold import murcko_scaffold


def test_substituents_do_not_count():
    """Diazepam and temazepam differ in a hydroxyl group: one scaffold, the 1,4-benzodiazepinone."""
    diazepam, temazepam = "CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21", "CN1C(=O)C(O)N=C(c2ccccc2)c2cc(Cl)ccc21"
    assert murcko_scaffold(diazepam) == murcko_scaffold(temazepam) == "O=C1CN=C(c2ccccc2)c2ccccc2N1"


def test_isomers_share_a_scaffold():
    """Otherwise a scaffold split would put enantiomers on both sides."""
    s_form, r_form = "CC(C)(C)N1CC[C@H](c2ccccc2)C1", "CC(C)(C)N1CC[C@@H](c2ccccc2)C1"
    assert murcko_scaffold(s_form) == murcko_scaffold(r_form)


def test_acyclic_molecules_have_none():
    assert murcko_scaffold("CN(C)C(=N)NC(=N)N") == ""  # metformin


@pytest.mark.parametrize("key", ["c1ccc(-c2ccncc2)cc1", "O=C1CN=C(c2ccccc2)c2ccccc2N1"])
def test_scaffold_of_a_scaffold_is_itself(key):
    assert murcko_scaffold(murcko_scaffold(key)) == murcko_scaffold(key)


def test_what_is_no_smiles_is_refused():
    with pytest.raises(ValueError, match="'C1CC' is no SMILES; standardize it first"):
        murcko_scaffold("C1CC")
