"""The package's face: the names one uses, each at home in one room, none loaded before its use."""

from __future__ import annotations

import importlib
import inspect
import re
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


FUNCTIONS = [name for name in molscreen.__all__ if inspect.isfunction(getattr(molscreen, name))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_an_argument_is_made_of_is_public(name: str) -> None:
    """Who calls `train` should not have to search for `UserColumns`."""
    function = inspect.unwrap(getattr(molscreen, name))
    annotated = " ".join(
        str(each.annotation)
        for each in inspect.signature(function).parameters.values()
        if each.name != "progress"  # what that is told, nobody makes
    )
    known = (function.__globals__.get(word) for word in re.findall(r"\w+", annotated))
    ours = [each for each in known if inspect.isclass(each) and each.__module__.startswith("molscreen.")]
    assert {each.__name__ for each in ours} <= set(molscreen.__all__)


def test_a_notebook_completes_what_there_is_to_use() -> None:
    assert dir(molscreen) == sorted(["__version__", *molscreen.__all__])


def test_unknown_name_is_an_attribute_error() -> None:
    """`hasattr`, `from molscreen import *` and editors rely on it."""
    with pytest.raises(AttributeError, match=r"no attribute 'sreen'\. Did you mean 'screen'"):
        molscreen.sreen  # noqa: B018


def test_import_is_light() -> None:
    """No heavy guest comes in at the door; not even numpy."""
    heavy = {"torch", "ray", "rdkit", "numpy", "pandas"}
    code = f"import sys, molscreen; print(sorted({heavy} & set(sys.modules)))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"
