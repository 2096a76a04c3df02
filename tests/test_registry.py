"""A name means one class, wherever it was registered from."""

from __future__ import annotations

import pytest

from molscreen.errors import ConfigError
from molscreen.registry import Registry


def make(name: str, module: str) -> type:
    return type(name, (), {"__module__": module})


def test_a_class_of_the_same_name_from_another_module_is_refused():
    """Two plugins may both define `Solubility`; the second must not silently replace the first."""
    filters = Registry[type]("filter")
    first = filters.register("solubility")(make("Solubility", "lab_a.filters"))
    with pytest.raises(
        ConfigError, match=r"filter 'solubility' is already taken by lab_a\.filters\.Solubility"
    ):
        filters.register("solubility")(make("Solubility", "lab_b.filters"))
    assert filters["solubility"] is first


def test_a_reloaded_class_takes_its_own_place():
    """Notebooks reload the module that they are writing."""
    filters = Registry[type]("filter")
    filters.register("solubility")(make("Solubility", "lab.filters"))
    reloaded = filters.register("solubility")(make("Solubility", "lab.filters"))
    assert filters["solubility"] is reloaded


def test_members_are_listed_by_name_before_they_are_imported():
    encoders = Registry[type]("encoder", {"gine": "molscreen.models.gine"})
    encoders.register("dmpnn")(make("Dmpnn", "molscreen.models.dmpnn"))
    assert list(encoders) == ["dmpnn", "gine"]
    assert "gine" in encoders
