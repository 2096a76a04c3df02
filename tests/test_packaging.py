"""What is installed: on every Python that is promised, and with all that a user needs in it."""

from __future__ import annotations

import importlib.metadata
import subprocess
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


def test_cards_of_data_sets_are_installed() -> None:
    """`datasets`, benchmarks and trainings by card work without a checkout, and in the image."""
    assert PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"] == {
        "datasets": "molscreen/datasets"  # where `molscreen.data.card.cards_folder` looks first
    }
    assert "COPY datasets ./datasets" in (ROOT / "docker/Dockerfile").read_text(encoding="utf-8")
    assert "!datasets" in (ROOT / "docker/Dockerfile.dockerignore").read_text(encoding="utf-8").split()


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no checkout: git knows what belongs to it")
def test_source_distribution_has_what_its_tests_read() -> None:
    """All that is tracked, but for what git alone reads."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    tops = {line.split("/")[0] for line in tracked.stdout.splitlines()} - {".gitignore", "pyproject.toml"}
    assert {f"/{name}" for name in tops} == set(
        PYPROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    )


def test_type_checkers_are_told_of_the_annotations() -> None:
    assert (ROOT / "molscreen/py.typed").is_file()
    assert "Typing :: Typed" in PROJECT["classifiers"]


def test_build_is_pinned_as_its_versions_are() -> None:
    """The build backend is fetched apart from what `constraints.txt` holds."""
    assert [text for text in PYPROJECT["build-system"]["requires"] if "==" not in text] == []


@pytest.mark.parametrize("extra", PROJECT["optional-dependencies"])
def test_every_extra_is_of_some_use(extra: str) -> None:
    """A client that fsspec imports by its name counts where the package names it."""
    names = {Requirement(text).name for text in PROJECT["optional-dependencies"][extra]}
    if extra not in ("test", "lint"):
        text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "molscreen").rglob("*.py"))
        assert {name for name in names if name not in text} == set()
