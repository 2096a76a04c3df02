"""The demo library: every reaction does what its name says, on blocks that leave it no choice."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter

import pytest
from rdkit import Chem, RDLogger
from rdkit.Chem import AllChem

from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Compound
from molscreen.data.demo import demo_rows, read_ingredients, write_demo_library

INGREDIENTS = read_ingredients()
REACTIONS = sorted(INGREDIENTS.reaction)
BLOCKS = [(kind, name) for kind, blocks in INGREDIENTS.block.items() for name in blocks]

# What each reaction must have made, as a chemist would draw it.
PRODUCT_GROUP = {
    "amide": "[CX3](=O)[NX3]",
    "sulfonamide": "S(=O)(=O)[NX3]",
    "urea": "[NX3]C(=O)[NX3]",
    "redam": "[CH2][NX3]",
    "snar": "c[NX3]",
    "buchwald": "c[NX3]",
    "suzuki": "c-c",
    "ether": "c[OX2][CX4]",
    "click": "[#6]-n1cc(-[#6])nn1",
}


@pytest.fixture(scope="module")
def rows():
    return list(demo_rows())


@pytest.fixture(scope="module")
def products(rows):
    return {name: [row for row in rows if row.id.startswith(f"DEMO-{name.upper()}-")] for name in REACTIONS}


@pytest.mark.parametrize(("kind", "name"), BLOCKS)
def test_block_parses_and_stands_once_in_its_class(kind, name):
    blocks = {other: Chem.CanonSmiles(smiles) for other, smiles in INGREDIENTS.block[kind].items()}
    assert list(blocks.values()).count(blocks[name]) == 1


@pytest.mark.parametrize("reaction", REACTIONS)
def test_each_block_has_exactly_one_place_to_react(reaction):
    """Otherwise a pair has two products, and which one is made hangs on the order of atoms."""
    smarts, kinds = INGREDIENTS.reaction[reaction].smarts, INGREDIENTS.reaction[reaction].blocks
    transform = AllChem.ReactionFromSmarts(smarts)
    assert transform.Validate(silent=True) == (0, 0)
    for place, kind in enumerate(kinds):
        group = transform.GetReactantTemplate(place)
        for name, smiles in INGREDIENTS.block[kind].items():
            assert len(Chem.MolFromSmiles(smiles).GetSubstructMatches(group)) == 1, name


@pytest.mark.parametrize("reaction", REACTIONS)
def test_products_have_the_bond_the_reaction_is_named_for(reaction, products):
    group = Chem.MolFromSmarts(PRODUCT_GROUP[reaction])
    assert len(products[reaction]) > 100
    for row in products[reaction]:
        assert Chem.MolFromSmiles(row.smiles).HasSubstructMatch(group), row


@pytest.mark.parametrize(
    ("blocks", "smiles"),
    [
        ("acetic acid + 4-methoxyaniline", "COc1ccc(NC(C)=O)cc1"),  # methacetin
        ("(S)-2-phenylpropanoic acid + (R)-1-phenylethylamine", "C[C@H](C(=O)N[C@H](C)c1ccccc1)c1ccccc1"),
        ("4-chloro-6,7-dimethoxyquinazoline + aniline", "COc1cc2ncnc(Nc3ccccc3)c2cc1OC"),
        ("benzyl azide + phenylacetylene", "c1ccc(Cn2cc(-c3ccccc3)nn2)cc1"),
        ("phenylboronic acid + bromobenzene", "c1ccc(-c2ccccc2)cc1"),
    ],
)
def test_known_product_is_made_with_its_stereo(rows, blocks, smiles):
    made = {row.name: row.smiles for row in rows}
    assert made[blocks] == Chem.CanonSmiles(smiles)


def test_library_holds_more_than_five_thousand_distinct_molecules(rows):
    drugs = {Chem.CanonSmiles(row.smiles) for row in rows if row.series == "approved drug"}
    made = [Chem.CanonSmiles(row.smiles) for row in rows if row.id.startswith("DEMO-")]
    assert len(set(made)) == len(made)
    assert drugs.isdisjoint(made)
    assert len(drugs) + len(made) > 5_000


def test_ids_are_unique_and_numbered_without_gaps(rows, products):
    assert max(Counter(row.id for row in rows).values()) == 1
    for name, made in products.items():
        assert [row.id for row in made] == [f"DEMO-{name.upper()}-{i:05d}" for i in range(1, len(made) + 1)]


def test_products_have_the_size_of_compounds_in_a_screening_collection(products):
    """A demo of implausible molecules would teach the wrong thing."""
    heavy = [Chem.MolFromSmiles(row.smiles).GetNumHeavyAtoms() for made in products.values() for row in made]
    assert min(heavy) >= 5
    assert max(heavy) <= 40


def test_a_dozen_rows_are_broken_and_say_why(rows):
    broken = [row for row in rows if row.id.startswith("broken-")]
    assert len(broken) >= 12
    assert all(row.name for row in broken)


@pytest.mark.parametrize("id_", ["valence", "ring", "parenthesis", "aromatic", "name", "cas", "missing"])
def test_broken_structure_is_one_that_rdkit_refuses(rows, id_):
    RDLogger.DisableLog("rdApp.error")
    [row] = [row for row in rows if row.id == f"broken-{id_}"]
    try:
        assert Chem.MolFromSmiles(row.smiles) is None
    finally:
        RDLogger.EnableLog("rdApp.error")


def test_broken_row_is_refused_by_the_recipe(rows):
    """A newcomer must see rejections: each broken row is one, but for the duplicate."""
    broken = [row for row in rows if row.id.startswith("broken-")]
    scored = [row.id for row in broken if isinstance(standardize(row.smiles), Compound)]
    assert scored == ["broken-duplicate"]


def test_broken_duplicate_is_a_drug_written_another_way(rows):
    [duplicate] = [row for row in rows if row.id == "broken-duplicate"]
    drugs = {Chem.CanonSmiles(row.smiles): row for row in rows if row.series == "approved drug"}
    aspirin = drugs[Chem.CanonSmiles(duplicate.smiles)]
    assert (aspirin.id, aspirin.name) == ("CHEMBL25", "aspirin")
    assert aspirin.smiles != duplicate.smiles


def test_file_is_the_same_every_time_and_reads_back(tmp_path, rows):
    """Ids and user columns come back exactly, full-width letter and empty cell included."""
    first, second = tmp_path / "a b.csv", tmp_path / "second.csv"
    assert write_demo_library(first) == write_demo_library(second) == len(rows)
    assert first.read_bytes() == second.read_bytes()
    with first.open(encoding="utf-8", newline="") as file:
        header, *body = csv.reader(file, strict=True)
    assert header == ["id", "smiles", "series", "name"]
    assert body == [[row.id, row.smiles, row.series, row.name] for row in rows]


def test_writing_it_leaves_pandas_as_it_was():
    """RDKit's PandasTools, once imported, makes wide frames unprintable: a notebook would lose its tables."""
    code = "import sys; from molscreen.data.demo import demo_rows; list(demo_rows());"
    found = subprocess.run(
        [sys.executable, "-c", f"{code} print('rdkit.Chem.PandasTools' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "False"
