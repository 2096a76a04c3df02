"""The parent of a salt is the drug, whatever the size of what accompanies it."""

from __future__ import annotations

from importlib import resources

import pytest
from rdkit import Chem

from molscreen.chem.cleaning.recipe import Recipe
from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Compound, Rejection


@pytest.mark.parametrize(
    ("drawn", "parent", "without"),
    [
        ("CN(C)C(=N)NC(=N)N.Cl", "CN(C)C(=N)NC(=N)N", "hydrochloride"),  # metformin
        (  # pyrantel pamoate: the counter-ion has twice the drug's atoms
            "CN1CCCN=C1/C=C/c1cccs1.O=C(O)c1cc2ccccc2c(Cc2c(O)c(C(=O)O)cc3ccccc23)c1O",
            "CN1CCCN=C1/C=C/c1cccs1",
            "pamoate",
        ),
        (  # imatinib
            "CS(=O)(=O)O.Cc1ccc(cc1Nc1nccc(n1)-c1cccnc1)NC(=O)c1ccc(cc1)CN1CCN(C)CC1",
            "Cc1ccc(cc1Nc1nccc(n1)-c1cccnc1)NC(=O)c1ccc(cc1)CN1CCN(C)CC1",
            "mesylate",
        ),
        ("[K+].[O-]C(=O)c1ccccc1", "O=C(O)c1ccccc1", "potassium"),  # a preservative that is itself an acid
        (  # salbutamol hemisulfate
            "CC(C)(C)NCC(O)c1ccc(O)c(CO)c1.CC(C)(C)NCC(O)c1ccc(O)c(CO)c1.OS(=O)(=O)O",
            "CC(C)(C)NCC(O)c1ccc(O)c(CO)c1",
            "sulfate",
        ),
        ("O=C(O[Na])c1ccccc1O", "O=C(O)c1ccccc1O", "sodium"),  # drawn with a bond to the metal
    ],
)  # fmt: skip
def test_drug_is_found_in_its_salt(drawn, parent, without):
    """Scoring the counter-ion instead of the drug would be a silent wrong answer."""
    compound = standardize(drawn)
    assert isinstance(compound, Compound), compound
    assert compound.key == Chem.CanonSmiles(parent)
    note = next(note for note in compound.notes if note.code == "salt_stripped")
    assert note.text == f"scored without {without}"


@pytest.mark.parametrize(
    ("removed", "salt", "solvent"),
    [
        ("O", None, "water"),
        ("CCO.O.O", None, "ethanol, water"),
        ("CS(C)=O", None, "dimethyl sulfoxide"),
        ("C[S+](C)[O-]", None, "dimethyl sulfoxide"),
        ("[Na+].[OH-]", "hydroxide, sodium", None),
        ("O.[OH-]", "hydroxide", "water"),
        ("C1CCOC1.Cl", "hydrochloride", "tetrahydrofuran"),
    ],
)
def test_solvents_and_counter_ions_are_told_apart(removed, salt, solvent):
    """A hydrate needs no second look; a salt is another article, of another weight, in the store."""
    compound = standardize(f"{removed}.CC(=O)Nc1ccc(O)cc1")  # paracetamol
    assert isinstance(compound, Compound)
    assert compound.key == "CC(=O)Nc1ccc(O)cc1"
    told = {"salt_stripped": f"scored without {salt}"} if salt else {}
    told |= {"solvent_stripped": f"scored without solvent: {solvent}"} if solvent else {}
    assert [(note.code, note.text) for note in compound.notes] == list(told.items())


def test_every_part_of_a_mixture_is_accounted_for():
    """Aspirin and paracetamol as sodium salt and hydrate: the rest of the mixture is told first."""
    mixture = "CC(=O)Oc1ccccc1C(=O)[O-].[Na+].CC(=O)Nc1ccc(O)cc1.O"
    compound = standardize(mixture, Recipe(mixtures="largest"))
    assert isinstance(compound, Compound)
    assert [(note.code, note.text) for note in compound.notes] == [
        ("mixture_largest", "scored without CC(=O)Nc1ccc(O)cc1"),
        ("salt_stripped", "scored without sodium"),
        ("solvent_stripped", "scored without solvent: water"),
    ]


@pytest.mark.parametrize(
    ("drawn", "key", "without"),
    [
        # amphetamine, tranylcypromine
        ("C[C@H](N)Cc1ccccc1.C[C@@H](N)Cc1ccccc1.OS(=O)(=O)O", "C[C@H](N)Cc1ccccc1", "sulfate"),
        ("N[C@@H]1C[C@H]1c1ccccc1.N[C@H]1C[C@@H]1c1ccccc1", "N[C@H]1C[C@@H]1c1ccccc1", ""),
    ],
)  # fmt: skip
def test_a_racemate_drawn_as_two_enantiomers_is_one_compound(drawn, key, without):
    """As one that is drawn as one of them: the isomer that is scored is told."""
    compound = standardize(drawn)
    assert isinstance(compound, Compound), compound
    assert compound.key == key
    told = [("stereo_relative", f"drawn beside its mirror image; scored as '{key}'")]
    told += [("salt_stripped", f"scored without {without}")] if without else []
    assert [(note.code, note.text) for note in compound.notes] == told


def test_diastereomers_together_are_a_mixture():
    """Scoring one of ephedrine and pseudoephedrine would choose for the user."""
    result = standardize("C[C@H](NC)[C@H](O)c1ccccc1.C[C@H](NC)[C@@H](O)c1ccccc1")
    assert isinstance(result, Rejection)
    assert result.code == "mixture"


def test_of_two_known_counter_ions_none_is_scored():
    """Piperazine citrate is piperazine to a physician, and citric acid is larger."""
    result = standardize("C1CNCCN1.OC(=O)CC(O)(CC(=O)O)C(=O)O")
    assert isinstance(result, Rejection)
    assert (result.code, result.reason) == (
        "mixture",
        "a mixture: all organic parts are known counter-ions ('citrate', 'piperazine'); give the one that is"
        " meant",
    )


@pytest.mark.parametrize(
    ("drawn", "only"),
    [
        ("[Li+].[Li+].[O-]C([O-])=O", "'carbonate', 'lithium'"),
        ("[Mg+2].[O-]S(=O)(=O)[O-]", "'magnesium', 'sulfate'"),
        ("[I-].[K+]", "'hydroiodide', 'potassium'"),
    ],
)
def test_a_mineral_salt_is_not_scored_as_its_acid(drawn, only):
    """Lithium carbonate had 34 predictions, all of carbonic acid."""
    result = standardize(drawn)
    assert isinstance(result, Rejection)
    assert (result.code, result.reason) == ("no_organic_part", f"no organic part, only {only}")


def test_a_counter_ion_that_is_scored_is_told():
    """Lithium citrate: the drug is the metal."""
    compound = standardize("[Li+].[Li+].[Li+].[O-]C(=O)CC(O)(CC(=O)[O-])C(=O)[O-]")
    assert isinstance(compound, Compound)
    assert [(note.code, note.text) for note in compound.notes] == [
        (
            "counter_ion_scored",
            "'citrate', which is scored, is known as a counter-ion: the drug may be lithium",
        ),
        ("salt_stripped", "scored without lithium"),
    ]


@pytest.mark.parametrize(
    ("drawn", "parent"),
    [
        ("CC(=O)N([Na])S(=O)(=O)c1ccc(N)cc1", "CC(=O)NS(=O)(=O)c1ccc(N)cc1"),  # sulfacetamide
        ("CCCC(C)C1(CC)C(=O)NC(S[Na])=NC1=O", "CCCC(C)C1(CC)C(=O)NC(=S)NC1=O"),  # thiopental
        ("C=CCCCCCCCCC(=O)O[Zn]OC(=O)CCCCCCCCC=C", "C=CCCCCCCCCC(=O)O"),  # zinc undecylenate
        ("CC(=O)SC[Ca]", None),
        ("CCN(CC)[Mg]N(CC)CC", None),
        ("CC[Zn]CC", None),
    ],
)
def test_salts_may_be_drawn_with_a_bond_to_the_metal(drawn, parent):
    """To oxygen, nitrogen or sulfur, as chemists draw them; an organometallic compound is no salt."""
    result = standardize(drawn)
    if parent is None:
        assert isinstance(result, Rejection)
        assert "is bound to " in result.reason
    else:
        assert isinstance(result, Compound), result
        assert result.key == Chem.CanonSmiles(parent)


@pytest.mark.parametrize("smiles", ["CCN.[2H]O[2H]", "CCN.O"])
def test_heavy_water_is_water(smiles):
    compound = standardize(smiles)
    assert [note.text for note in compound.notes] == ["scored without solvent: water"]


def test_copies_of_one_molecule_are_one_compound():
    compound = standardize("CCNCC.CCNCC")
    assert isinstance(compound, Compound)
    assert compound.key == "CCNCC"
    assert compound.notes[0].text == "2 copies of the same molecule, one is scored"


@pytest.mark.parametrize("smiles", ["CB(O)O", "C[Si](C)(C)C", "C[Se]CC[C@H](N)C(=O)O", "CI", "CC[As](C)C"])
def test_every_element_of_the_models_is_accepted(smiles):
    assert standardize(smiles).key == Chem.CanonSmiles(smiles)


@pytest.mark.parametrize("file", ["counter_ions.tsv", "solvents.tsv"])
def test_what_is_removed_is_a_molecule_with_a_name(file):
    """A misspelt row would never match anything, silently."""
    text = resources.files("molscreen.chem.cleaning").joinpath(file).read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    assert all(len(row) == 2 and row[1] for row in rows)
    flat = [Chem.MolToSmiles(Chem.MolFromSmiles(smiles), isomericSmiles=False) for smiles, _ in rows]
    assert len(set(flat)) == len(flat)


def test_every_solvent_is_recognised():
    """RDKit's cleanup rewrites some of them before they are looked up."""
    text = resources.files("molscreen.chem.cleaning").joinpath("solvents.tsv").read_text(encoding="utf-8")
    for smiles, name in (line.split("\t") for line in text.splitlines() if not line.startswith("#")):
        compound = standardize(
            f"Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1.{smiles}"
        )  # imatinib
        assert isinstance(compound, Compound), compound
        assert [note.text for note in compound.notes] == [f"scored without solvent: {name}"]


@pytest.mark.parametrize("smiles", ["CCN.CS(C)=O", "C[S+](C)[O-].CCN"])
def test_dimethyl_sulfoxide_is_never_the_parent_beside_another(smiles):
    """Screening libraries come as DMSO solutions, and some are drawn so; Cleanup gives it charges."""
    compound = standardize(smiles)
    assert compound.key == "CCN"
    assert [note.code for note in compound.notes] == ["solvent_stripped"]
    assert standardize("CS(C)=O").key == "CS(C)=O"
