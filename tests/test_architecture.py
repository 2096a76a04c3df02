"""The house stays a house: arrows point down, doors are kept, rooms have honest names."""

from __future__ import annotations

import ast
import graphlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "molscreen"
FLOOR = {
    **dict.fromkeys(("errors", "aloud", "cores", "markdown"), 0),
    **dict.fromkeys(
        ("arguments", "chem", "endpoint", "metrics", "config", "registry", "provenance", "storage"), 1
    ),
    **dict.fromkeys(("data", "graphs", "filters", "number"), 2),
    "models": 3,
    "prediction": 4,
    "objectives": 5,
    **dict.fromkeys(("screening", "training"), 6),
    **dict.fromkeys(("report", "generation"), 7),
    "cli": 9,
}
DOORS = {
    "ray": ("screening/cluster/",),
    "torch_geometric": ("models/",),
    "deepchem": ("data/splits.py",),
    "torch": ("models/", "prediction/", "training/", "generation/"),
}
DRAWERS = {"utils", "util", "helpers", "helper", "common", "base", "misc"}
FORBIDDEN_CALLS = re.compile(
    r"\b(pickle\.loads?|torch\.load|joblib\.load|yaml\.load)\(|(?<![\w.])(eval|exec)\("
)
TOP_LEVEL = {
    "pyproject.toml", "README.md", "Makefile", "constraints.txt", "LICENSE", "CHANGELOG.md",
    "molscreen", "workflows", "tests", "datasets", "docker",
}  # fmt: skip

MODULES = sorted(PACKAGE.rglob("*.py"))


def test_every_floor_and_door_is_there():
    """A room that was moved away leaves no rule behind that holds nothing."""
    assert FLOOR.keys() <= {path.stem for path in PACKAGE.iterdir()}
    places = {place for doors in DOORS.values() for place in doors}
    assert {place for place in places if not (PACKAGE / place).exists()} == set()


def room(path: Path) -> str:
    """The first part of a module's path inside the package: its room."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(path: Path) -> list[tuple[int, str, bool]]:
    """(line, dotted module, at module level) of every import, those inside functions too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = set(map(id, ast.iter_child_nodes(tree)))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name, id(node) in top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            names = [node.module or ""]
            if node.module == "molscreen":  # `from molscreen import errors` names a module too
                names = [f"molscreen.{a.name}" if a.name in FLOOR else "molscreen" for a in node.names]
            found += [(node.lineno, name, id(node) in top) for name in names]
    return found


def test_rooms_within_rooms_have_no_circles():
    """Between the parts of a room, its files and its sub-rooms, imports go one way."""
    knows: dict[str, set[str]] = {}
    for path in MODULES:
        here = ".".join(path.relative_to(PACKAGE).with_suffix("").parts[:2])
        there = (".".join(module.split(".")[1:3]) for _, module, is_top in imports(path) if is_top)
        knows.setdefault(here, set()).update(part for part in there if part != here)
    graphlib.TopologicalSorter(knows).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path):
    """A room knows the floors below it, and itself; the package's face belongs to users."""
    here = room(path)
    if here in {"__init__", "__main__"}:
        return
    assert here in FLOOR, f"{here} stands on no floor: add it to FLOOR and to the README's map"
    for line, module, _ in imports(path):
        if module.split(".")[0] != "molscreen":
            continue
        assert "." in module, f"{path}:{line}: import a module, not the package's face"
        there = module.split(".")[1]
        assert here == there or FLOOR[there] < FLOOR[here], f"{path}:{line}: {here} imports {there}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_heavy_guests_use_their_door(path):
    """A library that is slow, large or risky to import is known in one place only."""
    where = path.relative_to(PACKAGE).as_posix()
    for line, module, at_top in imports(path):
        guest = module.split(".")[0]
        if guest in DOORS:
            assert where.startswith(DOORS[guest]), f"{where}:{line}: {guest} enters by {DOORS[guest]}"
        if guest == "deepchem":
            assert not at_top, f"{where}:{line}: import deepchem inside the function, it costs seconds"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_is_ever_unpickled_or_evaluated(path):
    """A bundle or a plan from a stranger must not be able to run code."""
    assert not FORBIDDEN_CALLS.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_every_file_says_its_purpose(path):
    """The first line of a file is a sentence about it; no file is a drawer, none is a hall."""
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), f"{path}: no docstring"
    assert path.stem not in DRAWERS
    assert text.count("\n") <= 320, f"{path}: {text.count(chr(10))} lines; is it still one room?"


def test_top_level_holds_only_what_the_readme_names():
    """Clutter at the door is the first thing a visitor sees."""
    tracked = {p.name for p in ROOT.iterdir() if not p.name.startswith(".")}
    ignored = {"build", "dist", "runs", "work", "scratch"} | {p for p in tracked if p.endswith(".egg-info")}
    assert tracked - ignored <= TOP_LEVEL
