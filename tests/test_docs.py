"""The README tells the truth: its code runs and its commands parse."""

from __future__ import annotations

import ast
import inspect
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import typer.main

import molscreen
from molscreen.cli.app import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OF_THE_READERS = "assay.csv"  # a block that reads it trains, which takes a minute
DRUGS = """\
CC(=O)Oc1ccccc1C(=O)O aspirin
CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21 diazepam
COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCCN1CCOCC1 gefitinib
CC(C)(C)(C)C no-such-carbon
"""


def blocks(language: str) -> list[str]:
    """The README's fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def commands() -> list[str]:
    """Every ``molscreen …`` line of the README."""
    return [line for block in blocks("bash") for line in block.splitlines() if line.startswith("molscreen ")]


@pytest.mark.integration
@pytest.mark.parametrize("code", [code for code in blocks("python") if OF_THE_READERS not in code])
def test_python_of_the_readme_runs(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newcomer copies it; it must work as it stands, in a folder with a library."""
    monkeypatch.chdir(tmp_path)
    Path("library.smi").write_text(DRUGS)
    exec(compile(code, "README.md", "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("code", blocks("python"))
def test_python_of_the_readme_calls_what_there_is(code: str) -> None:
    """No public name, argument or keyword that does not exist; nothing is run."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "ms":
            assert node.attr in molscreen.__all__
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("ms."):
            called = getattr(molscreen, ast.unparse(node.func).removeprefix("ms."))
            keywords = {str(each.arg): each.value for each in node.keywords}
            inspect.signature(called).bind(*node.args, **keywords)


@pytest.mark.parametrize("line", commands())
def test_command_of_the_readme_parses(line: str) -> None:
    """No option or verb that does not exist; nothing is run."""
    group = typer.main.get_command(app)
    words = shlex.split(line, comments=True)[1:]
    context = group.make_context("molscreen", words)
    name, verb, rest = group.resolve_command(context, words)
    assert verb is not None
    verb.make_context(name, rest, parent=context)


def test_readme_has_code_to_check() -> None:
    """An empty list of blocks would let the tests above pass for nothing."""
    assert len(blocks("python")) >= 2
    assert len(commands()) >= 8


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:^    |`)make ([a-z]+)", README, re.MULTILINE))))
def test_make_target_of_the_readme_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(
    ("asked", "installed"),
    [("", True), ("ONLY=chemprop", True), ("ONLY=molscreen,rdkit", False), ("PEERS=none", False)],
)
def test_peers_are_installed_only_where_they_are_asked(asked: str, installed: bool) -> None:
    """Their environment is 1.7 GB."""
    command = ["make", "-n", "bench", "PEERS=runs/nowhere", *filter(None, [asked])]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert ("peers.txt" in told) == installed


def test_map_names_every_room() -> None:
    """Who adds a room tells the visitor."""
    package = Path(molscreen.__file__).parent
    rooms = {path.name for path in package.iterdir() if (path / "__init__.py").exists()} - {"bundles"}
    assert {room for room in rooms if f"`{room}`" not in README} == set()


def names_told() -> list[tuple[str, str]]:
    """Each file and each `molscreen.x.y` in single backticks in it, which sphinx would make a link."""
    files = sorted((ROOT / "molscreen").rglob("*.py"))
    told = {
        (str(path.relative_to(ROOT)), name)
        for path in files
        for name in re.findall(r"(?<!`)`(molscreen(?:\.\w+)+)`", path.read_text(encoding="utf-8"))
    }
    return sorted(told)


def defines(parts: list[str]) -> bool:
    """Whether ``module.name.attribute`` is written in the file of a module; nothing is imported."""
    for n in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:n])
        source = next((s for s in (place.with_suffix(".py"), place / "__init__.py") if s.is_file()), None)
        if source is not None:
            text = source.read_text(encoding="utf-8")
            return all(re.search(rf"\b{re.escape(part)}\b", text) for part in parts[n:])
    return False


def test_what_docstrings_point_at_is_there() -> None:
    told = names_told()
    assert len(told) > 10
    assert [(file, name) for file, name in told if not defines(name.split("."))] == []
