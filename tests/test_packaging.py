"""What is installed: on every Python that is promised, and with all that a user needs in it."""

from __future__ import annotations

import importlib.metadata
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_every_dependency_is_there_for_every_python(python: str) -> None:
    """A dependency that asks for less than `requires-python` makes `pip install` fail on what is left."""
    assert python in SpecifierSet(PROJECT["requires-python"])
    needed = [Requirement(text) for text in PROJECT["dependencies"]]
    needed = [each for each in needed if not each.marker or each.marker.evaluate({"python_version": python})]
    pythons = {each.name: importlib.metadata.metadata(each.name)["Requires-Python"] for each in needed}
    assert {name for name, said in pythons.items() if f"{python}.0" not in SpecifierSet(said or "")} == set()
