"""The package's face: about fifteen names, each at home in one room, none loaded before its use."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import molscreen


@pytest.mark.parametrize("name", molscreen.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(molscreen, name).__name__ == name


def test_every_name_has_a_home_and_no_other_is_promised() -> None:
    assert molscreen.__all__ == sorted(molscreen._HOME)
    assert set(molscreen.__all__) <= set(dir(molscreen))


@pytest.mark.parametrize("name", molscreen.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    assert getattr(molscreen, name).__doc__


def test_name_and_room_are_one_object() -> None:
    room = importlib.import_module("molscreen.chem.compound")
    assert molscreen.Compound is room.Compound


def test_unknown_name_is_an_attribute_error() -> None:
    """`hasattr`, `from molscreen import *` and editors rely on it."""
    with pytest.raises(AttributeError, match="module 'molscreen' has no attribute 'sreen'"):
        molscreen.sreen  # noqa: B018


def test_import_is_light() -> None:
    """No heavy guest comes in at the door; not even numpy."""
    heavy = {"torch", "ray", "rdkit", "numpy", "pandas"}
    code = f"import sys, molscreen; print(sorted({heavy} & set(sys.modules)))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"
