"""Reaction: every worked example comes out, and reactants that leave a doubt are refused."""

from __future__ import annotations

from collections import Counter

import pytest
from rdkit import Chem

from molscreen.errors import ConfigError
from molscreen.generation.reactions.blocks import shipped_blocks, sort_blocks
from molscreen.generation.reactions.reaction import Reaction, count_sites, make_reaction
from molscreen.generation.reactions.table import Reactions, shipped_reactions

REACTIONS = shipped_reactions()
AMIDE = REACTIONS["amide coupling"]


def mols(*smiles: str) -> list[Chem.Mol]:
    return [Chem.MolFromSmiles(each) for each in smiles]


def formula(mol: Chem.Mol) -> Counter[str]:
    return Counter(atom.GetSymbol() for atom in Chem.AddHs(mol).GetAtoms())


@pytest.mark.parametrize("reaction", REACTIONS.members, ids=lambda each: each.name)
def test_worked_example_gives_its_product_and_no_other(reaction: Reaction) -> None:
    """The products were written by hand from the textbook, not copied from the output."""
    *reactants, product = reaction.example
    assert [reaction.misfit(mol, slot) for slot, mol in enumerate(mols(*reactants))] == [None] * len(
        reactants
    )
    assert reaction.products(mols(*reactants)) == (Chem.CanonSmiles(product),)


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("amide coupling", {"H": 2, "O": 1}),
        ("Schotten-Baumann amidation", {"H": 1, "Cl": 1}),
        ("sulfonamide formation", {"H": 1, "Cl": 1}),
        ("urea formation", {}),
        ("click triazole formation", {}),
        ("reductive amination", {"O": 1}),
        ("1,2,4-oxadiazole formation", {"H": 4, "O": 2}),
        ("Fischer indole synthesis", {"N": 1, "H": 5, "O": 1}),
        ("Pictet-Spengler cyclisation", {"H": 2, "O": 1}),
        ("Mitsunobu aryl ether formation", {"H": 2, "O": 1}),
    ],
)
def test_atoms_balance_whatever_the_blocks(name: str, lost: dict[str, int]) -> None:
    """Water, HCl or nothing leaves, from any pair of blocks: nothing else is torn off or invented."""
    reaction = REACTIONS[name]
    shelf = sort_blocks(shipped_blocks(), Reactions((REACTIONS[name],), {}))
    fitting = [shelf.fitting(reaction, slot) for slot in range(2)]
    tried = 0
    for i in range(12):
        pair = [shelf.blocks.members[some[7 * i % len(some)]].mol for some in fitting]
        for product in reaction.products(pair):
            tried += 1
            before = formula(pair[0]) + formula(pair[1])
            assert before - formula(Chem.MolFromSmiles(product)) == Counter(lost)
            assert not formula(Chem.MolFromSmiles(product)) - before
    assert tried


def test_stereocentres_beside_the_reaction_stay() -> None:
    """Boc-L-alanine and (R)-1-phenylethylamine give one diastereomer."""
    acid, amine = mols("C[C@H](NC(=O)OC(C)(C)C)C(=O)O", "C[C@@H](N)c1ccccc1")
    expected = Chem.CanonSmiles("C[C@H](NC(=O)OC(C)(C)C)C(=O)N[C@H](C)c1ccccc1")
    assert AMIDE.products([acid, amine]) == (expected,)


@pytest.mark.parametrize(
    ("before", "after"), [("C[C@H](O)CC", "C[C@@H](Oc1ccccc1)CC"), ("CC(O)CC", "CC(Oc1ccccc1)CC")]
)
def test_mitsunobu_inverts(before: str, after: str) -> None:
    """And a centre that was not defined stays so."""
    products = REACTIONS["Mitsunobu aryl ether formation"].products(mols(before, "Oc1ccccc1"))
    assert products == (Chem.CanonSmiles(after),)


@pytest.mark.parametrize(
    ("name", "slot", "smiles", "reason"),
    [
        ("amide coupling", 1, "CCO", "has no group 'amine'"),
        ("amide coupling", 1, "NCCNC", "has 2 different groups 'amine', and either might react"),
        ("amide coupling", 1, "CC(N)=O", "has no group 'amine'"),
        ("amide coupling", 0, "NCC(=O)O", "has a group 'amine' too, and would react with itself"),
        (
            "Suzuki coupling", 0, "Brc1ccc(B(O)O)cc1",
            "has a group 'boronic acid' too, and would react with itself",
        ),
        (
            "Grignard addition to an aldehyde", 1, "OCc1ccc(Br)cc1",
            "has a group 'acidic hydrogen', which does not stand Grignard addition to an aldehyde",
        ),
        (
            "Suzuki coupling", 0, "Brc1ccc(I)cc1",
            "has 2 different groups 'aryl halide', and either might react",
        ),
    ],
)  # fmt: skip
def test_a_reactant_that_leaves_a_doubt_is_refused(name: str, slot: int, smiles: str, reason: str) -> None:
    assert REACTIONS[name].misfit(Chem.MolFromSmiles(smiles), slot) == reason


def test_sites_that_symmetry_makes_alike_are_one() -> None:
    """Piperazine and succinic acid react once, at either end."""
    acid, amine = mols("OC(=O)CCC(=O)O", "C1CNCCN1")
    assert AMIDE.misfit(acid, 0) is None
    assert AMIDE.misfit(amine, 1) is None
    assert AMIDE.products([acid, amine]) == ("O=C(O)CCC(=O)N1CCNCC1",)


def test_tautomers_are_one_product() -> None:
    """4-Methyl-1,2-diaminobenzene gives a benzimidazole that is drawn in two ways."""
    found = REACTIONS["benzimidazole formation"].products(mols("Cc1ccc(N)c(N)c1", "O=Cc1ccccc1"))
    assert len(found) == 1


def test_regioisomers_are_two_products() -> None:
    """Celecoxib by Knorr's synthesis: which nitrogen meets which carbonyl is not for us to guess."""
    ketone, hydrazine = "Cc1ccc(cc1)C(=O)CC(=O)C(F)(F)F", "NNc1ccc(cc1)S(N)(=O)=O"
    found = REACTIONS["Knorr pyrazole synthesis"].products(mols(ketone, hydrazine))
    assert len(found) == 2
    assert Chem.CanonSmiles("Cc1ccc(cc1)-c1cc(C(F)(F)F)nn1-c1ccc(cc1)S(N)(=O)=O") in found


def test_what_cannot_be_sanitised_is_no_product() -> None:
    five = make_reaction("impossible", "[CX4:1]>>[C:1](F)(F)(F)F", ["carbon"])
    assert five.products(mols("CC")) == ()


def test_count_sites_counts_sets_of_atoms() -> None:
    """A benzene ring is one, although it lies on itself in twelve ways."""
    assert count_sites(Chem.MolFromSmiles("c1ccccc1"), Chem.MolFromSmarts("c1ccccc1")) == 1


@pytest.mark.parametrize(
    ("name", "smarts", "message"),
    [
        ("broken", "[C:1>>[C:1]", r"reaction 'broken': '\[C:1>>\[C:1\]' is no reaction SMARTS"),
        ("two", "[C:1].[N:2]>>[C:1][N:2]", "2 reactants, 1 products and 0 errors; expected 1 reactants"),
        ("splits", "[C:1][N:2]>>[C:1].[N:2]", "1 reactants, 2 products"),
        ("a > b", "[C:1]>>[C:1]F", "a name is of letters, digits, spaces"),
    ],
)
def test_a_bad_reaction_is_told_apart(name: str, smarts: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make_reaction(name, smarts, ["carbon"])
