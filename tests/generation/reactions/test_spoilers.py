"""What a reaction would also consume, or what does not stand it: no reactant may have that as well."""

from __future__ import annotations

import re

import pytest
from rdkit import Chem

from molscreen.errors import ConfigError
from molscreen.generation.reactions.blocks import make_blocks, sort_blocks
from molscreen.generation.reactions.reaction import make_reaction
from molscreen.generation.reactions.route import parse_route, run_route
from molscreen.generation.reactions.table import Reactions, shipped_reactions

REACTIONS = shipped_reactions()
STRONG = ("O=C(Cl)CC", "O=S(=O)(Cl)CC", "O=C=NCC", "S=C=NCC")  # acylate what they are put together with
SPOILT = [
    # an acid takes off every group that acids take off
    ("tert-butyl ester cleavage", "CC(C)(C)OC(=O)CCN1CCN(C(=O)OC(C)(C)C)CC1", "acid-labile group"),
    ("Boc deprotection", "CC(C)(C)OC(=O)N1CCN(CC(=O)OC(C)(C)C)CC1", "acid-labile group"),
    ("Boc deprotection", "CC(C)(C)OC(=O)N1CCC2(CC1)OCCO2", "acid-labile group"),
    ("Boc deprotection", "CC(C)(C)OC(=O)NCc1ccc(C=O)cc1", "aldehyde"),
    ("Boc deprotection", "CC(C)(C)OC(=O)NCc1ccc(CBr)cc1", "alkyl halide"),
    # hydrogen over palladium
    ("debenzylation of an ether", "C=CCc1ccc(OCc2ccccc2)cc1", "hydrogenated group"),
    ("debenzylation of an ether", "O=[N+]([O-])c1ccc(OCc2ccccc2)cc1", "hydrogenated group"),
    ("debenzylation of an ether", "Brc1ccc(OCc2ccccc2)cc1", "hydrogenated group"),
    ("debenzylation of an ether", "O=C(OCc1ccccc1)c1ccc(OCc2ccccc2)cc1", "hydrogenated group"),
    ("debenzylation of an ether", "O=C(OCc1ccccc1)NCCOCc1ccccc1", "hydrogenated group"),
    ("Cbz deprotection", "C#CCNC(=O)OCc1ccccc1", "hydrogenated group"),
    ("Cbz deprotection", "O=C(OCc1ccccc1)N1CCN(Cc2ccccc2)CC1", "hydrogenated group"),
    ("Cbz deprotection", "CSCCNC(=O)OCc1ccccc1", "hydrogenated group"),  # sulfur poisons it
    # a base in water
    ("ester hydrolysis", "COC(=O)c1ccc(C(=O)Cl)cc1", "acylating agent"),
    ("ester hydrolysis", "COC(=O)c1ccc(OC(C)=O)cc1", "hydrolysed group"),
    ("ester hydrolysis", "COC(=O)CN1C(=O)c2ccccc2C1=O", "hydrolysed group"),
    ("ester hydrolysis", "COC(=O)c1ccc(CBr)cc1", "alkyl halide"),
    # reductions and oxidations
    ("nitrile reduction", "N#Cc1ccc([N+](=O)[O-])cc1", "nitroarene"),
    ("nitrile reduction", "N#CCCC(=O)OC", "ester"),
    ("nitrile reduction", "N#CCCC=C", "alkene or alkyne"),
    ("nitro reduction", "O=Cc1ccc([N+](=O)[O-])cc1", "aldehyde"),
    ("ketone reduction", "CC(=O)c1ccc(C=O)cc1", "aldehyde"),
    ("ester reduction", "COC(=O)c1ccc(C(=O)OC(C)C)cc1", "ester"),
    ("alcohol oxidation", "OCc1ccc(N)cc1", "amine"),
    ("sulfide oxidation", "CSCCN(C)C", "tertiary alkylamine"),
    ("sulfide oxidation", "CSCC=C", "alkene or alkyne"),
    # others of one reactant
    ("methyl ether cleavage", "COc1ccc(OCc2ccccc2)cc1", "alkyl ether"),
    ("methyl ether cleavage", "COc1ccc2c(c1)OCO2", "alkyl ether"),
    ("methyl ether cleavage", "COc1ccc(C(=O)OC)cc1", "ester"),
    ("nitrile hydration", "N#Cc1ccc(B(O)O)cc1", "boronic acid"),
    ("tetrazole formation", "N#Cc1ccnc(Cl)c1", "activated aryl halide"),
    ("cyanation", "Brc1ccc(B(O)O)cc1", "boronic acid"),
]


@pytest.mark.parametrize(
    ("name", "slot", "smiles", "group"),
    [
        *((name, 0, smiles, group) for name, smiles, group in SPOILT),
        ("N-alkylation", 1, "OC(=O)C1CCNCC1", "carboxylic acid"),
        ("azole N-alkylation", 1, "Oc1ccc2[nH]ccc2c1", "phenol"),
        ("amide coupling", 0, "OC(=O)c1ccc(C=O)cc1", "aldehyde"),
        ("CDI urea coupling", 0, "Nc1ccc(C(=O)O)cc1", "carboxylic acid"),
        ("carbamate formation", 1, "CC(C)(C)O", "tertiary alcohol"),
        ("Mitsunobu aryl ether formation", 0, "OCCCC(=O)O", "carboxylic acid"),
        ("SNAr ether formation", 1, "OCCCC(=O)OC", "ester"),
        ("Ullmann azole arylation", 0, "Brc1ccc(B(O)O)cc1", "boronic acid"),
        ("Suzuki coupling", 0, "Brc1ccc(CBr)cc1", "alkyl halide"),
        ("Buchwald-Hartwig amination", 0, "Brc1cnc(Cl)nc1", "activated aryl halide"),
        ("Grignard addition to an aldehyde", 1, "Brc1ccc(C(=O)OC)cc1", "organometallic acceptor"),
        ("Grignard addition to a ketone", 1, "Brc1ccc(C#N)cc1", "organometallic acceptor"),
        ("Grignard addition to a ketone", 0, "CC(=O)CC(C)=O", "organometallic acceptor"),  # alike: the other
        ("Grignard addition to a nitrile", 0, "N#Cc1ccc([N+](=O)[O-])cc1", "organometallic acceptor"),
        ("Chan-Lam azole arylation", 1, "NCCc1c[nH]c2ccccc12", "amine"),
        ("Phillips benzimidazole synthesis", 1, "OC(=O)CNC(=O)OC(C)(C)C", "acid-labile group"),
        ("Fischer indole synthesis", 1, "O=C1CCN(C(=O)OC(C)(C)C)CC1", "acid-labile group"),
        ("Knorr pyrazole synthesis", 1, "NNc1ccc(C(C)=O)cc1", "ketone"),
    ],
)
def test_what_would_react_as_well_spoils(name: str, slot: int, smiles: str, group: str) -> None:
    reason = REACTIONS[name].misfit(Chem.MolFromSmiles(smiles), slot)
    assert reason == f"has a group '{group}', which does not stand {name}"


@pytest.mark.parametrize("strong", STRONG)
def test_nothing_is_made_in_the_presence_of_another_acylating_agent(strong: str) -> None:
    """Whatever the reaction, no chemist carries an acyl chloride or an isocyanate through it."""
    for reaction in REACTIONS:
        for slot, smiles in enumerate(reaction.example[:-1]):
            both = Chem.MolFromSmiles(f"{smiles}.{strong}")
            assert reaction.misfit(Chem.MolFromSmiles(smiles), slot) is None
            assert reaction.misfit(both, slot) is not None, reaction.name


@pytest.mark.parametrize(
    ("name", "slot", "smiles"),
    [
        ("Boc deprotection", 0, "CC(C)(C)OC(=O)N1CCC(O)(c2ccc(Cl)cc2)CC1"),
        ("Boc deprotection", 0, "CC(C)(C)OC(=O)N1CCN(C(=O)OCc2ccccc2)CC1"),  # Cbz is orthogonal
        ("Boc deprotection", 0, "COC(=O)CN(C)C(=O)OC(C)(C)C"),
        ("tert-butyl ester cleavage", 0, "COC(=O)CCC(=O)OC(C)(C)C"),
        ("ester hydrolysis", 0, "COC(=O)CNC(=O)OC(C)(C)C"),
        ("ester hydrolysis", 0, "COC(=O)CCC(=O)OC(C)(C)C"),
        ("Cbz deprotection", 0, "O=C(OCc1ccccc1)N1CCN(C(=O)OC(C)(C)C)CC1"),
        ("debenzylation of an ether", 0, "COC(=O)c1ccc(OCc2ccccc2)cc1"),
        ("methyl ether cleavage", 0, "COc1ccc(N2CCOCC2)cc1"),
        ("nitro reduction", 0, "COC(=O)c1ccc([N+](=O)[O-])cc1Br"),
        ("Suzuki coupling", 0, "Brc1ccc(C(=O)O)c(Cl)c1"),
        ("Schotten-Baumann amidation", 0, "O=C(Cl)CCl"),
        ("esterification", 0, "Nc1ccc(C(=O)O)cc1"),
        ("alkyl Grignard addition to an aldehyde", 0, "Brc1ccc(C=O)cc1"),
    ],
)
def test_what_chemists_do_is_not_refused(name: str, slot: int, smiles: str) -> None:
    assert REACTIONS[name].misfit(Chem.MolFromSmiles(smiles), slot) is None


@pytest.mark.parametrize(
    ("name", "smiles", "role"),
    [
        ("cyanation", "Brc1ccc(Br)cc1", "aryl halide"),
        ("Boc deprotection", "CC(C)(C)OC(=O)NCCNC(=O)OC(C)(C)C", "Boc amine"),
        ("nitro reduction", "O=[N+]([O-])c1cccc([N+](=O)[O-])c1", "nitroarene"),
    ],
)
def test_a_reagent_takes_every_site_that_is_alike(name: str, smiles: str, role: str) -> None:
    reason = REACTIONS[name].misfit(Chem.MolFromSmiles(smiles), 0)
    assert reason == f"has 2 groups '{role}', and all of them would react"


def test_a_site_does_not_spoil_itself() -> None:
    """One's own reaction may name a wide group: what lies within the site that reacts is not counted."""
    swap = make_reaction(
        "Finkelstein reaction", "[CX4:1]-[Cl]>>[C:1]-I", ["chloride"], spoilers={"halide": "[F,Cl,Br]"}
    )
    assert swap.misfit(Chem.MolFromSmiles("CCCl"), 0) is None
    assert swap.misfit(Chem.MolFromSmiles("FCCCl"), 0) == (
        "has a group 'halide', which does not stand Finkelstein reaction"
    )


def test_blocks_that_are_sorted_are_those_that_fit() -> None:
    names = [
        "CC(C)(C)OC(=O)NCCNC(=O)OC(C)(C)C",
        "CC(C)(C)OC(=O)NCCO",
        "CC(C)(C)OC(=O)NCC(=O)OC(C)(C)C",
        "CCO",
    ]
    blocks = make_blocks([(f"b{i}", smiles) for i, smiles in enumerate(names)])
    boc = REACTIONS["Boc deprotection"]
    shelf = sort_blocks(blocks, Reactions((boc,), {}))
    assert shelf.fitting(boc, 0).tolist() == [1]


def test_a_route_that_a_chemist_cannot_run_is_not_run() -> None:
    """The acid that cleaves the ester takes the Boc group as well."""
    blocks = make_blocks([("acrylate", "C=CC(=O)OC(C)(C)C"), ("amine", "CC(C)(C)OC(=O)N1CCNCC1")])
    route = parse_route("aza-Michael addition(acrylate, amine) > tert-butyl ester cleavage(·)")
    with pytest.raises(ConfigError, match=re.escape("step 2: '·' has a group 'acid-labile group'")):
        run_route(route, blocks, REACTIONS)
