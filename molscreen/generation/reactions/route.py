"""Route: how a compound is made of blocks, in one line that a chemist reads and this file runs again.

``amide coupling(B0012, B0104) > reductive amination(B0031, ·)``: each step is a reaction and its reactants in
the order of its roles; ``·`` is what the step before gave. An id of other characters than letters, digits and
``_ . : / + # -`` stands in double quotes, as in JSON.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from rdkit import Chem
from rdkit.Chem import Mol

from molscreen.errors import ConfigError
from molscreen.generation.reactions.blocks import Blocks
from molscreen.generation.reactions.reaction import Reaction
from molscreen.generation.reactions.table import Reactions

PREVIOUS = "·"
ARROW = " > "

_BARE = re.compile(r"[\w.:/+#-]+")
_ITEM = re.compile(rf'\s*({PREVIOUS}|[\w.:/+#-]+|"(?:[^"\\]|\\.)*")\s*')
_OPENING = re.compile(r"\s*([^()>]+?)\s*\(")


@dataclass(frozen=True, slots=True)
class Step:
    """One reaction of a route.

    Attributes
    ----------
    reaction : str
        Its name.
    reactants : tuple of str
        Ids of blocks in the order of the roles; `PREVIOUS` for the product of the step before.
    """

    reaction: str
    reactants: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.reaction}({', '.join(map(_write, self.reactants))})"


@dataclass(frozen=True, slots=True)
class Route:
    """Steps in order: the first from blocks alone, each other one from the product before it.

    Examples
    --------
    >>> route = parse_route('amide coupling(B0012, "my acid") > Boc deprotection(·)')
    >>> route.steps[1]
    Step(reaction='Boc deprotection', reactants=('·',))
    >>> print(route)
    amide coupling(B0012, "my acid") > Boc deprotection(·)
    """

    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return ARROW.join(map(str, self.steps))


def parse_route(text: str) -> Route:
    """The route that a line says.

    Raises
    ------
    ConfigError
        The line is no route; the message says where it stops being one.
    """
    steps: list[Step] = []
    at = 0
    while True:
        step, at = _parse_step(text, at)
        if (n := step.reactants.count(PREVIOUS)) != (1 if steps else 0):
            expected = f"one '{PREVIOUS}', the product before" if steps else "blocks alone"
            raise ConfigError(
                f"route '{text}': step {len(steps) + 1} has {n} '{PREVIOUS}', expected {expected}"
            )
        steps.append(step)
        if not (rest := text[at:].strip()):
            return Route(tuple(steps))
        if not rest.startswith(">"):
            raise _broken(text, at, "'>' and another step, or the end")
        at = text.index(">", at) + 1


def run_route(route: Route, blocks: Blocks, reactions: Reactions) -> tuple[str, ...]:
    """What each step gives, as SMILES; the last is the product of the route.

    Raises
    ------
    ConfigError
        A reaction or block is unknown, a reactant does not fit its role, or a step does not give
        exactly one product.

    Examples
    --------
    >>> from molscreen.generation.reactions.blocks import make_blocks
    >>> from molscreen.generation.reactions.table import shipped_reactions
    >>> blocks = make_blocks([("acid", "OC(=O)CNC(=O)OC(C)(C)C"), ("amine", "C1COCCN1")])
    >>> route = parse_route("amide coupling(acid, amine) > Boc deprotection(·)")
    >>> run_route(route, blocks, shipped_reactions())
    ('CC(C)(C)OC(=O)NCC(=O)N1CCOCC1', 'NCC(=O)N1CCOCC1')
    """
    products: list[str] = []
    for i, step in enumerate(route.steps):
        reaction = reactions[step.reaction]
        if len(step.reactants) != len(reaction.roles):
            raise ConfigError(
                f"route '{route}', step {i + 1}: {len(step.reactants)} reactants; '{reaction.name}' has "
                f"{len(reaction.roles)}: {', '.join(reaction.roles)}"
            )
        mols = [
            Chem.MolFromSmiles(products[-1]) if name == PREVIOUS else blocks[name].mol
            for name in step.reactants
        ]
        for slot, (name, mol) in enumerate(zip(step.reactants, mols, strict=True)):
            if reason := reaction.misfit(mol, slot):
                raise ConfigError(f"route '{route}', step {i + 1}: '{name}' {reason}")
        products.append(_one_product(reaction, mols, f"route '{route}', step {i + 1}"))
    return tuple(products)


def _one_product(reaction: Reaction, mols: list[Mol], where: str) -> str:
    found = reaction.products(mols)
    if len(found) != 1:
        raise ConfigError(
            f"{where}: {len(found)} different products, expected one {', '.join(found)}".rstrip()
        )
    return found[0]


def _parse_step(text: str, at: int) -> tuple[Step, int]:
    """The step that begins at a place, and where it ends."""
    opening = _OPENING.match(text, at)
    if not opening:
        raise _broken(text, at, "a reaction and '('")
    names: list[str] = []
    at = opening.end()
    while True:
        item = _ITEM.match(text, at)
        if not item:
            raise _broken(text, at, f"the id of a block or '{PREVIOUS}'")
        try:
            names.append(json.loads(item[1]) if item[1].startswith('"') else item[1])
        except ValueError as error:
            raise _broken(text, at, "an id that JSON can read") from error
        at = item.end()
        if text[at : at + 1] not in (",", ")"):
            raise _broken(text, at, "',' or ')'")
        at += 1
        if text[at - 1] == ")":
            return Step(opening[1], tuple(names)), at


def _broken(text: str, at: int, expected: str) -> ConfigError:
    return ConfigError(
        f"route '{text}': expected {expected} at character {at + 1}; a route reads "
        "'amide coupling(B0012, B0104) > reductive amination(B0031, ·)'"
    )


def _write(name: str) -> str:
    return name if name == PREVIOUS or _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)
