"""What was standardised by another recipe is not believed, with one exception that is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from molscreen.chem.cleaning.recipe import Recipe, key_recipe
from molscreen.chem.compound import RECIPE_VERSION
from molscreen.errors import BundleError, LibraryError
from molscreen.prediction.bundle.manifest import SHIPPED, read_manifest
from molscreen.screening.store.layout import check_recipe, recipe_table


def _bundle_of(version: int, folder: Path) -> Path:
    """The manifest of a bundle that ships, as another recipe would have made it."""
    shipped, _ = read_manifest(SHIPPED / "potency")
    recipe = {**key_recipe(), "version": version}
    (folder / "bundle.json").write_bytes(replace(shipped, standardize=recipe).to_bytes())
    return folder


@pytest.mark.parametrize("version", [1, RECIPE_VERSION])
def test_bundles_of_a_recipe_with_the_same_compounds_are_read(version, tmp_path):
    """Recipe 2 draws a few salts otherwise; what a bundle of recipe 1 was trained on is the same."""
    assert read_manifest(_bundle_of(version, tmp_path))[0].standardize["version"] == version


@pytest.mark.parametrize("version", [0, RECIPE_VERSION + 1])
def test_bundles_of_any_other_recipe_are_refused(version, tmp_path):
    with pytest.raises(BundleError, match=f"standardisation {version}, but this .* has {RECIPE_VERSION}"):
        read_manifest(_bundle_of(version, tmp_path))


def test_a_store_of_another_recipe_is_refused(tmp_path):
    """Its keys would not meet those of today."""
    stored = SimpleNamespace(recipe={**recipe_table(Recipe()), "version": RECIPE_VERSION - 1})
    with pytest.raises(LibraryError, match=r"version: 1 → 2 \(store → asked\).*index the library again"):
        check_recipe(tmp_path, stored, Recipe(), where="this screen")  # type: ignore[arg-type]
