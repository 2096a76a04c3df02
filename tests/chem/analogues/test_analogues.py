"""Analogues: real compounds, one step away, that a chemist would recognise as such."""

from __future__ import annotations

import pytest
from rdkit import Chem

from molscreen.chem.analogues.analogues import LARGEST, LIMIT, Analogue, analogues
from molscreen.chem.analogues.substituent import sites, substituents
from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Compound
from molscreen.chem.features.fingerprint import ecfp_bits, tanimoto

HALOPERIDOL = "O=C(CCCN1CCC(O)(c2ccc(Cl)cc2)CC1)c1ccc(F)cc1"
DRUGS = {
    "haloperidol": HALOPERIDOL,
    "aspirin": "CC(=O)Oc1ccccc1C(=O)O",
    "caffeine": "Cn1c(=O)c2c(ncn2C)n(C)c1=O",
    "penicillin G": "CC1(C)S[C@@H]2[C@H](NC(=O)Cc3ccccc3)C(=O)N2[C@H]1C(=O)O",
    "sildenafil": "CCCc1nn(C)c2c(=O)[nH]c(-c3cc(S(=O)(=O)N4CCN(C)CC4)ccc3OCC)nc12",
    "linezolid": "CC(=O)NC[C@H]1CN(c2ccc(N3CCOCC3)c(F)c2)C(=O)O1",
    "bortezomib": "CC(C)C[C@H](NC(=O)[C@H](Cc1ccccc1)NC(=O)c1cnccn1)B(O)O",
}
ODD = {
    "a single atom": "C",
    "hydrogen cyanide": "C#N",
    "nitrogen": "N#N",
    "carbon dioxide": "O=C=O",
    "tetrafluoromethane": "FC(F)(F)F",
    "benzene, no substituent": "c1ccccc1",
    "neopentane": "CC(C)(C)C",
    "a ring of twenty": "C1CCCCCCCCCCCCCCCCCCC1",
    "tetramethylammonium": "C[N+](C)(C)C",
    "phenylboronic acid": "OB(O)c1ccccc1",
    "trimethylsilane": "C[SiH](C)C",
    "phosphoric acid": "O=P(O)(O)O",
    "a sydnone": "C[n+]1cc([O-])on1",
    "deuterated": "[2H]C([2H])([2H])Oc1ccccc1",
    "a radical": "C[CH]C",
    "cubane": "C12C3C4C1C5C2C3C45",
    "ferulate's double bond": "COc1cc(/C=C/C(=O)O)ccc1O",
}


def changes(smiles: str) -> dict[str, str]:
    """Analogue -> change."""
    return {each.key: each.change for each in analogues(key_of(smiles))}


def key_of(smiles: str) -> str:
    compound = standardize(smiles)
    return compound.key if isinstance(compound, Compound) else Chem.CanonSmiles(smiles)


@pytest.mark.parametrize("smiles", [*DRUGS.values(), *ODD.values()], ids=[*DRUGS, *ODD])
def test_every_analogue_is_a_compound_of_its_own(smiles: str) -> None:
    """A key that `standardize` would give, once each, never the parent's; and as similar as it says."""
    key = key_of(smiles)
    found = analogues(key)
    keys = [each.key for each in found]
    assert [standardize(each).key for each in keys] == keys
    assert len(set(keys) | {key}) == len(keys) + 1
    assert len(keys) <= LIMIT
    assert found == sorted(found, key=lambda each: -each.similarity)
    if keys:
        similarity = tanimoto(ecfp_bits([key]), ecfp_bits(keys))[0]
        assert [each.similarity for each in found] == pytest.approx(similarity, abs=6e-4)


@pytest.mark.parametrize("smiles", DRUGS.values(), ids=DRUGS)
def test_drugs_have_analogues(smiles: str) -> None:
    assert len(analogues(key_of(smiles))) >= 15


def test_the_first_are_those_of_a_longer_list() -> None:
    """A limit leaves out the least similar; nothing depends on when or where it is asked."""
    assert analogues(HALOPERIDOL, 7) == analogues(HALOPERIDOL)[:7]
    assert analogues(HALOPERIDOL) == analogues(HALOPERIDOL)


@pytest.mark.parametrize(
    ("smiles", "change", "analogue"),
    [
        (HALOPERIDOL, "Cl → CN", "N#Cc1ccc(C2(O)CCN(CCCC(=O)c3ccc(F)cc3)CC2)cc1"),
        (HALOPERIDOL, "Cl → H", "O=C(CCCN1CCC(O)(c2ccccc2)CC1)c1ccc(F)cc1"),
        (HALOPERIDOL, "ring CH → N", "O=C(CCCN1CCC(O)(c2ccc(Cl)nc2)CC1)c1ccc(F)cc1"),
        ("COc1ccccc1", "OCH3 → OH", "Oc1ccccc1"),
        ("c1ccc(N2CCOCC2)cc1", "ring O → CH2", "c1ccc(N2CCCCC2)cc1"),
        ("CN1CCN(c2ccccc2)CC1", "ring NCH3 → O", "c1ccc(N2CCOCC2)cc1"),
        ("O=C(Nc1ccccc1)C1CC1", "N–H → N–CH3", "CN(C(=O)C1CC1)c1ccccc1"),
        ("CCOC(=O)c1ccccc1", "ester O → NH", "CCNC(=O)c1ccccc1"),
        ("O=C(O)c1ccccc1", "COOH → CONH2", "NC(=O)c1ccccc1"),
        ("O=[N+]([O-])c1ccccc1", "NO2 → CN", "N#Cc1ccccc1"),
        ("Cc1ccncc1", "CH3 → NH2", "Nc1ccncc1"),
        ("c1ccncc1", "ring N → CH", "c1ccccc1"),
    ],
)
def test_steps_have_the_names_that_chemists_give_them(smiles: str, change: str, analogue: str) -> None:
    assert changes(smiles)[key_of(analogue)] == change


@pytest.mark.parametrize(
    ("smiles", "wrong"),
    [
        ("CC(=O)O", "CC(=O)Cl"),  # an acid has no OH to exchange
        ("CC(N)=O", "CC(=O)NF"),  # nor halogens on nitrogen
        ("Clc1ccccc1", "Nc1ccccc1"),  # an aniline is an alert
        ("CNC", "FCNC"),  # does not last
        ("CCCC", "CCCCBr"),  # alkylates
        ("c1ccc2ncccc2c1", "c1ccc2cnccc2c1"),  # two steps
        ("c1ccncc1", "c1ccnnc1"),  # no bond between heteroatoms
        ("C1CCCCN1", "C1OCCCN1"),  # no aminal
        ("CN(C)C(=O)OC", "CN(C)C(=O)NC"),  # a carbamate is no ester
        ("Cc1ccccn1", "Oc1ccccn1"),  # 2-pyridone, in the form in which no model has seen it
        ("Oc1ccccc1", "Oc1ccncc1"),  # 4-pyridone
        ("Cc1cccs1", "Oc1cccs1"),  # a thiolactone
        ("Cc1ccc[nH]1", "Nc1ccc[nH]1"),  # no azine, and oxidised by air
        ("Cc1ccncn1", "Clc1ccncn1"),  # exchanges its chlorine
        ("Oc1ccccc1", "Oc1ccccc1O"),  # a quinone soon
        ("CCC(=O)c1ccccc1", "NCC(=O)c1ccccc1"),  # a pyrazine soon
    ],
)
def test_what_a_chemist_would_not_make_is_not_there(smiles: str, wrong: str) -> None:
    assert key_of(wrong) not in changes(smiles)


def test_groups_that_the_parent_has_are_its_own() -> None:
    """A thiolactone stays one in its analogues, and a catechol a catechol."""
    assert "Oc1ccc(Cl)cc1O" in changes("Oc1ccccc1O")
    assert "Cc1ncnc(Cl)c1C" in changes("Cc1cncnc1Cl")


@pytest.mark.parametrize(
    ("centre", "old", "new"),
    [
        ("{}[C@H](O)CNC(=O)c1ccccc1", "C", "FC(F)(F)"),
        ("{}[C@@](C)(c1ccccc1)C(N)=O", "O", "N#C"),
        ("{}[C@@](C)(c1ccccc1)C(N)=O", "O", "[H]"),
    ],
)
def test_stereocentres_keep_their_configuration(centre: str, old: str, new: str) -> None:
    """The group written first is exchanged in the text, which leaves the order of the others alone."""
    found = changes(centre.format(old))
    assert key_of(centre.format(new)) in found
    turned = centre.format(new).replace("@@", "!").replace("@", "@@").replace("!", "@")
    assert key_of(turned) not in found


def test_step_there_and_back() -> None:
    """Fluorine for chlorine leads back to chlorine for fluorine: the pair is matched both ways."""
    for there in analogues(HALOPERIDOL):
        if there.change in ("Cl → F", "OH → CH3", "F → CN"):
            old, _, new = there.change.partition(" → ")
            back = {each.key: each for each in analogues(there.key)}[HALOPERIDOL]
            assert (back.change, back.similarity) == (f"{new} → {old}", there.similarity)


def test_very_large_compounds_have_none() -> None:
    assert analogues("C" * (LARGEST + 1)) == []
    assert analogues("C" * LARGEST)


def test_text_that_is_no_structure_is_refused() -> None:
    with pytest.raises(ValueError, match="'C1CC' is no SMILES; standardize it first"):
        analogues("C1CC")


def test_every_group_of_the_table_is_found_as_itself_alone() -> None:
    """On cyclohexane each group is recognised once, as a whole; names are unique."""
    names = [group.name for group in substituents()]
    assert len(set(names)) == len(names)
    for group in substituents():
        tail = Chem.MolToSmiles(group.mol, rootedAtAtom=0).removeprefix("*")
        molecule = Chem.MolFromSmiles(f"C9CCCCC9{tail}")
        sizes = [
            other.mol.GetNumAtoms() for other in substituents() if molecule.HasSubstructMatch(other.query)
        ]
        assert len(molecule.GetSubstructMatches(group.query)) == 1
        assert max(sizes) == group.mol.GetNumAtoms()


def test_sites_say_where_groups_may_go() -> None:
    """2-Methylpyridine: methyl's carbon has one neighbour and is saturated; ring carbons count as azine.

    Those of pyrrole do not, nor those of indole, whose nitrogen gives a pair of electrons to its ring.
    """
    mol = Chem.MolFromSmiles("Cc1ccccn1")
    assert [sorted(sites(atom)) for atom in mol.GetAtoms()] == [["alkyl"], *[["aryl", "azine"]] * 5, []]
    for smiles in ("c1cc[nH]c1", "c1ccc2[nH]ccc2c1"):
        assert not any("azine" in sites(atom) for atom in Chem.MolFromSmiles(smiles).GetAtoms())
    assert Analogue("Cc1ccccc1", "ring N → CH", 0.4).key in changes("Cc1ccccn1")


def test_less_than_one_analogue_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match="limit is 0"):
        analogues("CCO", limit=0)
